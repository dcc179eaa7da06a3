"""The dated catalogue: what it holds, and what it answers for a day."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar

from breachpattern.errors import CatalogueError
from breachpattern.law.entries import (
    Behaviour,
    BreachInLaw,
    CrimeOutcome,
    Entry,
    Offence,
    OrderKind,
    Provision,
    RecordingRule,
    Term,
)
from breachpattern.law.naming import KindReading
from breachpattern.law.narrative import Narrative
from breachpattern.law.reading import Problem, Reading, read, toml_files
from breachpattern.law.recognition import Recogniser, Recognition
from breachpattern.law.resolving import check_references, give_starts

DATA = Path(__file__).parent / "data"
_HINT = "Run `breachpattern law lint` on the folder to see every problem."

E = TypeVar("E", bound=Entry)


class CatalogueStaleWarning(UserWarning):
    """A question was asked about a day after the catalogue was last checked."""


@dataclass(frozen=True)
class Answer(Generic[E]):
    """An entry and where it stands on a day.

    `standing` is ``in_force``, ``not_in_force``, ``start_not_known`` (law when it was checked, or until it ended,
    but from when is not on record) or ``beyond_last_check``.
    """

    entry: E
    on: date
    standing: str

    def __str__(self) -> str:
        """Return the answer as one sentence."""
        words = {
            "in_force": "is in force",
            "not_in_force": "is not in force",
            "start_not_known": "may not have been in force: its start is not on record",
            "beyond_last_check": f"was last checked on {self.entry.checked}: what holds since is not known",
        }
        doubt = "" if self.entry.verified else " (not verified in full)"
        return f"On {self.on}, {self.entry.title} {words[self.standing]}{doubt}."


class Catalogue:
    """The law as data, with its dates.

    Immutable. Get one with :meth:`load`; it is read once and shared.

    Attributes
    ----------
    version : str
        Of the built-in catalogue, with a hash of the user's own files where there are any.
    checked : date
        The day on which the built-in entries were last checked.
    order_kinds, offences, provisions, behaviours, terms : Mapping
        Entries by id.
    recording_rules : tuple of RecordingRule
        In order of their start; each ends where the next begins.
    outcomes : Mapping
        Home Office outcomes by number.

    Examples
    --------
    >>> law = Catalogue.load()
    >>> law.breach_in_law("non_molestation", "prohibition", date(2007, 6, 30)).nature
    'contempt'
    >>> law.breach_in_law("non_molestation", "prohibition", date(2007, 7, 1)).nature
    'offence'
    >>> law.recognise(None, "Breach of non mol").offence
    'breach_non_molestation'
    """

    def __init__(self, reading: Reading, version: str, extra: tuple[Path, ...] = ()) -> None:
        tables = reading.entries
        self.version = version
        self.checked: date = reading.header["checked"]
        self.order_kinds: Mapping[str, OrderKind] = MappingProxyType(tables["order_kind"])
        self.offences: Mapping[str, Offence] = MappingProxyType(tables["offence"])
        self.provisions: Mapping[str, Provision] = MappingProxyType(tables["provision"])
        self.behaviours: Mapping[str, Behaviour] = MappingProxyType(tables["behaviour"])
        self.terms: Mapping[str, Term] = MappingProxyType(tables["term"])
        self.recording_rules: tuple[RecordingRule, ...] = _in_turn(tables["recording_rule"].values())
        self.outcomes: Mapping[str, CrimeOutcome] = MappingProxyType(tables["outcome"])
        self.offence_ids: tuple[str, ...] = tuple(self.offences)
        self.order_kind_ids: tuple[str, ...] = tuple(self.order_kinds)
        self._words = reading.words
        self.extra = extra

    @classmethod
    def load(cls, extra: Sequence[str | Path] = ()) -> Catalogue:
        """Return the built-in catalogue, with the user's own entries over it.

        Parameters
        ----------
        extra : sequence of str or Path
            Folders of TOML files (or single files); what a later entry says takes the place of what an earlier one of
            the same id said.

        Raises
        ------
        CatalogueError
            Where a file cannot be read or an entry is wrong; the message names file and entry.

        Examples
        --------
        >>> Catalogue.load() is Catalogue.load()
        True
        """
        places = tuple(Path(place) for place in ([extra] if isinstance(extra, (str, Path)) else extra))
        if not places:
            return _built_in_catalogue()
        reading = read_layers(places)
        _raise_first(reading.problems)
        digest = hashlib.sha256()
        for place in places:
            for path in toml_files(place):
                digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
        return cls(reading, f"{reading.header['version']}+{digest.hexdigest()[:8]}", places)

    def at(self, on: date) -> CatalogueAt:
        """Return the catalogue as a view on one day.

        Examples
        --------
        >>> Catalogue.load().at(date(2019, 5, 1)).order_kind("stalking_protection").standing
        'not_in_force'
        """
        return CatalogueAt(self, on)

    def breach_in_law(self, kind: str, term_class: str, on: date, made: date | None = None) -> BreachInLaw | None:
        """Return what breaking a term of an order is in law, for conduct on a day.

        Parameters
        ----------
        kind : str
            Order kind id.
        term_class : str
            ``prohibition``, ``requirement`` or ``notification``.
        on : date
            The day of the conduct.
        made : date, optional
            The day on which the order was made, by which the breach of a sentencing order goes; default the day
            of the conduct.

        Returns
        -------
        BreachInLaw or None
            ``None`` where the catalogue knows no consequence (the kind holds no such terms, or not yet).

        Raises
        ------
        CatalogueError
            Where the kind is not in the catalogue.

        Examples
        --------
        >>> Catalogue.load().breach_in_law("forced_marriage", "requirement", date(2020, 1, 1)).nature
        'contempt'
        >>> Catalogue.load().breach_in_law(
        ...     "restraining_conviction", "prohibition", date(2025, 1, 1), made=date(2019, 1, 1)).provisions
        ('pha1997.s5',)
        """
        for breach in self._get("order_kind", self.order_kinds, kind).breaches:
            if term_class in breach.term_classes and breach.holds(on, made):
                return breach
        return None

    def recognise(self, code: str | None, text: str | None) -> Recognition:
        """Return the offence that a recorded code or label means: the code first, then the words.

        Parameters
        ----------
        code : str or None
            A Home Office or CJS code in any spelling (``8/65``, ``00865``, ``ph97010a``).
        text : str or None
            The label as typed.

        Examples
        --------
        >>> Catalogue.load().recognise("8/65", None).offence
        'stalking_fear'
        >>> Catalogue.load().recognise(None, "Breach of the peace").offence is None
        True
        """
        return self._recogniser.recognise(code, text)

    def recognise_order_kind(self, text: str) -> str | None:
        """Return the order kind that a word or label means, ``None`` where it could mean several or none.

        Examples
        --------
        >>> Catalogue.load().recognise_order_kind("Non Molestation Order (FLA 1996)")
        'non_molestation'
        """
        return self.read_order_kind(text).kind

    def read_order_kind(self, text: str) -> KindReading:
        """Return the order kind that a text means with what was read: kinds named, and whether one is in force.

        Examples
        --------
        >>> reading = Catalogue.load().read_order_kind("Non-molestation order refused")
        >>> reading.kind, reading.named, reading.not_in_force
        (None, ('non_molestation',), True)
        """
        return self._recogniser.names.read(text)

    def order_kinds_near(self, text: str) -> tuple[str, ...]:
        """Return the order kinds whose names come closest to a text, best first, for a message."""
        return self._recogniser.names.near(text)

    def order_kind_made_by(self, result_code: str) -> str | None:
        """Return the order kind that a court result code makes.

        Examples
        --------
        >>> Catalogue.load().order_kind_made_by("3307")
        'stalking_protection'
        """
        wanted = str(result_code).strip()
        return next((kind.id for kind in self.order_kinds.values() if wanted in kind.result_codes), None)

    def recording_rule(self, on: date) -> RecordingRule | None:
        """Return the recording rule of a day, ``None`` before the first one on record.

        Examples
        --------
        >>> Catalogue.load().recording_rule(date(2020, 4, 1)).id
        'april_2020'
        """
        return next((rule for rule in reversed(self.recording_rules) if rule.in_force.holds(on)), None)

    def _get(self, section: str, table: Mapping[str, E], ident: str) -> E:
        try:
            return table[ident]
        except KeyError:
            near = ", ".join(get_close_matches(ident, table, 3, 0.5))
            raise CatalogueError(
                f"The catalogue has no {section.replace('_', ' ')} '{ident}'.",
                hint=f"Nearest: {near}." if near else None,
            ) from None

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(self.offences, self.order_kinds, self._words)

    @cached_property
    def narrative(self) -> Narrative:
        """What tells whether a free text speaks of a broken order."""
        return Narrative(self._recogniser, self._words.get("narrative", {}))

    def __reduce__(self) -> tuple[object, ...]:
        return (Catalogue.load, (self.extra,))

    def __repr__(self) -> str:
        return (
            f"Catalogue {self.version}: {len(self.order_kinds)} order kinds, {len(self.offences)} offences, "
            f"{len(self.provisions)} provisions, checked {self.checked}"
        )


@dataclass(frozen=True)
class CatalogueAt:
    """The catalogue on one day; every lookup answers with the entry and its standing.

    Beyond the last check a lookup answers all the same and emits one :class:`CatalogueStaleWarning`.
    """

    catalogue: Catalogue
    on: date

    def order_kind(self, ident: str) -> Answer[OrderKind]:
        """Return an order kind and whether such an order can be made on the day."""
        return self._answer(self.catalogue._get("order_kind", self.catalogue.order_kinds, ident))

    def offence(self, ident: str) -> Answer[Offence]:
        """Return an offence and whether it can be committed on the day."""
        return self._answer(self.catalogue._get("offence", self.catalogue.offences, ident))

    def provision(self, key: str) -> Answer[Provision]:
        """Return a provision and whether it is in force on the day."""
        return self._answer(self.catalogue._get("provision", self.catalogue.provisions, key))

    def recording_rule(self) -> Answer[RecordingRule] | None:
        """Return the recording rule of the day, ``None`` before the first one on record."""
        rule = self.catalogue.recording_rule(self.on)
        return None if rule is None else self._answer(rule)

    def _answer(self, entry: E) -> Answer[E]:
        holds = entry.in_force.holds(self.on)
        ended = entry.in_force.end is not None and self.on >= entry.in_force.end
        # What has ended stays ended; all else may have changed since somebody last looked.
        if self.on > entry.checked and not ended:
            warnings.warn(
                f"{entry.id}: last checked on {entry.checked}, asked about {self.on}.",
                CatalogueStaleWarning,
                stacklevel=3,
            )
            return Answer(entry, self.on, "beyond_last_check")
        if entry.in_force.start is None and self.on < entry.checked and not ended:
            return Answer(entry, self.on, "start_not_known")
        return Answer(entry, self.on, "in_force" if holds else "not_in_force")


def _in_turn(rules: Iterable[RecordingRule]) -> tuple[RecordingRule, ...]:
    """Return recording rules by their start, none reaching into the next: a rule of one's own ends the one before."""
    ordered = sorted(rules, key=lambda rule: rule.in_force.start or date.min)
    for i, (rule, following) in enumerate(pairwise(ordered)):
        start, end = following.in_force.start, rule.in_force.end
        if start and (end is None or end > start):
            ordered[i] = replace(rule, in_force=replace(rule.in_force, end=start))
    return tuple(ordered)


@lru_cache(maxsize=1)
def _built_in_reading() -> Reading:
    reading = read(toml_files(DATA), Reading(), label="built-in:")
    give_starts(reading)
    reading.problems.extend(check_references(reading))
    return reading


@lru_cache(maxsize=1)
def _built_in_catalogue() -> Catalogue:
    reading = _built_in_reading()
    _raise_first(reading.problems)
    return Catalogue(reading, str(reading.header["version"]))


def read_layers(places: Sequence[Path]) -> Reading:
    """Return the built-in catalogue with folders or files laid over it, problems and all."""
    built_in = _built_in_reading()
    reading = built_in.copy()
    for place in places:
        files = toml_files(place)
        if not files:
            hint = "Put .toml files there, or leave the folder out."
            reading.problems.append(Problem(str(place), "", "holds no TOML files.", hint))
        header = dict(reading.header)
        read(files, reading)
        # A user's own check date is for the user's own entries.
        reading.header = header
    give_starts(reading)
    reading.problems.extend(problem for problem in check_references(reading))
    return reading


def _raise_first(problems: Sequence[Problem]) -> None:
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        first, others = errors[0], len(errors) - 1
        more = f" ({others} more like it.)" if others else ""
        where = f"{first.file}, {first.entry}" if first.entry else first.file
        hint = " ".join(part for part in (first.hint + more, _HINT) if part.strip())
        raise CatalogueError(first.message, where=where, hint=hint)
