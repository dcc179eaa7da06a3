"""From a recorded code or label to the catalogue: which offence, and which kind of order it says was broken.

The code comes first, then a statute with the words beside it, then the words. A label says that an order was
broken only where it says so: breach, contravene, disobey, fail to comply. Which order follows from the names of
the order kinds. Everything else rests on labels and word rules of the offences; a rule is a list of words that
must all be there (``a|b`` either, ``!a`` must not). Of two rules that hold, the one that asks for more words wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from breachpattern.law.codes import spellings
from breachpattern.law.entries import Offence, OrderKind
from breachpattern.law.guards import Guard, Mention, Tokens, clauses, covers, indices, unbarred
from breachpattern.law.naming import NEAR, NEAR_ENOUGH, OrderNames
from breachpattern.law.wording import BAR, Wording, is_statute, typing_slips

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

    def holds(self, stated: frozenset[str], words: frozenset[str]) -> bool:
        """Return whether what a label states is what the rule needs, and nothing that it speaks of bars it."""
        return not (self.bars & words) and all(stated & choice for choice in self.needs)

    def speaks_of(self, words: frozenset[str]) -> bool:
        return any(words & choice for choice in self.needs)

    @property
    def cites(self) -> bool:
        """Whether the rule rests on a statute."""
        return any(all(is_statute(word) for word in choice) for choice in self.needs)


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
        self.guard = Guard(words.get("guard", {}), words.get("places", {}), self.wording)
        self.names = OrderNames(kinds, self.wording, self.guard)
        self._codes = {code: ident for ident, o in offences.items() for code in (*o.ho_codes, *o.cjs_codes)}
        self._labels: dict[Tokens, str] = {}
        self._bare: dict[Tokens, str] = {}
        self._rules: list[_Rule] = []
        self._profiles: dict[str, list[frozenset[str]]] = {}
        for ident, offence in offences.items():
            self._learn_offence(ident, offence)
        self._telling = [rule for rule in self._rules if rule.cites or rule.speaks_of(frozenset({"breach"}))]
        self._breaches = [
            (ident, frozenset(o.breach_of), o.breach_kind)
            for ident, o in offences.items()
            if o.role == "breach" and o.breach_of and "*" not in o.breach_of
        ]
        self._any_order = next((i for i, o in offences.items() if o.breach_of == ("*",)), None)
        self.recognise = lru_cache(maxsize=65_536)(self._recognise)

    def _learn_offence(self, ident: str, offence: Offence) -> None:
        profiles = self._profiles.setdefault(ident, [])
        for text in (offence.title, *offence.labels):
            tokens = unbarred(self.wording.learn(text))
            profiles.append(frozenset(tokens))
            self._labels.setdefault(tokens, ident)
            content = self.names.content(tokens)
            if offence.role == "breach" and "breach" in tokens and content and not self.names.find(tokens):
                self._bare.setdefault(content, ident)
        for rule in offence.match:
            needs: list[frozenset[str]] = []
            bars: set[str] = set()
            for item in rule.split():
                words = frozenset(w for part in item.lstrip("!").split("|") for w in self._rule_words(part))
                if item.startswith("!"):
                    bars |= words
                else:
                    needs.append(words)
            self._rules.append(_Rule(ident, tuple(needs), frozenset(bars)))

    def _rule_words(self, text: str) -> Tokens:
        words = self.wording.learn(text)
        # A limb such as "s4a(1)(b)(ii)" stands for itself, not for its section.
        return tuple(word for word in words if is_statute(word) and "_" in word) or words

    def _recognise(self, code: str | None, text: str | None) -> Recognition:
        by_code, spelt = self._by_code(code)
        if by_code is not None and "*" not in self.offences[by_code].breach_of:
            return Recognition(by_code, "code", (), spelt)
        tokens = self.wording.tokens(text or "")
        found, method = self._by_words(tokens) if tokens else (None, "none")
        normalised = " ".join(unbarred(tokens))
        if by_code is not None:
            # The code says that some order was broken; the words may say which.
            if found is not None and self.offences[found].breach_of:
                return Recognition(found, method, (), normalised)
            return Recognition(by_code, "code", (), spelt)
        if found is not None:
            return Recognition(found, method, (), normalised)
        closest = self._closest(frozenset(unbarred(tokens))) or self._closest_codes(code)
        return Recognition(None, "none", closest, normalised or spelt)

    def _by_code(self, code: str | None) -> tuple[str | None, str]:
        candidates = spellings(code) if code else ()
        for candidate in candidates:
            if candidate in self._codes:
                return self._codes[candidate], candidate
        return None, candidates[0] if candidates else (code or "").strip()

    def _by_words(self, tokens: Tokens) -> tuple[str | None, str]:
        plain = unbarred(tokens)
        if self.guard.denies_all(tokens):
            return None, "none"
        if plain in self._labels:
            return self._labels[plain], "label"
        tokens = self._without_other_breaches(tokens)
        mentions = self.names.find(tokens)
        breach = self._says_breach(tokens, mentions)
        found = self._by_statute(tokens, mentions, breach)
        if found is not None:
            return self._there(found, tokens), "words"
        known = self._labels.get(tuple(token for token in plain if not is_statute(token)))
        if known is not None:
            return self._there(known, tokens), "label"
        if breach:
            found = self._broken(tokens, mentions)
            if found is not None:
                return found, "words"
        if mentions and self.guard.proceedings & set(tokens):
            return None, "none"
        named = indices(mentions)
        rest = tuple(BAR if i in named else token for i, token in enumerate(tokens))
        stated, words = self.guard.stated(rest), frozenset(rest)
        # Something unknown was broken: only a rule that speaks of it may say what this is.
        unknown = self.guard.instruments & set(tokens) if breach else frozenset()
        unbroken = not breach and (bool(mentions) or "breach" in tokens)
        rules = (
            rule
            for rule in self._rules
            if rule.holds(stated, words)
            and (not unknown or rule.speaks_of(unknown))
            and not (unbroken and self.offences[rule.offence].breach_of)
        )
        best = max(rules, key=lambda r: len(r.needs), default=None)
        offence = self._there(best.offence, tokens) if best else None
        return offence, "words" if offence else "none"

    def _by_statute(self, tokens: Tokens, mentions: list[Mention], breach: bool) -> str | None:
        """Return what a statute and the words beside it say, or the words that say what kind of breach it was."""
        stated, words = self.guard.stated(tokens, indices(mentions)), frozenset(tokens)
        if not breach:
            stated -= {"breach"}
        rules = [r for r in self._telling if r.holds(stated, words) and self._may_tell(r, tokens, mentions, breach)]
        best = max(rules, key=lambda r: len(r.needs), default=None)
        return best.offence if best else None

    def _may_tell(self, rule: _Rule, tokens: Tokens, mentions: list[Mention], breach: bool) -> bool:
        of = self.offences[rule.offence].breach_of
        if not of:  # where an order was broken, that comes first, unless the rule itself speaks of the breach
            return not breach or rule.speaks_of(frozenset({"breach"}))
        if not breach:
            return not mentions and not ({"breach"} | self.guard.proceedings) & set(tokens)
        families = {self.kinds[kind].family for kind in of if kind != "*"}
        return all(kind and self.kinds[kind].family in families for _, _, kind in mentions)

    def _there(self, offence: str, tokens: Tokens) -> str | None:
        """Return the offence unless the label names a place to which it does not extend."""
        return offence if covers(self.offences[offence].extent, self.guard.places(tokens)) else None

    def _without_other_breaches(self, tokens: Tokens) -> Tokens:
        """Return the tokens without phrases such as a breach of the peace, which breaks no order."""
        for phrase in self.guard.not_a_breach:
            size = len(phrase)
            for i in range(len(tokens) - size, -1, -1):
                if tokens[i : i + size] == phrase:
                    rest = tuple(token for token in phrase if token != "breach")
                    tokens = tokens[:i] + rest + tokens[i + size :]
        return tokens

    def _says_breach(self, tokens: Tokens, mentions: list[Mention]) -> bool:
        named = indices(mentions)
        begins = {start for start, _, kind in mentions if kind}
        for i, token in enumerate(tokens):
            if any(word in self.guard.proceedings for j, word in enumerate(tokens[:i]) if j not in named):
                return False
            clause = tokens[_clause_start(tokens, i) : i]
            says = token == "breach" or (i + 1 in begins and typing_slips(token, "breach", 1) <= 1)
            if says and not self.guard.denied(tokens, i, named, self.guard.negators):
                return True
            if token in ("comply", "notification") and {"fail", "not", "non"} & set(clause[-_REACH:]):
                return True
            if token == "notification" and {"offence", "false"} & set(tokens):
                return True
            if token == "notification" and mentions and "fail" in tokens:
                return True
        return False

    def _broken(self, tokens: Tokens, mentions: list[Mention]) -> str | None:
        kinds = {
            self.names.exact(mention, tokens)
            for mention in mentions
            if mention[2]
            and self.kinds[mention[2]].is_order
            and "whilst" not in tokens[max(0, mention[0] - 1) : mention[0]]
        }
        if kinds:
            about = self._about(tokens)
            return self._breach_offence(kinds, about) or self._breach_offence(kinds, "") or self._any_order
        if mentions or self.guard.foreign_law & set(tokens):
            return None
        everything = self.names.content(tokens)
        for clause in clauses(tokens):  # "breach of court order (restraining)"
            alone = self.names.by_id.get(self.names.content(clause))
            if alone:
                return self._breach_offence(set(alone), "")
        for clause in clauses(tokens):
            content = self.names.content(clause)
            if not {"breach", "comply"} & set(clause) and content != everything:
                continue  # what was broken stands elsewhere
            if content in self._bare:
                return self._there(self._bare[content], tokens)
            if not content and "order" in clause and self._any_order:
                return self._there(self._any_order, tokens)
        return None

    def _about(self, tokens: Tokens) -> str:
        """Return the kind of breach that a label names."""
        if "notification" in tokens:
            return "notification"
        return "curfew" if self.guard.words("curfew") & set(tokens) else ""

    def _breach_offence(self, kinds: set[str], about: str) -> str | None:
        fitting = [(len(of), ident) for ident, of, kind in self._breaches if kind == about and kinds <= of]
        return min(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def _closest(self, words: frozenset[str]) -> tuple[str, ...]:
        scored = []
        for ident, profiles in self._profiles.items():
            score = max((2 * len(p & words) / (len(p) + len(words)) for p in profiles if p), default=0.0)
            if score >= NEAR_ENOUGH:
                scored.append((-score, ident))
        return tuple(ident for _, ident in sorted(scored, key=lambda pair: pair[0])[:NEAR])

    def _closest_codes(self, code: str | None) -> tuple[str, ...]:
        wanted = spellings(code)[:1] if code else ()
        near = get_close_matches(wanted[0], self._codes, NEAR, 0.8) if wanted else []
        return tuple(dict.fromkeys(self._codes[one] for one in near))


def _clause_start(tokens: Tokens, i: int) -> int:
    while i and tokens[i - 1] != BAR:
        i -= 1
    return i
