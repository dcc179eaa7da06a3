"""Passwords of database addresses, kept out of everything that is written or said."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

# The password may itself hold @ or /: up to the last @ before a blank.
# Every repetition is bounded or stops at its own end: a cell of a million letters may not take minutes.
_CREDENTIALS = re.compile(r"([A-Za-z](?:[A-Za-z0-9+.\-]{1,40}:/|[A-Za-z0-9+.\-]{0,40}://+)[^:/?#\s@]*):\S*@")
_WORD = re.compile(r"\S+")
_ADDRESS = re.compile(r"(?s)^(\s*[A-Za-z][A-Za-z0-9+.\-]+:/*[^:/?#@]*):.*@")
# "password" within any word ("db_password"); a short name only where a word begins.
_NAMES = (
    r"(?:password|passwd|token|secret|"
    r"(?:(?<![A-Za-z])|%3B|%26|\b)(?:passphrase|pwd|secret_?key|access_?key|api_?key))"
)
_EQUALS = r"(?:\s*=\s*|%3D)"
_PARAMETER = re.compile(
    rf"(?i){_NAMES}{_EQUALS}"
    r"(?:\{[^}]{0,500}\}|%7B.{0,500}?%7D|'[^']{0,500}'|\"[^\"]{0,500}\"|(?:(?!%3B|%26)[^&;,\s'\")])+)"
)
_ODBC = re.compile(r"(?i)(odbc_connect=)[^&\s'\")]+")


def without_secrets(text: str) -> str:
    """Return a text with the passwords of database addresses blotted out.

    Examples
    --------
    >>> without_secrets("cannot reach postgresql://me:p@ss/word@host/db?sslmode=on")
    'cannot reach postgresql://me:***@host/db?sslmode=on'
    >>> without_secrets("sqlite:///x.db?password=hunter2&a=1")
    'sqlite:///x.db?password=***&a=1'
    >>> without_secrets("mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Dhunter2")
    'mssql+pyodbc:///?odbc_connect=***'
    """
    text = _ODBC.sub(r"\1***", _WORD.sub(_without_credentials, text))
    return _PARAMETER.sub(_blotted, text)


def _without_credentials(word: re.Match[str]) -> str:
    # What follows the last @ can be no password.
    before, at, after = word.group().rpartition("@")
    return (_CREDENTIALS.sub(r"\1:***@", before + at) if at else "") + after


def _blotted(found: re.Match[str]) -> str:
    name, equals, _ = re.split(f"(?i)({_EQUALS})", found.group(), maxsplit=1)
    return f"{name}{equals}***"


def safe_address(address: str) -> str:
    """Return a whole database address with its passwords blotted out, blanks and missing slashes in it or not.

    Examples
    --------
    >>> safe_address("postgresql:/me:two words@host/db")
    'postgresql:/me:***@host/db'
    """
    return without_secrets(_ADDRESS.sub(r"\1:***@", address))


def secrets_of(address: str) -> tuple[str, ...]:
    """Return the passwords that stand in a database address, as written and decoded, the longest first.

    Examples
    --------
    >>> secrets_of("postgresql://me:p%40ss@host/db")
    ('p%40ss', 'p@ss')
    """
    words = ("".join(word.group().rpartition("@")[:2]) for word in _WORD.finditer(address))
    known = (match.group() for word in words for match in _CREDENTIALS.finditer(word))
    found = {text.rpartition(":")[2].rstrip("@") for text in known}
    for match in _PARAMETER.finditer(unquote_plus(address)):
        found.add(re.split(_EQUALS, match.group(), maxsplit=1)[1].strip("{}'\""))
    found |= {unquote_plus(secret) for secret in found}
    return tuple(sorted(filter(None, found), key=lambda secret: (-len(secret), secret)))
