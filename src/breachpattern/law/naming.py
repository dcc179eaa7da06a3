"""The names of order kinds: which orders a text names, and which one kind it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from breachpattern.law.entries import OrderKind
from breachpattern.law.guards import Guard, Mention, Tokens, clauses, covers, unbarred
from breachpattern.law.wording import Wording, is_statute

ELSEWHERE = ""  # an order that the catalogue does not hold
NEAR, NEAR_ENOUGH = 3, 0.34
_LONG = 3
_SAYS_BREACH = frozenset({"breach", "fail", "comply", "not", "non"})


@dataclass(frozen=True)
class KindReading:
    """What a text was taken to mean as a kind of order.

    Attributes
    ----------
    kind : str or None
        Order kind id, ``None`` where the text could mean several kinds or none, or no order that holds.
    named : tuple of str
        The kinds that it names.
    not_in_force : bool
        It names a kind and says that no such order was made or holds (refused, applied for, unconditional).
    """

    kind: str | None
    named: tuple[str, ...] = ()
    not_in_force: bool = False


class OrderNames:
    """Finds the names of order kinds in the words of a text."""

    def __init__(self, kinds: Mapping[str, OrderKind], wording: Wording, guard: Guard) -> None:
        self.kinds = kinds
        self.wording = wording
        self.guard = guard
        names: dict[Tokens, str] = {}
        for ident, kind in kinds.items():
            for text in (kind.title, kind.abbreviation, *kind.abbreviations, *kind.labels):
                name = unbarred(wording.learn(text))
                if name:
                    names.setdefault(name, ident)
        self._local = self._local_kinds(names)
        for text in guard.elsewhere:
            names.setdefault(wording.learn(text), ELSEWHERE)
        self._by_first: dict[str, list[tuple[Tokens, str]]] = {}
        self._by_family: dict[str, list[tuple[frozenset[str], str]]] = {}
        for name, ident in sorted(names.items(), key=lambda item: -len(item[0])):
            self._by_first.setdefault(name[0], []).append((name, ident))
            if ident and len(set(name)) > 1:
                self._by_family.setdefault(kinds[ident].family, []).append((frozenset(name), ident))
        self.by_id = {self.content(wording.learn(kind)): [kind] for kind in kinds if "_" not in kind}

    def _local_kinds(self, names: Mapping[Tokens, str]) -> dict[tuple[str, str], str]:
        """Return by place and family the kind of that place: its names are those of the family with the place added."""
        local: dict[tuple[str, str], str] = {}
        for name, ident in names.items():
            general = names.get(self.guard.without_places(name), ident)
            if general != ident:
                local[self.kinds[ident].extent, self.kinds[general].family] = ident
        return local

    def content(self, tokens: Tokens) -> Tokens:
        """Return the words that say which order is meant."""
        empty = self.guard.harmless | _SAYS_BREACH
        return tuple(token for token in unbarred(tokens) if token not in empty and not is_statute(token))

    def find(self, tokens: Tokens) -> list[Mention]:
        """Return (start, end, kind) for each order that the words name; the longest name counts."""
        places = self.guard.places(tokens)
        found: list[Mention] = []
        i = 0
        while i < len(tokens):
            for name, kind in self._by_first.get(tokens[i], ()):
                alone = len(name) > 1 or name[0] not in self.guard.only_alone or self.content(tokens) == name
                if tokens[i : i + len(name)] == name and alone:
                    found.append((i, i + len(name), self._there(kind, places)))
                    i += len(name) - 1
                    other = self._other_instrument(name, tokens[i + 1 : i + 2])
                    if other:
                        i += 1
                        found.append((i, i + 1, self._there(other, places)))
                    break
            i += 1
        return found

    def _there(self, kind: str, places: frozenset[str]) -> str:
        """Return the kind that a name means in the place that the text names."""
        if not kind or covers(self.kinds[kind].extent, places):
            return kind
        local = {self._local.get((place, self.kinds[kind].family), ELSEWHERE) for place in places}
        return local.pop() if len(local) == 1 else ELSEWHERE

    def _other_instrument(self, name: Tokens, following: Tokens) -> str | None:
        """Return the second kind of a label such as "protection order/notice"."""
        other = {"order": "notice", "notice": "order"}.get(name[-1])
        if other is None or following != (other,):
            return None
        wanted = (*name[:-1], other)
        return next((kind for known, kind in self._by_first[name[0]] if known == wanted), None)

    def exact(self, mention: Mention, tokens: Tokens) -> str:
        """Return the member of a kind's family whose longer name the words hold in another order."""
        start, end, kind = mention
        conduct = self.guard.words("conduct")
        told = next((i for i in range(end, len(tokens)) if tokens[i] in conduct), len(tokens))
        tokens = tokens[:told]  # what follows tells what was done, not which order it was
        words, name = frozenset(tokens), frozenset(tokens[start:end])
        beside = [frozenset(clause) - name - _SAYS_BREACH for clause in clauses(tokens)]
        family = self.kinds[kind].family
        names = [
            (len(longer), member)
            for longer, member in self._by_family.get(family, ())
            if longer <= words and (len(longer) >= _LONG or (longer > name and longer - name in beside))
        ]
        longest = {member for size, member in names if size == max(names)[0]}
        if len(longest) > 1:  # "on conviction / on acquittal": the member of the family that says neither
            return family if family in self.kinds else kind
        return longest.pop() if longest else kind

    def read(self, text: str) -> KindReading:
        """Return the order kind that a text means, or why it means none."""
        plain = text.strip().casefold()
        if plain in self.kinds:
            return KindReading(plain, (plain,))
        tokens = self.wording.tokens(text)
        mentions = self.find(tokens)
        if any(not kind for _, _, kind in mentions):
            return KindReading(None)
        if mentions:
            named = tuple(dict.fromkeys(self.exact(mention, tokens) for mention in mentions))
        else:
            named = tuple(self.by_id.get(self.content(tokens), ()))
        if named and self.guard.not_in_force(tokens, mentions):
            return KindReading(None, named, not_in_force=True)
        families = {self.kinds[kind].family for kind in named}
        if len(named) > 1 and len(families) == 1:
            # "On conviction or acquittal": the kind of the family that says neither.
            family = families.pop()
            return KindReading(family if family in self.kinds else None, named)
        return KindReading(named[0] if len(named) == 1 else None, named)

    def near(self, text: str) -> tuple[str, ...]:
        """Return the order kinds whose names come closest, best first."""
        words = frozenset(unbarred(self.wording.tokens(text)))
        scored: dict[str, float] = {}
        for names in self._by_first.values():
            for name, kind in names:
                score = 2 * len(words & set(name)) / (len(set(name)) + len(words)) if words else 0.0
                scored[kind] = max(score, scored.get(kind, 0.0))
        scored.pop(ELSEWHERE, None)
        ranked = sorted((-score, kind) for kind, score in scored.items() if score >= NEAR_ENOUGH)
        nearest = [kind for _, kind in ranked] or get_close_matches(text.casefold(), self.kinds, NEAR, 0.5)
        return tuple(nearest[:NEAR])
