"""What keeps a label from being taken for more than it says: denials, steps in the life of an order, other law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from breachpattern.law.wording import BAR, Wording

Tokens = tuple[str, ...]
Mention = tuple[int, int, str]  # start, end, order kind


class Guard:
    """The guard words of the catalogue.

    Parameters
    ----------
    table : Mapping
        ``words.guard``.
    places : Mapping
        ``words.places``: an extent, and the words that name it.
    wording : Wording
        Brings the words to their one form.
    """

    def __init__(self, table: Mapping[str, Any], places: Mapping[str, Any], wording: Wording) -> None:
        def raw(name: str) -> frozenset[str]:
            return frozenset(table.get(name, ()))

        def learnt(name: str) -> tuple[Tokens, ...]:
            return tuple(wording.learn(text) for text in table.get(name, ()))

        self.harmless = frozenset(word for phrase in learnt("harmless") for word in phrase)
        self.not_a_breach = learnt("not_a_breach")
        self.elsewhere = tuple(table.get("elsewhere", ()))
        self.negators, self.between, self.proceedings = raw("negators"), raw("between"), raw("proceedings")
        self.only_alone, self.foreign_law, self.instruments = raw("only_alone"), raw("foreign_law"), raw("instruments")
        self.none = raw("none")
        self._table, self._wording = table, wording
        self._read: dict[str, tuple[Tokens, ...]] = {}
        self._places = [(wording.learn(text), extent) for extent, texts in places.items() for text in texts]

    def phrases(self, name: str) -> tuple[Tokens, ...]:
        """Return the phrases of a list as labels are read once every word of the catalogue is known."""
        if name not in self._read:
            self._read[name] = tuple(self._wording.tokens(text) for text in self._table.get(name, ()))
        return self._read[name]

    def words(self, name: str) -> frozenset[str]:
        """Return the words of a list as labels are read."""
        return frozenset(word for phrase in self.phrases(name) for word in phrase)

    def denies_all(self, tokens: Tokens) -> bool:
        """Return whether a label says that there was no offence at all."""
        return any(holds(tokens, phrase) for phrase in self.phrases("denials"))

    def denied(self, tokens: Tokens, i: int, named: Iterable[int], negators: frozenset[str]) -> bool:
        """Return whether "no" or the like stands before a word, and is not part of an order's name."""
        i -= 1
        while i >= 0 and tokens[i] in self.between and i not in named:
            i -= 1
        return i >= 0 and tokens[i] in negators and i not in named

    def stated(self, tokens: Tokens, named: Iterable[int] = ()) -> frozenset[str]:
        """Return the words that a label states: those that "no" or "not" stands before are left out."""
        return frozenset(
            token for i, token in enumerate(tokens) if token != BAR and not self.denied(tokens, i, named, self.none)
        )

    def places(self, tokens: Tokens) -> frozenset[str]:
        """Return the parts of the United Kingdom, beside England and Wales, that a label names."""
        return frozenset(extent for phrase, extent in self._places if holds(tokens, phrase))

    def without_places(self, name: Tokens) -> Tokens:
        """Return a name without the words of a place."""
        for phrase, _ in self._places:
            for i in range(len(name) - len(phrase) + 1):
                if name[i : i + len(phrase)] == phrase:
                    return name[:i] + name[i + len(phrase) :]
        return name

    def not_in_force(self, tokens: Tokens, mentions: Sequence[Mention]) -> bool:
        """Return whether words beside the name of an order say that it was not made or no longer holds."""
        named = indices(mentions)
        around = tuple(BAR if i in named else token for i, token in enumerate(tokens))
        if any(holds(around, phrase) for phrase in self.phrases("not_live")):
            return True
        if any(tokens[start - 1] in self.none for start, _, _ in mentions if start):
            return True
        made = [i for i, token in enumerate(around) if token in self.words("live")]
        if any(self.denied(tokens, i, named, self.none) for i in made):
            return True
        return not made and any(holds(around, phrase) for phrase in self.phrases("steps"))


def covers(extent: str, places: frozenset[str]) -> bool:
    """Return whether an extent reaches one of the places that a label names, where it names any.

    Examples
    --------
    >>> covers("E&W, NI", frozenset({"NI"})), covers("E&W", frozenset({"NI"})), covers("E&W", frozenset())
    (True, False, True)
    """
    return not places or extent == "UK" or bool(places & set(extent.split(", ")))


def holds(tokens: Tokens, phrase: Tokens) -> bool:
    """Return whether tokens hold a phrase, its words in order and side by side."""
    size = len(phrase)
    return bool(phrase) and any(tokens[i : i + size] == phrase for i in range(len(tokens) - size + 1))


def indices(mentions: Iterable[Mention]) -> frozenset[int]:
    """Return the positions that the names of orders take up."""
    return frozenset(i for start, end, _ in mentions for i in range(start, end))


def unbarred(tokens: Iterable[str]) -> Tokens:
    """Return the words without the bars between clauses."""
    return tuple(token for token in tokens if token != BAR)


def clauses(tokens: Tokens) -> Iterable[Tokens]:
    """Yield the words of each clause.

    Examples
    --------
    >>> list(clauses(("breach", "order", "|", "restraining")))
    [('breach', 'order'), ('restraining',)]
    """
    clause: list[str] = []
    for token in (*tokens, BAR):
        if token == BAR:
            yield tuple(clause)
            clause = []
        else:
            clause.append(token)
