"""Time the main job against its floor: read, encode and sort the same rows in the same process."""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.extracts import make
from breachpattern.analysis import Analyser
from breachpattern.ingest import read_extract

FLOOR_COLUMNS = [
    "incident_id",
    "occurred_from",
    "reported_at",
    "suspect_id",
    "victim_id",
    "behaviours",
    "channel",
    "offence_code",
]


def floor(path: Path) -> None:
    """Read the needed columns, encode both id columns, sort once by (suspect, victim, time)."""
    table = pq.read_table(path, columns=FLOOR_COLUMNS)
    codes = [
        table[name].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
        for name in ("suspect_id", "victim_id")
    ]
    when = table["occurred_from"].to_numpy()
    np.lexsort((when, codes[1], codes[0]))


def job(paths: dict[str, Path], out: Path, suffix: str) -> None:
    """Run the whole of ``score``: files in, run folder out."""
    extract = read_extract(paths[f"incidents.{suffix}"], orders=paths[f"orders.{suffix}"])
    Analyser().analyse(extract, as_of="2026-06-30").write(out, format=suffix)


def timed(call: Callable[[], None]) -> float:
    """Return the seconds that a call takes."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def main() -> None:
    """Print medians of interleaved rounds and their ratio to the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        paths = make(asked.incidents, folder / "extract")
        cases: dict[str, Callable[[int], None]] = {
            "floor (Parquet)": lambda _: floor(paths["incidents.parquet"]),
            "score, Parquet in and out": lambda i: job(paths, folder / f"parquet-{i}", "parquet"),
            "score, CSV in and out": lambda i: job(paths, folder / f"csv-{i}", "csv"),
        }
        times: dict[str, list[float]] = {name: [] for name in cases}
        for round_number in range(asked.rounds):
            for name, case in cases.items():
                times[name].append(timed(lambda case=case, i=round_number: case(i)))
    base = statistics.median(times["floor (Parquet)"])
    print(f"{asked.incidents:,} incidents, {asked.rounds} interleaved rounds, {platform.machine()}, Python "
          f"{platform.python_version()}")  # fmt: skip
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:28} {middle:8.2f} s [{min(values):.2f} to {max(values):.2f}] {middle / base:6.1f} x floor")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"peak memory of the process   {peak:8.2f} GiB")
