"""One incident row against the orders that concern it. Mirrors :mod:`breachpattern.timelines.breaches`.

Every rule here is the scalar twin of one there, named beside it, and tested equal to it on random extracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from breachpattern.cases.lives import Version, containment
from breachpattern.cases.rows import BY_MESSAGE, CONTACT, IN_PERSON, THIRD_PARTY, THROUGH, Row
from breachpattern.linking.places import under_curfew
from breachpattern.spans import DAY, NEVER, NO, POSSIBLE, YES, london_day
from breachpattern.timelines.breaches import NOTIFICATION, NOTIFYING
from breachpattern.timelines.claims import ANY_ORDER
from breachpattern.timelines.nature import KIND_OF_BEHAVIOUR
from breachpattern.timelines.reasons import (
    AWARENESS_OPEN,
    DUTY_NOT_BEGUN,
    DUTY_RUNNING,
    END_DOUBTFUL,
    ENDED,
    IN_FORCE,
    MAYBE_TERMS,
    NAMES_ORDER,
    NO_ORDER,
    NO_SUSPECT,
    NO_TERMS,
    NO_VICTIM,
    NONE_FITS,
    NOT_BEGUN,
    NOT_BREACH,
    OTHER_KIND,
    OUTSIDE_TERMS,
    PARTLY_IN_FORCE,
    PROTECTS_OTHERS,
    RECORDED,
    SAYS_BREACH,
    SERVICE_OPEN,
    STATUTORY_END,
    TWO_VERSIONS,
    UNRECORDED,
    WITHIN_TERMS,
)  # fmt: skip
from breachpattern.timelines.terms import (
    AWAY_FROM_HOME,
    BY_INTERNET,
    INTERNET,
    REMOTE,
    SAYS_WHERE,
    TERM_CLASSES,
    TermTable,
)
from breachpattern.vocabulary import BEHAVIOURS, BREACH_KINDS, CHANNELS, NATURES, PLACE_ROLES, TERMS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

OTHER = BEHAVIOURS.mask(["other"])
OTHER_TERM = TERMS.mask(["other"])
EXCLUSION, CURFEW = TERMS.mask(["exclusion"]), TERMS.mask(["curfew"])
ENTERED, OUT_AT_NIGHT = BEHAVIOURS.mask(["exclusion_entry"]), BEHAVIOURS.mask(["curfew_failure"])
WHERE, ON_LINE, APPROACH = BEHAVIOURS.mask(SAYS_WHERE), BEHAVIOURS.mask(BY_INTERNET), TERMS.index("no_approach")
FAR, NET = (frozenset(CHANNELS.index(c) for c in names) for names in (REMOTE, INTERNET))
ONLINE, VICTIM_HOME, SUSPECT_HOME = (PLACE_ROLES.index(p) for p in ("online", "victim_home", "suspect_home"))
AWAY = frozenset(PLACE_ROLES.index(p) for p in AWAY_FROM_HOME)
FAILING = BEHAVIOURS.mask(["requirement_failure", "curfew_failure"])
UNSPECIFIED = BREACH_KINDS.mask(["unspecified"])
KINDS_OF_ACTS = tuple((BEHAVIOURS.mask(acts), BREACH_KINDS.mask([kind])) for kind, acts in KIND_OF_BEHAVIOUR)


def _bodily(row: Row) -> int:
    """Mirror ``_bodily`` of :mod:`breachpattern.timelines.terms`."""
    return row.behaviours & ~ON_LINE if row.channel in NET or row.place_role == ONLINE else row.behaviours


@dataclass(slots=True, eq=False)
class Breach:
    """One incident row × order: a row of the breaches frame, or of those considered."""

    row: Row
    order: str
    version: int
    order_version: int
    order_kind: int
    order_made: int
    order_served: int
    status: int
    state: int
    nature: int
    kinds: int
    terms: int
    days_since_served: int
    reasons: int
    known: int
    certain: bool = False
    founded: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it apart from every other breach."""
        return self.order, self.row.incident, self.row.suspect, self.row.victim

    @property
    def duty_only(self) -> bool:
        """Whether it is only a failure to notify or to comply (:attr:`Context.duty_only`)."""
        return self.kinds != 0 and self.kinds & ~DUTIES == 0

    @property
    def sure(self) -> bool:
        """Whether it was recorded, or certainly lies within a live order (:attr:`Context.certain_breach`)."""
        return self.status == RECORDED or (
            self.status != NO_ORDER and self.state == YES and self.reasons & MAYBE_TERMS == 0
        )


DUTIES = BREACH_KINDS.mask(["notification", "requirement"])


class Judge:
    """Judges one row against order versions, under one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        terms = TermTable.of(catalogue)
        self._certain, self._arguable = terms.certain.tolist(), terms.arguable.tolist()
        self._needs_victim = terms.needs_victim.tolist()
        self._kind_bit = [1 << k for k in terms.breach_kind.tolist()]
        self._class_bit = [1 << c for c in terms.term_class.tolist()]
        self._placeless = sum(1 << i for i, needs in enumerate(self._needs_victim) if not needs)
        self._there = terms.certain[TERMS.index("no_approach")].item() | BEHAVIOURS.mask(
            ["exclusion_entry", "curfew_failure", "damage", "property_interference", "theft"]
        )
        kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
        self._family = [k.family for k in kinds]
        position = {k.id: k.family for k in kinds}
        self._breaks: list[frozenset[str]] = []
        self._by_label: list[frozenset[str]] = []
        self._claimed: list[int] = []
        self._only_kind: list[int] = []
        everything = frozenset(self._family)
        place = {k.id: i for i, k in enumerate(kinds)}
        for offence in (catalogue.offences[o] for o in catalogue.offence_ids):
            named = [k for k in offence.breach_of if k in position]
            families = frozenset(position[k] for k in named)
            self._breaks.append(everything if ANY_ORDER in offence.breach_of else families)
            self._by_label.append(frozenset(position[k] for k in offence.label_breach_of))
            self._claimed.append(BREACH_KINDS.index(offence.breach_kind) if offence.breach_kind in BREACH_KINDS else -1)
            self._only_kind.append(place[named[0]] if len(families) == 1 else -1)
        self._breaks.append(frozenset())
        self._by_label.append(frozenset())
        self._claimed.append(-1)
        self._only_kind.append(-1)
        self._laws = [
            [
                (
                    b.by == "made",
                    _day(b.in_force.start, NEVER),
                    _day(b.in_force.end, -NEVER),
                    sum(1 << TERM_CLASSES.index(c) for c in b.term_classes),
                    NATURES.index(b.nature),
                )
                for b in kind.breaches
            ]
            for kind in kinds
        ]
        self.nature = lru_cache(maxsize=65536)(self._nature)
        self._kinds_of_terms = lru_cache(maxsize=4096)(self._union_of_kinds)
        self._classes_of_terms = lru_cache(maxsize=4096)(self._union_of_classes)

    def says(self, row: Row) -> bool:
        """Return whether a record says that some order was broken (:attr:`Claims.says`)."""
        return (bool(self._breaks[row.offence]) or row.names_an_order) and not row.cancelled

    def breaches(self, row: Row, versions: Sequence[Version]) -> tuple[list[Breach], list[Breach]]:
        """Return what the row breaches, and the orders considered that it does not.

        ``versions`` are those that bind the suspect or, where nobody knows who acted, those of the orders named.
        """
        best: list[Breach] = []
        says = self.says(row)
        if not row.cancelled:
            judged = [self._judge(row, version, says) for version in versions if version.is_order]
            best = _one_per_order(_joined(judged, versions))
        if says and all(b.status != RECORDED for b in best):
            best.append(self._without_order(row, best))
        return [b for b in best if b.status != NOT_BREACH], [b for b in best if b.status == NOT_BREACH]

    def _judge(self, row: Row, v: Version, says: bool) -> Breach:
        """Mirror ``_judge``."""
        life = containment(row.start, row.end, v)
        unnamed = not row.suspect
        protects = row.victim in v.protected
        names_order = v.order in row.breach_of
        family = self._family[v.kind]
        names_kind = family in self._breaks[row.offence] or (row.labelled and family in self._by_label[row.offence])
        named = says and (names_order or names_kind)
        done, possible = row.behaviours, row.possible
        certain, arguable = self.matched(row, v, protects, named, possible)
        duty = NO if row.end <= v.duty_begins else YES if row.start >= v.duty_due else POSSIBLE
        if duty == NO:
            certain &= ~NOTIFICATION
        fits = (certain | arguable) != 0
        aware = self._aware(row, v, certain or arguable, named)
        state = POSSIBLE if life == YES and (not aware or unnamed) else life

        shown = acts_shown(row)
        person_fits = (
            protects or not row.victim or v.names_nobody or fits or (names_order and v.terms & self._placeless != 0)
        )
        unspecific = v.terms & OTHER_TERM != 0 or done & ~OTHER == 0
        terms_fit = fits or names_order or unspecific or not v.terms_on_file
        live = state != NO
        recorded = live and named and person_fits and terms_fit
        status = RECORDED if recorded else UNRECORDED if live and fits else NOT_BREACH

        if named and shown and not certain and arguable:
            arguable = self.matched(row, v, protects, named, shown & possible)[1]
        matched = certain or arguable
        early = done & NOTIFYING != 0 and matched & ~NOTIFICATION == 0 and duty != YES
        if live and early:
            state = POSSIBLE
        kinds = self._kinds_of_terms(matched)
        several = named and not shown and not certain and kinds & (kinds - 1) != 0
        kinds = self._kinds(0 if several else matched, shown, row.offence)
        classes = self._classes(matched, done | possible)
        reasons = self._reasons(
            row, v, life, aware, protects, certain, matched, named, says, names_order, duty if early else YES,
            recorded, status != NOT_BREACH,
        )  # fmt: skip
        return Breach(
            row=row,
            order=v.order,
            version=v.index,
            order_version=v.version,
            order_kind=v.kind,
            order_made=v.made,
            order_served=v.served,
            status=status,
            state=state,
            nature=self.nature(v.kind, classes, london_day(row.start), v.first_made),
            kinds=kinds,
            terms=matched,
            days_since_served=(row.start - v.served) // DAY if v.served != NEVER and row.start >= v.served else -1,
            reasons=reasons,
            known=row.known,
            certain=certain != 0 and aware and not unnamed and not early,
            founded=v.founded,
        )

    def _reasons(
        self, row: Row, v: Version, life: int, aware: bool, protects: bool, certain: int, matched: int, named: bool,
        says: bool, names_order: bool, duty: int, recorded: bool, fits: bool,
    ) -> int:  # fmt: skip
        """Mirror :meth:`Grounds.reasons`."""
        out = 0
        if recorded:
            out |= SAYS_BREACH
            if not certain and not row.victim and not v.names_nobody:
                out |= NO_VICTIM
        if names_order:
            out |= NAMES_ORDER
        if certain:
            out |= WITHIN_TERMS
        elif matched:
            out |= MAYBE_TERMS
        if life == NO:
            if row.start >= v.end_hi:
                out |= ENDED
            if row.end <= v.start_lo:
                out |= NOT_BEGUN
        else:
            out |= IN_FORCE if life == YES else PARTLY_IN_FORCE
            if not aware:
                out |= SERVICE_OPEN if v.needs_service else AWARENESS_OPEN
            if duty != YES:
                out |= DUTY_NOT_BEGUN if duty == NO else DUTY_RUNNING
        if fits:
            if not v.terms_on_file:
                out |= NO_TERMS
            if v.end_doubtful:
                out |= END_DOUBTFUL
        else:
            if not protects and row.victim and not v.names_nobody:
                out |= PROTECTS_OTHERS
            if life != NO and protects and matched == 0:
                out |= OUTSIDE_TERMS
        if v.capped:
            out |= STATUTORY_END
        if not row.suspect:
            out |= NO_SUSPECT
        if says and not named:
            out |= OTHER_KIND
        return out

    def matched(self, row: Row, v: Version, protects: bool, named: bool, possible: int) -> tuple[int, int]:
        """Mirror :func:`~breachpattern.timelines.terms.matched_terms`."""
        done = row.behaviours
        open_victim = v.names_nobody if row.victim else named
        certain = arguable = 0
        for i in v.plain:
            sure, either = self._certain[i], self._certain[i] | self._arguable[i]
            within = (_bodily(row) if i == APPROACH else done) & sure != 0
            maybe = (done | possible) & either != 0
            if self._needs_victim[i]:
                maybe = (maybe and protects) or ((within or maybe) and open_victim)
                within = within and protects
            if within:
                certain |= 1 << i
            elif maybe:
                arguable |= 1 << i
        if v.terms & EXCLUSION:
            state = self._excluded(row, v, protects, named)
            certain, arguable = (
                certain | (EXCLUSION if state == YES else 0),
                arguable | (EXCLUSION if state == POSSIBLE else 0),
            )
        if v.terms & CURFEW:
            state = self._under_curfew(row, v, named)
            certain, arguable = (
                certain | (CURFEW if state == YES else 0),
                arguable | (CURFEW if state == POSSIBLE else 0),
            )
        return certain, arguable

    def _presence(self, row: Row) -> int:
        far = row.channel in FAR or row.place_role == ONLINE
        close = _bodily(row) & self._there != 0
        if row.behaviours & WHERE or row.channel == IN_PERSON or (close and not far):
            return YES
        return POSSIBLE if close or not far else NO

    def _excluded(self, row: Row, v: Version, protects: bool, named: bool) -> int:
        """Mirror ``_exclusion``; the geometry is the engine's own."""
        has_zone = v.zones is not None
        zone = POSSIBLE
        if v.zones is not None:
            one = np.zeros(1, np.int64)
            code = np.array([0 if row.postcode else -1], np.int32)
            texts = pa.array([row.postcode], pa.string())
            lat, lon = np.array([row.lat]), np.array([row.lon])
            zone = int(v.zones.around(one, texts, code, lat, lon)[0][0])
        there = self._presence(row)
        state = there if zone == YES else NO
        if zone == POSSIBLE:
            if not has_zone and row.place_role == VICTIM_HOME and protects and there != NO:
                state = POSSIBLE
            others = bool(row.victim) and not protects and not v.names_nobody
            if named and not others and there == YES:
                state = POSSIBLE
            if row.behaviours & ENTERED:
                state = YES
        return state

    def _under_curfew(self, row: Row, v: Version, named: bool) -> int:
        """Mirror ``_curfew``; the hours are the engine's own."""
        hours = int(
            under_curfew(*(np.array([x], np.int64) for x in (row.start, row.end, v.curfew_from, v.curfew_to)))[0]
        )
        on_file = v.curfew_from >= 0 and v.curfew_to >= 0
        if row.behaviours & OUT_AT_NIGHT:
            return NO if on_file and hours == NO else YES
        if not (on_file or named):
            return NO
        there = self._presence(row)
        out = NO if row.place_role == SUSPECT_HOME or there != YES else YES if row.place_role in AWAY else POSSIBLE
        return min(hours, out)

    def _aware(self, row: Row, v: Version, within: int, named: bool) -> bool:
        """Mirror :func:`~breachpattern.timelines.awareness.aware_of`."""
        if row.start >= v.aware:
            return True
        left = within
        while v.varied_unaware and left and v.before is not None:
            v = v.before
            before = self.matched(row, v, row.victim in v.protected, named, row.possible)
            left &= before[0] | before[1]
            if left and row.start >= v.aware:
                return True
        return False

    def _without_order(self, row: Row, judged: Sequence[Breach]) -> Breach:
        """Mirror ``_recorded_without_order``."""
        kind = self._only_kind[row.offence]
        classes = self._classes(0, row.behaviours | row.possible)
        reasons = SAYS_BREACH | NONE_FITS
        for one in judged:
            reasons |= one.reasons & (ENDED | NOT_BEGUN | PROTECTS_OTHERS | DUTY_NOT_BEGUN)
        return Breach(
            row=row, order="", version=-1, order_version=-1, order_kind=-1, order_made=NEVER, order_served=NEVER,
            status=NO_ORDER, state=NO,
            nature=self.nature(kind, classes, london_day(row.start), NEVER) if kind >= 0 else -1,
            kinds=self._kinds(0, acts_shown(row), row.offence), terms=0, days_since_served=-1, reasons=reasons,
            known=row.known,
        )  # fmt: skip

    def _union_of_kinds(self, terms: int) -> int:
        return sum({bit for i, bit in enumerate(self._kind_bit) if terms >> i & 1})

    def _union_of_classes(self, terms: int) -> int:
        return sum({bit for i, bit in enumerate(self._class_bit) if terms >> i & 1})

    def _kinds(self, matched: int, shown: int, offence: int) -> int:
        """Mirror :func:`~breachpattern.timelines.nature.kinds_of`."""
        kinds = self._kinds_of_terms(matched)
        if kinds:
            return int(kinds)
        if self._claimed[offence] >= 0:
            return 1 << self._claimed[offence]
        return sum(bit for acts, bit in KINDS_OF_ACTS if shown & acts) or UNSPECIFIED

    def _classes(self, matched: int, behaviours: int) -> int:
        """Mirror :func:`~breachpattern.timelines.nature.classes_of`."""
        classes = self._classes_of_terms(matched)
        if classes:
            return int(classes)
        failing = (2 if behaviours & FAILING else 0) | (4 if behaviours & NOTIFYING else 0)
        return failing if failing and behaviours & ~(FAILING | NOTIFYING) == 0 else 1

    def _nature(self, kind: int, classes: int, day: int, made: int) -> int:
        """Mirror :func:`~breachpattern.timelines.nature.nature_of`."""
        found = len(NATURES)
        for by_made, since, until, mask, nature in self._laws[kind]:
            at = day if not by_made else london_day(made) if made != NEVER else min(day, until - 1)
            if classes & mask and since <= at < until:
                found = min(found, nature)
        return -1 if found == len(NATURES) else found


def acts_shown(row: Row) -> int:
    """Mirror :func:`~breachpattern.timelines.nature.acts_shown`."""
    if row.behaviours:
        return row.behaviours
    return CONTACT if row.channel in BY_MESSAGE else THROUGH if row.channel == THIRD_PARTY else 0


def _joined(judged: list[Breach], versions: Sequence[Version]) -> list[Breach]:
    """Mirror :func:`~breachpattern.timelines.verdicts.join_versions`."""
    if len(judged) < 2:
        return judged
    by_index = {v.index: v for v in versions}
    judged.sort(key=lambda b: b.version)
    doubtful = [b.state == POSSIBLE and b.status != NOT_BREACH and b.certain for b in judged]
    certain = set()
    for k in range(len(judged) - 1):
        one, two = judged[k], judged[k + 1]
        if not (doubtful[k] and doubtful[k + 1] and two.version == one.version + 1 and one.order == two.order):
            continue
        earlier, later = by_index[one.version], by_index[two.version]
        if one.row.start >= earlier.start_hi and one.row.end <= later.end_lo and earlier.hands_over:
            certain |= {k, k + 1}
    for k in certain:
        judged[k].state = YES
        judged[k].reasons = (judged[k].reasons & ~PARTLY_IN_FORCE) | TWO_VERSIONS
    return judged


def _one_per_order(judged: list[Breach]) -> list[Breach]:
    """Mirror :func:`~breachpattern.timelines.verdicts.one_row_per_order`."""
    if len(judged) < 2:
        return judged
    best: dict[str, Breach] = {}
    for one in sorted(judged, key=lambda b: (b.order, b.status, -b.state, -b.version)):
        best.setdefault(one.order, one)
    return list(best.values())


def _day(day: object, default: int) -> int:
    return default if day is None else int(np.datetime64(str(day), "D").astype(np.int64))
