"""The register of criteria: small functions over whole populations that patterns name in their condition trees.

A criterion is written once, as a function that takes a :class:`~breachpattern.patterns.populations.Population`
and its parameters and returns an :class:`Outcome`. It declares what it asks for and what it gives back, so that
a pattern file can be checked before it runs and a finding can say why it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from inspect import getdoc
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from breachpattern.errors import PatternError
from breachpattern.linking.columns import Bools
from breachpattern.timelines.courses import Ragged
from breachpattern.vocabulary import Vocabulary

if TYPE_CHECKING:
    from breachpattern.patterns.populations import Population

UNITS = ("course", "breach", "order", "dyad", "suspect")
SHOWN = ("number", "days", "instant", "incident", "order", "probability", "flag", "text", "mask", "path")


class Later(Mapping[str, npt.NDArray[Any]]):
    """Reasons that are worked out when somebody first asks for one.

    Examples
    --------
    >>> Later(lambda: {"count": np.array([2])})["count"].tolist()
    [2]
    """

    def __init__(self, work_out: Callable[[], Mapping[str, npt.NDArray[Any]]]) -> None:
        self._work_out = work_out

    @cached_property
    def _reasons(self) -> Mapping[str, npt.NDArray[Any]]:
        return self._work_out()

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self._reasons[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reasons)

    def __len__(self) -> int:
        return len(self._reasons)


class Outcome(NamedTuple):
    """What a criterion says about each candidate of a population.

    Attributes
    ----------
    holds : (n,) bool
    reasons : mapping of str to (n,) array
        The declared reason fields; :class:`Later` where they cost much, since most candidates are never told.
    evidence : Ragged, optional
        Rows of the columns that the criterion rests on, for each candidate.
    """

    holds: Bools
    reasons: Mapping[str, npt.NDArray[Any]] = MappingProxyType({})
    evidence: Ragged | None = None


@dataclass(frozen=True)
class Parameter:
    """A declared parameter: its type, default, meaning, and the vocabulary its codes come from.

    ``kind`` is ``int``, ``float``, ``bool``, ``str`` or ``tuple`` (a list of codes).
    """

    kind: type
    default: Any
    meaning: str
    codes: tuple[str, ...] = ()

    def problem(self, value: Any) -> str:
        """Return what is wrong with a value, empty where it may stand.

        Examples
        --------
        >>> Parameter(int, 2, "occasions").problem("two")
        "must be a whole number, not 'two'"
        >>> Parameter(str, "clear", "strength", ("arguable", "clear")).problem("certain")
        "may not be 'certain'; allowed: arguable, clear"
        """
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        listed = self.kind is tuple and isinstance(value, list | tuple)
        if not listed and (not isinstance(value, self.kind) or (self.kind is int and isinstance(value, bool))):
            words = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
            return f"must be {words.get(self.kind, 'a list of codes')}, not {value!r}"
        for item in value if listed else (value,):
            if self.codes and item not in self.codes:
                return f"may not be {item!r}; allowed: {', '.join(self.codes)}"
        return ""


@dataclass(frozen=True)
class Reason:
    """A declared reason field: what it means and how it is shown.

    ``shown`` is one of ``number`` (with ``noun``), ``days``, ``instant`` (seconds UTC), ``incident`` and ``order``
    (codes), ``probability``, ``flag``, ``text`` (a position in ``vocabulary``) or ``mask`` (bits of ``vocabulary``).
    """

    meaning: str
    shown: str = "number"
    noun: str = ""
    vocabulary: Vocabulary | None = None


@dataclass(frozen=True)
class Clock:
    """When a criterion that asks what the time is can answer anew though nothing new is known.

    Attributes
    ----------
    turns : callable
        Called with the catalogue, first and last seconds of rows, and the parameters; returns instants, (k, n)
        seconds UTC, at which a candidate can begin or cease to hold because of each row.
    ticks : callable
        Called with an instant; returns the next at which the reasons that it shows can change.
    """

    turns: Callable[..., npt.NDArray[np.int64]]
    ticks: Callable[[int], int]


@dataclass(frozen=True)
class Criterion:
    """A registered criterion.

    Attributes
    ----------
    id : str
    units : tuple of str
        The units of pattern in which it may be named.
    parameters, reasons : Mapping
    basis : str
        The law it rests on, or ``judgement``.
    summary : str
        The first line of the function's docstring, which reads "Hold where …".
    clock : Clock, optional
        For a criterion that asks what the time is (``Context.now``): when it answers anew.
    """

    id: str
    function: Callable[..., Outcome]
    units: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    reasons: Mapping[str, Reason]
    basis: str
    summary: str = field(default="")
    clock: Clock | None = None

    def __call__(self, population: Population, parameters: Mapping[str, Any]) -> Outcome:
        """Return what the criterion says of each candidate, checking that it gave what it declared."""
        outcome = self.function(population, **{k: p.default for k, p in self.parameters.items()} | dict(parameters))
        if outcome.holds.shape != (len(population),) or outcome.holds.dtype != np.bool_:
            raise PatternError(
                f"The criterion '{self.id}' must return one Boolean for each of the {len(population)} candidates.",
                hint="Return Outcome(holds, reasons) with a (n,) bool array.",
            )
        return outcome


_CRITERIA: dict[str, Criterion] = {}


def criterion(
    id: str,
    *,
    unit: str | tuple[str, ...] = UNITS,
    params: Mapping[str, Parameter] = MappingProxyType({}),
    reasons: Mapping[str, Reason] = MappingProxyType({}),
    basis: str = "judgement",
    clock: Clock | None = None,
) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Register a function as a criterion.

    Parameters
    ----------
    id : str
        The name that pattern files use.
    unit : str or tuple of str
        The units for which it is defined; all by default.
    params : Mapping of str to Parameter
        The keyword arguments of the function.
    reasons : Mapping of str to Reason
        The reason fields that it returns.
    basis : str
        The provision or case it rests on, else ``judgement``.
    clock : Clock, optional
        Needed where the function asks for ``Context.now``, so that an update knows when to ask again.

    Raises
    ------
    PatternError
        Where the id is taken, or a unit or a way of showing is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> @criterion("has_rows", reasons={"rows": Reason("rows of the candidate", noun="row")})
    ... def has_rows(population):
    ...     "Hold where there is some evidence."
    ...     count = np.diff(population.rows.offsets)
    ...     return Outcome(count > 0, {"rows": count})
    >>> find_criterion("has_rows").summary
    'There is some evidence.'
    >>> forget("has_rows")
    """
    units = (unit,) if isinstance(unit, str) else unit
    wrong = [u for u in units if u not in UNITS] + [r.shown for r in reasons.values() if r.shown not in SHOWN]
    if wrong or id in _CRITERIA:
        raise PatternError(
            f"The criterion '{id}' cannot be registered: {', '.join(wrong) or 'the id is taken'}.",
            hint="Another id, or `forget` first.",
        )

    def register(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
        summary = (getdoc(function) or "").split("\n", 1)[0].removeprefix("Hold where ")
        summary = summary[:1].upper() + summary[1:]
        _CRITERIA[id] = Criterion(id, function, units, dict(params), dict(reasons), basis, summary, clock)
        return function

    return register


def forget(id: str) -> None:
    """Take a criterion out of the register."""
    _CRITERIA.pop(id, None)


def find_criterion(id: str) -> Criterion:
    """Return a registered criterion.

    Raises
    ------
    PatternError
        Where there is none of that name; the message holds the nearest names.
    """
    from breachpattern.patterns import criteria  # registers the built-in ones; imported late to avoid a cycle

    assert criteria
    if id not in _CRITERIA:
        near = get_close_matches(id, _CRITERIA, 3, 0.5)
        raise PatternError(
            f"There is no criterion '{id}'.",
            hint=f"Nearest: {', '.join(near)}." if near else f"There are: {', '.join(sorted(_CRITERIA))}.",
        )
    return _CRITERIA[id]


def all_criteria() -> tuple[Criterion, ...]:
    """Return every registered criterion, by id."""
    from breachpattern.patterns import criteria

    assert criteria
    return tuple(_CRITERIA[i] for i in sorted(_CRITERIA))
