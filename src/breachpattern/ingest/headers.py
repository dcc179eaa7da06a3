"""Column names as files write them: blank, doubled and merged headers are refused with words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from breachpattern.errors import InputError
from breachpattern.ingest.bounds import COLUMNS


def header_names(cells: Sequence[str], where: str, header_row: int) -> list[str]:
    """Return the column names of a header line.

    Parameters
    ----------
    cells : sequence of str
        The cells of the header line; blank ones at the end are dropped with their columns by name ``column N``.
    where : str
        File, for messages.
    header_row : int
        The line of the header (1 is the first).

    Raises
    ------
    InputError
        Where the line holds no names, more than anybody has, or one name twice.

    Examples
    --------
    >>> header_names(["incident_id", " kind ", ""], "x.csv", 1)
    ['incident_id', 'kind', 'column 3']
    """
    if len(cells) > COLUMNS:
        raise InputError(
            f"The header has {len(cells):,} columns, and at most {COLUMNS:,} are read.",
            where=where,
            hint="Export the columns that a mapping names, or give the right delimiter.",
        )
    names = [" ".join(cell.split()) for cell in cells]
    if not any(names):
        raise InputError(
            f"Line {header_row} holds no column names.",
            where=where,
            hint="Give the line of the header in a mapping: header_row = N.",
        )
    twice = [name for name, count in Counter(name.casefold() for name in names if name).items() if count > 1]
    if twice:
        raise InputError(f"Two columns are called '{twice[0]}'.", where=where, hint="Give every column its own name.")
    return [name or f"column {i + 1}" for i, name in enumerate(names)]
