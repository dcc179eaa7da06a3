"""Issues: every problem of an extract by file, row and column, held as columns."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.issue_codes import ISSUE_CODES, SEVERITIES

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("code", pa.string()),
        ("severity", pa.string()),
        ("value", pa.string()),
        ("message", pa.string()),
        ("hint", pa.string()),
    ]
)
STAGE = pa.field("stage", pa.int64())
SHOWN = 10


class Issues:
    """Every data problem of an extract, in the order of files and rows.

    Parameters
    ----------
    table : pyarrow.Table
        Columns ``file, row, column, code, severity, value, message, hint``; ``row`` is the line that a spreadsheet
        shows (header = 1), null where a problem concerns the whole file.
    private : bool, default False
        Nothing that a cell holds may be told: where a problem has a value, what its code means stands for the message.

    Examples
    --------
    >>> log = IssueLog()
    >>> log.add("incidents.csv", [7], "channel", "unknown_value", ["pigeon"], "'pigeon' is not a code.")
    >>> issues = log.collect()
    >>> len(issues), issues.by_code()
    (1, {'unknown_value': 1})
    >>> [(issue["row"], issue["value"]) for issue in issues]
    [(7, 'pigeon')]
    >>> print(issues)
    1 issue: 0 errors, 1 warning, 0 notes
    incidents.csv, row 7, channel: 'pigeon' is not a code.
    """

    def __init__(self, table: pa.Table, *, private: bool = False) -> None:
        self._table, self._private = _without_values(table) if private else table, private

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self._table.to_batches():
            yield from batch.to_pylist()

    def to_arrow(self) -> pa.Table:
        """Return the issues as a pyarrow table."""
        return self._table

    def with_rows(self, rows: Sequence[tuple[str, int | None, str, str, str | None, str, str]]) -> Issues:
        """Return these issues and further ones: (file, row, column, code, value, message, hint)."""
        if not rows:
            return self
        names = ("file", "row", "column", "code", "value", "message", "hint")
        further = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        further["severity"] = [ISSUE_CODES[row[3]].severity for row in rows]
        table = pa.table({name: pa.array(further[name]) for name in self._table.column_names})
        return Issues(pa.concat_tables([self._table, table.cast(self._table.schema)]), private=self._private)

    def to_frame(self) -> pd.DataFrame:
        """Return the issues as a pandas data frame; ``row`` is a nullable integer."""
        frame: pd.DataFrame = self._table.to_pandas()
        frame["row"] = frame["row"].astype("Int64")
        return frame

    def by_code(self) -> dict[str, int]:
        """Return how often each code occurs, the most frequent first."""
        return _counts(self._table["code"])

    def by_severity(self) -> dict[str, int]:
        """Return how many errors, warnings and notes there are."""
        counts = _counts(self._table["severity"])
        return {severity: counts.get(severity, 0) for severity in SEVERITIES}

    def first(self, count: int) -> list[dict[str, Any]]:
        """Return the first that are worth a look as rows: those that cost a row before those that cost a value."""
        chosen: list[dict[str, Any]] = []
        for severity in ("error", "warning"):
            wanted = pc.equal(self._table["severity"], severity)
            chosen += self._table.filter(wanted).slice(0, count - len(chosen)).to_pylist()
        return chosen

    def __repr__(self) -> str:
        lines = [self._headline()]
        for issue in self._table.slice(0, SHOWN).to_pylist():
            place = [
                issue["file"],
                f"row {issue['row']}" if issue["row"] is not None else "",
                issue["column"],
            ]
            lines.append(f"{', '.join(part for part in place if part)}: {issue['message']}")
        if len(self) > SHOWN:
            lines.append(f"… and {len(self) - SHOWN:,} more; .to_frame() has them all.")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        names = SCHEMA.names
        head = "".join(f"<th>{name}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(issue[name]))}</td>" for name in names) + "</tr>"
            for issue in self._table.slice(0, SHOWN).to_pylist()
        )
        return (
            f"<p>{html.escape(self._headline())}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _headline(self) -> str:
        counts = self.by_severity()
        names = {"error": "error", "warning": "warning", "info": "note"}
        parts = ", ".join(_plural(counts[severity], name) for severity, name in names.items())
        return f"{_plural(len(self), 'issue')}: {parts}"


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    pairs = [(item["values"], item["counts"]) for item in pc.value_counts(column).to_pylist()]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


class IssueLog:
    """Collects problems in batches: one column, one code, many rows.

    Parameters
    ----------
    files : sequence of str, default ()
        Files in the order in which their problems are to stand; others follow as they come.
    private : bool, default False
        Nothing that a cell holds may be told.

    Attributes
    ----------
    stage : int
        Which step of reading writes now: of one row, the problems of an earlier step stand first, whoever adds them.
    """

    def __init__(self, files: Sequence[str] = (), *, private: bool = False) -> None:
        self._private = private
        self._batches: list[pa.Table] = []
        self._files: dict[str, int] = {file: place for place, file in enumerate(dict.fromkeys(files))}
        self.stage = 0

    def expect(self, file: str) -> None:
        """Take note of a file: its problems stand after those of the files noted before."""
        self._files.setdefault(file, len(self._files))

    def add(
        self,
        file: str,
        rows: Sequence[int] | npt.NDArray[np.int64] | None,
        column: str | None,
        code: str,
        values: Sequence[str | None] | pa.Array | None,
        message: str | Sequence[str] | pa.Array,
        hint: str | Sequence[str] | pa.Array | None = None,
        severity: str | None = None,
    ) -> None:
        """Add a problem of one column for some rows; ``rows=None`` is one problem of the whole file.

        Parameters
        ----------
        values, message, hint
            One for each row, or one text for all.
        severity : str, optional
            The default of the code where not given.
        """
        self.expect(file)
        known = ISSUE_CODES[code]
        row = pa.array([None], pa.int64()) if rows is None else pa.array(np.asarray(rows, np.int64))
        size = len(row)
        if size == 0:
            return
        whole = {
            "file": file,
            "row": row,
            "column": column,
            "code": code,
            "severity": severity or known.severity,
            "value": values,
            "message": message,
            "hint": known.hint if hint is None else hint,
        }
        batch = pa.table([_repeated(part, size) for part in whole.values()], schema=SCHEMA)
        batch = batch if rows is None else _once_each(batch)
        self.extend(batch.append_column(STAGE, pa.array(np.full(batch.num_rows, self.stage, np.int64))))

    def extend(self, staged: pa.Table) -> None:
        """Add problems that another log :meth:`staged`."""
        for file in pc.unique(staged["file"]).to_pylist():
            self.expect(file)
        self._batches.append(staged)

    def staged(self) -> pa.Table:
        """Return all problems with the step that each comes from, sorted by file, row and step."""
        if not self._batches:
            return SCHEMA.append(STAGE).empty_table()
        table = pa.concat_tables(self._batches)
        files = pc.index_in(table["file"], value_set=pa.array(list(self._files), pa.string()))
        row = pc.fill_null(table["row"], 0).to_numpy()
        order = np.lexsort((table[STAGE.name].to_numpy(), row, files.to_numpy()))
        return table.take(pa.array(order)).combine_chunks()

    def collect(self) -> Issues:
        """Return all problems, sorted by file, row and the order in which they were found."""
        return Issues(self.staged().drop_columns([STAGE.name]), private=self._private)


def _without_values(table: pa.Table) -> pa.Table:
    """Return problems without the values that were seen, and without messages that may quote them."""
    meaning = {code: known.meaning for code, known in ISSUE_CODES.items()}
    general = pa.array([meaning[code] for code in table["code"].to_pylist()], pa.string())
    message = pc.if_else(table["value"].is_valid(), general, table["message"])
    values = pa.nulls(table.num_rows, pa.string())
    columns = {"value": values, "message": message}
    return pa.table({name: columns.get(name, table[name]) for name in table.column_names}, schema=table.schema)


def _once_each(batch: pa.Table) -> pa.Table:
    """Return the problems without repetitions: a mapping may make several rows of one line."""
    if pc.count_distinct(batch["row"]).as_py() == batch.num_rows:
        return batch
    place = batch.append_column("place", pa.array(np.arange(batch.num_rows)))
    first = place.group_by(["row", "value", "message"]).aggregate([("place", "min")])["place_min"]
    return batch.take(pa.array(np.sort(first.to_numpy())))


def _repeated(part: object, size: int) -> pa.Array:
    if part is None:
        return pa.nulls(size, pa.string())
    if isinstance(part, str):
        return pa.array([part], pa.string()).take(pa.array(np.zeros(size, np.int64)))
    if isinstance(part, pa.ChunkedArray):
        return part.combine_chunks()
    return part if isinstance(part, pa.Array) else pa.array(part, pa.string())
