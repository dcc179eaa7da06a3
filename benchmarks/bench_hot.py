"""Time and memory of the hot cases, each in a process of its own: ``python -m benchmarks.bench_hot``.

A case of four times the rows that takes more than about four times as long is growing faster than its input.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

from benchmarks import hot
from benchmarks.measure import in_own_process

CASES: dict[str, tuple[str, tuple[int, ...]]] = {
    "hot suspect, 5,000 victims, 10 orders": ("suspect", (5_000, 10)),
    "hot suspect, 5,000 victims, 500 orders": ("suspect", (5_000, 500)),
    "hot pair, 2,000 breaches": ("pair", (2_000,)),
    "hot pair, 5,000 breaches": ("pair", (5_000,)),
    "hot pair, 20,000 breaches": ("pair", (20_000,)),
    "hot pair, 2,000 breaches of each of 50 orders": ("pair", (2_000, 50)),
    "hot pair, 2,000, 20 orders founded on 500": ("pair", (2_000, 20, 500)),
    "hub incident, 150 suspects x 150 victims": ("hub", (150,)),
    "hub incident, 300 suspects x 300 victims": ("hub", (300,)),
    "hub number, of 5,000 people": ("number", (5_000, 5_000)),
    "hub number, of 20,000 people": ("number", (20_000, 20_000)),
    "20,000 people, numbers of six each": ("number", (20_000, 6)),
}


def measure(case: str, sizes: tuple[int, ...]) -> dict[str, float]:
    """Return rows, seconds and peak bytes of analysing one case."""
    from breachpattern.analysis import Analyser
    from breachpattern.ingest import read_extract

    incidents, orders = getattr(hot, case)(*sizes)
    analyser = Analyser()
    extract = read_extract(incidents, orders=orders)
    begun = time.perf_counter()
    analyser.analyse(extract, as_of="2026-06-30")
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rows": incidents.num_rows, "seconds": seconds, "bytes": peak}


def run(only: str = "") -> dict[str, dict[str, float]]:
    """Return rows, seconds and peak bytes of every hot case whose name contains a text."""
    found = {}
    for name, (case, sizes) in CASES.items():
        if only not in name:
            continue
        found[name] = in_own_process(measure, case, sizes)
        print(f"  {name}: {found[name]['seconds']:.2f} s", file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Print each case with its time per row over that of the first."""
    from benchmarks import table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    print(table.hot({"hot": run(parser.parse_args().only)}))


if __name__ == "__main__":
    main()
