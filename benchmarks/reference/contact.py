"""Contact through others, inferred: what a person tied to the respondent did towards whom the order protects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .clock import NO, held
from .orders import Version, WholeOrder
from .reading import Record
from .units import Ties

CONTACT = frozenset({"contact", "third_party_contact", "gift", "threat"})
FORBIDDING = frozenset({"no_contact", "no_indirect_contact"})
CLOSE = frozenset({"partner", "ex_partner", "family", "friend"})
# linking/ties.toml: suspects on one record, a second step, an order silent on indirect contact, a tie to the victim.
SAME_RECORD, PER_STEP, NOT_SAID, TIED_TO_VICTIM, ENOUGH = 0.8, 0.6, 0.8, 0.5, 0.35


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
        if any(tie.kind == "suspects_together" for tie in found):
            a, b = pair
            tied[a].add(b)
            tied[b].add(a)
    out: dict[tuple[int, str], Inferred] = {}
    for r in records:
        if r.suspect is None or r.victim is None or r.cancelled or not (r.done | r.possible) & CONTACT:
            continue
        for v in protecting.get(r.victim, ()):
            live = held(r.start, r.end, v.begins, v.finishes) != NO
            if not live or v.respondent == r.suspect or v.respondent in suspects[r.incident]:
                continue
            weight = _way(v.respondent, r, ties, tied)
            weight *= NOT_SAID if "no_indirect_contact" not in v.terms else 1
            close = r.relationship in CLOSE or _holds(ties, frozenset({r.suspect, r.victim}), r, any_kind=True)
            if weight * (TIED_TO_VICTIM if close else 1) >= ENOUGH:
                out[r.place, v.order] = Inferred(r, v.order, v.respondent, r.victim)
    return list(out.values())


def _way(respondent: str, record: Record, ties: Ties, tied: dict[str, set[str]]) -> float:
    """Return the weight of the strongest way from the respondent to who acted, of one step or two."""
    actor = str(record.suspect)
    if _holds(ties, frozenset({respondent, actor}), record):
        return SAME_RECORD
    for between in tied.get(respondent, ()):
        one, two = frozenset({respondent, between}), frozenset({between, actor})
        if between not in (actor, record.victim) and _holds(ties, one, record) and _holds(ties, two, record):
            return SAME_RECORD * SAME_RECORD * PER_STEP
    return 0.0


def _holds(ties: Ties, pair: frozenset[str], record: Record, *, any_kind: bool = False) -> bool:
    """Return whether a tie between two people had been seen by the time the act was known."""
    return any(
        tie.since <= (record.start if tie.kind == "protected_together" else record.known)
        for tie in ties.get(pair, ())
        if any_kind or tie.kind == "suspects_together"
    )
