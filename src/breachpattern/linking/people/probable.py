"""Probable pairs: Splink on what the exact stages left apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.errors import MissingDependency
from breachpattern.linking.people.pairs import Pairs
from breachpattern.linking.people.records import Records
from breachpattern.linking.people.texts import Ints


def probable_pairs(*_: Records | Pairs | float | str | Path | Ints | None) -> Pairs:
    """Return the pairs that Splink finds beyond the exact stages."""
    raise MissingDependency.for_extra("splink", "link", "link people by probability")


def train_model(*_: pa.Table | str | Path | int) -> dict[str, Any]:
    """Return a model trained on a persons table."""
    raise MissingDependency.for_extra("splink", "link", "train a model of people")
