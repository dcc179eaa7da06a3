"""Options that belong together, declared once: a command takes a whole group as one argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, get_type_hints

from breachpattern.cli import options as opt
from breachpattern.errors import UsageError

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser
    from breachpattern.ingest.privacy import Privacy
    from breachpattern.law import Catalogue


@dataclass(frozen=True)
class Tables:
    """What is read beside the incidents, and how columns become ours."""

    orders: opt.Orders = None
    persons: opt.Persons = None
    associations: opt.Associations = None
    mapping: opt.MappingFile = None
    query: opt.Query = None

    def sources(self, incidents: str | None) -> dict[str, Any]:
        """Return every source by its table."""
        return {
            "incidents": incidents,
            "orders": self.orders,
            "persons": self.persons,
            "associations": self.associations,
        }

    def reading(self, incidents: str | None) -> dict[str, Any]:
        """Return what ``read_extract`` takes."""
        return self.sources(incidents) | {"mapping": self.mapping, "query": self.query}


@dataclass(frozen=True)
class Rules:
    """By which law and patterns is judged."""

    patterns: opt.Patterns = None
    filters: opt.Filters = None
    law: opt.Law = None

    def catalogue(self) -> Catalogue:
        """Return the catalogue with what a folder adds to it."""
        from breachpattern.cli.rules import catalogue_of

        return catalogue_of(self.law or [])


@dataclass(frozen=True)
class Linking:
    """How person records become people."""

    link: opt.LinkMethod = "exact"
    link_threshold: opt.LinkThreshold = None
    link_decisions: opt.LinkDecisions = None
    link_model: opt.LinkModel = None

    def analyser(self, rules: Rules) -> Analyser:
        """Return who analyses by these rules, linking so."""
        from breachpattern.analysis import Analyser

        given: dict[str, Any] = {name: value for name, value in vars(self).items() if value is not None}
        return Analyser(rules.catalogue(), rules.patterns or [], rules.filters or [], **given)


@dataclass(frozen=True)
class Shield:
    """What is done to people's data as it is read."""

    pseudonymise: opt.Pseudonymise = None
    way_back: opt.WayBack = None
    minimise: opt.Minimise = False
    special_category: opt.SpecialCategory = None

    def privacy(self, *, linking: bool) -> Privacy:
        """Return what is done to an extract as it is read.

        Raises
        ------
        UsageError
            Where a way back is asked for and nothing is pseudonymised.
        InputError
            Where the key cannot be read or is too short.
        OutputError
            Where the way back is there already, or could not be written.
        """
        from breachpattern.ingest.privacy import Privacy, check_way_back, read_key

        if self.way_back is not None and self.pseudonymise is None:
            raise UsageError(
                "A way back is asked for, and nothing is pseudonymised.", hint="Add --pseudonymise KEYFILE."
            )
        if self.way_back is not None:
            check_way_back(self.way_back)  # said before the work, not after it
        key = read_key(self.pseudonymise) if self.pseudonymise is not None else None
        return Privacy(
            key, minimise=self.minimise, linking=linking, special_categories=tuple(self.special_category or ())
        )

    def finish(self, privacy: Privacy) -> None:
        """Write the way back where one is asked for."""
        if self.way_back is not None:
            privacy.write_way_back(self.way_back)


def check_decisions(privacy: Privacy, linking: Linking) -> None:
    """Refuse decisions that name people by references beside an extract that names them by pseudonyms."""
    if privacy.key is not None and linking.link_decisions is not None:
        raise UsageError(
            "The decisions name people by their references, and the extract by pseudonyms.",
            where="--link-decisions",
            hint="Leave one of the two out.",
        )


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """Return a command whose groups of options are options of its own, in their order.

    Examples
    --------
    >>> @grouped
    ... def check(tables: Tables, quiet: bool = False) -> int:
    ...     return len(tables.sources("incidents.csv"))
    >>> list(inspect.signature(check).parameters)[:2], check(orders="orders.csv", persons=None, associations=None,
    ...                                                       mapping=None, query=None, quiet=True)
    (['orders', 'persons'], 4)
    """
    hints, signature = get_type_hints(command, include_extras=True), inspect.signature(command)
    groups = {name: hints[name] for name in signature.parameters if is_dataclass(hints[name])}
    options: list[inspect.Parameter] = []
    for name, parameter in signature.parameters.items():
        if name not in groups:
            options.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        own = get_type_hints(groups[name], include_extras=True)
        options += [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.default is MISSING else field.default,
                annotation=own[field.name],
            )
            for field in fields(groups[name])
        ]

    @wraps(command)
    def call(**given: Any) -> int:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        return command(**given)

    call.__dict__["__signature__"] = signature.replace(parameters=options)
    call.__annotations__ = {option.name: option.annotation for option in options} | {"return": int}
    return call
