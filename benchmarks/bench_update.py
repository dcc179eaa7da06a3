"""What a nightly batch costs on a state: ``python -m benchmarks.bench_update [--incidents N] [--batch ROWS]``.

A state is made of all but the last rows of an extract, then these are added; each round in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq

from benchmarks.extracts import make

BEGUN, SAME_DAY, NEXT_DAY = "2026-01-01", "2026-01-01", "2026-01-02"
STEPS = ("first", "save", "load", "batch, same day", "batch, next day", "full run on everything")


def measure(step: str, folder: Path, incidents: int, batch: int, into: Any) -> None:
    """Put (wall seconds, processor seconds, peak GiB, groups worked out again) of one step into a queue."""
    import breachpattern as bp

    rows = pq.read_table(folder / "incidents.parquet")
    new, analyser = rows.slice(incidents - batch), bp.Analyser()
    history = {"incidents": rows.slice(0, incidents - batch), "orders": pq.read_table(folder / "orders.parquet")}
    result: list[Any] = []

    def timed(work: Callable[[], Any]) -> None:
        begun = time.perf_counter(), time.process_time()
        result.append(work())
        result.extend([time.perf_counter() - begun[0], time.process_time() - begun[1]])

    if step == "first":
        timed(lambda: analyser.update(None, history, as_of=BEGUN))
    elif step == "save":
        state, _ = analyser.update(None, history, as_of=BEGUN)
        timed(lambda: state.save(folder / "state"))
    elif step == "load":
        timed(lambda: bp.State.load(folder / "state"))
    elif step.startswith("batch"):
        state = bp.State.load(folder / "state")
        timed(lambda: analyser.update(state, new, as_of=SAME_DAY if step.endswith("same day") else NEXT_DAY))
    else:
        history["incidents"] = rows
        timed(lambda: analyser.analyse(bp.read_extract(**history), as_of=NEXT_DAY))
    groups = result[0][1].groups if isinstance(result[0], tuple) else None
    into.put((*result[1:], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, groups))


def main() -> None:
    """Print the median of each step with its range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(asked.incidents, folder)
        for step in STEPS:
            rounds = []
            for _ in range(asked.rounds):
                into = spawn.Queue()
                process = spawn.Process(target=measure, args=(step, folder, asked.incidents, asked.batch, into))
                process.start()
                rounds.append(into.get())
                process.join()
            wall, cpu, peak = ([one[k] for one in rounds] for k in (0, 1, 2))
            again = f"   {rounds[0][3]:,} groups" if rounds[0][3] is not None else ""
            print(
                f"{step:24} {median(wall):7.2f} s [{min(wall):.2f}-{max(wall):.2f}]   processor {median(cpu):6.2f} s   "
                f"peak {max(peak):5.2f} GiB{again}",
                flush=True,
            )
        size = sum(path.stat().st_size for path in (folder / "state").iterdir())
        print(f"{'size of the state':24} {size / 1e6:7.1f} MB, {size / asked.incidents:.0f} bytes for each incident")


if __name__ == "__main__":
    main()
