"""Values that go into an output, with every secret blotted out of their texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from breachpattern.ingest.secrets import without_secrets


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
