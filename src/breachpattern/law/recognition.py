"""From a recorded code or label to the catalogue: which offence, and which kind of order it says was broken.

A label says that an order was broken only where it says so: breach, contravene, disobey, fail to comply.
Which order follows from the names of the order kinds. Everything else rests on labels and word rules of the
offences; a rule is a list of words that must all be there (``a|b`` either, ``!a`` must not).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from breachpattern.law.codes import spellings
from breachpattern.law.entries import Offence, OrderKind
from breachpattern.law.wording import BAR, Wording, is_statute

_NEAR = 3
_NEAR_ENOUGH = 0.34
_LONG = 3
_ELSEWHERE = ""  # an order that the catalogue does not hold
_REACH = 3  # words between "fail" and "comply"


@dataclass(frozen=True)
class Recognition:
    """What a code or label was taken to mean, and how.

    Attributes
    ----------
    offence : str or None
        Offence id, ``None`` where nothing fits.
    method : str
        ``code``, ``label`` (the whole wording is known), ``words`` (what it says) or ``none``.
    closest : tuple of str
        Where nothing fits: the offences that come closest, best first.
    normalised : str
        The code or wording that was looked up.
    """

    offence: str | None
    method: str
    closest: tuple[str, ...] = ()
    normalised: str = ""


@dataclass(frozen=True)
class _Rule:
    offence: str
    needs: tuple[frozenset[str], ...]
    bars: frozenset[str]

    def holds(self, words: frozenset[str]) -> bool:
        return not (self.bars & words) and all(words & choice for choice in self.needs)

    def speaks_of(self, words: frozenset[str]) -> bool:
        return any(words & choice for choice in self.needs)


class Recogniser:
    """Looks up codes and labels; everything it knows comes from the catalogue."""

    def __init__(
        self,
        offences: Mapping[str, Offence],
        kinds: Mapping[str, OrderKind],
        words: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.offences = offences
        self.kinds = kinds
        self.wording = Wording(words)
        learn = self.wording.learn
        guard = words.get("guard", {})
        self._harmless = frozenset(word for text in guard.get("harmless", ()) for word in learn(text))
        self._not_a_breach = [learn(text) for text in guard.get("not_a_breach", ())]
        self._negators = frozenset(guard.get("negators", ()))
        self._between = frozenset(guard.get("between", ()))
        self._proceedings = frozenset(guard.get("proceedings", ()))
        self._elsewhere = tuple(guard.get("elsewhere", ()))
        self._only_alone = frozenset(guard.get("only_alone", ()))
        self._foreign_law = frozenset(guard.get("foreign_law", ()))
        self._instruments = frozenset(guard.get("instruments", ()))
        self._codes = {code: ident for ident, o in offences.items() for code in (*o.ho_codes, *o.cjs_codes)}
        self._names = self._kind_names()
        self._long_names: dict[str, list[tuple[frozenset[str], str]]] = {}
        for names in self._names.values():
            for name, kind in names:
                if kind and len(set(name)) >= _LONG:
                    self._long_names.setdefault(kinds[kind].family, []).append((frozenset(name), kind))
        self._labels: dict[tuple[str, ...], str] = {}
        self._bare: dict[tuple[str, ...], str] = {}
        self._rules: list[_Rule] = []
        self._profiles: dict[str, list[frozenset[str]]] = {}
        for ident, offence in offences.items():
            self._learn_offence(ident, offence)
        self._breaches = [
            (ident, frozenset(o.breach_of), o.breach_kind)
            for ident, o in offences.items()
            if o.role == "breach" and o.breach_of and "*" not in o.breach_of
        ]
        self._kinds_by_id = {self._content(self.wording.learn(kind)): [kind] for kind in kinds if "_" not in kind}
        self._any_order = next((i for i, o in offences.items() if o.breach_of == ("*",)), None)
        self.recognise = lru_cache(maxsize=65_536)(self._recognise)

    def _kind_names(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        names: dict[tuple[str, ...], str] = {}
        for ident, kind in self.kinds.items():
            texts = (
                kind.title,
                kind.abbreviation,
                *kind.abbreviations,
                *kind.labels,
            )
            for text in texts:
                name = _unbarred(self.wording.learn(text))
                if name:
                    names.setdefault(name, ident)
        for text in self._elsewhere:
            names.setdefault(self.wording.learn(text), _ELSEWHERE)
        by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, ident in sorted(names.items(), key=lambda item: -len(item[0])):
            by_first.setdefault(name[0], []).append((name, ident))
        return by_first

    def _learn_offence(self, ident: str, offence: Offence) -> None:
        profiles = self._profiles.setdefault(ident, [])
        for text in (offence.title, *offence.labels):
            tokens = _unbarred(self.wording.learn(text))
            profiles.append(frozenset(tokens))
            self._labels.setdefault(tokens, ident)
            if offence.role == "breach" and "breach" in tokens and self._is_bare(tokens):
                self._bare.setdefault(self._content(tokens), ident)
        for rule in offence.match:
            needs: list[frozenset[str]] = []
            bars: set[str] = set()
            for item in rule.split():
                words = frozenset(w for part in item.lstrip("!").split("|") for w in self.wording.learn(part))
                if item.startswith("!"):
                    bars |= words
                else:
                    needs.append(words)
            self._rules.append(_Rule(ident, tuple(needs), frozenset(bars)))

    def _is_bare(self, tokens: tuple[str, ...]) -> bool:
        return bool(self._content(tokens)) and not self._mentions(tokens)

    def _content(self, tokens: Iterable[str]) -> tuple[str, ...]:
        empty = self._harmless | {"breach", "fail", "comply", "not", "non"}
        return tuple(token for token in tokens if token not in empty and token != BAR and not is_statute(token))

    def _recognise(self, code: str | None, text: str | None) -> Recognition:
        by_code, spelt = self._by_code(code)
        if by_code is not None and "*" not in self.offences[by_code].breach_of:
            return Recognition(by_code, "code", (), spelt)
        tokens = self.wording.tokens(text or "")
        found, method = self._by_words(tokens) if tokens else (None, "none")
        normalised = " ".join(token for token in tokens if token != BAR)
        if by_code is not None:
            # The code says that some order was broken; the words may say which.
            if found is not None and self.offences[found].breach_of:
                return Recognition(found, method, (), normalised)
            return Recognition(by_code, "code", (), spelt)
        if found is not None:
            return Recognition(found, method, (), normalised)
        closest = self._closest(frozenset(_unbarred(tokens))) or self._closest_codes(code)
        return Recognition(None, "none", closest, normalised or spelt)

    def _by_code(self, code: str | None) -> tuple[str | None, str]:
        candidates = spellings(code) if code else ()
        for candidate in candidates:
            if candidate in self._codes:
                return self._codes[candidate], candidate
        return None, candidates[0] if candidates else (code or "").strip()

    def _by_words(self, tokens: tuple[str, ...]) -> tuple[str | None, str]:
        plain = _unbarred(tokens)
        for known in (plain, tuple(token for token in plain if not is_statute(token))):
            if known in self._labels:
                return self._labels[known], "label"
        tokens = self._without_other_breaches(tokens)
        mentions = self._mentions(tokens)
        breach = self._says_breach(tokens, mentions)
        if breach:
            found = self._broken(tokens, mentions)
            if found is not None:
                return found, "words"
        rest = _without(tokens, mentions)
        if mentions and self._proceedings & set(tokens):
            return None, "none"
        words = frozenset(_unbarred(rest))
        # Something unknown was broken: only a rule that speaks of it may say what this is.
        unknown = self._instruments & set(tokens) if breach else frozenset()
        rules = (r for r in self._rules if r.holds(words) and (not unknown or r.speaks_of(unknown)))
        best = max(rules, key=lambda r: len(r.needs), default=None)
        return (best.offence, "words") if best else (None, "none")

    def _without_other_breaches(self, tokens: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tokens without phrases such as a breach of the peace, which breaks no order."""
        for phrase in self._not_a_breach:
            size = len(phrase)
            for i in range(len(tokens) - size, -1, -1):
                if tokens[i : i + size] == phrase:
                    rest = tuple(token for token in phrase if token != "breach")
                    tokens = tokens[:i] + rest + tokens[i + size :]
        return tokens

    def _says_breach(self, tokens: tuple[str, ...], mentions: list[tuple[int, int, str]]) -> bool:
        named = {i for start, end, _ in mentions for i in range(start, end)}
        for i, token in enumerate(tokens):
            if any(word in self._proceedings for j, word in enumerate(tokens[:i]) if j not in named):
                return False
            clause = tokens[_clause_start(tokens, i) : i]
            if token == "breach" and not self._denied(tokens, i, named):
                return True
            if token in ("comply", "notification") and {"fail", "not", "non"} & set(clause[-_REACH:]):
                return True
            if token == "notification" and {"offence", "false"} & set(tokens):
                return True
        return False

    def _denied(self, tokens: tuple[str, ...], i: int, named: set[int]) -> bool:
        """Return whether "no", "risk of" or the like stands before a breach, and is not part of an order's name."""
        i -= 1
        while i >= 0 and tokens[i] in self._between and i not in named:
            i -= 1
        return i >= 0 and tokens[i] in self._negators and i not in named

    def _mentions(self, tokens: tuple[str, ...]) -> list[tuple[int, int, str]]:
        """Return (start, end, kind) for each order that the words name; the longest name counts."""
        found, i = [], 0
        while i < len(tokens):
            for name, kind in self._names.get(tokens[i], ()):
                alone = len(name) > 1 or name[0] not in self._only_alone or self._content(tokens) == name
                if tokens[i : i + len(name)] == name and alone:
                    found.append((i, i + len(name), kind))
                    i += len(name) - 1
                    other = self._other_instrument(name, tokens[i + 1 : i + 2])
                    if other:
                        i += 1
                        found.append((i, i + 1, other))
                    break
            i += 1
        return found

    def _other_instrument(self, name: tuple[str, ...], following: tuple[str, ...]) -> str | None:
        """Return the second kind of a label such as "protection order/notice"."""
        other = {"order": "notice", "notice": "order"}.get(name[-1])
        if other is None or following != (other,):
            return None
        wanted = (*name[:-1], other)
        return next((kind for known, kind in self._names[name[0]] if known == wanted), None)

    def _broken(self, tokens: tuple[str, ...], mentions: list[tuple[int, int, str]]) -> str | None:
        kinds = {
            self._exact(kind, tokens)
            for start, _, kind in mentions
            if kind and self.kinds[kind].is_order and "whilst" not in tokens[max(0, start - 1) : start]
        }
        if kinds:
            about = "notification" if "notification" in tokens else ""
            return self._breach_offence(kinds, about) or self._breach_offence(kinds, "") or self._any_order
        if mentions or self._foreign_law & set(tokens):
            return None
        everything = self._content(_unbarred(tokens))
        for clause in _clauses(tokens):  # "breach of court order (restraining)"
            alone = self._kinds_by_id.get(self._content(clause))
            if alone:
                return self._breach_offence(set(alone), "")
        for clause in _clauses(tokens):
            content = self._content(clause)
            if not {"breach", "comply"} & set(clause) and content != everything:
                continue  # what was broken stands elsewhere
            if content in self._bare:
                return self._bare[content]
            if not content and "order" in clause:
                return self._any_order
        return None

    def _exact(self, kind: str, tokens: tuple[str, ...]) -> str:
        """Return the member of a kind's family whose longer name the words hold in another order."""
        words = frozenset(tokens)
        family = self.kinds[kind].family
        names = [(len(n), k) for n, k in self._long_names.get(family, ()) if n <= words]
        longest = {k for size, k in names if size == max(names)[0]}
        if len(longest) > 1:  # "on conviction / on acquittal": the member of the family that says neither
            return family if family in self.kinds else kind
        return longest.pop() if longest else kind

    def _breach_offence(self, kinds: set[str], about: str) -> str | None:
        fitting = [(len(of), ident) for ident, of, kind in self._breaches if kind == about and kinds <= of]
        return min(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def _closest(self, words: frozenset[str]) -> tuple[str, ...]:
        scored = []
        for ident, profiles in self._profiles.items():
            score = max((2 * len(p & words) / (len(p) + len(words)) for p in profiles if p), default=0.0)
            if score >= _NEAR_ENOUGH:
                scored.append((-score, ident))
        return tuple(ident for _, ident in sorted(scored, key=lambda pair: pair[0])[:_NEAR])

    def _closest_codes(self, code: str | None) -> tuple[str, ...]:
        wanted = spellings(code)[:1] if code else ()
        near = get_close_matches(wanted[0], self._codes, _NEAR, 0.8) if wanted else []
        return tuple(dict.fromkeys(self._codes[one] for one in near))

    def order_kind(self, text: str) -> str | None:
        """Return the order kind that a text means, ``None`` where it could mean several or none."""
        plain = text.strip().casefold()
        if plain in self.kinds:
            return plain
        tokens = self.wording.tokens(text)
        kinds = [kind for _, _, kind in self._mentions(tokens)] or self._kinds_by_id.get(self._content(tokens), [])
        families = {self.kinds[kind].family for kind in kinds if kind}
        if len(families) != 1 or not all(kinds):
            return None
        named = {self._exact(kind, tokens) for kind in kinds}
        family = families.pop()
        if len(named) > 1:
            # "On conviction or acquittal": the kind of the family that says neither.
            return family if family in self.kinds else None
        return named.pop()

    def order_kinds_near(self, text: str) -> tuple[str, ...]:
        """Return the order kinds whose names come closest, best first."""
        words = frozenset(_unbarred(self.wording.tokens(text)))
        scored: dict[str, float] = {}
        for names in self._names.values():
            for name, kind in names:
                score = 2 * len(words & set(name)) / (len(set(name)) + len(words)) if words else 0.0
                scored[kind] = max(score, scored.get(kind, 0.0))
        scored.pop(_ELSEWHERE, None)
        ranked = sorted((-score, kind) for kind, score in scored.items() if score >= _NEAR_ENOUGH)
        near = [kind for _, kind in ranked] or get_close_matches(text.casefold(), self.kinds, _NEAR, 0.5)
        return tuple(near[:_NEAR])


def _unbarred(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(token for token in tokens if token != BAR)


def _clause_start(tokens: tuple[str, ...], i: int) -> int:
    while i and tokens[i - 1] != BAR:
        i -= 1
    return i


def _clauses(tokens: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    clause: list[str] = []
    for token in (*tokens, BAR):
        if token == BAR:
            yield tuple(clause)
            clause = []
        else:
            clause.append(token)


def _without(tokens: tuple[str, ...], mentions: list[tuple[int, int, str]]) -> tuple[str, ...]:
    gone = {i for start, end, _ in mentions for i in range(start, end)}
    return tuple(token for i, token in enumerate(tokens) if i not in gone)
