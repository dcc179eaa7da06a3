"""Which offence a record names: the law of the day of the act, and the recording rule of the day of recording."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from breachpattern.law import Catalogue
from breachpattern.simulation.acts import ACTS
from breachpattern.simulation.clock import FOREVER, NEVER, minute
from breachpattern.simulation.draws import Bools, Draws, Ints
from breachpattern.simulation.parameters import parameters
from breachpattern.simulation.police import ORDER_KINDS

NO_OFFENCE = -1
# How a breach of each kind of order is recorded; a kind that is missing is no crime to record.
BREACH_OFFENCES = {
    "restraining_conviction": "breach_restraining",
    "restraining_acquittal": "breach_restraining_acquittal",
    "non_molestation": "breach_non_molestation",
    "dapo": "breach_dapo",
    "stalking_protection": "breach_stalking_protection",
    "interim_stalking_protection": "breach_stalking_protection",
    "community_protection_notice": "breach_community_protection_notice",
    "civil_injunction": "breach_civil_injunction",
    "dvpn": "breach_dvpn",
    "dvpo": "breach_dvpo",
    "dapn": "breach_dapn",
    "court_bail": "breach_court_bail",
}
CONDUCT = ("harassment", "harassment_fear", "stalking", "stalking_fear", "stalking_serious_alarm")
FAILURES = {
    "stalking_protection": "notification_stalking_protection",
    "interim_stalking_protection": "notification_stalking_protection",
    "dapo": "notification_dapo",
}
UNKNOWN = tuple(parameters()["unknown_suspect"]["kinds"])
OFFENCES: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(offence for act in parameters()["act"].values() for offence in act["offences"]),
            *BREACH_OFFENCES.values(),
            *CONDUCT,
            *FAILURES.values(),
            *UNKNOWN,
        ]
    )
)


@cache
def codes() -> tuple[str, ...]:
    """Return the code by which each of :data:`OFFENCES` is recorded, a Home Office code where it has one."""
    known = Catalogue.load().offences
    return tuple((*known[name].ho_codes, *known[name].cjs_codes)[0] for name in OFFENCES)


@cache
def is_offence() -> Bools:
    """Return which of :data:`OFFENCES` are crimes to record: a breach that is no offence is an incident."""
    known = Catalogue.load().offences
    return np.array([known[name].mode != "not an offence" for name in OFFENCES])


@cache
def _spans() -> tuple[Ints, Ints]:
    known = Catalogue.load().offences
    spans = [known[name].in_force for name in OFFENCES]
    begins = [NEVER if span.start is None else minute(span.start) for span in spans]
    ends = [FOREVER if span.end is None else minute(span.end) for span in spans]
    return np.array(begins, np.int64), np.array(ends, np.int64)


def was_law(offence: Ints, at: Ints) -> Bools:
    """Return whether offences were law at some minutes; ``NO_OFFENCE`` always was."""
    begins, ends = _spans()
    return np.asarray((offence < 0) | ((begins[offence] <= at) & (at < ends[offence])))


def own_offence(what: Ints, at: Ints) -> Ints:
    """Return the offence that each act is by itself: the first of its kind that was law then, or none."""
    most = max(len(act["offences"]) for act in parameters()["act"].values())
    table = np.full((len(ACTS), most), NO_OFFENCE)
    for row, act in enumerate(parameters()["act"].values()):
        table[row, : len(act["offences"])] = [OFFENCES.index(name) for name in act["offences"]]
    found = np.full(len(what), NO_OFFENCE)
    for column in reversed(range(most)):
        option = table[what, column]
        found = np.where((option >= 0) & was_law(option, at), option, found)
    return found


def breach_offence(kind: Ints, at: Ints) -> Ints:
    """Return the offence that records the breach of an order of each kind, or none."""
    table = np.array([OFFENCES.index(BREACH_OFFENCES[k]) if k in BREACH_OFFENCES else NO_OFFENCE for k in ORDER_KINDS])
    found = np.where(kind >= 0, table[kind], NO_OFFENCE)
    return np.where(was_law(found, at), found, NO_OFFENCE)


def conduct_offence(former_partner: Bools, severity: Ints, at: Ints, recorded: Ints, draws: Draws) -> Ints:
    """Return the offence by which a course of conduct is recorded: stalking or harassment, basic or serious.

    A course by a former partner is stalking by default where the rule of the day says so; otherwise few are.
    """
    numbers, size = parameters()["recording"], len(at)
    default = former_partner & asked_for("ex_partner_default_stalking", recorded)
    stalking = draws.chance(np.where(default, numbers["former_partner_default"], numbers["stalking_otherwise"]), size)
    stalking &= asked_for("separate_stalking_class", recorded)
    serious = (severity > 0) & draws.chance(numbers["serious_conduct"], size)
    number = [OFFENCES.index(name) for name in CONDUCT]
    alarm = draws.chance(0.5, size)
    grave = np.where(stalking, np.where(alarm, number[4], number[3]), number[1])
    basic = np.where(stalking, number[2], number[0])
    found = np.where(serious, grave, basic)
    return np.where(was_law(found, at), found, number[0])


def asked_for(flag: str, recorded: Ints) -> Bools:
    """Return whether the recording rule in force at some minutes asked for something."""
    rules = Catalogue.load().recording_rules
    begins = np.array(
        [NEVER if rule.in_force.start is None else minute(rule.in_force.start) for rule in rules], np.int64
    )
    holds = np.array([flag in rule.requires for rule in rules])
    return np.asarray(holds[np.maximum(np.searchsorted(begins, recorded, side="right") - 1, 0)])


@dataclass(frozen=True)
class Choice:
    """What one act is recorded as: the offence of the record, a conduct crime in addition (or none), and why.

    ``as_breach`` is true where the record speaks of the breach at all.
    """

    offence: Ints
    additional: Ints
    as_breach: Bools


def choose(
    what: Ints,
    at: Ints,
    recorded: Ints,
    severity: Ints,
    order_kind: Ints,
    former_partner: Bools,
    may_be_course: Bools,
    campaign: Bools,
    draws: Draws,
) -> Choice:
    """Return what each act is recorded as.

    Parameters
    ----------
    what, at, recorded, severity : (n,) int64
        The act, when it happened, when it was recorded, how severe it was.
    order_kind : (n,) int64
        The kind of an order that it broke, -1 where it broke none.
    former_partner : (n,) bool
    may_be_course : (n,) bool
        It belongs to a campaign or dispute of which the police knew something before.
    campaign : (n,) bool
    draws : Draws
    """
    numbers, size = parameters()["recording"], len(what)
    crime = np.array([act["crime"] for act in parameters()["act"].values()])[what]
    own = np.where(draws.chance(crime, size), own_offence(what, at), NO_OFFENCE)
    breach = breach_offence(order_kind, at)
    as_breach = (breach >= 0) & draws.chance(numbers["breach_coded"], size)
    seen = np.where(former_partner, numbers["course_recognised_former_partner"], numbers["course_recognised"])
    seen = np.where(campaign, seen, numbers["course_recognised_everyday"])
    seen_as_course = may_be_course & draws.chance(seen, size)
    conduct = conduct_offence(former_partner, severity, at, recorded, draws)
    in_addition = asked_for("conduct_in_addition_to_notifiable", recorded)
    # The maximum decides which crime is the principal one: a breach (five years) before basic conduct (six months).
    extra = seen_as_course & in_addition & (as_breach | (own >= 0)) & draws.chance(numbers["additional_record"], size)
    alone = seen_as_course & ~extra & ~as_breach & (severity < 2)
    offence = np.where(as_breach, breach, np.where(alone, conduct, own))
    return Choice(offence, np.where(extra, conduct, NO_OFFENCE), as_breach)
