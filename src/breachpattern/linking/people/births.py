"""Birth dates: which are placeholders, and how far two of them lie apart."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people.texts import Bools, Ints

ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
EPOCH = date(1970, 1, 1).toordinal()
UNKNOWN_DAY = int(np.iinfo(np.int32).min)
NOBODYS_BIRTHDAY = np.array(
    ["1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01", "1910-10-10", "1911-11-11"],
    "datetime64[D]",
).astype(np.int64)
# The first of January is set aside in years where more people have it than chance explains (1 in 365).
NEW_YEAR_SHARE, NEW_YEAR_PEOPLE = 0.03, 5


def days(column: pa.Array) -> Ints:
    """Return ISO dates as days since 1970-01-01; ``UNKNOWN_DAY`` where blank or unreadable.

    Examples
    --------
    >>> days(pa.array(["1970-01-02", None, "soon"])).tolist() == [1, UNKNOWN_DAY, UNKNOWN_DAY]
    True
    """
    encoded = column.cast(pa.string()).dictionary_encode()
    known = [_day(text) for text in encoded.dictionary.to_pylist()]
    codes = pc.fill_null(encoded.indices, len(known)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*known, UNKNOWN_DAY], np.int64)[codes])


def _day(text: str) -> int:
    if not ISO.fullmatch(text):
        return UNKNOWN_DAY
    try:
        return date.fromisoformat(text).toordinal() - EPOCH
    except ValueError:
        return UNKNOWN_DAY


def parts(day: Ints) -> tuple[Ints, Ints, Ints]:
    """Return year, month and day of the month."""
    whole = day.astype("datetime64[D]")
    month = whole.astype("datetime64[M]")
    year = month.astype("datetime64[Y]")
    return (
        year.astype(np.int64) + 1970,
        (month - year.astype("datetime64[M]")).astype(np.int64) + 1,
        (whole - month.astype("datetime64[D]")).astype(np.int64) + 1,
    )


def placeholders(day: Ints, person: Ints) -> Bools:
    """Return which birth dates stand for "not known".

    Parameters
    ----------
    day : (n,) int64
        Days since 1970-01-01.
    person : (n,) int64
        A code of who it is about, as far as can be told; rows of one person count once.

    Examples
    --------
    >>> placeholders(days(pa.array(["1900-01-01", "1984-02-03"])), np.array([0, 1])).tolist()
    [True, False]
    """
    known = day != UNKNOWN_DAY
    listed = known & np.isin(day, NOBODYS_BIRTHDAY)
    once = np.unique(np.stack([day[known & ~listed], person[known & ~listed]]), axis=1)[0]
    if len(once) == 0:
        return np.asarray(listed)
    year, month, of_month = parts(once)
    new_year = (month == 1) & (of_month == 1)
    years, position = np.unique(year, return_inverse=True)
    on_the_day = np.bincount(position.ravel(), weights=new_year, minlength=len(years))
    share = on_the_day / np.bincount(position.ravel(), minlength=len(years))
    crowded = years[(on_the_day >= NEW_YEAR_PEOPLE) & (share > NEW_YEAR_SHARE)]
    year, month, of_month = parts(np.where(known, day, 0))
    return np.asarray(listed | (known & (month == 1) & (of_month == 1) & np.isin(year, crowded)))


def day_and_month_in_order(day: Ints) -> Ints:
    """Return dates with the smaller of day and month first: one value for a date and its exchanged twin.

    Examples
    --------
    >>> a, b = day_and_month_in_order(days(pa.array(["1984-03-07", "1984-07-03"])))
    >>> bool(a == b)
    True
    """
    year, month, of_month = parts(day)
    low, high = np.minimum(month, of_month), np.maximum(month, of_month)
    return np.where(day == UNKNOWN_DAY, -1, (year * 100 + low) * 100 + high)
