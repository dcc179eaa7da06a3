"""Records that come one by one, early, late or at once, leave what one run on all of them leaves."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import catalogue, incident, order

from breachpattern.cases import CaseIndex, chains
from breachpattern.cases.candidates import Scene
from breachpattern.cases.chains import Chain, chain, extended
from breachpattern.cases.courses import Traits
from breachpattern.cases.grown import courses_of
from breachpattern.cases.pairs import Pair
from breachpattern.cases.sums import Sums
from breachpattern.ingest import read_extract

FURTHER = incident("X", "2025-12-01T10:00", behaviours="contact")
ELSEWHERE = incident("E", "2024-01-01T10:00", suspect_id="P9", victim_id="V9")
ORDERS = [order("O1", founded_on="I00;I03"), order("O2", protected_id="V2", ends="2025-06-01")]
Rows = list[dict[str, Any]]


@pytest.fixture(autouse=True, scope="module")
def _short_chains() -> Iterator[None]:
    """Keep chains as they were after every other occasion, so that short streams begin again from there."""
    kept = chains.STEP, chains.MARKS
    chains.STEP, chains.MARKS = 2, 2
    yield
    chains.STEP, chains.MARKS = kept


@st.composite
def streams(draw: st.DrawFn) -> tuple[Rows, Rows]:
    """Return what is on file and what comes afterwards in any order: few people, and often at the same minute."""
    rows = []
    for i in range(draw(st.integers(3, 14))):
        day = f"2025-{draw(st.integers(1, 9)):02d}-{draw(st.sampled_from([1, 2, 15])):02d}"
        one = incident(
            f"I{i:02d}",
            f"{day}T{draw(st.sampled_from([10, 22]))}:00",
            victim_id=draw(st.sampled_from(["V1", "V1", "V1", "V2"])),
            behaviours=draw(st.sampled_from(["contact", "contact;threat", "assault", "follow", ""])),
            channel=draw(st.sampled_from(["phone", "in_person", ""])),
        )
        odd: dict[int, dict[str, Any]] = {
            0: {"status": "cancelled"}, 1: {"occurred_to": f"{day}T23:30"}, 2: {"act_count": 3},
            3: {"occurrence_ref": "R1"}, 4: {"reconciled_before": "true"}, 5: {"status": "closed", "outcome": "16"},
            6: {"kind": "custody", "behaviours": "", "occurred_to": "2025-09-29T10:00"}, 7: {"means": "07700900142"},
        }  # fmt: skip
        rows.append(one | odd.get(draw(st.integers(0, 40)), {}))
    known = draw(st.integers(0, len(rows) - 1))
    return rows[:known], draw(st.permutations(rows[known:]))


def index_of(rows: Rows) -> CaseIndex:
    return CaseIndex.of(read_extract([ELSEWHERE, *rows], orders=ORDERS), catalogue())


def kept(old: Rows, new: Rows) -> CaseIndex:
    index = index_of(old)
    for one in new:
        index.assess(one, keep=True)
    return index


def told(answer: dict[str, Any], skipped: set[str]) -> dict[str, Any]:
    names = ("orders", "breaches", "considered", "prior", "course")
    found = {name: answer[name] for name in names}
    for name in ("findings", "no_longer"):
        found[name] = [f for f in answer[name] if f["pattern"] not in skipped]
    return found


@given(streams())
@settings(max_examples=up_to(40), deadline=None)
def test_a_stream_leaves_what_one_run_on_all_leaves(stream):
    one_by_one, at_once = kept(*stream), index_of([*stream[0], *stream[1]])
    answers = [index.assess(FURTHER) for index in (one_by_one, at_once)]
    skipped = {p["pattern"] for a in answers for p in a["patterns_not_assessed"]}
    assert told(answers[0], skipped) == told(answers[1], skipped)


def shape(held: Chain) -> list[tuple[Any, ...]]:
    """What a chain says: the incidents of each course, how strong it is and why."""
    return [
        (
            [sorted(e.row.incident for e in held.occasions[m].entries) for m in c.members], c.strength, c.signals,
            round(c.support, 9), c.count, c.acts, c.first_at, c.last_at, c.inner_count, len(c.tree),
        )
        for c in held.courses
    ]  # fmt: skip


@given(streams())
@settings(max_examples=up_to(40), deadline=None)
def test_the_courses_of_a_pair_are_those_of_its_occasions(stream):
    for index in (kept(*stream), index_of([*stream[0], *stream[1]])):
        for victim in ("V1", "V2"):
            pair = index.cases.pair("P1", victim)
            links = pair.links()
            anew = chain(pair.occasions, links.traits, pair.beside, pair.custody)
            assert shape(links) == shape(anew)
            assert (links.label, links.course_of, links.loose) == (anew.label, anew.course_of, anew.loose)
            sums_are_those_of_their_rows(index, pair)


@given(streams())
@settings(max_examples=up_to(40), deadline=None)
def test_an_occasion_more_leaves_the_chain_before_as_it_was(stream):
    index = index_of([*stream[0], *stream[1]])
    for victim in ("V1", "V2"):
        pair = index.cases.pair("P1", victim)
        if len(pair.occasions) < 2:
            continue
        *earlier, last = pair.occasions
        former = chain(earlier, Traits(), pair.beside, pair.custody)
        before = everything(former)
        grown = extended(former, last, pair.custody)
        lost, come = grown.told_apart(former)
        joined = grown.course_at(len(earlier))
        whole = chain(pair.occasions, Traits(), pair.beside, pair.custody)
        assert [c for c in former.courses if c not in lost] == [c for c in grown.courses if c not in come]
        assert shape(grown) == shape(copy(grown)) == shape(whole)
        assert (grown.label, grown.course_of, grown.loose) == (whole.label, whole.course_of, whole.loose)
        assert joined is (grown.courses[whole.course_of[-1]] if whole.course_of[-1] >= 0 else None)
        assert everything(former) == before
        assert grown.told_apart(former) == (lost, come)


def everything(held: Chain) -> tuple[Any, ...]:
    return list(held.occasions), list(held.label), list(held.course_of), list(held.courses), shape(held), held.marks


def sums_are_those_of_their_rows(index: CaseIndex, pair: Pair) -> None:
    """What was carried on from record to record is what all of them add up to."""
    laws = index.cases.laws
    for candidate in courses_of(pair, Scene(laws, 0)):
        held, anew = candidate.sums, Sums(candidate.sums.entries)
        assert held.parent is None
        for name in ("behaviours", "impact", "relationships", "channels", "blanks", "offences", "kinds", "order_kinds",
                     "first_at", "last_end", "last_act", "last_event", "soonest", "only_duties", "incidents", "starts",
                     "forces", "ended", "with_means"):  # fmt: skip
            assert getattr(held, name) == getattr(anew, name), name
        assert held.events() == anew.events()
        assert held.history(laws) == anew.history(laws)
        for flag in ("record_on_balance_of_probabilities", "principal_crime_only"):
            assert held.under(laws, flag) == anew.under(laws, flag)
        for certain in (False, True):
            assert held.breach_events((0, 1), certain) == anew.breach_events((0, 1), certain)


def test_a_second_record_of_the_same_minute_leaves_what_lies_before(monkeypatch):
    rows = [incident(f"I{d:02d}", f"2025-03-{d:02d}T10:00", behaviours="contact") for d in range(1, 20)]
    index = kept(rows, [incident("N1", "2025-05-01T10:00", behaviours="contact")])
    monkeypatch.setattr(type(index.cases), "_built", None)
    answer = index.assess(incident("N2", "2025-05-01T10:00", behaviours="threat"), keep=True)
    assert answer["course"]["occasions"] == 20
    assert index.assess(FURTHER)["prior"] == {"occasions_365d": 20, "occasions": 20, "breaches": 21, "records": 21}


def test_a_record_that_comes_late_takes_nothing_apart(monkeypatch):
    rows = [incident(f"I{d:02d}", f"2025-03-{d:02d}T10:00", behaviours="contact") for d in range(1, 20)]
    new = [incident(f"N{d:02d}", f"2025-05-{d:02d}T10:00", behaviours="contact") for d in range(1, 9)]
    index = kept(rows, new)
    monkeypatch.setattr(type(index.cases), "_built", None)
    monkeypatch.setattr(chains, "chain", None)
    answer = index.assess(incident("L", "2025-05-05T20:00", behaviours="contact"), keep=True)
    assert answer["course"]["occasions"] == 28


def test_a_late_record_makes_one_of_two_courses_however_many_records_they_have():
    """None of which the engine has seen; each row that a course grows by is a step, and there are 600."""
    calls = [incident(f"A{d}", f"2024-01-{d:02d}T10:00", behaviours="contact") for d in range(1, 5)]
    first = datetime(2024, 4, 1)
    damages = [
        incident(f"B{i:03d}", (first + timedelta(hours=8 * i)).isoformat(), behaviours="damage") for i in range(600)
    ]
    index = kept([ELSEWHERE], calls + damages)
    assert len(index.cases.pair("P1", "V1").links().courses) == 2
    answer = index.assess(incident("L", "2024-02-20T10:00", behaviours="contact;damage"), keep=True)
    assert answer["course"]["occasions"] == 605
    (course,) = courses_of(index.cases.pair("P1", "V1"), Scene(index.cases.laws, index.cases.last_known))
    assert course.sums.events() == 605
