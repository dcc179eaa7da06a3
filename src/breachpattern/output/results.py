"""Results in Python: tables that print themselves, findings that explain themselves, one person's timeline."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.explain import Explanation, explain, law_of

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.patterns import Findings

_SHOWN = 10
_CLOCK = "%Y-%m-%dT%H:%M:%S"  # as the clock in London shows it: the reader's own zone changes nothing


class Table:
    """A table of results: it has a length, can be indexed, prints itself and turns into pandas.

    Examples
    --------
    >>> table = Table("breaches", pa.table({"incident_id": ["I1", "I2"], "row": [2, 3]}))
    >>> len(table), table[0]["incident_id"], [row["row"] for row in table]
    (2, 'I1', [2, 3])
    >>> table[1:].to_frame()["row"].tolist()
    [3]
    """

    def __init__(self, name: str, table: pa.Table, note: str = "") -> None:
        self._name, self._table, self._note = name, table, note

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Table: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            chosen = np.arange(len(self))[index]
            return Table(self._name, self._table.take(pa.array(chosen)))
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(f"{self._name} has {len(self)} rows; there is no row {index}")
        return self._table.slice(position, 1).to_pylist()[0]

    def __iter__(self) -> Iterator[Any]:
        for batch in self._table.to_batches(max_chunksize=4096):
            yield from batch.to_pylist()

    def to_arrow(self) -> pa.Table:
        """Return the rows as a :class:`pyarrow.Table`; times are instants on the London clock."""
        return self._table

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as pandas: nullable whole numbers, times with a zone, lists joined with ``;``."""
        frame: pd.DataFrame = self._table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        return frame

    def heading(self) -> str:
        """Return how many rows there are, and of what, as one line."""
        return f"{len(self):,} {self._name}" + (f": {self._note}" if self._note else "")

    def _head(self) -> pd.DataFrame:
        return Table(self._name, self._table.slice(0, _SHOWN)).to_frame()

    def __repr__(self) -> str:
        rows = self._head().to_string(max_colwidth=40) if len(self) else ""
        more = f"\n… and {len(self) - _SHOWN:,} more" if len(self) > _SHOWN else ""
        return f"{self.heading()}\n{rows}{more}".rstrip()

    def _repr_html_(self) -> str:
        more = f"<p>… and {len(self) - _SHOWN:,} more</p>" if len(self) > _SHOWN else ""
        rows = self._head().to_html(max_rows=_SHOWN, border=0, na_rep="", escape=True) if len(self) else ""
        return f"<p><strong>{html.escape(self.heading())}</strong></p>{rows}{more}"


class Finding:
    """One finding: a pattern that held, with its evidence by reference.

    Attributes
    ----------
    id, pattern, level, headline : str
    rank : int
    score : float
    """

    def __init__(self, record: Mapping[str, Any], law: Mapping[str, Mapping[str, Any]]) -> None:
        self._record, self._law = dict(record), law
        self.id: str = record["finding_id"]
        self.pattern: str = record["pattern"]
        self.level: str = record["level"]
        self.headline: str = record["headline"]
        self.rank: int = record["rank"]
        self.score: float = record["score"]

    def record(self) -> dict[str, Any]:
        """Return the whole finding as JSON-able data: a line of ``findings.jsonl``."""
        return dict(self._record)

    def explain(self) -> Explanation:
        """Return the whole story: evidence, what connects it, what speaks against it, the law."""
        return explain(self._record, self._law)

    def __repr__(self) -> str:
        return f"Finding {self.id} ({self.level}, {self.pattern}): {self.headline}"


class FindingsTable(Table):
    """The findings in the order of their rank; indexing gives a :class:`Finding`."""

    def __init__(self, findings: Findings, catalogue: Catalogue, table: pa.Table, note: str) -> None:
        super().__init__("findings", table, note)
        self._findings, self._catalogue = findings, catalogue

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} findings; there is no finding {index}")
        record = self._findings[index + len(self) if index < 0 else index].record()
        return Finding(record, law_of(self._catalogue, record["provisions"]))

    def __iter__(self) -> Iterator[Finding]:
        return (self[i] for i in range(len(self)))


class Timeline(Table):
    """Every known record and order event of one person, in time order."""

    def __init__(self, person_id: str, table: pa.Table) -> None:
        super().__init__(f"events on the timeline of {person_id}", table)
        self.person_id = person_id

    def plot(self) -> Any:
        """Return an altair chart: what was done to whom, against the orders in force; zoom, and point for the record.

        Raises
        ------
        MissingDependency
            Where altair is not installed; the message holds the install line.
        """
        from breachpattern.output.charts import person_chart

        frame = self.to_frame()
        events = json.loads(frame.to_json(orient="records", date_format="iso"))
        for event, at, until in zip(events, frame["at"], frame["until"], strict=True):
            event["at"], event["until"] = at.strftime(_CLOCK), until.strftime(_CLOCK)
        return person_chart(self.person_id, events)
