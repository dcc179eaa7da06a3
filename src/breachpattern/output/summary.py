"""What a run amounts to: counts that add up, versions, hashes of what went in, and settings."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from breachpattern.vocabulary import Vocabulary

LIBRARIES = ("pandas", "numpy", "pyarrow", "scipy", "pydantic", "typer", "rich")


def versions() -> dict[str, str]:
    """Return the versions that a result rests on, by name.

    Examples
    --------
    >>> "breachpattern" in versions() and "python" in versions()
    True
    """
    found = {"breachpattern": metadata.version("breachpattern"), "python": sys.version.split()[0]}
    return found | {name: metadata.version(name) for name in LIBRARIES}


def show_versions() -> None:
    """Print the versions that a result rests on: worth pasting into a report of a fault.

    Examples
    --------
    >>> show_versions()  # doctest: +ELLIPSIS
    breachpattern...
    """
    from breachpattern.law import Catalogue

    found = versions() | {"catalogue": Catalogue.load().version}
    width = max(map(len, found))
    sys.stdout.write("".join(f"{name:<{width}}  {version}\n" for name, version in found.items()))


def counts_by_code(vocabulary: Vocabulary, codes: npt.NDArray[Any]) -> dict[str, int]:
    """Return how often each word of a vocabulary stands in a column of positions; zero counts are shown.

    Examples
    --------
    >>> counts_by_code(Vocabulary("x", ("a", "b")), np.array([1, 1, -1]))
    {'a': 0, 'b': 2}
    """
    counts = np.bincount(codes[codes >= 0].astype(np.int64), minlength=len(vocabulary))
    return dict(zip(vocabulary.values, counts.tolist(), strict=True))


def with_considered(summary: Mapping[str, Any], written: int) -> dict[str, Any]:
    """Return a summary whose breaches add up to the rows that were written, orders considered included.

    Parameters
    ----------
    summary : mapping
        Its ``breaches`` has ``total`` (without orders that were considered and do not fit) and ``by_status``.
    written : int
        Rows of the table of breaches.

    Examples
    --------
    >>> with_considered({"breaches": {"total": 2, "by_status": {"recorded": 2, "not_breach": 0}}}, 5)
    {'breaches': {'total': 2, 'by_status': {'recorded': 2, 'not_breach': 3}, 'written': 5}}
    """
    breaches = summary["breaches"]
    statuses = breaches["by_status"] | {"not_breach": written - breaches["total"]}
    return {**summary, "breaches": breaches | {"by_status": statuses, "written": written}}


def counts_of(values: Sequence[Any]) -> dict[str, int]:
    """Return how often each text stands in a sequence, the most frequent first.

    Examples
    --------
    >>> counts_of(["b", "a", "b"])
    {'b': 2, 'a': 1}
    """
    from collections import Counter

    return dict(sorted(Counter(map(str, values)).items(), key=lambda item: (-item[1], item[0])))
