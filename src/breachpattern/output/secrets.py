"""Passwords of database URLs, kept out of everything that is written or said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# The password may itself hold @ or /: up to the last @ before a blank.
_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*://[^:/?#\s@]*):\S*@")
_PARAMETER = re.compile(r"(?i)([?&;](?:password|passwd|pwd|token|secret|motherduck_token)=)[^&;\s'\"]+")


def without_secrets(text: str) -> str:
    """Return a text with the passwords of database URLs blotted out.

    Examples
    --------
    >>> without_secrets("cannot reach postgresql://me:p@ss/word@host/db?sslmode=on")
    'cannot reach postgresql://me:***@host/db?sslmode=on'
    >>> without_secrets("duckdb:///x.db?password=hunter2&a=1")
    'duckdb:///x.db?password=***&a=1'
    """
    return _PARAMETER.sub(r"\1***", _CREDENTIALS.sub(r"\1:***@", text))


def clean(value: Any) -> Any:
    """Return a JSON-able value with every secret blotted out of its texts.

    Examples
    --------
    >>> clean({"from": ["sqlite://u:p@h/x"]})
    {'from': ['sqlite://u:***@h/x']}
    """
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value
