"""In which direction the law lets a feature point: what its declaration says, or the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from breachpattern.errors import ScoringError
from breachpattern.scoring.features.declared import declared


def directions_of(names: Sequence[str], given: Mapping[str, int] | None) -> list[int]:
    """Return 1 (never lowers), -1 (never raises) or 0 (free) for each feature.

    Parameters
    ----------
    names : sequence of str
    given : mapping of str to int, optional
        By feature; one that it does not name is free. Without it, what ``scoring/features/features.toml`` declares.

    Raises
    ------
    ScoringError
        Where a direction is given for a feature that is not there.

    Examples
    --------
    >>> directions_of(["occasions", "gap_longest"], None)
    [1, 0]
    """
    if given is None:
        known = {feature.name: feature.direction for feature in declared()}
        return [known.get(name, 0) for name in names]
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise ScoringError(
            f"A direction is given for {unknown[0]}, and no such feature is there.",
            hint=f"The features are {', '.join(names[:8])}{' …' if len(names) > 8 else ''}.",
        )
    return [given.get(name, 0) for name in names]
