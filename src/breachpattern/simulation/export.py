"""The extract of a force as another records system would export it: a mapping, turned round."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.errors import MappingError


def as_export(
    incidents: pa.Table, mapping: str | Path | Mapping[str, Any], *, title: str = "", total: str = "TOTAL"
) -> list[list[str]]:
    """Return the lines of an export that a mapping reads as some rows of an incident table.

    The first word that the mapping knows for a code stands for that code; times are written in its formats; the
    victims of one incident and suspect stand side by side in one line, as far as the mapping has columns for them.

    Parameters
    ----------
    incidents : pyarrow.Table
        Rows in the canonical columns, as text.
    mapping : str, Path or mapping
        A mapping file (or what it holds) with ``columns``, ``values``, ``wide``, ``date_formats`` and ``unused``.
    title : str
        What stands above the header, as far down as the mapping has its header.
    total : str
        How the last line, which adds up, begins.

    Raises
    ------
    MappingError
        Where the mapping has no word for a code.

    Examples
    --------
    >>> rows = pa.table({"incident_id": ["I1"], "kind": ["crime"], "occurred_from": ["2025-03-01T20:00"]})
    >>> own = {"columns": {"incident_id": "NO", "kind": "TYPE", "occurred_from": "FROM"},
    ...        "values": {"kind": {"CRIME": "crime"}}, "date_formats": ["%d/%m/%Y %H:%M", "%d/%m/%Y"]}
    >>> as_export(rows, {"incidents": own})
    [['NO', 'TYPE', 'FROM'], ['I1', 'CRIME', '01/03/2025 20:00'], ['TOTAL 1', '', '']]
    """
    read = mapping if isinstance(mapping, Mapping) else tomllib.loads(Path(mapping).read_text(encoding="utf-8"))
    table = read["incidents"]
    side_by_side: list[dict[str, list[str]]] = table.get("wide", [])
    wide = {column: names for block in side_by_side for column, names in block.items()}
    header = [*table["columns"].values(), *(name for names in wide.values() for name in names)]
    header += table.get("unused", [])
    lines = []
    for rows in _lines_of(incidents, max((len(names) for names in wide.values()), default=1)):
        line = [_cell(rows[0], column, table) for column in table["columns"]]
        for column, names in wide.items():
            cells = [_cell(row, column, table) for row in rows]
            line += cells + [""] * (len(names) - len(cells))
        lines.append(line + [""] * (len(header) - len(line)))
    blank = [""] * (len(header) - 1)
    above = [[text, *blank] for text in title.splitlines()] if title else []
    above += [["", *blank] for _ in range(table.get("header_row", 1) - 1 - len(above))]
    return [*above, header, *lines, [f"{total} {len(lines)}", *blank]]


def _lines_of(incidents: pa.Table, most: int) -> list[list[dict[str, str]]]:
    """Return the rows that share a line: those of one incident and suspect, a row that stands twice once."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for given in incidents.to_pylist():
        row = {name: value or "" for name, value in given.items()}
        row["kind"] = row.get("kind") or ("crime" if row.get("offence_code") else "incident")
        own = found.setdefault((row["incident_id"], row.get("suspect_id", "")), [])
        if row not in own:
            own.append(row)
    return [rows[first : first + most] for rows in found.values() for first in range(0, len(rows), most)]


def _cell(row: Mapping[str, str], column: str, table: Mapping[str, Any]) -> str:
    """Return the words of the other system for one cell."""
    value = row.get(column, "")
    words = table.get("values", {}).get(column)
    if words is not None:
        known = {code: word for word, code in reversed(words.items())}
        codes = [code for code in value.split(";") if code]
        strange = [code for code in codes if code not in known]
        if strange:
            raise MappingError(
                f"There is no word for {', '.join(strange)}.",
                where=f"incidents.values.{column}",
                hint="Add one that means it.",
            )
        return str(table.get("list_separator", ";")).join(known[code] for code in codes)
    if column.endswith(("_at", "_from", "_to")) and value:
        formats: list[str] = table["date_formats"]
        return datetime.fromisoformat(value).strftime(formats[len(value) <= len("2025-01-01")])
    return value.lstrip("0") if column == "offence_code" else value
