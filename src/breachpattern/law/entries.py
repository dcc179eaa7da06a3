"""What the catalogue is made of: one frozen class for each kind of entry.

Every entry says where it comes from (`source`), when that was last looked at (`checked`), and which of its
facts could not be verified (`unverified`). Legal maxima are text and are never computed with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Dates:
    """The days on which something is law: from `start`, up to but not including `end`.

    Examples
    --------
    >>> span = Dates(date(1997, 10, 1), date(2007, 7, 1))
    >>> span.holds(date(2007, 6, 30)), span.holds(date(2007, 7, 1))
    (True, False)
    >>> Dates().holds(date(1900, 1, 1))
    True
    """

    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        """Return whether a day lies between the two dates; a missing date sets no limit."""
        return (self.start is None or on >= self.start) and (self.end is None or on < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """What every fact of the catalogue carries."""

    in_force: Dates = Dates()
    checked: date = date.min
    source: str = ""
    unverified: tuple[str, ...] = ()
    note: str = ""

    @property
    def verified(self) -> bool:
        """Return whether every fact of the entry was verified; `unverified` names those that were not."""
        return not self.unverified

    @property
    def substance_verified(self) -> bool:
        """Return whether at most side facts (a start date, a maximum, a class) remain unverified."""
        return "entry" not in self.unverified


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Sourced):
    """What every entry carries beside its own facts; `origin` is the file it was read from."""

    id: str
    title: str
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision(Entry):
    """A section of an Act or instrument; `summary` is in our own words."""

    act: str
    section: str = ""
    url: str = ""
    extent: str = ""
    maximum: str = ""
    summary: str = ""

    @property
    def key(self) -> str:
        """Return the key by which findings cite the provision, such as ``pha1997.s2A``."""
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachInLaw(Sourced):
    """What breaking a kind of term is in law.

    `in_force` holds days of the conduct, or, where `by` is ``made``, days on which the order was made: a breach
    that depends on the conviction behind the order (Sentencing Act 2020 s.2) goes by the latter.
    """

    by: str = "conduct"
    nature: str
    term_classes: tuple[str, ...]
    provisions: tuple[str, ...]
    mode: str = ""
    maximum: str = ""
    reasonable_excuse: bool = False

    def holds(self, on: date, made: date | None = None) -> bool:
        """Return whether this is what a breach is, for conduct on a day.

        Parameters
        ----------
        on : date
            The day of the conduct.
        made : date, optional
            The day on which the order was made; default the day of the conduct.

        Examples
        --------
        >>> old = BreachInLaw(
        ...     nature="offence", term_classes=("prohibition",), provisions=("pha1997.s5",), by="made",
        ...     in_force=Dates(date(1997, 6, 16), date(2020, 12, 1)))
        >>> old.holds(date(2025, 1, 1), made=date(2019, 1, 1)), old.holds(date(2025, 1, 1))
        (True, False)
        """
        return self.in_force.holds((made or on) if self.by == "made" else on)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDuty(Sourced):
    """A duty to tell the police names and addresses, counted from a trigger day that is itself day one.

    Examples
    --------
    >>> duty = NotificationDuty(trigger="service", days=3, provisions=("spa2019.s9",))
    >>> duty.last_day(date(2025, 3, 1)).isoformat()
    '2025-03-03'
    """

    trigger: str
    days: int = 0
    provisions: tuple[str, ...]

    def last_day(self, trigger: date) -> date | None:
        """Return the last day on which the duty can be met, ``None`` where the law sets no number of days."""
        return trigger + timedelta(days=self.days - 1) if self.days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderKind(Entry):
    """A kind of order, notice or undertaking: how it begins, what it needs, what breaking it is.

    `in_force` is when such an order can be made; what a breach is has its own dates in `breaches`. `certain_days` is
    how long it certainly lasts where no end is on file, for what a decision ends that no register may hold.
    """

    abbreviation: str = ""
    abbreviations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    family: str = ""
    extent: str = "E&W"
    is_order: bool = True
    begins: str = "making"
    awareness: str = "none"
    max_days: int | None = None
    min_days: int | None = None
    certain_days: int | None = None
    duration: str = ""
    default_terms: tuple[str, ...] = ("no_contact", "no_violence")
    made_under: tuple[str, ...] = ()
    breaches: tuple[BreachInLaw, ...] = ()
    notification: NotificationDuty | None = None
    result_codes: tuple[str, ...] = ()
    change_codes: tuple[str, ...] = ()
    without_notice_possible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence(Entry):
    """An offence, or a breach that is no offence but is recorded like one; codes and labels lead to it.

    `breach_of` names the order kinds that a record of it says were broken (``*``: an order, kind not said);
    `label_breach_of` those of other jurisdictions that its label, though none of its codes, may mean as well.
    `match` holds word rules, see `breachpattern.law.recognition`.
    """

    provisions: tuple[str, ...] = ()
    ho_codes: tuple[str, ...] = ()
    cjs_codes: tuple[str, ...] = ()
    recorded_class: str = ""
    mode: str = ""
    maximum: str = ""
    role: str = "context"
    conduct: str = ""
    breach_of: tuple[str, ...] = ()
    label_breach_of: tuple[str, ...] = ()
    breach_kind: str = ""
    behaviours: tuple[str, ...] = ()
    may_involve: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    limitation_months: int | None = None
    extent: str = "E&W"

    @property
    def summary_only(self) -> bool:
        """Return whether the offence can be tried summarily only."""
        return self.mode == "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour(Entry):
    """A coded act; `s2a` is its paragraph in Protection from Harassment Act 1997 s.2A(3), `harm` a rank."""

    s2a: str = ""
    provisions: tuple[str, ...] = ()
    towards_person: bool = True
    in_person: bool = False
    remote: bool = False
    violent: bool = False
    threatening: bool = False
    acquisitive: bool = False
    harm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term(Entry):
    """A coded term of an order: which behaviours certainly fall within it, and which may."""

    term_class: str = "prohibition"
    breach_kind: str = "unspecified"
    certain: tuple[str, ...] = ()
    arguable: tuple[str, ...] = ()
    needs_victim: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRule(Entry):
    """The crime-recording rule of a period; `requires` are flags that measures and patterns ask for."""

    summary: str = ""
    requires: tuple[str, ...] = ()
    provisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrimeOutcome(Entry):
    """A Home Office outcome number, by which a force records how a crime ended.

    `ends_with` is ``charge``, ``caution``, ``resolution`` or ``nothing``.
    """

    ends_with: str

    @property
    def disposes(self) -> bool:
        """Return whether the conduct has been dealt with: what follows is a new crime."""
        return self.ends_with in ("charge", "caution")
