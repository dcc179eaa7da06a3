"""What a breach is: its kind, by terms and conduct, and its nature in law, by the days that decide it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from breachpattern.linking.columns import COMMUNICATION_CHANNELS, Columns, Ints
from breachpattern.spans import FOREVER, NEVER, london_days
from breachpattern.timelines.terms import TERM_CLASSES, TermTable
from breachpattern.vocabulary import BEHAVIOURS, BREACH_KINDS, CHANNELS, NATURES

if TYPE_CHECKING:
    from breachpattern.law import BreachInLaw, Catalogue
    from breachpattern.linking.orders import Orders

# Which part of a breach a behaviour shows where no term on file names it.
KIND_OF_BEHAVIOUR = (
    ("notification", ("notification_failure",)),
    ("requirement", ("requirement_failure",)),
    ("curfew", ("curfew_failure",)),
    ("exclusion", ("exclusion_entry",)),
    ("publication", ("publish", "image_abuse")),
    ("monitoring", ("monitor", "track_device")),
    ("violence", ("assault", "strangulation", "sexual")),
    ("contact", ("contact", "third_party_contact", "gift", "threat", "impersonate")),
    ("approach", ("approach", "follow", "loiter", "watch", "entry")),
)


def acts_shown(columns: Columns, rows: Ints) -> Ints:
    """Return the acts that each record itself shows: those on it, else what its channel alone shows.

    What its offence only makes likely is not among them: the code of a breach says nothing of the conduct.
    """
    done, channel = columns.behaviours[rows], columns.channel[rows]
    by_message = np.isin(channel, [CHANNELS.index(c) for c in COMMUNICATION_CHANNELS])
    shown = np.where(by_message, BEHAVIOURS.mask(["contact"]), 0)
    shown |= np.where(channel == CHANNELS.index("third_party"), BEHAVIOURS.mask(["third_party_contact"]), 0)
    return np.where(done != 0, done, shown)


def kinds_of(matched: Ints, behaviours: Ints, claimed: npt.NDArray[np.int8], terms: TermTable) -> Ints:
    """Return the kinds of breach: of the terms matched, else as the record says, else of what was done.

    Parameters
    ----------
    matched : (n,) int64
        Mask of the terms within which the conduct falls.
    behaviours : (n,) int64
        Mask of the acts that the record shows.
    claimed : (n,) int8
        The kind of breach that the offence is, ``-1`` where it does not say.
    terms : TermTable
    """
    kinds = terms.union(matched, 1 << terms.breach_kind.astype(np.int64))
    done = np.zeros(len(kinds), np.int64)
    for kind, acts in KIND_OF_BEHAVIOUR:
        done |= np.where(behaviours & BEHAVIOURS.mask(acts) != 0, BREACH_KINDS.mask([kind]), 0)
    said = np.where(claimed >= 0, np.left_shift(np.int64(1), np.maximum(claimed, 0)), 0)
    kinds = np.where(kinds != 0, kinds, np.where(said != 0, said, done))
    return np.where(kinds != 0, kinds, BREACH_KINDS.mask(["unspecified"]))


def classes_of(matched: Ints, behaviours: Ints, terms: TermTable) -> Ints:
    """Return the classes of term concerned, as a mask over prohibition, requirement, notification."""
    classes = terms.union(matched, 1 << terms.term_class.astype(np.int64))
    failing = np.where(behaviours & BEHAVIOURS.mask(["requirement_failure", "curfew_failure"]) != 0, 2, 0)
    failing |= np.where(behaviours & BEHAVIOURS.mask(["notification_failure"]) != 0, 4, 0)
    other = behaviours & ~BEHAVIOURS.mask(["requirement_failure", "curfew_failure", "notification_failure"])
    guessed = np.where((failing != 0) & (other == 0), failing, 1)
    return np.where(classes != 0, classes, guessed)


def made_first(orders: Orders, versions: Ints) -> Ints:
    """Return when the order of each version was first made, ``NEVER`` where one of its versions does not say."""
    first = np.full(int(orders.order.max(initial=-1)) + 1, FOREVER, np.int64)
    np.minimum.at(first, orders.order, orders.made)
    return np.asarray(first[orders.order[versions]])


def applies(law: BreachInLaw, classes: Ints, start: Ints, made: Ints) -> npt.NDArray[np.bool_]:
    """Return where an entry of the catalogue says what a breach is.

    Where the entry goes by the day on which the order was made and that is not known, it applies to all conduct
    from its first day on: the order may be any of those made until then.

    Parameters
    ----------
    law : BreachInLaw
    classes : (n,) int64
        Mask over prohibition (1), requirement (2), notification (4).
    start, made : (n,) int64
        Seconds UTC of the conduct and of the making of the order (``NEVER``: not known).
    """
    since, until = _day_number(law.in_force.start, NEVER), _day_number(law.in_force.end, FOREVER)
    days = london_days(start)
    if law.by == "made":
        known = made != NEVER
        days = np.where(known, london_days(np.where(known, made, start)), np.minimum(days, until - 1))
    mask = sum(1 << TERM_CLASSES.index(c) for c in law.term_classes)
    return np.asarray((classes & mask != 0) & (days >= since) & (days < until))


def nature_of(
    catalogue: Catalogue,
    kinds: npt.NDArray[np.int32],
    classes: Ints,
    start: Ints,
    made: Ints | None = None,
) -> npt.NDArray[np.int8]:
    """Return what each breach is in law: the gravest nature of its terms, -1 if none.

    Parameters
    ----------
    catalogue : Catalogue
    kinds : (n,) int32
        Positions in ``catalogue.order_kind_ids``.
    classes : (n,) int64
        Mask over prohibition (1), requirement (2), notification (4).
    start : (n,) int64
        Seconds UTC of the conduct.
    made : (n,) int64, optional
        Seconds UTC of the making of the order, ``NEVER`` where not known; default not known.
    """
    nature = np.full(len(kinds), len(NATURES), np.int8)
    made = np.full(len(kinds), NEVER, np.int64) if made is None else made
    for kind in np.unique(kinds):
        entries = catalogue.order_kinds[catalogue.order_kind_ids[kind]].breaches
        mine = np.flatnonzero(kinds == kind)
        for entry in entries:
            hit = mine[applies(entry, classes[mine], start[mine], made[mine])]
            nature[hit] = np.minimum(nature[hit], NATURES.index(entry.nature))
    return np.where(nature == len(NATURES), -1, nature).astype(np.int8)


def _day_number(day: object, default: int) -> int:
    return default if day is None else int(np.datetime64(str(day), "D").astype(np.int64))


def claimed_kind(columns: Columns, catalogue: Catalogue, rows: Ints) -> npt.NDArray[np.int32]:
    """Return the kind of order that the record's offence names, -1 where it names none or several families.

    A label such as *breach of injunction* leaves open whether that is an offence or contempt, and so do we.
    """
    position = {k: i for i, k in enumerate(catalogue.order_kind_ids)}

    def only(kinds: Sequence[str]) -> int:
        named = [k for k in kinds if k in position]
        families = {catalogue.order_kinds[k].family for k in named}
        return position[named[0]] if len(families) == 1 else -1

    table = np.array([only(catalogue.offences[o].breach_of) for o in catalogue.offence_ids] + [-1], dtype=np.int32)
    return np.asarray(table[columns.offence[rows]])
