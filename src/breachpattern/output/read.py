"""The tables of a run folder, read back as they were written, whatever their format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import OutputError
from breachpattern.output.schema import OUTPUTS, Column
from breachpattern.output.tables import TIME, schema_of

_BLOCK = 1 << 26  # a finding with all its evidence is one line, and a line must fit
_MADE_HARMLESS = r"^'[=+\-@\t\r\n]"

# Of an update in JSON Lines: its findings.jsonl holds only what is new or changed.
ALL_FINDINGS = "findings_all"


def read_table(folder: Path, name: str) -> pa.Table:
    """Return an output table of a run folder, typed as when it was written; without rows where there is no file.

    Parameters
    ----------
    folder : Path
    name : str
        A table of :data:`~breachpattern.output.schema.OUTPUTS`, or ``suppressed``: findings with the filter that
        suppressed each.

    Raises
    ------
    OutputError
        Where the file is not as a run writes it.
    """
    columns = _columns(name)
    if name == "findings" and (folder / f"{ALL_FINDINGS}.jsonl").is_file():
        name = ALL_FINDINGS
    for ending, read in _READERS.items():
        path = folder / f"{name}.{ending}"
        if path.is_file():
            try:
                table = read(path, columns)
                return pa.table({c.name: _typed(table[c.name], c) for c in columns}, schema=schema_of(columns))
            except (pa.ArrowException, KeyError, OSError) as error:
                raise OutputError(
                    f"The table {name} of this run cannot be read: {str(error).splitlines()[0][:200].rstrip('.')}.",
                    where=str(path),
                    hint="Score the extract again.",
                ) from error
    return schema_of(columns).empty_table()


def _columns(name: str) -> tuple[Column, ...]:
    if name != "suppressed":
        return OUTPUTS[name]
    return (*OUTPUTS["findings"], *(Column(f"filter_{part}", "text", "") for part in ("id", "reason")))


def _csv(path: Path, columns: tuple[Column, ...]) -> pa.Table:
    import pyarrow.csv as csv

    names = [column.name for column in columns]
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        include_columns=names,
        strings_can_be_null=True,
        null_values=[""],
        quoted_strings_can_be_null=False,
    )
    table = csv.read_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=convert)
    return pa.table({name: _as_it_was(table[name]) for name in names})


def _parquet(path: Path, columns: tuple[Column, ...]) -> pa.Table:
    import pyarrow.parquet as parquet

    return parquet.read_table(path, columns=[column.name for column in columns])


def _lines(path: Path, columns: tuple[Column, ...]) -> pa.Table:
    import pyarrow.json as json

    if path.stat().st_size == 0:
        return schema_of(columns).empty_table()
    # A whole finding has lists where its row of a table has one text.
    lists = path.name == "findings.jsonl"
    schema = pa.schema(
        [
            (
                column.name,
                pa.list_(pa.string())
                if lists and column.kind == "list"
                else {"whole": pa.int64(), "number": pa.float64(), "flag": pa.bool_()}.get(column.kind, pa.string()),
            )
            for column in columns
        ]
    )
    parse = json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    return json.read_json(path, read_options=json.ReadOptions(block_size=_BLOCK), parse_options=parse)


def _as_it_was(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without the apostrophes that kept spreadsheets from running its cells."""
    marked = pc.fill_null(pc.match_substring_regex(column, _MADE_HARMLESS), False)
    return pc.if_else(marked, pc.utf8_slice_codeunits(column, 1), column)


def _typed(column: pa.ChunkedArray, wanted: Column) -> pa.ChunkedArray:
    if pa.types.is_list(column.type):
        return pc.binary_join(column, ";")
    if wanted.kind == "time" and pa.types.is_string(column.type):
        return column.cast(pa.timestamp("s", "UTC")).cast(TIME)
    return column.cast(schema_of((wanted,)).field(0).type)


# CSV first: where a run has both, that is the table and the lines are the whole findings.
_READERS: dict[str, Callable[[Path, tuple[Column, ...]], pa.Table]] = {
    "csv": _csv, "parquet": _parquet, "jsonl": _lines,
}  # fmt: skip
