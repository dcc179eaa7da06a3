"""Entries that rest on one another: every id named must exist, and an offence begins with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from breachpattern.law.entries import OrderKind
from breachpattern.law.reading import Problem, Reading
from breachpattern.vocabulary import BEHAVIOURS

REFERENCES: dict[tuple[str, str], str] = {
    ("order_kind", "made_under"): "provision",
    ("breach", "provisions"): "provision",
    ("notification", "provisions"): "provision",
    ("offence", "provisions"): "provision",
    ("behaviour", "provisions"): "provision",
    ("recording_rule", "provisions"): "provision",
    ("offence", "breach_of"): "order_kind",
    ("offence", "label_breach_of"): "order_kind",
    ("offence", "behaviours"): "behaviour",
    ("offence", "may_involve"): "behaviour",
    ("term", "certain"): "behaviour",
    ("term", "arguable"): "behaviour",
}


def give_starts(reading: Reading) -> None:
    """Let an offence that says no start begin with what it rests on.

    A breach begins with the first of the order kinds that it breaks, any other offence with the first of its
    provisions. Where the start of one of these is not known, or nothing of the offence was verified, neither is
    that of the offence.
    """
    for ident, offence in reading.entries["offence"].items():
        if offence.in_force.start or not offence.substance_verified:
            continue
        section, keys = ("order_kind", offence.breach_of) if offence.breach_of else ("provision", offence.provisions)
        grounds = [reading.entries[section].get(key) for key in keys]
        starts = {ground.in_force.start: ground for ground in grounds if ground}
        if not grounds or None in grounds or None in starts:
            continue
        first = starts[min(starts)]
        doubt = () if {"from", "entry"}.isdisjoint(first.unverified) else ("from",)
        reading.entries["offence"][ident] = replace(
            offence,
            in_force=replace(offence.in_force, start=min(starts)),
            unverified=tuple(dict.fromkeys((*offence.unverified, *doubt))),
        )


def check_references(reading: Reading) -> Iterable[Problem]:
    """Yield a problem for each id that an entry names and the reading lacks."""
    known = {section: set(table) for section, table in reading.entries.items()}
    known["order_kind"].add("*")
    for behaviour in BEHAVIOURS:
        known["behaviour"].add(behaviour)
    for section, table in reading.entries.items():
        for ident, entry in table.items():
            parts: list[tuple[str, Any]] = [(section, entry)]
            if isinstance(entry, OrderKind):
                parts += [("breach", breach) for breach in entry.breaches]
                parts += [("notification", entry.notification)] if entry.notification else []
            for name, part in parts:
                for (owner, key), target in REFERENCES.items():
                    if owner != name:
                        continue
                    for reference in getattr(part, key):
                        if reference not in known[target]:
                            near = ", ".join(get_close_matches(reference, known[target], 3, 0.5))
                            yield Problem(
                                entry.origin,
                                f"{section}.{ident}",
                                f"{key} names '{reference}', which is no {target} of the catalogue.",
                                f"Nearest: {near}." if near else "",
                            )
