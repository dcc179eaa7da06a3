"""What each measure says in words, and what it needs of an extract."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

KINDS = ("share", "days", "survival", "mix")
# CJS codes of an application for a stalking protection order (Stalking Protection Act 2019).
APPLICATIONS = tuple(f"ST1950{number}" for number in range(1, 8))
DIRECTIONS = ("higher", "lower", "neither")


@dataclass(frozen=True)
class Definition:
    """One measure in words.

    Attributes
    ----------
    id, name, title : str
        ``M2``, ``dealt_with_alone``, ``Breaches dealt with alone``.
    kind : str
        ``share``, ``days`` (a median), ``survival`` (a share by a day) or ``mix`` (shares that add up to one).
    numerator, denominator, caveat, basis : str
    better : str
        ``higher``, ``lower`` or ``neither``.
    needs : tuple of str
        What the extract must hold: ``table.column``, ``table.column=value``, ``table``, or ``actions.kind``; with ``|``
        between them, one of several.
    rule : str
        Only records made while a recording rule asked for this count.
    waits : int
        Days that must have passed since police were told for a record to be judged.
    at_day : int
        The day by which a ``survival`` measure gives its share.
    looks_back : int
        Days before in which events count; 0 where it does not look back.
    without_register : str
        What a reader is told where no register is given.
    """

    id: str
    name: str
    title: str
    kind: str
    better: str
    numerator: str
    denominator: str
    caveat: str
    basis: str
    needs: tuple[str, ...] = ()
    rule: str = ""
    waits: int = 0
    at_day: int = 90
    looks_back: int = 0
    without_register: str = ""

    @property
    def heading(self) -> str:
        """The title, and which direction is better where one is."""
        return self.title if self.better == "neither" else f"{self.title} ({self.better} is better)"


@cache
def definitions() -> dict[str, Definition]:
    """Return the measures by id, in the order in which they are told.

    Examples
    --------
    >>> definitions()["M2"].title
    'Breaches dealt with alone'
    """
    text = files(__package__).joinpath("definitions.toml").read_text("utf-8")
    return {key: Definition(id=key, **_typed(entry)) for key, entry in tomllib.loads(text).items()}


def _typed(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"needs": tuple(entry.get("needs", ()))}
