"""How strong the course of one suspect is towards everybody against whom there is conduct on file."""

from __future__ import annotations

from collections.abc import Mapping


class Towards(dict[str, int]):
    """The strength of the strongest course towards each victim, by name; never changed, only replaced.

    Examples
    --------
    >>> held = Towards({"V2": 1, "V1": 3})
    >>> held.with_one("V3", 2).strong(2) == {"V1", "V3"}
    True
    """

    __slots__ = ("_strong",)

    def __init__(self, strengths: Mapping[str, int]) -> None:
        super().__init__(sorted(strengths.items()))
        self._strong: dict[int, frozenset[str]] = {}

    def strong(self, least: int) -> frozenset[str]:
        """Return the victims towards whom the course has at least some strength."""
        held = self._strong.get(least)
        if held is None:
            held = self._strong[least] = frozenset(victim for victim, own in self.items() if own >= least)
        return held

    def with_one(self, victim: str, strength: int) -> Towards:
        """Return them with the strength towards one victim."""
        return self if self.get(victim) == strength else Towards({**self, victim: strength})
