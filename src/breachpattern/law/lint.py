"""Looks over catalogue files: ids, references, date order, sources, codes that say two things, staleness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from breachpattern.law.catalogue import read_layers
from breachpattern.law.entries import BreachInLaw, Entry, Offence, OrderKind, Provision, RecordingRule
from breachpattern.law.reading import Problem as LintIssue
from breachpattern.law.reading import Reading

STALE_AFTER = timedelta(days=365)

__all__ = ["LintIssue", "lint"]


def lint(paths: Sequence[str | Path] = (), *, today: date | None = None) -> list[LintIssue]:
    """Return what is wrong or doubtful in catalogue files, laid over the built-in catalogue.

    Parameters
    ----------
    paths : sequence of str or Path
        Folders of TOML files, or single files, in the order in which they are laid over one another. Empty:
        the built-in catalogue itself.
    today : date, optional
        The day from which age is counted; default the day of the run.

    Returns
    -------
    list of LintIssue
        Errors first (the catalogue would not load), then warnings, then notes: what an entry changes of one that an
        earlier layer gave.

    Examples
    --------
    >>> [issue for issue in lint(today=date(2026, 11, 23)) if issue.severity == "error"]
    []
    """
    places = tuple(Path(place) for place in ([paths] if isinstance(paths, (str, Path)) else paths))
    reading = read_layers(places)
    issues = list(reading.problems)
    built_in = read_layers(()).entries["recording_rule"].values()
    flags = frozenset(flag for rule in built_in for flag in rule.requires)
    own = {str(path) for place in places for path in ([place, *place.glob("*.toml")])}
    for section, ident, entry in _entries(reading):
        if places and entry.origin not in own:
            continue
        issues += [
            LintIssue(entry.origin, f"{section}.{ident}", message, hint, "warning")
            for message, hint in _doubts(entry, today or date.today(), flags)
        ]
    issues += _shared_codes(reading)
    issues += _rules_at_once(reading)
    return sorted(issues, key=lambda issue: ("error", "warning", "note").index(issue.severity))


def _entries(reading: Reading) -> Iterable[tuple[str, str, Entry]]:
    for section, table in reading.entries.items():
        for ident, entry in table.items():
            yield section, ident, entry


def _doubts(entry: Entry, today: date, flags: frozenset[str]) -> Iterable[tuple[str, str]]:
    if today - entry.checked > STALE_AFTER:
        yield f"was last checked on {entry.checked}.", "Check it and set 'checked'."
    if isinstance(entry, Provision) and not entry.summary:
        yield "has no summary.", "Say in your own words what the provision does."
    if isinstance(entry, (Offence, OrderKind)) and not _has_source(entry):
        yield "has no source.", "Name a provision, or give 'source' an address."
    if isinstance(entry, OrderKind):
        yield from _breach_doubts(entry)
    if isinstance(entry, RecordingRule):
        for flag in sorted(set(entry.requires) - flags):
            near = ", ".join(get_close_matches(flag, flags, 1)) or ", ".join(sorted(flags))
            yield f"requires '{flag}', which no built-in rule and so no built-in pattern knows.", f"Nearest: {near}."
    if isinstance(entry, Offence) and entry.role == "breach" and not entry.breach_of:
        yield "is a breach of nothing.", "Give 'breach_of' the kinds of order, or \"*\"."


def _has_source(entry: Offence | OrderKind) -> bool:
    provisions = entry.provisions if isinstance(entry, Offence) else entry.made_under
    return bool(entry.source or provisions)


def _breach_doubts(kind: OrderKind) -> Iterable[tuple[str, str]]:
    if kind.is_order and not kind.breaches:
        yield "says nothing about what a breach is.", "Add [[order_kind.ID.breach]]."
    for i, one in enumerate(kind.breaches):
        for other in kind.breaches[i + 1 :]:
            shared = set(one.term_classes) & set(other.term_classes)
            if shared and one.by == other.by and _overlap(one, other):
                terms = ", ".join(sorted(shared))
                yield (
                    f"gives two answers for a broken {terms} at once.",
                    "Let one end where the other begins.",
                )


def _overlap(one: BreachInLaw, other: BreachInLaw) -> bool:
    a, b = one.in_force, other.in_force
    return (a.end is None or b.start is None or b.start < a.end) and (
        b.end is None or a.start is None or a.start < b.end
    )


def _rules_at_once(reading: Reading) -> Iterable[LintIssue]:
    rules = sorted(reading.entries["recording_rule"].values(), key=lambda rule: rule.in_force.start or date.min)
    for rule, following in pairwise(rules):
        if rule.in_force.end is None or (following.in_force.start or date.min) < rule.in_force.end:
            since = following.in_force.start or "ever"
            yield LintIssue(
                following.origin,
                f"recording_rule.{following.id}",
                f"holds at the same time as '{rule.id}': from {since} on, '{rule.id}' is left out.",
                f"Say 'to = {since}' in an entry '{rule.id}' of your own if that is meant.",
                "warning",
            )


def _shared_codes(reading: Reading) -> Iterable[LintIssue]:
    owners: dict[str, str] = {}
    offences: dict[str, Offence] = reading.entries["offence"]
    for ident, offence in offences.items():
        for code in (*offence.ho_codes, *offence.cjs_codes):
            if code in owners:
                yield LintIssue(
                    offence.origin,
                    f"offence.{ident}",
                    f"code {code} already stands for '{owners[code]}'.",
                    "A code leads to one offence: that of the entry read last.",
                    "warning",
                )
            owners[code] = ident
