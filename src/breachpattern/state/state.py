"""A state: everything that was accepted so far, what it came to, and when time alone changes that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.output.results import Table
from breachpattern.output.summary import iso
from breachpattern.spans import NEVER
from breachpattern.state import records, results
from breachpattern.state.groups import Same

if TYPE_CHECKING:
    from breachpattern.ingest import Extract
    from breachpattern.law import Catalogue

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wakes:
    """When each group can answer otherwise though no row is added: seconds UTC, for the groups that ever can."""

    group: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    at: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def by(self, as_of: int) -> Ints:
        """Return the groups that can answer otherwise at an instant."""
        return self.group[self.at <= as_of]

    def with_(self, gone: Ints, further: Wakes) -> Wakes:
        """Return these without some groups, and others."""
        kept = ~np.isin(self.group, gone)
        return Wakes(np.append(self.group[kept], further.group), np.append(self.at[kept], further.at))


@dataclass(frozen=True)
class State:
    """What :meth:`Analyser.update` takes and gives back. It holds personal data: keep it as you keep the extract.

    A state is never changed: an update gives another one, which shares with the first whatever is the same.

    Attributes
    ----------
    rows : mapping of str to pyarrow.Table
        By table: accepted rows as they were read, in the order in which they came, with ``batch`` (a position in
        ``batches``) and ``group`` (of connected people).
    results : mapping of str to pyarrow.Table
        ``breaches``, ``courses``, ``findings``, ``near_misses`` and ``suppressed``, in no order, with ``group``.
    as_of : int
        The last second, UTC, of which anything is known.
    wakes : Wakes
    same : Same
        Which references are one human being.
    links : pyarrow.Table
        The links between records of people, by which that was worked out.
    batches : tuple of mapping
        What came when: ``as_of``, files with their hashes, and where each row went.
    made_with : mapping
        ``library``, ``catalogue``, ``patterns`` and ``settings``: another one answers otherwise.
    near : tuple of str
        The patterns with near misses, in their order.
    next_group : int

    Examples
    --------
    >>> import breachpattern as bp
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "text"}
    >>> rows = [{"incident_id": f"I{day}", "occurred_from": f"2025-03-0{day}T10:00"} | who for day in (1, 2)]
    >>> state, changes = bp.Analyser().update(None, rows[:1], as_of="2025-03-01")
    >>> state, changes = bp.Analyser().update(state, rows[1:], as_of="2025-03-02")
    >>> changes.counts()["courses"]
    {'new': 1, 'changed': 0, 'withdrawn': 0}
    >>> state.courses.to_frame()["incident_ids"].tolist()
    ['I1;I2']
    """

    rows: Mapping[str, pa.Table]
    results: Mapping[str, pa.Table]
    as_of: int
    made_with: Mapping[str, Any]
    wakes: Wakes = field(default_factory=Wakes)
    same: Same = field(default_factory=Same)
    links: pa.Table | None = None
    batches: tuple[Mapping[str, Any], ...] = ()
    near: tuple[str, ...] = ()
    next_group: int = 0

    @classmethod
    def empty(cls, made_with: Mapping[str, Any]) -> State:
        """Return a state in which nothing is known."""
        return cls({name: records.empty(name) for name in records.NAMES}, results.none(), NEVER, made_with)

    @classmethod
    def load(cls, folder: str | Path, *, memory_map: bool | None = None) -> State:
        """Return the state that a folder holds.

        Parameters
        ----------
        folder : str or Path
        memory_map : bool, optional
            Read rows from the files when they are needed; by default wherever an open file may be replaced.

        Raises
        ------
        InputError
            Where the folder holds no state, one of another format, or files other than were written.
        """
        from breachpattern.state.folder import load

        return load(Path(folder), memory_map)

    def save(self, folder: str | Path) -> Path:
        """Write the state into a folder, whole or not at all, readable by you alone; return its path.

        Parameters
        ----------
        folder : str or Path
            New, empty, or a former state, which is replaced. A link to a folder stays a link.

        Raises
        ------
        OutputError
            Where the folder holds anything else, cannot be written, or another process holds the state.
        """
        from breachpattern.state.folder import save

        return save(self, Path(folder))

    @property
    def privacy(self) -> dict[str, Any]:
        """What was done to its records as they were read: pseudonyms under which key, and whether they were minimised.

        Empty where nothing was, or where there are no records.
        """
        held = [batch.get("privacy", {}) for batch in self.batches if _has_rows(batch)]
        return kept_by(held[-1]) if held else {}

    @property
    def breaches(self) -> Table:
        """Every incident × order that it breaches, in time order."""
        return self._table("breaches", "breaches")

    @property
    def courses(self) -> Table:
        """Candidate courses of conduct, the strongest first."""
        return self._table("courses", "candidate courses")

    @property
    def findings(self) -> Table:
        """Findings in the order in which a person should look at them."""
        return self._table("findings", "findings")

    @property
    def near_misses(self) -> Table:
        """What came close to a pattern and is no finding."""
        return self._table("near_misses", "near misses")

    @property
    def suppressed(self) -> Table:
        """Findings that filters suppressed."""
        return self._table("suppressed", "suppressed findings")

    def _table(self, name: str, words: str) -> Table:
        return Table(words, results.in_order(name, self.results[name], self.near))

    def extract(self, catalogue: Catalogue | None = None) -> Extract:
        """Return all records as an extract, the rows of each record brought together: what a full run would read.

        Parameters
        ----------
        catalogue : Catalogue, optional
            Recognises offences; the built-in one where not given.
        """
        from breachpattern.law import Catalogue as Law

        return records.extract_of(self.rows, catalogue or Law.load())

    def renewed(self) -> State:
        """Return the records alone: the next update works everything out again, under whatever it is given.

        For another version of the library, the catalogue, the patterns or the settings.
        """
        rows = {
            name: records.with_column(table, "group", np.full(table.num_rows, -1)) for name, table in self.rows.items()
        }
        return replace(self, rows=rows, results=results.none(), made_with={}, wakes=Wakes(), near=())

    def __repr__(self) -> str:
        counts = ", ".join(f"{table.num_rows:,} {name}" for name, table in self.rows.items() if table.num_rows)
        when = iso(datetime.fromtimestamp(self.as_of, UTC)) if self.as_of > NEVER else "never"
        return f"<State as of {when}: {counts or 'no rows'}; {self.results['findings'].num_rows:,} findings>"


def _has_rows(batch: Mapping[str, Any]) -> bool:
    counts = batch.get("rows", {}).values()
    return any(one.get("accepted", 0) or one.get("duplicates", 0) for one in counts)


def kept_by(privacy: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the settings of privacy decides how rows are kept; empty where nothing does.

    Examples
    --------
    >>> kept_by({"pseudonyms": None, "minimise": False, "special_categories": ["religion"]})
    {}
    """
    return {name: value for name in ("pseudonyms", "minimise") if (value := privacy.get(name))}
