"""Contact through others, inferred: what a person tied to the respondent did towards whom the order protects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .clock import NO, held
from .orders import Version, WholeOrder
from .reading import Record
from .units import BETWEEN_SUSPECTS, Tie, Ties, tie_data

CONTACT = frozenset({"contact", "third_party_contact", "gift", "threat"})
FORBIDDING = frozenset({"no_contact", "no_indirect_contact"})
CLOSE = frozenset({"partner", "ex_partner", "family", "friend"})


@dataclass(frozen=True)
class Inferred:
    """Contact by a tied person under an order: no breach that anybody can show."""

    record: Record
    order: str
    respondent: str
    victim: str


def inferred_contact(records: Sequence[Record], orders: Iterable[WholeOrder], ties: Ties) -> list[Inferred]:
    """Return contact by a person tied to the respondent, each record once for each order."""
    protecting: dict[str, list[Version]] = defaultdict(list)
    for whole in orders:
        for v in whole.versions:
            if v.kind.is_order and v.terms_on_file and v.terms & FORBIDDING:
                for person in v.protected:
                    protecting[person].append(v)
    suspects: dict[str, set[str]] = defaultdict(set)
    for r in records:
        if r.suspect is not None:
            suspects[r.incident].add(r.suspect)
    tied: dict[str, set[str]] = defaultdict(set)
    for pair, found in ties.items():
        if any(tie.kind in BETWEEN_SUSPECTS for tie in found):
            a, b = pair
            tied[a].add(b)
            tied[b].add(a)
    rule = tie_data()["rule"]
    out: dict[tuple[int, str], Inferred] = {}
    for r in records:
        if r.suspect is None or r.victim is None or r.cancelled or not (r.done | r.possible) & CONTACT:
            continue
        for v in protecting.get(r.victim, ()):
            live = held(r.start, r.end, v.begins, v.finishes) != NO
            if not live or v.respondent == r.suspect or v.respondent in suspects[r.incident]:
                continue
            weight = _way(v.respondent, r, ties, tied)
            weight *= rule["not_said"] if "no_indirect_contact" not in v.terms else 1
            close = r.relationship in CLOSE or bool(_held(ties, frozenset({r.suspect, r.victim}), r))
            if weight * (rule["tied_to_victim"] if close else 1) >= rule["enough"]:
                out[r.place, v.order] = Inferred(r, v.order, v.respondent, r.victim)
    return list(out.values())


def _way(respondent: str, record: Record, ties: Ties, tied: dict[str, set[str]]) -> float:
    """Return the weight of the strongest way from the respondent to who acted, of one step or two."""
    actor = str(record.suspect)
    ways = [_step(ties, respondent, actor, record)]
    for between in tied.get(respondent, ()):
        if between not in (actor, record.victim) and between in tied.get(actor, ()):
            both = _step(ties, respondent, between, record) * _step(ties, between, actor, record)
            ways.append(both * tie_data()["rule"]["per_step"])
    return max(ways)


def _step(ties: Ties, one: str, other: str, record: Record) -> float:
    """Return the weight of the strongest tie between two people that can connect suspects; 0 where there is none."""
    held = _held(ties, frozenset({one, other}), record)
    return max((tie.weight for tie in held if tie.kind in BETWEEN_SUSPECTS), default=0.0)


def _held(ties: Ties, pair: frozenset[str], record: Record) -> list[Tie]:
    """Return the ties between two people that had been seen by the time the act was known."""
    return [
        tie
        for tie in ties.get(pair, ())
        if tie.since <= (record.start if tie.kind == "protected_together" else record.known)
    ]
