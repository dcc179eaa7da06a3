"""An entry laid over one of the same id: what it says takes the place of what was said, the rest stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WHOLE = "whole"  # an entry that says `whole = true` stands alone
_SHORT = 60


def overlay(earlier: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry that an earlier layer gave with the keys of a later one laid over it.

    A key that is given takes the place of the earlier one, lists and the table of a duty included. ``whole = true``
    leaves nothing of the earlier entry.

    Examples
    --------
    >>> overlay({"title": "A", "labels": ["a"]}, {"labels": ["b"]})
    {'title': 'A', 'labels': ['b']}
    >>> overlay({"title": "A", "labels": ["a"]}, {"title": "B", "whole": True})
    {'title': 'B'}
    """
    own = {key: value for key, value in table.items() if key != WHOLE}
    return own if table.get(WHOLE) is True else {**earlier, **own}


def changes(earlier: Mapping[str, Any], merged: Mapping[str, Any]) -> str:
    """Return in words what a merged entry changes of the earlier one.

    Examples
    --------
    >>> changes({"title": "A", "labels": ["a"]}, {"title": "B", "labels": ["a"], "note": "New"})
    "changes title (was 'A'); adds note"
    >>> changes({"title": "A"}, {"title": "A"})
    'changes nothing'
    """
    changed = [key + _was(earlier[key]) for key in merged if key in earlier and merged[key] != earlier[key]]
    sides = (
        ("changes", changed),
        ("adds", [key for key in merged if key not in earlier]),
        ("drops", [key for key in earlier if key not in merged]),
    )
    return "; ".join(f"{word} {', '.join(keys)}" for word, keys in sides if keys) or "changes nothing"


def _was(value: Any) -> str:
    """Return an earlier value in brackets where it is short enough to read."""
    said = repr(value) if isinstance(value, str) else str(value)
    return "" if isinstance(value, (list, dict)) or len(said) > _SHORT else f" (was {said})"
