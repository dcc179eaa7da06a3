"""Lint: what is wrong, weak or out of date in packs and filters, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from breachpattern.errors import PatternError
from breachpattern.law import Catalogue
from breachpattern.patterns.headlines import faults_of
from breachpattern.patterns.model import Filter, Pattern, faults
from breachpattern.patterns.packs import CORE, retired_ids, tables
from breachpattern.patterns.registry import find_criterion
from breachpattern.patterns.rules import rules
from breachpattern.patterns.tree import check, leaves
from breachpattern.spans import LONDON


@dataclass(frozen=True)
class LintIssue:
    """Something wrong (``error``) or weak (``warning``) in a pack.

    Examples
    --------
    >>> print(LintIssue("error", "mine.toml", "my_pattern", "'titel' is not a key.", "Did you mean 'title'?"))
    error: mine.toml, my_pattern: 'titel' is not a key. Did you mean 'title'?
    """

    severity: str
    file: str
    entry: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the issue as one readable line."""
        place = f"{self.file}, {self.entry}" if self.entry else self.file
        return f"{self.severity}: {place}: {self.message}{' ' + self.hint if self.hint else ''}"


def lint_packs(packs: Sequence[str | Path] = (), *, catalogue: Catalogue | None = None) -> list[LintIssue]:
    """Return everything that is wrong or weak in the core pack and further packs.

    Parameters
    ----------
    packs : sequence of path
        Folders or files of your own.
    catalogue : Catalogue, optional
        Against which provisions and codes are checked; the built-in one by default.

    Examples
    --------
    >>> lint_packs()
    []
    """
    law = catalogue or Catalogue.load()
    issues = [LintIssue("error", place, "", text) for place, node in rules().conditions() for text in check(node, "")]
    taken: dict[str, str] = dict.fromkeys(retired_ids(), "the retired ids")
    for place in (CORE, *map(Path, packs)):
        try:
            for path, kind, table in tables([place]):
                found = _filter(table, path) if kind == "filter" else _pattern(table, path, law, taken)
                issues.extend(found)
        except (PatternError, OSError) as error:
            issues.append(LintIssue("error", str(place), "", str(error)))
    return issues


def _pattern(table: Mapping[str, Any], path: Path, law: Catalogue, taken: dict[str, str]) -> Iterator[LintIssue]:
    ident = str(table.get("id", ""))

    def issue(message: str, hint: str = "", severity: str = "error") -> LintIssue:
        return LintIssue(severity, path.name, ident, message, hint)

    try:
        pattern = Pattern.model_validate({**table, "source": str(path)})
    except ValidationError as error:
        yield from (issue(message, hint) for message, hint in faults(error, Pattern))
        return
    except PatternError as error:
        yield issue(error.message, error.hint or "")
        return
    if ident in taken:
        yield issue(f"The id is already used by {taken[ident]}.", "An id is never reused.")
    taken.setdefault(ident, path.name)
    sound = True
    for place, node in pattern.conditions():
        for text in check(node, "breach" if place == "members" else pattern.unit):
            sound = False
            yield issue(f"{place}: {text}")
    if sound:
        yield from (issue(*words) for words in faults_of(pattern))
    for key in pattern.provisions:
        if key not in law.provisions:
            near = ", ".join(get_close_matches(key, law.provisions, 3, 0.5))
            yield issue(f"The catalogue has no provision '{key}'.", f"Nearest: {near}." if near else "")
    yield from (issue(*words, severity="warning") for words in _weak(pattern))


def _weak(pattern: Pattern) -> Iterator[tuple[str, str]]:
    if not pattern.false_positives:
        yield "No false positives are named.", "Every pattern misleads somewhere: say where."
    for expect, words in ((True, "fires"), (False, "must stay quiet")):
        if not any(example.expect is expect for example in pattern.examples):
            yield f"No example on which it {words}.", "Add one."
    if pattern.window and not any(
        "days" in find_criterion(leaf.criterion).parameters for _, node in pattern.conditions() for leaf in leaves(node)
    ):
        yield "The window is used by no criterion.", "Leave it out, or name a criterion with a 'days' parameter."


def _filter(table: Mapping[str, Any], path: Path) -> Iterator[LintIssue]:
    ident = str(table.get("id", ""))
    try:
        held = Filter.model_validate({**table, "source": str(path)})
    except ValidationError as error:
        yield from (LintIssue("error", path.name, ident, m, h) for m, h in faults(error, Filter))
        return
    except PatternError as error:
        yield LintIssue("error", path.name, ident, error.message, error.hint or "")
        return
    if held.empty:
        yield LintIssue("error", path.name, ident, "It would suppress every finding.", "Name what it is about.")
    if held.when is not None:
        yield from (LintIssue("error", path.name, ident, text) for text in check(held.when, ""))
    if held.expires <= datetime.now(LONDON).date():
        yield LintIssue(
            "warning", path.name, ident, f"It expired on {held.expires}.", "Renew it with a reason, or delete it."
        )
