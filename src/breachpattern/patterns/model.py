"""What a pattern file and a filter file may say: Pydantic models that name every key and every fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from breachpattern.errors import PatternError
from breachpattern.patterns.tree import Branch, Leaf, Node, leaves, parse, with_window
from breachpattern.vocabulary import LEVELS

Status = Literal["experimental", "test", "stable", "deprecated"]
STATUSES = {
    "experimental": "a first draft: look at each of its findings before you trust any",
    "test": "on trial: its examples and reported cases come out right, but no force has used it in operation",
    "stable": "used in operation by a force that has looked at its findings",
    "deprecated": "to be taken out: something better stands in its place",
}
Level = Literal["informational", "low", "medium", "high", "critical"]
UnitName = Literal["course", "breach", "order", "dyad", "suspect"]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _tree(value: Any) -> Any:
    return value if isinstance(value, Leaf | Branch) else parse(value, "condition")


Condition = Annotated[Leaf | Branch, BeforeValidator(_tree)]


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, ignored_types=(cached_property,)
    )


class Window(_Strict):
    """The days within which something must lie; every criterion of the pattern with a ``days`` parameter takes them."""

    days: int = Field(gt=0, description="Number of days.")
    of: str = Field(description="What they are counted from.")


class LevelRule(_Strict):
    """A level that replaces the pattern's own where a condition holds; the first that holds counts."""

    level: Level
    when: Condition
    because: str = Field(min_length=1, description="The reason, or the judgement, in words.")


class NearMiss(_Strict):
    """What comes close: counted and listed, never a finding."""

    condition: Condition
    text: str = Field(min_length=1, description="What is short, in words.")


class Example(_Strict):
    """A few canonical rows and whether the pattern must hold on them."""

    name: str = Field(min_length=1)
    expect: bool
    as_of: date | datetime
    level: Level | None = Field(None, description="The level that the first finding must have.")
    incidents: list[dict[str, Any]] = Field(min_length=1)
    orders: list[dict[str, Any]] = Field(default_factory=list)
    associations: list[dict[str, Any]] = Field(default_factory=list)


class Pattern(_Strict):
    """A declarative rule over timelines, as one TOML file says it.

    Examples
    --------
    >>> from breachpattern.patterns import load_packs
    >>> pattern = next(p for p in load_packs() if p.id == "repeat_breach")
    >>> pattern.unit, pattern.level
    ('order', 'medium')
    """

    id: Id = Field(description="Never reused, also not after the pattern is gone.")
    title: str = Field(min_length=1, max_length=120, description="A name for people.")
    status: Status = Field(description="How far it has been tried; it changes nothing in a run.")
    level: Level = Field(description="The level where no level rule holds.")
    unit: UnitName = Field(description="What one finding is about.")
    summary: str = Field(min_length=1, description="What it looks for, for a coordinator.")
    basis: str = Field(min_length=1, description="The law or the judgement it rests on.")
    headline: str = Field(min_length=1, description="One sentence with {placeholders}.")
    provisions: tuple[str, ...] = Field((), description="Keys of the catalogue.")
    false_positives: tuple[str, ...] = Field(description="Where it is known to mislead.")
    window: Window | None = Field(None, description="`days` and `of`: days for every criterion that takes `days`.")
    members: Condition | None = Field(None, description="Which breaches count; all where left out.")
    condition: Condition = Field(description="What must hold: a tree of criteria.")
    about: Literal["unit", "evidence"] = Field(
        "unit", description="Whether a finding shows the whole unit, or the rows that the criteria point to."
    )
    level_rules: tuple[LevelRule, ...] = Field(
        (), description="`level`, `when`, `because`: replaces the level where `when` holds; the first that does counts."
    )
    near_miss: NearMiss | None = Field(
        None, description="`condition`, `text`: what comes close; counted in the summary, never a finding."
    )
    caveats: tuple[str, ...] = Field((), description="Said with every finding.")
    examples: tuple[Example, ...] = Field(
        (), description="`name`, `expect`, `as_of`, `incidents`, `orders`: rows on which it must fire, or stay quiet."
    )
    source: str = Field("", description="The file it was read from.")

    @cached_property
    def tree(self) -> Node:
        """The condition, with the window filled in."""
        return self.windowed(self.condition)

    def windowed(self, node: Node) -> Node:
        """Return a condition with the pattern's window as the ``days`` of its criteria."""
        return with_window(node, self.window.days if self.window else None)

    def conditions(self) -> Iterator[tuple[str, Node]]:
        """Yield every condition of the pattern with the place where it stands."""
        yield "condition", self.condition
        if self.members is not None:
            yield "members", self.members
        if self.near_miss is not None:
            yield "near_miss", self.near_miss.condition
        for i, rule in enumerate(self.level_rules):
            yield f"level_rules {i + 1}", rule.when

    def criteria(self) -> tuple[str, ...]:
        """Return the criteria that the condition names, each once."""
        return tuple(dict.fromkeys(leaf.criterion for leaf in leaves(self.condition)))

    def describe(self) -> str:
        """Return the pattern as text: what it looks for, on what law, where it misleads."""
        rules = [f"  {rule.level}: {rule.because}" for rule in self.level_rules]
        return "\n".join(
            [
                f"{self.id}: {self.title}",
                f"{self.status}; one finding per {self.unit}; level {self.level} where no rule below holds",
                "",
                self.summary,
                "",
                f"Basis: {self.basis}",
                f"Provisions: {', '.join(self.provisions) or 'those of the orders and offences concerned'}",
                *([f"Window: {self.window.days} days of {self.window.of}"] if self.window else []),
                "Condition:",
                *_told(self.condition, 1),
                *(["Breaches that count:", *_told(self.members, 1)] if self.members else []),
                *(["Levels, the first that holds:", *rules] if rules else []),
                *(["Near miss: " + self.near_miss.text] if self.near_miss else []),
                "Known to mislead:",
                *(f"  - {text}" for text in self.false_positives),
                f"Examples: {len(self.examples)}",
            ]
        )


class Filter(_Strict):
    """Findings that an organisation has decided not to see, with who decided, why and until when.

    What is named under different keys must all hold; under one key any of the values.
    """

    id: Id = Field(description="A name; stands with everything that it suppresses.")
    reason: str = Field(min_length=10, description="Why, in a sentence.")
    author: str = Field(min_length=1, description="Who decided.")
    expires: date = Field(description="First day on which it no longer holds.")
    patterns: tuple[str, ...] = Field((), description="Ids of patterns.")
    levels: tuple[Level, ...] = Field((), description="Levels of findings.")
    suspects: tuple[str, ...] = Field((), description="References of suspects.")
    victims: tuple[str, ...] = Field((), description="References of victims.")
    incidents: tuple[str, ...] = Field((), description="Incidents, any of which is in the evidence.")
    orders: tuple[str, ...] = Field((), description="Orders, any of which is concerned.")
    when: Condition | None = Field(None, description="A condition, as in a pattern.")
    source: str = ""

    @property
    def empty(self) -> bool:
        """Return whether it would suppress everything."""
        named = (self.patterns, self.levels, self.suspects, self.victims, self.incidents, self.orders)
        return not any(named) and self.when is None


_M = TypeVar("_M", Pattern, Filter)


def read_pattern(table: Mapping[str, Any], where: str) -> Pattern:
    """Return the pattern of a parsed file; :class:`PatternError` names the first fault and counts the rest."""
    return _read(Pattern, table, where)


def read_filter(table: Mapping[str, Any], where: str) -> Filter:
    """Return the filter of a parsed table."""
    return _read(Filter, table, where)


def faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[str, str]]:
    """Return the faults of a table in plain words, with a hint for each."""
    found = []
    # An unknown key is often the cause of a missing one.
    for fault in sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden"):
        place = ".".join(str(part) for part in fault["loc"] if part not in ("Leaf", "Branch"))
        if fault["type"] == "extra_forbidden":
            found.append((f"'{place}' is not a key.", f"Allowed: {', '.join(_allowed(model, fault['loc'][:-1]))}."))
        elif fault["type"] == "missing":
            found.append((f"'{place}' is missing.", _meaning(model, str(fault["loc"][-1]))))
        else:
            found.append((f"'{place}': {fault['msg']}, seen {fault['input']!r:.80}.", ""))
    return found


def _read(model: type[_M], table: Mapping[str, Any], where: str) -> _M:
    try:
        return model.model_validate({**table, "source": where})
    except ValidationError as error:
        found = faults(error, model)
        message, hint = found[0]
        more = f"({len(found) - 1} more like it.)" if len(found) > 1 else ""
        raise PatternError(message, where=where, hint=" ".join(filter(None, [hint, more])) or None) from None


def _allowed(model: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    parts: dict[str, type[BaseModel]] = {
        "window": Window, "level_rules": LevelRule, "near_miss": NearMiss, "examples": Example,
    }  # fmt: skip
    inner = next((parts[p] for p in place if isinstance(p, str) and p in parts), model)
    return sorted(name for name in inner.model_fields if name != "source")


def _meaning(model: type[BaseModel], name: str) -> str:
    field = model.model_fields.get(name)
    return (field.description or "") if field else ""


def _told(node: Node, depth: int) -> list[str]:
    indent = "  " * depth
    if isinstance(node, Leaf):
        given = ", ".join(f"{k} {_short(v)}" for k, v in node.parameters.items())
        return [f"{indent}{node.criterion}" + (f" ({given})" if given else "")]
    words = {"all": "all of", "any": "at least one of", "not": "not"}[node.how]
    return [f"{indent}{words}:", *(line for part in node.parts for line in _told(part, depth + 1))]


def _short(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)


def level_number(level: str) -> int:
    """Return the position of a level, informational first."""
    return LEVELS.index(level)
