"""The exact stages: pairs that an identifier, or name, birth date and a second key join, with the reason in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people import births, likeness
from breachpattern.linking.people.pairs import Pairs, make, sharing, strongest
from breachpattern.linking.people.records import KEYS, Records
from breachpattern.linking.people.texts import Ints, encode, together

# Nominal, so that stages can be ordered and held against a threshold; no stage estimates a probability.
PROBABILITY = {"pnc_id": 0.9999, "cro_number": 0.999, "name_birth_date_key": 0.998, "name_birth_date_postcode": 0.98,
               "birth_date_swapped": 0.97, "changed_surname": 0.96}  # fmt: skip
CONTRADICTED = 0.95  # an identifier agrees, the names and birth dates do not
KEY_WORDS = {"phone": "phone", "email": "e-mail address", "address": "address", "vehicle": "vehicle",
             "pnc_as_written": "PNC id as written", "cro_as_written": "CRO number as written"}  # fmt: skip


def exact_pairs(records: Records, contradictory: Ints) -> Pairs:
    """Return the pairs of references that the exact stages join.

    Parameters
    ----------
    records : Records
    contradictory : (k,) int64
        References whose own rows contradict one another; their links are never certain.
    """
    stages = [
        _identifier(records, "pnc", "pnc_id", "PNC id"),
        _identifier(records, "cro", "cro_number", "CRO number"),
        *_name_and_birth_date(records),
        _changed_surname(records),
    ]
    pairs = strongest(stages)
    certain = pairs.certain & ~np.isin(pairs.left, contradictory) & ~np.isin(pairs.right, contradictory)
    evidence = pc.if_else(
        pa.array(pairs.certain & ~certain),
        pc.binary_join_element_wise(pairs.evidence, "the rows of one reference contradict one another", "; "),
        pairs.evidence,
    )
    return Pairs(pairs.left, pairs.right, pairs.method, pairs.probability, certain, evidence)


def contradictory_rows(records: Records) -> tuple[Ints, Ints]:
    """Return pairs of records of one reference that cannot both be true: two valid PNC ids, or nothing in common."""
    left, right = sharing(records.reference, np.arange(len(records)))
    own = np.arange(len(records))
    each = replace(records, references=pa.array(own), reference=own)
    against = likeness.compare(each, left, right)
    bad = against.different_pnc | against.strangers
    return left[bad], right[bad]


def _identifier(records: Records, column: str, method: str, words: str) -> Pairs:
    code = records.code[column]
    left, right = sharing(code, records.reference)
    against = likeness.compare(records, left, right).doubtful
    which = _shared_value(records, code, left, right)
    ending = pc.utf8_slice_codeunits(records.text[column].take(pa.array(which)).combine_chunks(), -4, None)
    evidence = pc.binary_join_element_wise(f"same {words} ending", ending, " ")
    warned = pc.binary_join_element_wise(evidence, "names or birth dates contradict it", "; ")
    probability = np.where(against, CONTRADICTED, PROBABILITY[method])
    return make(left, right, method, probability, ~against, pc.if_else(pa.array(against), warned, evidence))


def _shared_value(records: Records, code: Ints, left: Ints, right: Ints) -> Ints:
    """Return, for each pair, a record of the left reference that has the shared value."""
    pair, a, b = likeness.crossed(records, left, right)
    same = (code[a] == code[b]) & (code[a] >= 0)
    _, first = np.unique(pair[same], return_index=True)
    return np.asarray(a[same][first])


def _name_and_birth_date(records: Records) -> list[Pairs]:
    name = records.code["name"]
    day = np.where(records.born, records.day - births.UNKNOWN_DAY, -1)
    exact = together(name, encode(pa.array(day, pa.int64(), mask=day < 0))[0])
    order = births.day_and_month_in_order(records.day)
    swapped = together(name, encode(pa.array(order, pa.int64(), mask=order < 0))[0])
    by_key = _with_keys(records, exact)
    return [
        make(*by_key[:2], "name_birth_date_key", PROBABILITY["name_birth_date_key"], True,
             _worded(by_key[2], "same name, birth date and {}")),
        make(*sharing(together(exact, records.code["postcode"]), records.reference), "name_birth_date_postcode",
             PROBABILITY["name_birth_date_postcode"], False, "same name, birth date and postcode, no second key"),
        _swapped(records, swapped),
    ]  # fmt: skip


def _swapped(records: Records, swapped: Ints) -> Pairs:
    left, right, keys = _with_keys(records, swapped)
    words = _worded(keys, "same name, {}; birth date with day and month exchanged")
    return make(left, right, "birth_date_swapped", PROBABILITY["birth_date_swapped"], False, words)


def _changed_surname(records: Records) -> Pairs:
    day = np.where(records.born, records.day - births.UNKNOWN_DAY, -1)
    base = together(records.code["given"], encode(pa.array(day, pa.int64(), mask=day < 0))[0])
    left, right, keys = _with_keys(records, base)
    enough = (keys & (keys - 1)) != 0
    words = _worded(keys[enough], "same given name, birth date, {}; another surname")
    return make(left[enough], right[enough], "changed_surname", PROBABILITY["changed_surname"], False, words)


def _with_keys(records: Records, base: Ints) -> tuple[Ints, Ints, Ints]:
    """Return pairs of references that share a base value and a key, and which keys, as a mask.

    The key may stand on any row of the reference. An identifier whose check letter fails proves nobody's identity, but
    two records of one name and birth date do not miswrite it in the same way by chance.
    """
    own = np.arange(len(records.references))
    holder, with_base, with_key = likeness.crossed(records, own, own)
    width = len(own)
    found, masks = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for position, kind in enumerate(KEYS):
        left, right = sharing(together(base[with_base], records.code[kind][with_key]), holder)
        found.append(left * width + right)
        masks.append(np.full(len(left), 1 << position))
    pairs, position_of = np.unique(np.concatenate(found), return_inverse=True)
    mask = np.zeros(len(pairs), np.int64)
    np.bitwise_or.at(mask, position_of.ravel(), np.concatenate(masks))
    left, right = np.divmod(pairs, max(width, 1))
    return left, right, mask


def _worded(masks: Ints, sentence: str) -> pa.Array:
    texts = []
    for mask in range(1 << len(KEYS)):
        words = [KEY_WORDS[kind] for position, kind in enumerate(KEYS) if mask >> position & 1]
        texts.append(sentence.format(_listed(words)))
    return pa.array(texts).take(pa.array(masks))


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
