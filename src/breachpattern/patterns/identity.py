"""Stable ids: hashes of what a finding or a course is about, the same in every run on the same facts."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.patterns.context import Context
from breachpattern.patterns.fragments import fixed, inside
from breachpattern.patterns.populations import Population, first_alike, owners
from breachpattern.timelines import Timelines
from breachpattern.timelines.courses import Ragged, starts
from breachpattern.vocabulary import UNITS

Digests = npt.NDArray[np.uint64]


def ids(letter: str, digests: Digests) -> pa.Array:
    """Return the ids behind hashes: a letter and sixteen digits.

    Examples
    --------
    >>> ids("F", np.array([255], np.uint64)).to_pylist()
    ['F-00000000000000ff']
    """
    digit = np.frombuffer(b"0123456789abcdef", "S1")
    octets = digests.astype(">u8").view(np.uint8).reshape(-1, 8)
    text = np.empty(len(digests), [("letter", "S2"), ("digits", "S1", (8, 2))])
    text["letter"] = f"{letter}-".encode()
    text["digits"] = digit[np.stack([octets >> 4, octets & 15], axis=2)]
    return fixed(text)


def finding_digests(pattern: str, population: Population) -> Digests:
    """Return a hash of (pattern, people, order where the unit is one, incidents) for each finding."""
    if len(population) == 0:
        return np.empty(0, np.uint64)
    names = population.context.columns.names
    incident = population.context.columns.incident[population.rows.values].astype(np.int64)
    incidents = Ragged.distinct(owners(population.rows), incident, len(population))
    blank = np.zeros(len(population) + 1, np.int64)
    orders = population.orders if population.unit in ("order", "breach") else Ragged(blank, blank[:0])
    return hashes(
        pc.binary_join_element_wise(
            pa.scalar(f"{pattern}|{population.unit}"),
            text_lists(population.suspects, names.persons),
            text_lists(population.victims, names.persons),
            text_lists(orders, names.orders),
            text_lists(incidents, names.incidents),
            "|",
        )
    )


def course_ids(timelines: Timelines) -> pa.Array:
    """Return the stable id of each course: a hash of its unit, suspects, victims and incidents.

    Parameters
    ----------
    timelines : Timelines

    Returns
    -------
    pyarrow.Array of string
        In the order of ``timelines.courses``; the same facts give the same ids in every run.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> from breachpattern.law import Catalogue
    >>> from breachpattern.timelines import build
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "follow"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00"} | who for d in (1, 4)]
    >>> course_ids(build(read_extract(rows), Catalogue.load())).to_pylist()
    ['C-3ee7f2f5b315a9a3']
    """
    courses, columns = timelines.courses, timelines.columns
    incident = columns.incident[courses.rows.values].astype(np.int64)
    incidents = Ragged.distinct(owners(courses.rows), incident, len(courses.rows))
    unit = courses.frame["unit"].to_numpy().astype(np.int64)
    texts = pc.binary_join_element_wise(
        pa.array(UNITS.values).take(pa.array(unit)),
        text_lists(courses.suspects, columns.names.persons),
        text_lists(courses.victims, columns.names.persons),
        text_lists(incidents, columns.names.incidents),
        "|",
    )
    return ids("C", hashes(texts))


def hashes(texts: pa.Array) -> Digests:
    """Return the first 64 bits of the BLAKE2b hash of each text.

    Examples
    --------
    >>> hashes(pa.array(["a", "b", "a"])).tolist() == hashes(pa.array(["a", "b", "a"])).tolist()
    True
    """
    digests = b"".join([blake2b(text, digest_size=8).digest() for text in texts.cast(pa.binary()).to_pylist()])
    return np.frombuffer(digests, dtype=">u8").astype(np.uint64)


def text_lists(lists: Ragged, texts: pa.Array, joint: str = ";") -> pa.Array:
    """Return each list of codes as one text, joined with ``;``, or with ``; `` where they are sentences.

    Examples
    --------
    >>> text_lists(Ragged(np.array([0, 2, 2]), np.array([1, 0])), pa.array(["a", "b"])).to_pylist()
    ['b;a', '']
    """
    return inside(texts.take(pa.array(lists.values, pa.int64())).cast(pa.string()), lists, joint)


def incident_lists(context: Context, rows: Ragged) -> Ragged:
    """Return the incidents of each candidate's rows, each once, in the order of their first row."""
    first = first_alike(rows, context.columns.incident, context.several_rows)
    kept = first == np.arange(len(first))
    return Ragged(starts(kept)[rows.offsets], context.columns.incident[rows.values[kept]].astype(np.int64))


def id_or_blank(texts: pa.Array, codes: npt.NDArray[np.integer]) -> pa.Array:
    """Return the id behind each code; ``-1`` is blank."""
    return pc.fill_null(texts.take(pa.array(codes, mask=codes < 0)).cast(pa.string()), "")
