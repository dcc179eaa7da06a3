"""Which date formats the values of a column show, and where they leave the order of day and month open."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from breachpattern.records.moments import ISO, Unreadable, read_when

_ORDERS = (("%d", "%m"), ("%m", "%d"))
_DATE = re.compile(
    r"(?P<date>\d{1,2}(?P<sep>[/.\- ])(?:\d{1,2}|[A-Za-z]{3,9})(?P=sep)(?:\d{4}|\d{2})|\d{4}[/.]\d{2}[/.]\d{2}|\d{8})"
    r"(?P<clock>[ T]\d{1,2}:\d{2}(?::\d{2})?)?(?P<half> ?[AaPp][Mm])?",
    re.ASCII,
)


def suggest_formats(values: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the formats that values show beside ISO 8601, and a question where they leave something open.

    Parameters
    ----------
    values : iterable of str
        Distinct values of a column of dates.

    Examples
    --------
    >>> suggest_formats(["31/01/2025", "02/03/2025"])
    (('%d/%m/%Y',), '')
    >>> suggest_formats(["01/02/2025"])[0]
    ()
    >>> suggest_formats(["7 Mar 2025 09:05"])
    (('%d %b %Y %H:%M',), '')
    """
    shapes: dict[str, list[str]] = defaultdict(list)
    strange = 0
    for value in values:
        if ISO.fullmatch(value):
            continue
        shape = _shape(value)
        if shape is None:
            strange += 1
        else:
            shapes[shape].append(value)
    formats: list[str] = []
    questions: list[str] = []
    for shape, examples in shapes.items():
        kin = [other for other in shapes if _date_of(other) == _date_of(shape)]
        fitting = [order for order in _ORDERS if all(_fits(other, order, shapes[other]) for other in kin)]
        forms = list(dict.fromkeys(_in_order(shape, order) for order in fitting))
        if len(forms) == 1:
            formats += forms
        elif forms:
            questions.append(f"values such as '{examples[0]}' fit {' and '.join(forms)}; name one of them")
        else:
            questions.append(f"values such as '{examples[0]}' fit no one format")
    if strange:
        questions.append(f"{strange:,} values are no dates that can be read")
    return tuple(formats), "; ".join(questions)


def _shape(value: str) -> str | None:
    """Return a format in which the open order of day and month is written ``%?``."""
    parts = _DATE.fullmatch(value)
    if parts is None:
        return None
    date, sep, clock = parts["date"], parts["sep"], parts["clock"] or ""
    if sep is None:
        form = "%Y%m%d" if len(date) == 8 else f"%Y{date[4]}%m{date[4]}%d"
    else:
        middle = date.split(sep)[1]
        year = "%Y" if len(date.split(sep)[-1]) == 4 else "%y"
        if middle.isalpha():
            form = f"%d{sep}{'%b' if len(middle) == 3 else '%B'}{sep}{year}"
        else:
            form = f"%?{sep}%?{sep}{year}"
    if clock:
        form += f"{clock[0]}{'%I' if parts['half'] else '%H'}:%M" + (":%S" if clock.count(":") == 2 else "")
    if parts["half"]:
        form += " %p" if " " in parts["half"] else "%p"
    return form


def _date_of(shape: str) -> str:
    """Return the part of a shape before the clock: one column keeps one order of day and month."""
    return re.split(r"[ T]%[HI]", shape)[0]


def _in_order(shape: str, order: tuple[str, str]) -> str:
    return shape.replace("%?", order[0], 1).replace("%?", order[1], 1)


def _fits(shape: str, order: tuple[str, str], values: list[str]) -> bool:
    form = _in_order(shape, order)
    return all(_reads(value, form) for value in values)


def _reads(value: str, form: str) -> bool:
    try:
        read_when(value, (form,))
    except Unreadable as problem:
        return problem.code == "year_out_of_range"
    return True
