"""Column names as files write them: blank, doubled and merged headers are refused with words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from breachpattern.errors import InputError, MappingError
from breachpattern.ingest.bounds import COLUMNS


class HeaderError(InputError):
    """The header of a table cannot be used; the message quotes it, and it may be a record."""


class UnmappedHeaderError(MappingError):
    """A mapping does not fit the header of a table; the message quotes it, and it may be a record."""


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
        raise HeaderError(f"Two columns are called '{twice[0]}'.", where=where, hint="Give every column its own name.")
    return [name or f"column {i + 1}" for i, name in enumerate(names)]


@contextmanager
def unquoted(shields: bool) -> Iterator[None]:
    """Where values are shielded, say of a header that does not fit no more than that.

    Examples
    --------
    >>> with unquoted(True):
    ...     header_names(["P-0137", "P-0137"], "x.csv", 1)
    Traceback (most recent call last):
    breachpattern.ingest.headers.HeaderError: x.csv: The header is not as expected; ...
    """
    try:
        yield
    except (HeaderError, UnmappedHeaderError) as error:
        if not shields:
            raise
        raise type(error)(
            "The header is not as expected; it is not quoted here, since it may be a record.",
            where=error.where,
            hint="See that the first line names the columns, or fit the mapping; without a key and without minimising, "
            "the message says more.",
        ) from None
