"""Measure: ``python -m benchmarks``.

Without options: 100,000 incidents with everything, a million for the engine, DuckDB and the floor; about ten minutes on
two cores with nothing else to do. ``--everything`` adds ten million, the reference at a million, and writes the page.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import bench_hot, calls, machine, page, table
from benchmarks.cases import CASES, HUGE, LARGE, MIDDLE, Case, Paths
from benchmarks.extracts import make
from benchmarks.measure import memory_of, rounds_of, starts

SMALL_RUN = 5_000


def main(argv: list[str] | None = None) -> None:
    """Measure what is asked for, keep the results and print the table."""
    asked = _parser().parse_args(argv)
    results: table.Results = {"machine": machine.describe(), "rounds": asked.rounds, "times": {}, "memory": {},
                              "starts": {}, "hot": {}, "calls": {}}  # fmt: skip
    sizes = [SMALL_RUN] if asked.small else asked.sizes or [MIDDLE, LARGE, *([HUGE] if asked.everything else [])]
    for size in sizes:
        with extract_of(size, asked.scratch) as paths:
            _measure(results, size, paths, asked)
            if asked.small or (size == LARGE and not asked.only) or asked.calls:
                print("  calls", file=sys.stderr, flush=True)
                results["calls"][str(size)] = calls.measure(paths, 0.02 if asked.small else 1.0)
        results["machine"]["load_between"].append(machine.load())
        _keep(results, asked.out)
    if not asked.only:
        results["starts"] = starts()
    if asked.hot or not (asked.small or asked.only):
        results["hot"] = bench_hot.run()
    _keep(results, asked.out)
    if asked.page:
        page.PERFORMANCE.write(results)
    print(_told(results))


def _keep(results: table.Results, out: Path | None) -> None:
    """Write what there is so far: a run that is broken off has not been for nothing."""
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", help="incidents; 100,000 and 1,000,000 by default")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5; slow cases fewer)")
    parser.add_argument("--only", nargs="+", choices=list(CASES), help="these cases, at every size asked for")
    parser.add_argument("--without", nargs="+", choices=list(CASES), default=[], help="not these")
    parser.add_argument("--no-memory", action="store_true", help="leave out the memory cases")
    parser.add_argument("--hot", action="store_true", help="the hot cases too, where they are not measured anyway")
    parser.add_argument("--calls", action="store_true", help="one incident, updates and events too, at every size")
    parser.add_argument("--small", action="store_true", help="5,000 incidents, one round: does it all run?")
    parser.add_argument(
        "--everything", action="store_true", help="10,000,000 incidents too, and the reference at a million"
    )
    parser.add_argument("--out", type=Path, help="keep the results here, as JSON")
    parser.add_argument("--page", action="store_true", help="write docs/performance.md from the results")
    parser.add_argument("--scratch", type=Path, help="keep the extracts here, and use those that are there")
    return parser


@contextlib.contextmanager
def extract_of(size: int, scratch: Path | None) -> Iterator[Paths]:
    """Give the files of an extract, in a folder that is kept or one that is not."""
    with contextlib.ExitStack() as stack:
        folder = scratch / str(size) if scratch else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        done = folder / "done"
        if done.exists():
            yield {path.name: path for path in folder.iterdir()}
            return
        print(f"making {size:,} incidents", file=sys.stderr, flush=True)
        paths = make(size, folder)
        done.touch()
        yield paths


def _measure(results: table.Results, size: int, paths: Paths, asked: argparse.Namespace) -> None:
    cases = [case for case in CASES.values() if _wanted(case, size, asked)]
    # What runs only where everything is asked for takes minutes a round, and its ratios hardly vary.
    cases = [replace(case, rounds=1) if size in case.everything else case for case in cases]
    rounds = 1 if asked.small else asked.rounds
    print(f"{size:,} incidents: {rounds} interleaved rounds", file=sys.stderr, flush=True)
    found: dict[str, Any] = rounds_of(cases, paths, rounds)
    results["times"][str(size)] = found
    if not asked.no_memory:
        measured = results["memory"][str(size)] = {}
        for case in cases:
            if case.memory and not (asked.small and case.side != "engine"):
                print(f"  memory: {case.words}", file=sys.stderr, flush=True)
                measured[case.id] = memory_of(case, paths)


def _wanted(case: Case, size: int, asked: argparse.Namespace) -> bool:
    if case.id in asked.without:
        return False
    if asked.only:
        return case.id in asked.only
    if asked.small:
        return case.id != "buckets"
    sizes = case.sizes + (case.everything if asked.everything else ())
    return min(sizes) <= size <= max(sizes)


def _told(results: table.Results) -> str:
    parts = [table.machine(results), table.targets(results), table.seconds_by_size(results), table.stages(results)]
    parts += [table.memory(results)] if results["memory"] else []
    parts += [block(results) for name, block in (("calls", table.calls), ("hot", table.hot)) if results[name]]
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
