"""Time the graph: the index, the neighbourhood of people drawn at random, and the components of the whole."""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.extracts import make
from breachpattern.errors import UsageError
from breachpattern.graph import GraphIndex, components, degrees, mutual, neighbourhood, shared_objects
from breachpattern.ingest import read_extract
from breachpattern.law import Catalogue
from breachpattern.spans import as_of_second
from breachpattern.timelines import build

AS_OF, EARLIER = "2026-06-30", "2021-06-30"
SHARED = 0.3


def with_connections(incidents: Path, folder: Path) -> Path:
    """Give a third of the records a telephone number, and write who is tied to whom; return the ties."""
    draw, table = np.random.default_rng(11), pq.read_table(incidents)
    n = table.num_rows
    numbers = np.char.add("07", np.char.zfill(draw.integers(0, max(n // 2, 1), n).astype("U9"), 9))
    table = table.append_column("means", pa.array(np.where(draw.random(n) < SHARED, numbers, "")))
    pq.write_table(table, incidents)
    people = table["suspect_id"].unique().to_numpy(zero_copy_only=False)
    count = n // 20
    ties = {"person_id": draw.choice(people, count), "other_id": draw.choice(people, count)}
    pq.write_table(pa.table(ties | {"tie": ["friend"] * count}), folder / "associations.parquet")
    return folder / "associations.parquet"


def milliseconds(call: Callable[[], Any]) -> float:
    """Return the milliseconds that a call takes."""
    begun = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - begun)


def said(name: str, times: list[float]) -> None:
    """Print the median and the slowest of some times."""
    print(f"{name:44} {statistics.median(times):10.1f} ms   slowest {max(times):10.1f} ms   of {len(times)}")


def main() -> None:
    """Print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        paths = make(asked.incidents, Path(scratch))
        ties = with_connections(paths["incidents.parquet"], Path(scratch))
        extract = read_extract(paths["incidents.parquet"], orders=paths["orders.parquet"], associations=ties)
        timelines = build(extract, Catalogue.load(), as_of_second(AS_OF))
    print(f"{asked.incidents:,} incidents, {platform.machine()}, Python {platform.python_version()}")
    said("index", [milliseconds(lambda: GraphIndex.of(timelines, extract)) for _ in range(asked.rounds)])
    index = GraphIndex.of(timelines, extract)
    draw = np.random.default_rng(3)
    drawn = index.names(draw.choice(index.persons, asked.people, replace=False))
    busiest = index.names(np.argsort(-np.diff(index.incidents.by_person.offsets))[: asked.people // 4])
    neighbourhood(index, drawn[0])
    for name, people, radius, as_of in (
        ("anybody, radius 1", drawn, 1, None),
        ("anybody, radius 2", drawn, 2, None),
        ("anybody, radius 1, as of five years before", drawn, 1, as_of_second(EARLIER)),
        ("the busiest, radius 1 (drawn or refused)", busiest, 1, None),
    ):
        refused, times = 0, []
        for person in people:
            begun = time.perf_counter()
            try:
                neighbourhood(index, person, radius, as_of)
            except UsageError:
                refused += 1
            times.append(1e3 * (time.perf_counter() - begun))
        said(name, times)
        if refused:
            print(f"{'':44} {refused} refused as too large")
    for name, whole in (
        ("components of the whole", components),
        ("degrees of the whole", degrees),
        ("objects shared", shared_objects),
        ("two-way disputes", mutual),
    ):
        said(name, [milliseconds(lambda whole=whole: whole(index)) for _ in range(asked.rounds)])
    sizes = np.bincount(components(index))
    print(f"{np.count_nonzero(sizes):,} components; the largest has {sizes.max():,} people")


if __name__ == "__main__":
    main()
