"""What was used: a number, an account, a registration mark or a house, each in one spelling, however it is written.

The pages say that one object has one spelling and what is no object; which texts are a number, an account, a mark or a
house they leave open. Here each text is read on its own, step by step. The list of words that name nothing is the
engine's: it is vocabulary.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category

from breachpattern.linking.objects import NO_OBJECT

SEPARATORS = frozenset("().-/ \t\r\n\f")
BEFORE_A_NUMBER = frozenset({
    "tel", "telephone", "mob", "mobile", "phone", "ph", "landline", "number", "no", "call", "text", "sms", "whatsapp",
    "signal", "telegram",
})  # fmt: skip
HOMELESS = ("no fixed abode", "no fixed address", "nfa", "n f a")
# Great Britain since 2001, 1983 and 1963; Northern Ireland.
MARKS = ("AA99AAA", "A9AAA", "A99AAA", "A999AAA", "AAA9A", "AAA99A", "AAA999A")
IRISH = ("AAA9", "AAA99", "AAA999", "AAA9999")  # with an I in the middle or a Z at the end of the letters
# What is counted and no house: "3 missed calls".
COUNTED = frozenset({
    "CALL", "TEXT", "MESSAGE", "LETTER", "EMAIL", "TIME", "NOTE", "CARD", "GIFT", "MALE", "FEMALE", "VISIT", "POST",
    "VOICEMAIL", "NUMBER", "PHONE", "CAR", "VAN", "OTHER",
})  # fmt: skip
COUNTED_AS_IS = frozenset({"SMS", "MISSED", "MEN", "MAN", "WOMAN", "WOMEN", "PEOPLE", "UNKNOWN", "DIFFERENT"})
NOBODY = frozenset({
    "none", "no", "noemail", "no.email", "noe-mail", "no.e-mail", "nomail", "no.mail", "no-mail", "no.-mail", "noreply",
    "unknown", "unk", "na", "n/a", "nk", "nil", "test", "withheld",
})  # fmt: skip


@lru_cache(maxsize=1 << 16)
def spelt(text: str | None) -> str | None:
    """Return what a text names as ``kind:spelling``, ``None`` where it names no recognisable object.

    Examples
    --------
    >>> spelt("+44 (0)7700 900142"), spelt("WhatsApp: 07700-900142"), spelt("@Nobody"), spelt("blue Ford, ab12 cde")
    ('phone:07700900142', 'phone:07700900142', 'account:nobody', 'vehicle:AB12CDE')
    >>> spelt("12 Long Row"), spelt("3 missed calls"), spelt("withheld"), spelt("blue Ford van"), spelt(None)
    ('address:12 long row', None, None, None, None)
    """
    lower = (text or "").strip().lower()
    if not lower or names_nothing(lower):
        return None
    for kind, read in (("phone", _number), ("vehicle", _mark), ("address", _house), ("account", _account)):
        found = read(lower)
        if found is not None:
            return f"{kind}:{found}"
    return None


def names_nothing(lower: str) -> bool:
    """Return whether a text only says that there is nothing to name: *N/K*, *withheld*, *of no fixed abode*."""
    words = " ".join("".join(one if _written(one) else " " for one in lower).split())
    rest = words.removeprefix("of ")
    return words in NO_OBJECT or any(rest == way or rest.startswith(way + " ") for way in HOMELESS)


def _written(one: str) -> bool:
    """Return whether a character is a letter or a digit."""
    return category(one)[0] in "LN"


def _compact(text: str) -> str:
    return "".join(one for one in text if one not in SEPARATORS)


def _number(lower: str) -> str | None:
    """Return a telephone number of 7 to 15 digits, one of this country without its prefix."""
    word = re.match(r"[a-z]+", lower)
    if word is not None and word.group() in BEFORE_A_NUMBER and not re.match(r"[0-9_]", lower[word.end() :]):
        at = word.end()
        while at < len(lower) and not _written(lower[at]) and lower[at] not in "+(":
            at += 1
        lower = lower[at:]
    number = _compact(lower)
    for prefix in ("+44", "0044"):
        if number.startswith(prefix):
            number = "0" + number.removeprefix(prefix).removeprefix("0")
            break
    if re.fullmatch(r"44[1-9][0-9]{8,9}", number):
        number = "0" + number[2:]
    if re.match(r"00[1-9]", number):
        number = "+" + number[2:]
    digits = number.removeprefix("+")
    if not re.fullmatch(r"[0-9]{7,15}", digits):
        return None
    # 07777777777 is a way to fill a field.
    return None if len(set(digits.removeprefix("0"))) <= 1 else number


def _mark(lower: str) -> str | None:
    """Return a registration mark, which the whole text is or which stands in it."""
    upper = lower.upper()
    whole = _compact(upper)
    irish = whole[1:2] == "I" or whole[2:3] == "Z"
    if any(_like(whole, mark) for mark in (*MARKS, *(IRISH if irish else ()))):
        return whole
    within = re.findall(r"(?=\b([A-Z]{2}[0-9]{2} ?[A-Z]{3})\b)", upper, flags=re.ASCII)
    return within[-1].replace(" ", "") if within else None


def _like(text: str, mark: str) -> bool:
    """Return whether a text has the letters and the digits of a mark where it has them."""
    wanted = {"A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9": "0123456789"}
    return len(text) == len(mark) and all(one in wanted[sort] for one, sort in zip(text, mark, strict=True))


def _house(lower: str) -> str | None:
    """Return a house: what has a whole postcode, or begins with a number and a word, and counts nothing."""
    upper = lower.upper()
    postcode = re.search(r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b", upper, flags=re.ASCII)
    numbered = re.match(r"[0-9]+[A-Z]?,? +[A-Z]", upper)
    if postcode is None and numbered is None:
        return None
    words = re.findall(r"\w+", upper.replace("E-MAIL", "EMAIL"), flags=re.ASCII)
    counts = any(word in COUNTED_AS_IS or word.removesuffix("S") in COUNTED or word in COUNTED for word in words)
    return None if counts else lower


def _account(lower: str) -> str | None:
    """Return an account: an e-mail address, or one word that nobody would write as a word."""
    name, at, where = lower.rpartition("@")
    if at and name and "@" not in name and not re.search(r"\s", lower) and re.search(r".\..", where):
        return None if name in NOBODY else lower.lstrip("@")
    handle = lower.removeprefix("@")
    if not handle or not all(_written(one) or one in "_.-" for one in handle) or not any(map(_written, handle)):
        return None
    joined = any(
        handle[i] in "_.-" and _written(handle[i - 1]) and _written(handle[i + 1]) for i in range(1, len(handle) - 1)
    )
    # Letters first, and a digit after them: jo99.
    numbered = re.search(r"[0-9]", handle)
    named = numbered is not None and numbered.start() > 0 and all(
        one in "_.-" or category(one)[0] == "L" for one in handle[: numbered.start()]
    )  # fmt: skip
    return handle if lower.startswith("@") or joined or named else None
