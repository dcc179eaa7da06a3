"""Passwords of database addresses, kept out of everything that is written or said."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

# The password may itself hold @ or /: up to the last @ before a blank.
_CREDENTIALS = re.compile(r"([A-Za-z](?:[A-Za-z0-9+.\-]+:/|[A-Za-z0-9+.\-]*://+)[^:/?#\s@]*):\S*@")
_ADDRESS = re.compile(r"(?s)^(\s*[A-Za-z][A-Za-z0-9+.\-]+:/*[^:/?#@]*):.*@")
_NAMES = r"(?:\w*password|\w*passwd|passphrase|pwd|\w*token|\w*secret|secret_?key|access_?key|api_?key)"
_EQUALS = r"(?:\s*=\s*|%3D)"
_PARAMETER = re.compile(
    rf"(?i)((?<![A-Za-z])|%3B|%26|\b){_NAMES}{_EQUALS}"
    r"(?:\{[^}]*\}|%7B.*?%7D|'[^']*'|\"[^\"]*\"|(?:(?!%3B|%26)[^&;,\s'\")])+)"
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
    text = _ODBC.sub(r"\1***", _CREDENTIALS.sub(r"\1:***@", text))
    return _PARAMETER.sub(_blotted, text)


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
    found = {match.group().rpartition(":")[2].rstrip("@") for match in _CREDENTIALS.finditer(address)}
    for match in _PARAMETER.finditer(unquote_plus(address)):
        found.add(re.split(_EQUALS, match.group(), maxsplit=1)[1].strip("{}'\""))
    found |= {unquote_plus(secret) for secret in found}
    return tuple(sorted(filter(None, found), key=lambda secret: (-len(secret), secret)))
