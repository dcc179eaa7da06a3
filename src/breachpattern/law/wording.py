"""Labels as people type them, brought to one wording: abbreviations, word forms, typing errors, statutes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

BAR = "|"
LONGEST = 1_000  # characters of a label that are read: more is a narrative, and would take minutes
_EITHER = re.compile(r"\b(\w+)n/o\b")  # DVPN/O: the notice or the order
_WITHOUT = re.compile(r"\bw/o(?:ut)?\b")
_DOTTED = re.compile(r"\b[a-z](?:[./][a-z])+\b\.?")
_LIMBS = r"((?:\s*\((?:\d{1,3}[a-z]?|[a-z]|[ivx]{1,4})\))*)"
_SECTION = re.compile(rf"\bs(?:ec|ect|ection|ections|s)?\b\.?\s*(\d{{1,3}}[a-z]{{0,2}})\b{_LIMBS}")
_SECTION_JOINED = re.compile(rf"\bs(\d{{1,3}}[a-z]{{0,2}})\b{_LIMBS}")
_SECTION_BARE = re.compile(rf"(?<![\w/.-])(?<!\w\()(\d{{1,2}}[a-z])\b{_LIMBS}")  # "stalking 4A"
_CLAUSE = re.compile(r"\s[-–—]+|[-–—]+\s|[(),;:\[\]]|\.\s|\.$|\n")
_TOKEN = re.compile(r"[a-z0-9_]+|\|")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_STATUTE = re.compile(r"s\d{1,3}[a-z]{0,2}(?:_[a-z0-9]+)*|act[a-z]+")
# From these lengths on, a word may be one, then two, slips away from the one meant.
_ONE_TYPO, _TWO_TYPOS = 6, 10
_SHORTEST_STEM, _SHORTEST_JOINED = 4, 6
_SMALL = ("of", "ofa", "ofthe")  # "breachofnmo"
Replacement = tuple[str, re.Pattern[str], str]


def is_statute(token: str) -> bool:
    """Return whether a token is a reference to a section or an Act rather than a word.

    Examples
    --------
    >>> is_statute("s42a"), is_statute("actpha"), is_statute("stalking")
    (True, True, False)
    """
    return bool(_STATUTE.fullmatch(token)) and token != "action"


class Wording:
    """Turns a label into a tuple of plain words, each in the one form that the catalogue uses.

    Parameters
    ----------
    words : Mapping
        The ``words`` tables of the catalogue: `stop` (dropped), `same` (forms of one word), `acts` (names of
        Acts), `phrases` (abbreviations of several words), `distinct` (real words that are never typing errors).
    """

    def __init__(self, words: Mapping[str, Mapping[str, Any]]) -> None:
        self._stop = frozenset(words.get("stop", {}).get("all", ()))
        self._same: dict[str, str] = {}
        for form, variants in words.get("same", {}).items():
            for variant in (form, *variants):
                self._same[variant] = form
        distinct = words.get("distinct", {}).get("all", ())
        self._real = {*distinct, *self._stop}  # words that no typing error stands for
        self._known: dict[str, str] = {word: word for word in self._real}
        self._known.update(self._same)
        self._phrases = _replacements(words.get("phrases", {}))
        self._acts = _replacements(words.get("acts", {}), either_and=True)
        self._split_kept = lru_cache(maxsize=4_096)(self._split_anew)
        self._meant = lru_cache(maxsize=65_536)(self._find_meant)

    def learn(self, text: str) -> tuple[str, ...]:
        """Return the words of a catalogue text and add them to those that typing errors are compared with."""
        for token in self._split(text):
            plain = self._plain(token)
            self._known.setdefault(plain, plain)
            self._real -= {plain} - self._stop
        self._meant.cache_clear()
        return self.forms(text)

    def forms(self, text: str) -> tuple[str, ...]:
        """Return the words of a catalogue text, each in its one form, without learning them."""
        tokens = (self._plain(token) for token in self._split(text))
        return tuple(token for token in tokens if token not in self._stop)

    def running(self, text: str) -> tuple[str, ...]:
        """Return the words of free text in their one form: no abbreviations, Acts or typing errors are looked for."""
        plain = _CLAUSE.sub(f" {BAR} ", text[:LONGEST].casefold().replace("’", "'").replace("'", ""))
        tokens = (self._plain(token) for token in _TOKEN.findall(plain))
        return tuple(token for token in tokens if token not in self._stop and (len(token) > 1 or token == BAR))

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the words of a typed label; ``|`` stands between its clauses."""
        out: list[str] = []
        for token in self._split(text):
            out.extend(word for word in self._meant(token) if word not in self._stop)
        return tuple(out)

    def _split(self, text: str) -> tuple[str, ...]:
        # A narrative in the place of a label would be kept whole.
        return self._split_kept(text[:LONGEST])

    def _split_anew(self, text: str) -> tuple[str, ...]:
        plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'", "")
        plain = re.sub(r"[^\S\n]+", " ", plain.replace("_", " "))
        plain = _replaced(plain, self._phrases)
        plain = _WITHOUT.sub("without", _EITHER.sub(r"\1n \1o", plain))
        plain = _DOTTED.sub(lambda m: re.sub(r"[./]", "", m.group()), plain)
        plain = _replaced(plain, self._acts)
        plain = _YEAR.sub(" ", plain)
        for section in (_SECTION, _SECTION_JOINED, _SECTION_BARE):
            plain = section.sub(_section, plain)
        plain = _CLAUSE.sub(f" {BAR} ", plain)
        # What remains of subsections and numbering carries no meaning.
        return tuple(
            token for token in _TOKEN.findall(plain) if not token.isdigit() and (len(token) > 1 or token == BAR)
        )

    def _plain(self, token: str) -> str:
        if token in self._same:
            return self._same[token]
        for ending, replacement in (("ies", "y"), ("s", "")):
            stem = token[: -len(ending)] + replacement
            if token.endswith(ending) and not token.endswith("ss") and len(stem) > 2:
                if stem in self._same:
                    return self._same[stem]
                if stem in self._known:
                    return self._known[stem]
        return token

    def _find_meant(self, token: str) -> tuple[str, ...]:
        if token == BAR:
            return (token,)
        if is_statute(token):  # a limb of a section counts only where the catalogue speaks of it
            return (token,) if "_" not in token or token in self._known else ()
        plain = self._plain(token)
        if plain in self._known:
            return (self._known[plain],)
        near = self._nearest(token)
        if near is not None:
            return (near,)
        if len(token) >= _SHORTEST_STEM:
            whole = {form for word, form in self._known.items() if word.startswith(token) and word not in self._real}
            if len(whole) == 1:
                return (whole.pop(),)
        return self._doubled(token) or self._joined(token) or (token,)

    def _doubled(self, token: str) -> tuple[str, ...]:
        """Return the short word meant where one of its letters was typed twice."""
        shorter = {token[:i] + token[i + 1 :] for i in range(1, len(token)) if token[i] == token[i - 1]}
        known = (self._known.keys() & shorter) - self._real
        meant = {self._known[word] for word in known if len(word) >= _SHORTEST_STEM}
        return tuple(meant) if len(meant) == 1 else ()

    def _joined(self, token: str) -> tuple[str, ...]:
        """Return the two words of a joined one, a small word between them left out."""
        for small in _SMALL:
            for word in (token.removeprefix(small), token.removesuffix(small)):
                if word != token and len(word) > 2 and word in self._known:
                    return (self._known[word],)
        if len(token) < _SHORTEST_JOINED:
            return ()
        for cut in range(3, len(token) - 2):
            left, right = token[:cut], token[cut:]
            if (left != "non" and cut == 3) or left not in self._known:
                continue
            for small in ("", *_SMALL):
                rest = right.removeprefix(small)
                if right.startswith(small) and len(rest) > 2 and rest in self._known:
                    return (self._known[left], self._known[rest])
        return ()

    def _nearest(self, token: str) -> str | None:
        best: dict[int, set[str]] = {}
        for word, form in self._known.items():
            if word in self._real:
                continue
            allowed = _slips_allowed(word, token)
            if not allowed or abs(len(word) - len(token)) > allowed or not _same_start(word, token):
                continue
            slips = typing_slips(token, word, allowed)
            if slips <= allowed:
                best.setdefault(slips, set()).add(form)
        if not best:
            return None
        forms = best[min(best)]
        return forms.pop() if len(forms) == 1 else None


def _section(match: re.Match[str]) -> str:
    limbs = re.findall(r"[a-z0-9]+", match[2])
    whole = "_".join((f"s{match[1]}", *limbs))
    return f" s{match[1]} {whole} " if limbs else f" {whole} "


def _replacements(words: Mapping[str, Iterable[str]], *, either_and: bool = False) -> list[Replacement]:
    """Return what is looked for, the longest first: its first word, the whole of it, and what stands in its place."""
    found = []
    for form, texts in words.items():
        for text in texts:
            whole = re.escape(text)
            whole = whole.replace(r"\ and\ ", r"\ (?:and|&)\ ") if either_and else whole
            found.append((text.partition(" ")[0], re.compile(rf"(?<!\w){whole}(?!\w)"), f" {form} "))
    return sorted(found, key=lambda one: -len(one[1].pattern))


def _replaced(plain: str, replacements: Iterable[Replacement]) -> str:
    for first, whole, form in replacements:
        if first in plain:  # a look at one word is far cheaper than one for the whole, and seldom finds it
            plain = whole.sub(form, plain)
    return plain


def _slips_allowed(word: str, token: str) -> int:
    if len(word) >= _TWO_TYPOS:
        return 2
    # A wrong letter makes another real word of a short one too easily; a missing or swapped letter seldom does.
    short = len(word) == _ONE_TYPO - 1 and (len(token) < len(word) or sorted(token) == sorted(word))
    return 1 if len(word) >= _ONE_TYPO or short else 0


def _same_start(word: str, token: str) -> bool:
    # A slip in the first letter is rare, unless it changed places with the second.
    return word[0] == token[0] or word[:2] == token[1::-1]


def typing_slips(left: str, right: str, limit: int) -> int:
    """Return how many slips (wrong, missing, extra or swapped letters) lie between two words, or `limit` + 1.

    Examples
    --------
    >>> typing_slips("harrasment", "harassment", 2), typing_slips("borken", "broken", 2)
    (2, 1)
    >>> typing_slips("order", "notice", 2)
    3
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        last, row, older = row, [i], before
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = last
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
