"""The cases, one line each: what is run, by which process, at which sizes, in how many rounds at most.

To add a case is to add a line: a way of running has a function of (paths of the extract, folder for output). What it
returns, where it returns anything, is seconds by part. A case that is compared with another in the table of
:mod:`benchmarks.table` runs in the same rounds as that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Paths = Mapping[str, Path]
Parts = dict[str, float]
Run = Callable[[Paths, Path], Parts | None]
AS_OF = "2026-06-30"
SMALL, MIDDLE, LARGE, HUGE = 20_000, 100_000, 1_000_000, 10_000_000
FLOOR_COLUMNS = [
    "incident_id", "occurred_from", "reported_at", "suspect_id", "victim_id", "behaviours", "channel", "offence_code",
]  # fmt: skip
# Bounds of the bucketed run, as a force with two cores would give them.
WORKERS, MEMORY = 2, "2GB"


@dataclass(frozen=True)
class Case:
    """One thing that is measured.

    Attributes
    ----------
    id : str
    side : str
        The process that runs it. Cases of one side share a process, with all imports done before.
    words : str
        For the page.
    run : callable
    sizes : tuple of int
        At which it runs where they are asked for; larger ones only when asked for everything.
    rounds : int
        At most so many.
    memory : bool
        Whether its memory is measured too, in a process of its own.
    """

    id: str
    side: str
    words: str
    run: Run
    sizes: tuple[int, ...]
    rounds: int = 99
    memory: bool = False
    everything: tuple[int, ...] = ()


def floor(paths: Paths, _: Path) -> None:
    """Read the needed columns, encode both id columns, sort once by (suspect, victim, time)."""
    import numpy as np
    import pyarrow.parquet as pq

    table = pq.read_table(paths["incidents.parquet"], columns=FLOOR_COLUMNS)
    codes = [
        table[name].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
        for name in ("suspect_id", "victim_id")
    ]
    when = table["occurred_from"].to_numpy()
    np.lexsort((when, codes[1], codes[0]))


def score(suffix: str) -> Run:
    """Return the whole of ``score`` for one format, as the command line runs it: files in, run folder out."""

    def run(paths: Paths, out: Path) -> None:
        from breachpattern.analysis import Analyser

        incidents, orders = paths[f"incidents.{suffix}"], paths[f"orders.{suffix}"]
        Analyser().score(incidents, orders, out=out / "run", as_of=AS_OF, format=suffix)

    return run


def in_buckets(paths: Paths, out: Path) -> None:
    """Run ``score --workers 2 --memory 2GB``."""
    from breachpattern.analysis import Analyser

    Analyser().score(
        paths["incidents.parquet"],
        paths["orders.parquet"],
        out=out / "run",
        as_of=AS_OF,
        format="parquet",
        workers=WORKERS,
        memory=MEMORY,
    )


def stages(paths: Paths, out: Path) -> Parts:
    """Run the whole of ``score`` with a clock between its stages; the parts add up to the whole."""
    from breachpattern.memory import small_pages

    with small_pages():
        return _stages(paths, out)


def _stages(paths: Paths, out: Path) -> Parts:
    from breachpattern.analysis import Analyser
    from breachpattern.ingest.extract import read_sources
    from breachpattern.law import Catalogue

    clock = Clock()
    sources = read_sources(
        paths["incidents.parquet"], paths["orders.parquet"], None, None,
        mapping=None, query=None, catalogue=Catalogue.load(), on_progress=None,
    )  # fmt: skip
    clock.tick("read")
    extract = sources.checked()
    clock.tick("check")
    analysis = Analyser().analyse(extract, as_of=AS_OF, on_progress=clock.told)
    clock.tick("patterns")
    for table in (analysis.breaches, analysis.courses, analysis.findings, analysis.near_misses, analysis.issues):
        table.to_arrow()
    analysis.summary  # noqa: B018 - made at first use
    clock.tick("tables")
    lines = list(analysis._lines(None))
    clock.tick("lines of findings")
    analysis._lines = lambda _: iter(lines)  # type: ignore[method-assign]
    analysis.write(out / "run", format="parquet")
    clock.tick("write")
    return clock.parts


# What the engine reports when it begins a stage, and what was done before it.
DONE_BEFORE = {
    "timelines: people and records": "people",
    "timelines: breaches": "link and encode",
    "timelines: occasions and courses": "breaches",
    "timelines: what came before": "occasions and courses",
    "timelines": "what came before",
}


class Clock:
    """Seconds by part, from one tick to the next."""

    def __init__(self) -> None:
        self.parts: Parts = {}
        self._last = time.perf_counter()

    def tick(self, part: str) -> None:
        """Book the time since the last tick under a part."""
        now = time.perf_counter()
        self.parts[part] = self.parts.get(part, 0.0) + now - self._last
        self._last = now

    def told(self, stage: str, *_: int | None) -> None:
        """Take a report of progress."""
        if stage in DONE_BEFORE:
            self.tick(DONE_BEFORE[stage])


def reference(paths: Paths, _: Path) -> None:
    """Run the literal reference from CSV to findings; it writes nothing."""
    from benchmarks.reference import score as by_the_letter

    by_the_letter(paths["incidents.csv"], paths["orders.csv"], AS_OF)


def pandas_way(paths: Paths, out: Path) -> None:
    """Run what an analyst writes in pandas."""
    from benchmarks.pandas_way import score as by_hand

    by_hand(paths["incidents.parquet"], paths["orders.parquet"], out / "pandas")


def sql_way(paths: Paths, out: Path) -> None:
    """Run the breach join and the counts in DuckDB."""
    from benchmarks.sql_way import score as by_hand

    by_hand(paths["incidents.parquet"], paths["orders.parquet"], out / "sql")


CASES = {
    case.id: case
    for case in (
        Case("floor", "engine", "the floor L", floor, (SMALL, MIDDLE, LARGE), everything=(HUGE,), memory=True),
        Case("score", "engine", "`score`, Parquet in and out", score("parquet"), (SMALL, MIDDLE, LARGE),
             everything=(HUGE,), memory=True),
        Case("score_csv", "engine", "`score`, CSV in and out", score("csv"), (SMALL, MIDDLE, LARGE)),
        Case("stages", "engine", "`score` with a clock between its stages", stages, (MIDDLE, LARGE), rounds=3),
        Case("buckets", "engine", f"`score --workers {WORKERS} --memory {MEMORY}`", in_buckets, (LARGE,),
             everything=(HUGE,), rounds=3, memory=True),
        Case("sql", "sql", "DuckDB: the breach join and the counts only", sql_way, (SMALL, MIDDLE, LARGE),
             memory=True),
        Case("pandas", "pandas", "the analyst's pandas", pandas_way, (SMALL, MIDDLE), memory=True),
        Case("reference", "reference", "the literal reference", reference, (SMALL, MIDDLE), everything=(LARGE,),
             memory=True),
    )
}  # fmt: skip


def cpu_seconds() -> float:
    """Return the processor time of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
