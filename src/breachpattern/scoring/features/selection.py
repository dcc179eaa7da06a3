"""Which features are asked for, and why some can never be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from breachpattern.errors import ScoringError, UsageError
from breachpattern.ingest.privacy import SPECIAL_CATEGORIES
from breachpattern.scoring.features.declared import UNITS, Feature, declared, groups, sensitive

SPECIAL = "it is of a category of data that the Data Protection Act 2018 s.35(8) calls sensitive"


def chosen(features: str | Iterable[str] | None, unit: str, *, harm: bool) -> tuple[Feature, ...]:
    """Return the features that are asked for, in the order in which they are declared.

    Parameters
    ----------
    features : str or iterable of str, optional
        Names of features or of groups; all by default, those of harm only where there is a table of weights.
    unit : {"course", "dyad"}
    harm : bool
        Whether there is a table of harm weights.

    Raises
    ------
    UsageError
        Where a name is none, is a sensitive attribute, or needs a table that is not there.

    Examples
    --------
    >>> [feature.name for feature in chosen(["trend", "occasions"], "dyad", harm=False)]
    ['occasions', 'trend']
    """
    if unit not in UNITS:
        raise UsageError(f"{unit!r} is not a kind of row.", where="unit", hint=f"One of {', '.join(UNITS)}.")
    every = declared(unit)
    if features is None:
        return tuple(feature for feature in every if harm or feature.group != "harm")
    wanted = [features] if isinstance(features, str) else list(features)
    known = {feature.name for feature in every} | set(groups())
    for name in wanted:
        if name not in known:
            raise _refusal(str(name), unit)
    found = tuple(feature for feature in every if feature.name in wanted or feature.group in wanted)
    weighed = [feature.name for feature in found if feature.group == "harm"]
    if weighed and not harm:
        raise UsageError(
            f"{weighed[0]!r} needs a table of harm weights, and none is given.",
            where="features",
            hint="Give harm= a frame or a CSV with the columns offence and weight, or leave the group harm out.",
        )
    return found


def _refusal(name: str, unit: str) -> UsageError:
    """Return the error that says why a name is no feature."""
    why = why_sensitive(name)
    if why:
        return UsageError(
            f"{name!r} is no feature and never will be: {why}. A score that knows it can treat people by it.",
            where="features",
            hint="To see whether a ranking treats groups alike, give the attribute to breachpattern.scoring.assessment,"
            " which joins it afterwards and for totals only.",
        )
    elsewhere = next((feature for feature in declared() if feature.name == name), None)
    if elsewhere is not None:
        return UsageError(
            f"{name!r} is a feature of a {elsewhere.of} and not of a {unit}.",
            where="features",
            hint=f"Ask for unit={elsewhere.of!r}.",
        )
    names = [*(feature.name for feature in declared(unit)), *groups()]
    near = get_close_matches(name, names, 3, 0.5)
    nearest = f"Nearest: {', '.join(near)}. " if near else ""
    return UsageError(
        f"There is no feature and no group {name!r}.",
        where="features",
        hint=f"{nearest}The groups are {', '.join(groups())}; docs/reference/features.md lists every feature.",
    )


def why_sensitive(name: str) -> str | None:
    """Return why a name is that of a sensitive attribute, ``None`` where it is none.

    Examples
    --------
    >>> why_sensitive("victim_age")
    'a protected characteristic (Equality Act 2010 s.5)'
    """
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower())
    texts = {"_".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}
    texts |= {re.sub("ies$", "y", text) for text in texts} | {text.removesuffix("s") for text in texts}
    special = {header.replace(" ", "_"): SPECIAL for header in SPECIAL_CATEGORIES}
    return next((why for word, why in (sensitive() | special).items() if word in texts), None)


def refuse_sensitive(names: Iterable[object], where: str) -> None:
    """Refuse columns that a score would know and never may.

    Parameters
    ----------
    names : iterable
        Of the columns that a score reads.
    where : str

    Raises
    ------
    ScoringError
        Where one is a sensitive attribute; it says why.

    Examples
    --------
    >>> refuse_sensitive(["occasions", "trend"], "X")
    """
    for name in names:
        why = why_sensitive(str(name))
        if why:
            raise ScoringError(
                f"{str(name)!r} is never scored by: {why}.",
                where=where,
                hint="Leave it out; breachpattern.scoring.assessment joins such attributes for totals only.",
            )
