"""Orders as lives: from when to when each version bound whom, towards whom, and what it forbade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from breachpattern.law import Catalogue
from breachpattern.law.entries import OrderKind
from breachpattern.records.models import Order
from breachpattern.records.moments import When, bounds
from breachpattern.spans import day_bounds

from .clock import FOREVER, NEVER, Window, day_of
from .reading import NotCovered, OrderRow

UNKNOWN: Window = (NEVER, FOREVER)
# What the rows of one version say together; this reference wants them to agree.
TOGETHER = (
    "kind", "made_on", "served_at", "aware_from", "starts", "ends", "discharged_on", "without_notice",
)  # fmt: skip


@dataclass(eq=False)
class Version:
    """One version of an order. ``begins`` and ``finishes`` are windows: the earliest and the latest second."""

    order: str
    respondent: str
    number: int
    kind: OrderKind
    made: Window
    served: Window
    aware: Window
    starts: Window
    discharged: Window
    ends: int
    end_doubtful: bool
    without_notice: bool
    notice_unknown: bool
    protected: frozenset[str]
    founded_on: frozenset[str]
    terms: frozenset[str]
    terms_on_file: bool
    begins: Window = UNKNOWN
    finishes: Window = UNKNOWN
    hands_over: bool = False
    aware_from: int = NEVER
    varied_unaware: bool = False
    before: Version | None = None

    @property
    def served_at(self) -> int | None:
        """The first second at which it can have been served, ``None`` where that is not on file."""
        return None if self.served[1] == FOREVER else self.served[0]

    def protects(self, person: str | None) -> bool:
        return person in self.protected


@dataclass(eq=False)
class WholeOrder:
    """An order of one respondent over all its versions."""

    order: str
    respondent: str
    versions: list[Version] = field(default_factory=list)

    @property
    def kind(self) -> OrderKind:
        return self.versions[-1].kind

    @property
    def begins(self) -> Window:
        return min(v.begins[0] for v in self.versions), min(v.begins[1] for v in self.versions)

    @property
    def finishes(self) -> Window:
        return max(v.finishes[0] for v in self.versions), max(v.finishes[1] for v in self.versions)

    @property
    def protected(self) -> frozenset[str]:
        return frozenset().union(*(v.protected for v in self.versions))

    @property
    def founded_on(self) -> frozenset[str]:
        return frozenset().union(*(v.founded_on for v in self.versions))


def lives(rows: Iterable[OrderRow], law: Catalogue, as_of: int) -> list[WholeOrder]:
    """Return the orders known at ``as_of``, by respondent and order, each with the lives of its versions."""
    grouped: dict[tuple[str, str, int], list[OrderRow]] = defaultdict(list)
    for one in rows:
        grouped[one.row.respondent_id, one.row.order_id, one.row.version].append(one)
    orders: dict[tuple[str, str], WholeOrder] = {}
    for (respondent, order, _), told in sorted(grouped.items()):
        version = _version(told, law, as_of)
        if version is not None:
            orders.setdefault((respondent, order), WholeOrder(order, respondent)).versions.append(version)
    for whole in orders.values():
        _give_lives(whole.versions)
        _give_awareness(whole.versions)
    return list(orders.values())


def known_by(window: Window) -> int:
    """Return the second by which something is known: itself, or the last of its day."""
    low, high = window
    return high if high in (FOREVER, low) else high - 1


def _version(told: list[OrderRow], law: Catalogue, as_of: int) -> Version | None:
    first = told[0].row
    if any(getattr(one.row, name) != getattr(first, name) for one in told for name in TOGETHER):
        raise NotCovered(f"The rows of order {first.order_id}, version {first.version}, disagree.")
    made, starts = _window(first.made_on), _window(first.starts)
    served, aware, over = (_window(getattr(first, n)) for n in ("served_at", "aware_from", "discharged_on"))
    known = min(known_by(made), known_by(served), known_by(aware))
    if known == FOREVER:
        known = NEVER if starts == UNKNOWN else starts[0]
    if known > as_of:
        return None
    served, aware, over = (UNKNOWN if known_by(one) > as_of else one for one in (served, aware, over))
    kind = law.order_kinds[first.kind]
    on_file = frozenset(term for one in told for term in one.row.terms)
    duty = {"notification"} if kind.notification else set()
    return Version(
        order=first.order_id,
        respondent=first.respondent_id,
        number=first.version,
        kind=kind,
        made=made,
        served=served,
        aware=aware,
        starts=starts,
        discharged=over,
        ends=FOREVER if first.ends is None else bounds(first.ends).hi,
        end_doubtful=any(one.end_doubtful for one in told),
        without_notice=bool(first.without_notice),
        notice_unknown=first.without_notice is None,
        protected=frozenset(p for one in told if (p := one.row.protected_id) is not None),
        founded_on=frozenset(i for one in told for i in one.row.founded_on),
        terms=(on_file or frozenset(kind.default_terms or ("no_contact", "no_violence"))) | duty,
        terms_on_file=bool(on_file),
    )


def _window(when: When | None) -> Window:
    return UNKNOWN if when is None else (bounds(when).lo, bounds(when).hi)


def _beginning(v: Version) -> Window:
    """Return when a version began to bind: from its start, else its making (a notice: its service)."""
    if v.starts != UNKNOWN:
        low, high = v.starts
    elif v.kind.begins == "service":
        low, high = v.served if v.served != UNKNOWN else (v.made[0], FOREVER)
    elif v.made != UNKNOWN:
        low, high = v.made
    else:
        low, high = NEVER, min(v.served[1], v.aware[1])
    # By the time of its first day at which it was served, or known, it had certainly begun.
    for told in (v.served, v.aware):
        if low <= told[1] < high:
            high = told[1]
    return low, high


def _statutory_end(versions: list[Version], limit: str = "max_days") -> list[Window]:
    """Return when the statute ends each version, or until when it certainly lasts: a variation prolongs nothing."""
    low = high = FOREVER
    for v in versions:
        if not getattr(v.kind, limit):
            continue
        if v.made != UNKNOWN:
            first, last = v.made[0], known_by(v.made)
        else:
            begun = v.begins[0] if v.begins[0] != NEVER else min(known_by(v.served), known_by(v.aware))
            first = last = FOREVER if begun == NEVER else begun
        low, high = min(low, first), min(high, last)
    out = []
    for v in versions:
        if getattr(v.kind, limit) and low != FOREVER:
            days = timedelta(days=getattr(v.kind, limit))
            out.append((day_bounds(day_of(low) + days)[0], day_bounds(day_of(high) + days)[0]))
        else:
            out.append((FOREVER, FOREVER))
    return out


def _give_lives(versions: list[Version]) -> None:
    for v in versions:
        v.begins = _beginning(v)
    earliest_over = (
        min((v.discharged[0] for v in versions if v.discharged != UNKNOWN), default=FOREVER),
        min(v.discharged[1] for v in versions),
    )
    caps, certain = _statutory_end(versions), _statutory_end(versions, "certain_days")
    over: list[Window] = []
    own: list[int] = []
    for v, cap, for_now in zip(versions, caps, certain, strict=True):
        if v.begins[0] < earliest_over[0]:
            over.append(earliest_over)
        else:
            over.append((FOREVER, FOREVER) if v.discharged == UNKNOWN else v.discharged)
        own.append(NEVER if v.end_doubtful else min(v.ends, cap[0], for_now[0] if v.ends == FOREVER else FOREVER))
    for i, v in enumerate(versions):
        low, high = min(own[i], over[i][0]), min(v.ends, caps[i][1], over[i][1])
        if i + 1 < len(versions):
            following = versions[i + 1]
            following.before = v
            starts = following.begins
            same_day = over[i][0] == starts[0] and over[i][1] >= starts[1]
            lasted = over[i][0] >= starts[1] or same_day
            v.hands_over = starts[1] != FOREVER and own[i] >= starts[1] and lasted
            low, high = min(low, starts[0]), min(high, starts[1])
        v.finishes = low, high


def _give_awareness(versions: list[Version]) -> None:
    """Say since when a breach of each version counts: awareness of the order is carried from version to version."""
    least = FOREVER
    for i, v in enumerate(versions):
        asked = v.kind.awareness
        unclear = v.without_notice or v.notice_unknown
        of_itself = v.kind.id == "dapo" and unclear
        needs = asked == "service" or (asked == "without_notice" and unclear)
        met = v.served[1] if asked == "service" else min(v.served[1], v.aware[1])
        there = asked == "without_notice" and not unclear
        if of_itself:
            least = FOREVER
        least = min(least, met if needs else NEVER if there else FOREVER)
        v.aware_from = least if needs else NEVER
        v.varied_unaware = i > 0 and of_itself


def first_made(orders: Iterable[WholeOrder]) -> dict[str, int]:
    """Return when each order was first made, ``NEVER`` where one of its versions does not say."""
    out: dict[str, int] = {}
    for whole in orders:
        for v in whole.versions:
            out[v.order] = min(out.get(v.order, FOREVER), v.made[0])
    return out


__all__ = ["Order", "Version", "WholeOrder", "first_made", "known_by", "lives"]
