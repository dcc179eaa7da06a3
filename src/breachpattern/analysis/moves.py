"""What a change of rules did to a worklist: findings that came, went, changed level, score or place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.compute as pc

from breachpattern.analysis.answers import Analysis
from breachpattern.analysis.runs import Run
from breachpattern.analysis.since import since

COLUMNS = ("level", "score", "rank")


def moves(after: Run | Analysis | str | Path, before: Run | Analysis | str | Path) -> pd.DataFrame:
    """Return what became of each finding between two runs of one extract under other rules, the largest change first.

    Parameters
    ----------
    after, before : Run, Analysis or path of a run folder

    Returns
    -------
    pandas.DataFrame
        One row for each finding that is not exactly as it was: ``change`` (``new``, ``withdrawn``, ``level``,
        ``score``, ``place``), ``pattern``, ``finding_id``, ``headline``, and ``level``, ``score``,
        ``rank`` with the same before.

    Examples
    --------
    >>> import breachpattern as bp
    >>> run = bp.Analyser().analyse(bp.read_extract([]), as_of="2025-12-31")
    >>> len(moves(run, run))
    0
    """
    here, there = Run.of(after), Run.of(before)
    found = since(here, there).to_frame()
    now, was = (_by_id(run) for run in (here, there))
    frame = found[["change", "pattern", "finding_id", "goes_on_from"]].rename(columns={"change": "since"})
    earlier = frame["goes_on_from"].where(frame["goes_on_from"].fillna("") != "", frame["finding_id"])
    for name in ("headline", *COLUMNS):
        frame[name] = frame["finding_id"].map(now[name])
        frame[f"{name}_before"] = earlier.map(was[name])
    frame["headline"] = frame["headline"].fillna(frame["headline_before"])
    frame["change"] = "place"
    for name in ("score", "level"):
        frame.loc[frame[name] != frame[f"{name}_before"], "change"] = name
    gone, fresh = frame["rank"].isna(), frame["rank_before"].isna()
    frame.loc[fresh, "change"], frame.loc[gone, "change"] = "new", "withdrawn"
    moved = frame[gone | fresh | (frame["change"] != "place") | (frame["rank"] != frame["rank_before"])]
    kinds = pd.Categorical(moved["change"], ["new", "withdrawn", "level", "score", "place"], ordered=True)
    shown = [
        "change",
        "pattern",
        "finding_id",
        "headline",
        *(f"{name}{end}" for name in COLUMNS for end in ("_before", "")),
    ]
    return (
        moved.assign(kind=kinds, first=moved["rank"].fillna(moved["rank_before"]))
        .sort_values(["kind", "first", "finding_id"], ignore_index=True)[shown]
        .astype({"rank": "Int64", "rank_before": "Int64"})
    )


def _by_id(run: Run) -> pd.DataFrame:
    table = run.findings
    names = ["finding_id", "headline", *COLUMNS]
    kept: pd.DataFrame = table.filter(pc.is_valid(table["finding_id"])).select(names).to_pandas()
    return kept.set_index("finding_id")
