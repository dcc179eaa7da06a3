"""Whole columns of dates whose months are named (``7 Mar 2025``), turned into ISO 8601."""

from __future__ import annotations

import calendar
import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

# Day, year and clock are in figures; only the day may have a single one, and only where no figure can follow it.
_FIGURES = {"d": r"\d{2}", "Y": r"\d{4}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_SEPARATORS = tuple(" /-.,")


def named_months_to_iso(text: pa.Array, form: str) -> pa.Array | None:
    """Return the text with dates of a format turned into ISO, ``None`` where the format does not name the month.

    Parameters
    ----------
    text : pyarrow.Array of string
    form : str
        As :func:`datetime.datetime.strptime` takes it. Names of months are those of the process, as there.

    Examples
    --------
    >>> named_months_to_iso(pa.array(["7 mar 2025 09:05", "07 March 2025", None]), "%d %b %Y %H:%M").to_pylist()
    ['2025-03-07T09:05', '07 March 2025', None]
    >>> named_months_to_iso(pa.array(["07/03/2025"]), "%d/%m/%Y") is None
    True
    """
    shape = _shape(form)
    if shape is None:
        return None
    pattern, name, clock = shape
    parts = pc.extract_regex(text, pattern)
    names = (calendar.month_abbr if name == "b" else calendar.month_name)[1:]
    place = pc.index_in(pc.utf8_lower(pc.struct_field(parts, name)), pa.array([month.lower() for month in names]))
    month = pa.array([f"{number:02d}" for number in range(1, 13)]).take(place)
    day = pc.utf8_lpad(pc.struct_field(parts, "d"), 2, "0")
    date = pc.binary_join_element_wise(pc.struct_field(parts, "Y"), month, day, "-")
    if clock:
        time = pc.binary_join_element_wise(*(pc.struct_field(parts, part) for part in clock), ":")
        date = pc.binary_join_element_wise(date, time, "T")
    return pc.coalesce(date, text)


@lru_cache(maxsize=64)
def _shape(form: str) -> tuple[str, str, str] | None:
    """Return the pattern of a format, the directive that names its month, and those of its clock."""
    pieces = re.findall(r"%.|[^%]", form)
    pattern, seen = "", []
    for i, piece in enumerate(pieces):
        if not piece.startswith("%"):
            pattern += re.escape(piece)
            continue
        directive = piece[1:]
        seen.append(directive)
        after = pieces[i + 1] if i + 1 < len(pieces) else " "
        if directive in "bB":
            figures = r"[^\d\s/.,-]+"
        elif directive == "d" and after in (*_SEPARATORS, "%b", "%B"):
            figures = r"\d{1,2}"
        elif directive in _FIGURES:
            figures = _FIGURES[directive]
        else:
            return None
        pattern += f"(?P<{directive}>{figures})"
    name = "b" if "b" in seen else "B"
    for clock in ("", "HM", "HMS"):
        if sorted(seen) == sorted(f"dY{name}{clock}"):
            return f"^{pattern}$", name, clock
    return None
