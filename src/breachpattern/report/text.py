"""Texts of the data on a page: nothing in them can steer a reader's eye, a browser or a file name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from typing import Any

# Controls, invisible and direction-changing characters, lone surrogates, private use, line and paragraph marks.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_PLAIN_ID = re.compile(r"[FC]-[0-9a-f]{16}")


def visible(text: str) -> str:
    r"""Return a text in which every character that steers instead of showing is named.

    Examples
    --------
    >>> visible("P-1\u202e1\x00"), visible("two\nlines")
    ('P-1[U+202E]1[U+0000]', 'two lines')
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\t\r\n":
        return " "
    return f"[U+{ord(character):04X}]" if unicodedata.category(character) in _STEERING else character


def all_visible(value: Any) -> Any:
    """Return JSON-able data with every text made visible.

    Examples
    --------
    >>> all_visible({"a": ["b\u200f"]})
    {'a': ['b[U+200F]']}
    """
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {all_visible(key): all_visible(item) for key, item in value.items()}
    return [all_visible(item) for item in value] if isinstance(value, list) else value


def file_name(finding_id: str) -> str:
    """Return the name of a finding's page: its id, or where that is none of ours a hash of it.

    Examples
    --------
    >>> file_name("F-852a63a524796c47"), len(file_name("../../etc/passwd"))
    ('F-852a63a524796c47.html', 23)
    """
    known = _PLAIN_ID.fullmatch(finding_id)
    safe = finding_id if known else f"F-{hashlib.sha256(finding_id.encode(errors='replace')).hexdigest()[:16]}"
    return f"{safe}.html"


def words(code: Any) -> str:
    """Return a code of a vocabulary as words.

    Examples
    --------
    >>> words("no_contact")
    'no contact'
    """
    return str(code).replace("_", " ")


def field_words(name: str) -> str:
    """Return a field of a catalogue entry, as a lawyer would call it.

    Examples
    --------
    >>> field_words("from"), field_words("maximum")
    ('start day', 'maximum')
    """
    return {"from": "start day", "to": "end day"}.get(name, words(name))


def wall_clock(text: str | None) -> str | None:
    """Return an instant as the clock in London showed it, for charts: a reader's own zone changes nothing.

    Examples
    --------
    >>> wall_clock("2025-07-01T10:15:00+01:00")
    '2025-07-01T10:15:00'
    """
    return text[:19] if text else None


def moment(text: str) -> datetime:
    """Return an instant of a record as the clock in London showed it."""
    return datetime.fromisoformat(text[:19])
