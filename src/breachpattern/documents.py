"""TOML and JSON from outside: bounded before and after they are parsed, so that no document can hang or overflow."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

LONGEST = 4 * 2**20  # characters of a TOML file: the whole built-in catalogue has a tenth of it
DEEPEST = 64
# A key of thousands of dotted parts takes the parser of the standard library minutes.
_CHAIN = re.compile(rf"(?<![\w\-\"'])(?:[\w\-\"']+[ \t]*\.[ \t]*){{{DEEPEST}}}")


class Unreadable(ValueError):  # noqa: N818 - reads as what it is
    """A document that is not what it should be; the message ends the sentence "it cannot be read: …"."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return a TOML document.

    Raises
    ------
    Unreadable
        Where it is none, is longer than :data:`LONGEST` or nested deeper than :data:`DEEPEST`.

    Examples
    --------
    >>> parse_toml("a = 1")
    {'a': 1}
    >>> parse_toml("a = " + "[" * 100_000)
    Traceback (most recent call last):
        ...
    breachpattern.documents.Unreadable: it is nested too deeply (at most 64 levels are read)
    """
    if len(text) > LONGEST:
        raise Unreadable(f"it has {len(text):,} characters, and at most {LONGEST:,} are read")
    if _CHAIN.search(text):
        raise _too_deep()
    try:
        document = tomllib.loads(text)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # also of a number with thousands of digits
        raise Unreadable(str(error).partition(";")[0]) from None
    _bounded(document)
    return document


def parse_json(text: str | bytes, **how: Any) -> Any:
    r"""Return a JSON document; further parameters are those of :func:`json.loads`.

    Raises
    ------
    Unreadable
        Where it is none, is nested deeper than :data:`DEEPEST`, or holds half a character.

    Examples
    --------
    >>> parse_json('{"a": [1]}')
    {'a': [1]}
    >>> parse_json(b'["\\ud800"]')
    Traceback (most recent call last):
        ...
    breachpattern.documents.Unreadable: it holds half a character (a lone surrogate)
    """
    try:
        document = json.loads(text, **how)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Unreadable(str(error).partition(":")[0].partition(";")[0]) from None
    marks = (b"[", b"{", b"\\u") if isinstance(text, bytes) else ("[", "{", "\\u")
    opened, closed, escapes = (text.count(mark) for mark in marks)  # type: ignore[arg-type]
    if opened + closed > DEEPEST:
        _bounded(document)
    if escapes:
        try:
            json.dumps(document, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Unreadable("it holds half a character (a lone surrogate)") from None
    return document


def _bounded(document: Any) -> None:
    """Refuse what is nested too deeply for whatever walks through it later."""
    level = [document]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level = [item for item in inner if isinstance(item, dict | list)]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> Unreadable:
    return Unreadable(f"it is nested too deeply (at most {DEEPEST} levels are read)")
