"""A run as tables of text, from memory or from its folder: what runs are held against each other by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import OutputError, UsageError
from breachpattern.output.folder import read_scored
from breachpattern.output.read import read_table

if TYPE_CHECKING:
    from breachpattern.analysis.answers import Analysis

TABLES = ("findings", "breaches", "courses", "near_misses", "suppressed")
RULES = ("breachpattern", "catalogue", "patterns")


@dataclass(frozen=True)
class Run:
    """The answers of one run.

    Attributes
    ----------
    findings, breaches, courses, near_misses, suppressed : pyarrow.Table
        As the files of a run folder have them.
    versions : dict
        Of the package, the catalogue and the patterns.
    as_of : str
        The last instant of which anything was known, ISO 8601.
    on_file : pyarrow.Array or None
        Every incident of the extract; ``None`` where only the run folder is at hand.
    """

    findings: pa.Table
    breaches: pa.Table
    courses: pa.Table
    near_misses: pa.Table
    suppressed: pa.Table
    versions: Mapping[str, str]
    as_of: str
    on_file: pa.Array | None = None

    @classmethod
    def of(cls, source: Run | Analysis | str | Path) -> Run:
        """Return a run from an analysis, or from the folder that one wrote.

        Raises
        ------
        OutputError
            Where the folder is not that of a run, or does not hold all its findings.
        UsageError
            Where it is something else altogether.

        Examples
        --------
        >>> import breachpattern as bp
        >>> Run.of(bp.Analyser().analyse(bp.read_extract([]), as_of="2025-12-31")).as_of
        '2025-12-31T23:59:59+00:00'
        """
        if isinstance(source, Run):
            return source
        if isinstance(source, (str, Path)):
            folder = Path(source).expanduser()
            summary = read_scored(folder)
            tables = {name: read_table(folder, name) for name in TABLES}
            told, held = summary["findings"]["total"], tables["findings"].num_rows
            if told != held:
                raise OutputError(
                    f"The run has {told:,} findings, and its folder holds {held:,} of them.",
                    where=str(folder),
                    hint="A file of it is gone or was cut short: make it again, so that no finding seems to be gone.",
                )
            return cls(**tables, versions=_rules(summary["versions"]), as_of=_utc(summary["as_of"]))
        if not hasattr(source, "findings") or not hasattr(source, "summary"):
            raise UsageError(
                f"A {type(source).__name__} is not a run.", hint="Give an Analysis, or the folder of a run as a path."
            )
        on_file = pc.unique(source.extract.incidents["incident_id"]).cast(pa.string())
        return cls(
            **{name: getattr(source, name).to_arrow() for name in TABLES},
            versions=_rules(source.summary["versions"]),
            as_of=_utc(source.summary["as_of"]),
            on_file=on_file,
        )

    def only(self, ids: Any) -> Run:
        """Return the run with some of its findings only, in their order.

        Parameters
        ----------
        ids : sequence of str
        """
        wanted = pc.is_in(self.findings["finding_id"], value_set=pa.array(list(ids), pa.string()))
        return replace(self, findings=self.findings.filter(wanted))

    def has_incidents(self, ids: list[str]) -> list[bool]:
        """Return for each incident whether it is on file, or at least appears in some answer."""
        known = self._known
        return [item in known for item in ids]

    @cached_property
    def _known(self) -> set[str]:
        if self.on_file is not None:
            return set(self.on_file.to_pylist())
        lists = [self.breaches["incident_id"].combine_chunks()] + [
            pc.list_flatten(pc.split_pattern(table["incident_ids"], ";")).combine_chunks()
            for table in (self.findings, self.courses, self.near_misses)
        ]
        return set(pa.chunked_array(lists, pa.string()).unique().to_pylist())

    @cached_property
    def evidence(self) -> pa.Table:
        """What each finding rests on, by reference: see :func:`evidence_table`."""
        return evidence_table(self.findings, self.breaches)


ABOUT = ("finding_id", "pattern", "suspect_id", "victim_ids", "level", "course_id")
EVIDENCE = ("incidents", "orders", "breaches", "span")


def evidence_table(findings: pa.Table, breaches: pa.Table) -> pa.Table:
    """Return what findings rest on, each sorted and joined with ``;``.

    Parameters
    ----------
    findings, breaches : pyarrow.Table
        As the files of a run folder have them.

    Returns
    -------
    pyarrow.Table
        For each finding, in order: ``finding_id``, ``pattern``, ``suspect_id``, ``victim_ids``, ``level``,
        ``course_id`` and :data:`EVIDENCE`. An item of ``breaches`` reads
        ``incident > order (status, order_state, kinds)``; ``span`` is when the evidence begins and ends, in UTC.
    """
    count = findings.num_rows
    incidents, orders, broken = (
        _items(findings[name]) for name in ("incident_ids", "order_ids", "breach_incident_ids")
    )
    columns = {name: findings[name] for name in ABOUT}
    columns["incidents"], columns["orders"] = _joined(incidents, count), _joined(orders, count)
    columns["breaches"] = _joined(_told(broken, orders, breaches), count)
    ends = [findings[name].cast(pa.timestamp("s", "UTC")).cast(pa.string()) for name in ("first_at", "last_at")]
    columns["span"] = pc.binary_join_element_wise(*(pc.fill_null(end, "") for end in ends), "/")
    return pa.table(columns)


def _items(lists: pa.ChunkedArray) -> pd.DataFrame:
    """Return one row for each item of each finding's list."""
    split = pc.split_pattern(pc.fill_null(lists, ""), ";").combine_chunks()
    frame = pd.DataFrame(
        {"finding": pc.list_parent_indices(split).to_numpy(), "item": pc.list_flatten(split).to_pylist()}, dtype=object
    )
    return frame[frame["item"] != ""]


def _told(broken: pd.DataFrame, orders: pd.DataFrame, breaches: pa.Table) -> pd.DataFrame:
    """Return what each breach of a finding is, in one text; one without an order belongs to whatever holds it."""
    held = breaches.select(["incident_id", "order_id", "status", "order_state", "breach_kind"]).to_pandas()
    held = held[(held["status"] != "not_breach") & held["incident_id"].isin(broken["item"])].astype(object)
    held = held.fillna("").drop_duplicates()
    pairs = broken.merge(held, left_on="item", right_on="incident_id")
    own = pd.MultiIndex.from_frame(pairs[["finding", "order_id"]]).isin(pd.MultiIndex.from_frame(orders))
    pairs = pairs[own | (pairs["order_id"] == "").to_numpy()]
    parts = pairs[["item", "order_id", "status", "order_state", "breach_kind"]].to_numpy(dtype=str).T.tolist()
    told = [
        f"{incident}{' > ' * bool(order)}{order} ({', '.join(filter(None, (status, state, kinds.replace(';', '+'))))})"
        for incident, order, status, state, kinds in zip(*parts, strict=True)
    ]
    return pd.DataFrame({"finding": pairs["finding"].to_numpy(), "item": told}, dtype=object)


def _joined(items: pd.DataFrame, count: int) -> pa.Array:
    """Return the distinct items of each finding, sorted and joined."""
    frame = items.drop_duplicates().sort_values(["finding", "item"], kind="stable")
    sizes = np.bincount(frame["finding"].to_numpy(np.int64), minlength=count)
    offsets = pa.array(np.append(0, np.cumsum(sizes)), pa.int32())
    return pc.binary_join(pa.ListArray.from_arrays(offsets, pa.array(frame["item"].tolist(), pa.string())), ";")


def _rules(versions: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(versions.get(name, "")) for name in RULES}


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()
