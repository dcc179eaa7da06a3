"""JSON from strangers: bounded, without repeated keys, with finite numbers only."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from breachpattern.errors import ScoringError

LARGEST = 16 * 2**20


def read_json(data: bytes, where: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises
    ------
    ScoringError
        Where it is too large, nested too deeply, not UTF-8, no JSON or no object, says a key twice or holds a number
        that is none.

    Examples
    --------
    >>> read_json(b'{"a": 1}', "model.json")
    {'a': 1}
    >>> read_json(b'{"a": 1, "a": 2}', "model.json")
    Traceback (most recent call last):
    ...
    breachpattern.errors.ScoringError: model.json: It says 'a' twice. A model that save() wrote is expected.
    """
    if len(data) > LARGEST:
        raise refusal(where, f"It has {len(data):,} bytes of JSON, and a model has at most {LARGEST:,}.")

    def constant(name: str) -> NoReturn:
        raise refusal(where, f"It holds {name}, which is no number.")

    def number(text: str) -> float:
        value = float(text)
        return value if abs(value) < float("inf") else constant(text)

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in found]
        twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        if twice is not None:
            raise refusal(where, f"It says {twice!r} twice.")
        return dict(found)

    try:
        read = json.loads(data.decode("utf-8"), parse_constant=constant, parse_float=number, object_pairs_hook=pairs)
    except RecursionError:
        raise refusal(where, "It is nested too deeply.") from None
    except UnicodeDecodeError:
        raise refusal(where, "It is no text in UTF-8.") from None
    except ScoringError:
        raise
    except ValueError as error:
        raise refusal(where, f"It is no JSON: {error}.") from None
    if not isinstance(read, dict):
        raise refusal(where, "It is JSON, and no object.")
    return read


def refusal(where: str, message: str) -> ScoringError:
    """Return the error that refuses a file."""
    return ScoringError(message, where=where, hint="A model that save() wrote is expected.")
