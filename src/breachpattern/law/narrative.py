"""Free text that speaks of a broken order: read around the words that say so, and never quoted.

A mention is one of three. A word says that something was broken, and what was broken is named beside it: an order, a
notice, bail, an injunction. Something was *not* complied with. Or contact is set against an order that stands
("despite the restraining order he texted her"). A denial, a fear or a condition ("no breach", "if he breaches") is no
mention, nor is a breach that breaks no order (of the peace). All of it is a sign for a reader: how often it is right
is for a sample to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from breachpattern.law.guards import Tokens, holds, indices
from breachpattern.law.wording import BAR

if TYPE_CHECKING:
    from breachpattern.law.recognition import Recogniser

BESIDE = 160  # characters either side of a word within which what was broken is looked for
CUES = 40  # such words of one text that are looked at: what a text says of a breach it says early
GAP, FAR = 1, 6  # words of another meaning between a breach and what was broken; words that belong to a contrast
_END = re.compile(r"[.!?;]\s|\n")
_NOT = r"(?:not|n't|non|never|fail(?:s|ed|ing|ure)?|refus(?:e|es|ed|ing|al))"


class Narrative:
    """Tells which free texts speak of a broken order.

    Parameters
    ----------
    recogniser : Recogniser
        Knows the names of orders, and what denies a breach.
    words : Mapping
        The table ``words.narrative`` of the catalogue.

    Attributes
    ----------
    pattern : str
        A regular expression that every text with a mention holds; it has no nested repetition, and RE2 reads it too.
    """

    def __init__(self, recogniser: Recogniser, words: Mapping[str, Any]) -> None:
        self._wording, self._guard, self._names = recogniser.wording, recogniser.guard, recogniser.names
        stems = {name: _either(words.get(name, ())) for name in ("breach", "broke", "comply", "contrast")}
        parts = {
            "breach": rf"(?:{stems['breach']}[a-z]*|broken)",
            "broke": rf"{stems['broke']}(?:s|ing)?",
            "comply": rf"{_NOT}[ -](?:to )?{stems['comply']}[a-z]*",
            "contrast": stems["contrast"],
        }
        self.pattern = rf"(?i)\b(?:{'|'.join(parts.values())})\b"
        self._cues = re.compile(rf"(?i)\b(?:{'|'.join(f'(?P<{name}>{part})' for name, part in parts.items())})\b")
        self._contact = frozenset(words.get("contact", ()))
        self._broken = self._guard.instruments - {"regulation", "direction", "warning", "tag"}
        self._not_yet = frozenset(words.get("not_yet", ()))

    def speaks_of_breach(self, text: str) -> bool:
        """Return whether a free text speaks of a broken order.

        Examples
        --------
        >>> from breachpattern.law import Catalogue
        >>> narrative = Catalogue.load().narrative
        >>> narrative.speaks_of_breach("Suspect has breached his non-molestation order by texting the victim.")
        True
        >>> narrative.speaks_of_breach("Order in place. No breach of the order was disclosed.")
        False
        """
        for count, cue in enumerate(self._cues.finditer(text)):
            if count == CUES:
                return False
            before = _END.split(text[max(cue.start() - BESIDE, 0) : cue.start()])[-1]
            after = _END.split(text[cue.end() : cue.end() + BESIDE], maxsplit=1)[0]
            if self._holds(str(cue.lastgroup), self._wording.running(before), self._wording.running(after)):
                return True
        return False

    def _holds(self, cue: str, before: Tokens, after: Tokens) -> bool:
        if cue == "contrast":
            return self._names_one(after[:FAR]) and self._contact_in((*before, BAR, *after))
        if cue == "comply":
            return self._follows(after) or self._precedes(before)
        said = (*before, "breach", *after)
        around = (*before[-2:], "breach", *after[:3])
        if any(holds(around, phrase) for phrase in self._guard.not_a_breach):
            return False
        if self._not_yet & set(before[-2:]) or self._guard.denied(
            said, len(before), indices(self._names.find(before)), self._guard.negators
        ):
            return False
        return self._follows(after) or (cue == "breach" and self._precedes(before))

    def _follows(self, after: Tokens) -> bool:
        """Return whether what was broken comes next: "breached the terms of his non-molestation order"."""
        named = {start for start, _, kind in self._names.find(after) if kind}
        others = 0
        for i, token in enumerate(after):
            if i in named or token in self._broken:
                return True
            others += token not in self._guard.harmless and token not in self._guard.between
            if token == BAR or others > GAP:
                return False
        return False

    def _precedes(self, before: Tokens) -> bool:
        """Return whether what was broken came just before: "his bail was breached again"."""
        named = {end - 1 for _, end, kind in self._names.find(before) if kind}
        for i in range(len(before) - 1, max(len(before) - GAP - 3, -1), -1):
            if i in named or before[i] in self._broken:
                return True
        return False

    def _names_one(self, tokens: Tokens) -> bool:
        return any(kind for _, _, kind in self._names.find(tokens)) or bool(self._broken & set(tokens))

    def _contact_in(self, tokens: Tokens) -> bool:
        none = self._guard.none
        return any(
            token in self._contact and not self._guard.denied(tokens, i, (), none) for i, token in enumerate(tokens)
        )


def _either(texts: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(text) for text in texts)})" if texts else r"(?:[^\s\S])"
