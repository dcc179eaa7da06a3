"""Names: placeholders that are nobody's, nicknames, and whether two given names may be one person's."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import pyarrow as pa
import pyarrow.compute as pc

# A whole name made of these words only, one of the first group among them, names nobody.
NOBODY = frozenset(["unknown", "unk", "unidentified", "unnamed", "nk", "nn", "anon", "anonymous", "tbc", "tba",
                    "refused", "withheld", "test", "dummy", "xx", "xxx", "xxxx"])  # fmt: skip
FILLERS = frozenset(["male", "female", "man", "woman", "person", "people", "adult", "youth", "youths", "boy", "girl",
                     "baby", "child", "infant", "juvenile", "suspect", "suspects", "offender", "offenders", "victim",
                     "witness", "caller", "informant", "subject", "nominal", "record", "name", "details", "not", "no",
                     "none", "given", "known", "stated", "recorded", "provided", "disclosed", "available", "yet", "the",
                     "1", "2", "3", "4", "a", "b", "mr", "mrs", "ms", "miss", "null", "nil", "na"])  # fmt: skip
WHOLE = frozenset(["a n other", "an other", "a another", "another", "a n o", "n k", "n a", "not known", "not given",
                   "not stated", "not recorded", "not provided", "not disclosed", "not available", "not applicable",
                   "no name", "no details", "none given", "none", "null", "null null", "nil", "na", "na na", "nil nil",
                   "none none", "joe bloggs", "jo bloggs", "fred bloggs"])  # fmt: skip
# Half a name that is none: as a given name, and as a surname. People called Null, Na, Test or Baby exist.
NO_GIVEN_NAME = frozenset(["baby", "baby boy", "baby girl", "infant", "newborn", "male", "female", "mr", "mrs", "ms",
                           "miss", "null", "test", "na", "n a", "none", "nil", "n k"])  # fmt: skip
NO_SURNAME = frozenset(["n k", "n a", "not known", "not given", "not stated", "not recorded", "not provided"])


def is_nobody(given: str | None, surname: str | None) -> bool:
    """Return whether a whole name, in plain spelling, is plainly a placeholder.

    Examples
    --------
    >>> is_nobody("unknown", "male"), is_nobody("a n", "other"), is_nobody("dana", "null"), is_nobody(None, "null")
    (True, True, False, True)
    """
    whole = " ".join(part for part in (given, surname) if part)
    words = set(whole.split())
    return whole in WHOLE or bool(words & NOBODY and words <= NOBODY | FILLERS)


def without_placeholders(given: pa.Array, surname: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return given names and surnames in plain spelling, null where they name nobody.

    Examples
    --------
    >>> rows = pa.array(["baby", "dana", "john"]), pa.array(["smith", "null", "unknown"])
    >>> given, surname = without_placeholders(*rows)
    >>> given.to_pylist(), surname.to_pylist()
    ([None, 'dana', 'john'], ['smith', 'null', None])
    """
    pairs = pc.binary_join_element_wise(pc.fill_null(given, ""), pc.fill_null(surname, ""), "|").dictionary_encode()
    nobody = [is_nobody(*(part or None for part in text.split("|"))) for text in pairs.dictionary.to_pylist()]
    whole = pa.array(nobody, pa.bool_()).take(pairs.indices)
    no_given = pc.or_(whole, pc.is_in(given, value_set=pa.array(sorted(NO_GIVEN_NAME | NOBODY))))
    no_surname = pc.or_(whole, pc.is_in(surname, value_set=pa.array(sorted(NO_SURNAME | NOBODY - {"test"}))))
    return pc.if_else(no_given, None, given), pc.if_else(no_surname, None, surname)


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Return, for each given name, the names of the people who may also be called so."""
    text = (resources.files(__package__) / "nicknames.toml").read_text("utf-8")
    found: dict[str, set[str]] = {}
    for name, short in tomllib.loads(text)["names"].items():
        for variant in (name, *short):
            found.setdefault(variant, set()).add(name)
    return {name: frozenset(groups) for name, groups in found.items()}


@cache
def alike(one: str, other: str) -> bool:
    """Return whether two given names in plain spelling may be one person's.

    Equal, a part of one another, an initial, a nickname, or a slip of the pen (one letter wrong, missing, added or
    exchanged with its neighbour; two in a name of eight letters or more).

    Examples
    --------
    >>> alike("robert james", "bob"), alike("j", "john"), alike("mark", "makr"), alike("daniel", "stephen")
    (True, True, True, False)
    """
    ours, theirs = one.split(), other.split()
    return any(_word_alike(a, b) for a in ours for b in theirs) or _slipped(one, other)


def _word_alike(a: str, b: str) -> bool:
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    if long.startswith(short) and (len(short) == 1 or len(short) >= 3):
        return True
    groups = nicknames()
    if groups.get(a, frozenset()) & groups.get(b, frozenset()):
        return True
    return _slipped(a, b)


def _slipped(a: str, b: str) -> bool:
    shorter = min(len(a), len(b))
    return shorter >= 4 and _slips(a, b) <= (2 if shorter >= 8 else 1)


def _slips(a: str, b: str) -> int:
    """Return how many letters are wrong, missing, added or exchanged with their neighbour; 3 stands for more."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return min(last[-1], 3)
