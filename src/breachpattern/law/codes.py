"""Home Office and CJS offence codes in any spelling, brought to the one that the catalogue uses."""

from __future__ import annotations

import re

_HO = re.compile(r"(?<![\d/])(\d{1,3})\s*[/\\]\s*(\d{1,2})(?![\d/])")
_HO_DIGITS = re.compile(r"(\d{3,5})(?:\.0+)?")
_CJS = re.compile(r"\b([A-Z]{2}\s?\d{5}|COML\s?\d{3})([A-Z]?)\b")


def spellings(code: str) -> tuple[str, ...]:
    """Return the catalogue spellings that a recorded code can stand for, most exact first.

    The eighth letter of a CJS code (``A`` attempt, ``B`` aiding, ``C`` conspiracy, ``I`` incitement) is given
    up where the catalogue does not hold it: the conduct is that of the offence.

    Examples
    --------
    >>> spellings("8/65"), spellings("00865"), spellings("865")
    (('008/65',), ('008/65',), ('008/65',))
    >>> spellings("ph97010a")
    ('PH97010A', 'PH97010')
    >>> spellings("not a code")
    ()
    """
    text = code.strip().upper()
    found = [f"{int(m[1]):03d}/{int(m[2]):02d}" for m in _HO.finditer(text)]
    digits = _HO_DIGITS.fullmatch(text)
    if digits:
        number = digits[1].zfill(5)
        found.append(f"{number[:3]}/{number[3:]}")
    for match in _CJS.finditer(text):
        base = match[1].replace(" ", "")
        found += [base + match[2], base] if match[2] else [base]
    return tuple(dict.fromkeys(found))
