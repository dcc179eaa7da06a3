"""PNC ids and CRO numbers: one spelling each, and their check letters.

The letter is ``"ZABCDEFGHJKLMNPQRTUVWXY"[n % 23]`` where ``n`` is the two-digit year followed by the serial number.
For PNC ids this is the rule of the national POLE data standards. For CRO numbers the standards say only that the idea
is the same; the rule here (serial padded to six digits, that of a short form as written) is the one that public
services of HM Prison and Probation Service apply. It could not be verified in a primary source.
"""

from __future__ import annotations

import re

import pyarrow as pa

from breachpattern.linking.people.texts import by_distinct

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
CENTURY_PIVOT = 50  # a two-digit year up to 49 is 20YY, from 50 it is 19YY
PNC = re.compile(r"(\d{4}|\d{2})/?(\d{1,7})([A-Z])", re.ASCII)
CRO = re.compile(r"(\d{1,6})/(\d{2})([A-Z])", re.ASCII)
CRO_SHORT = re.compile(r"SF(\d{2})/(\d{1,6})([A-Z])", re.ASCII)


def check_letter(year: str, serial: str) -> str:
    """Return the check letter of a two-digit year and a serial number.

    Examples
    --------
    >>> check_letter("11", "0412907")
    'D'
    """
    return LETTERS[int(year + serial) % 23]


def canonical_pnc(text: str) -> str | None:
    """Return a PNC id as ``YYYY/NNNNNNNL``; None where its form or its check letter is wrong.

    Examples
    --------
    >>> canonical_pnc("11/412907d"), canonical_pnc("2011/0412907D"), canonical_pnc("2011/0412907E")
    ('2011/0412907D', '2011/0412907D', None)
    """
    found = PNC.fullmatch(_squeezed(text))
    if found is None:
        return None
    year, serial, letter = found[1], found[2].zfill(7), found[3]
    if check_letter(year[-2:], serial) != letter:
        return None
    if len(year) == 2:
        year = ("20" if int(year) < CENTURY_PIVOT else "19") + year
    return f"{year}/{serial}{letter}"


def canonical_cro(text: str) -> str | None:
    """Return a CRO number as ``NNNNNN/YYL`` or ``SFYY/NL``; None where its form or its check letter is wrong.

    Examples
    --------
    >>> check_letter("99", "001234")
    'L'
    >>> canonical_cro("1234/99L"), canonical_cro("SF 39/83" + check_letter("39", "83")), canonical_cro("1234/99A")
    ('001234/99L', 'SF39/83D', None)
    """
    squeezed = _squeezed(text)
    if found := CRO.fullmatch(squeezed):
        serial, year, letter = found[1].zfill(6), found[2], found[3]
        return f"{serial}/{year}{letter}" if check_letter(year, serial) == letter else None
    if found := CRO_SHORT.fullmatch(squeezed):
        year, serial, letter = found[1], found[2].lstrip("0") or "0", found[3]
        letters = {check_letter(year, found[2]), check_letter(year, serial), check_letter(year, serial.zfill(6))}
        return f"SF{year}/{serial}{letter}" if letter in letters else None
    return None


def canonical_pncs(column: pa.Array) -> pa.Array:
    """Return the PNC ids of a column in one spelling, null where they fail."""
    return by_distinct(column, canonical_pnc)


def canonical_cros(column: pa.Array) -> pa.Array:
    """Return the CRO numbers of a column in one spelling, null where they fail."""
    return by_distinct(column, canonical_cro)


def _squeezed(text: str) -> str:
    return "".join(text.split()).upper()
