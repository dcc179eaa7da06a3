"""What the index says of one incident is what a whole run says of it."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from datetime import date
from random import Random
from threading import Event, Thread
from typing import Any

import pytest
from tests.cases.given import extract, with_arrests
from tests.drawing import first
from tests.facts import catalogue, incident, order

import breachpattern as bp
from breachpattern.cases import CaseIndex
from breachpattern.cases.index import TIERS
from breachpattern.errors import InputError, UsageError
from breachpattern.ingest import Extract, read_extract
from breachpattern.patterns import find
from breachpattern.spans import DAY, FOREVER, as_of_second
from breachpattern.timelines import build
from breachpattern.timelines.units import DYAD
from breachpattern.vocabulary import BREACH_STATUSES, NATURES, ORDER_STATES, STRENGTHS

SEEDS = range(12)
MANY = range(100, 400)


def read(given: dict[str, list[dict[str, Any]]], incidents: list[dict[str, Any]]) -> Extract:
    return read_extract(incidents, orders=given["orders"] or None, associations=given["associations"] or None)


def chosen(given: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The incident known last, and the one known first: the rest of the extract is its history."""
    numbers = [i["incident_id"] for i in given["incidents"]]
    known = sorted(
        (i for i in given["incidents"] if numbers.count(i["incident_id"]) == 1),
        key=lambda i: (i.get("reported_at") or i["occurred_from"], i["incident_id"]),
    )
    return [known[-1], known[0]] if len(known) > 1 else []


def agrees(seed: int) -> int:
    """Hold answers against a whole run; return how many findings were compared."""
    given = extract(seed)
    whole = build(read(given, given["incidents"]), catalogue(), FOREVER)
    rows = find(whole).to_frame().to_dict("records")
    compared = 0
    for one in chosen(given):
        rest = [i for i in given["incidents"] if i is not one]
        index = CaseIndex.of(read(given, rest), catalogue())
        answer = index.assess(one)
        assert json.loads(json.dumps(answer)) == answer
        compared += is_that_of(answer, whole, rows)
        index.add(one)
        assert (
            index.assess(one | {"incident_id": "another", "status": "cancelled"})["course"]["strength_before"]
            == (answer["course"]["strength_after"])
        )
    return compared


def is_that_of(answer: dict[str, Any], whole: Any, rows: list[dict[str, Any]]) -> int:
    """Hold an answer against a run and what it found; return how many findings were compared."""
    number = answer["incident_id"]
    skipped = {p["pattern"] for p in answer["patterns_not_assessed"]}
    wanted = {
        r["finding_id"]: (r["pattern"], r["level"], r["headline"])
        for r in rows
        if number in r["incident_ids"].split(";") and r["pattern"] not in skipped
    }
    told = {
        f["finding_id"]: (f["pattern"], f["level"], f["headline"]) for f in answer["findings"] if f["rests_on_incident"]
    }
    assert told == wanted
    assert breaches_told(answer) == breaches_of(whole, number)
    assert answer["course"]["strength_after"] == strength_of(whole, answer["suspect_id"], answer["victim_id"])
    return len(wanted)


def levels(found: Any) -> dict[str, str]:
    frame = found.to_frame()
    return dict(zip(frame["finding_id"], frame["level"], strict=True))


def changes_are_those(answer: dict[str, Any], before: dict[str, str], after: dict[str, str]) -> None:
    """What an answer says of the case without the incident is what a run without it says."""
    for f in answer["findings"]:
        assert after[f["finding_id"]] == f["level"]
        if f["finding_id_before"] is not None:
            assert before[f["finding_id_before"]] == f["level_before"]
        if f["change"] == "new":
            assert f["finding_id"] not in before
    for f in answer["no_longer"]:
        assert before[f["finding_id"]] == f["level"]
        assert f["finding_id"] not in after


def breaches_told(answer: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("order_id", "status", "order_state", "nature", "prior_occasions_365d", "prior_breaches")
    return sorted(((b["order_id"] or "", *(b[n] for n in names[1:])) for b in answer["breaches"]), key=str)


def breaches_of(whole: Any, number: str) -> list[tuple[Any, ...]]:
    names = whole.columns.names
    out = [
        (
            names.orders[int(b.order)].as_py() if b.order >= 0 else "",
            BREACH_STATUSES.values[b.status],
            ORDER_STATES.values[b.state],
            NATURES.values[b.nature] if b.nature >= 0 else None,
            int(b.prior_occasions_365d),
            int(b.prior_breaches),
        )
        for b in whole.breaches.itertuples()
        if names.incidents[int(b.incident)].as_py() == number
    ]
    return sorted(out, key=str)


def strength_of(whole: Any, suspect: str | None, victim: str | None) -> str:
    columns, best = whole.columns, 0
    for rows, unit, strength in zip(
        (whole.courses.rows[k] for k in range(len(whole.courses.rows))),
        whole.courses.frame["unit"],
        whole.courses.frame["strength"],
        strict=True,
    ):
        people = {
            (
                columns.names.persons[int(columns.suspect[r])].as_py(),
                columns.names.persons[int(columns.victim[r])].as_py(),
            )
            for r in rows[:1]
        }
        if unit == DYAD and people == {(suspect, victim)}:
            best = max(best, int(strength))
    return STRENGTHS.values[best]


@pytest.mark.parametrize("seed", first(4, SEEDS))
def test_an_answer_is_what_a_whole_run_says(seed):
    agrees(seed)


@pytest.mark.slow
def test_answers_are_what_whole_runs_say():
    assert sum(map(agrees, MANY)) > 1000


@pytest.mark.parametrize("seed", first(3, range(12)))
def test_an_arrest_beside_its_breach_is_none_of_its_own_whichever_comes_first(seed):
    given = with_arrests(seed)
    whole = build(read(given, given["incidents"]), catalogue(), FOREVER)
    rows = find(whole).to_frame().to_dict("records")
    compared = 0
    for one in given["incidents"]:
        rest = [i for i in given["incidents"] if i is not one]
        compared += is_that_of(CaseIndex.of(read(given, rest), catalogue()).assess(one), whole, rows)
        index = CaseIndex.of(read(given, rest[:1]), catalogue())
        for other in rest[1:]:
            index.add(other)
        compared += is_that_of(index.assess(one), whole, rows)
    assert compared > 0


def holds_as_of(seed: int) -> int:
    """Ask as of any instant, of a history of which a part came one by one, and hold that against a run as of then."""
    r, given = Random(seed), extract(seed, largest=10)
    numbers = [i["incident_id"] for i in given["incidents"]]
    single = [i for i in given["incidents"] if numbers.count(i["incident_id"]) == 1]
    if not single:
        return 0
    one = r.choice(single)
    later = r.sample([i for i in single if i is not one], len(single) // 3)
    index = CaseIndex.of(read(given, [i for i in given["incidents"] if i is not one and i not in later]), catalogue())
    for row in later:
        index.add(row)
    day = r.randint(0, 440)
    answers = {t: index.assess(one, now=as_of_second("2024-12-20") + day * DAY, findings=t) for t in TIERS}
    instant = as_of_second(answers["fast"]["as_of"])
    whole = build(read(given, given["incidents"]), catalogue(), instant)
    rows = find(whole).to_frame().to_dict("records")
    assert answers["full"]["as_of"] == answers["fast"]["as_of"]
    assert answers["full"]["patterns_not_assessed"] == []
    return sum(is_that_of(answer, whole, rows) for answer in answers.values())


@pytest.mark.parametrize("seed", first(3, range(60, 70)))
def test_an_answer_as_of_then_is_what_a_run_as_of_then_says(seed):
    holds_as_of(seed)


@pytest.mark.slow
def test_answers_as_of_any_instant_are_what_runs_as_of_then_say():
    assert sum(map(holds_as_of, range(2000, 2200))) > 400


def test_an_instant_is_given_as_people_write_it():
    index = bp.Analyser().index(read_extract(HISTORY, orders=[order("O1")]))
    asked = [index.assess(CALL, now=now) for now in ("2026-06-30", date(2026, 6, 30), as_of_second("2026-06-30"))]
    assert asked[0] == asked[1] == asked[2]
    with pytest.raises(UsageError, match="is not a date or time"):
        index.assess(CALL, now="tomorrow")


@pytest.mark.parametrize("findings", TIERS)
def test_what_was_learnt_later_does_not_count(findings):
    late = incident("I2", "2025-03-02T10:00", recorded_at="2025-06-01", reported_at="2025-06-01T09:00")
    history = [incident("I1", "2025-03-01T10:00", behaviours="contact"), late | {"behaviours": "threat"}]
    unserved = order("O1", made_on="2025-03-04", kind="non_molestation", served_at="2025-06-01T12:00")
    ask = bp.Analyser().assess
    one = incident("N", "2025-03-05T10:00", behaviours="contact")
    told = ask(one, history, [unserved], as_of="2025-03-10", findings=findings)
    assert told["prior"]["records"] == 1
    assert told["orders"][0]["served"] is None
    assert told == ask(one, history[:1], [unserved | {"served_at": ""}], as_of="2025-03-10", findings=findings)
    assert ask(one, history, [unserved], as_of="2025-06-02", findings=findings)["prior"]["records"] == 2


def test_what_others_learnt_later_does_not_slow_an_answer(monkeypatch):
    elsewhere = incident("E", "2025-09-01T10:00", suspect_id="P9", victim_id="V9")
    index = bp.Analyser().index(read_extract([*HISTORY, elsewhere], orders=[order("O1")]))
    monkeypatch.delattr(CaseIndex, "_as_of")
    now = as_of_second("2025-03-10")
    assert index.assess(CALL, now=now) == bp.Analyser().assess(CALL, HISTORY, [order("O1")], as_of="2025-03-10")


@pytest.mark.parametrize("seed", first(2, range(50, 54)))
def test_the_second_tier_leaves_nothing_out(seed):
    given = extract(seed)
    rows = find(build(read(given, given["incidents"]), catalogue(), FOREVER)).to_frame().to_dict("records")
    for one in chosen(given)[:1]:
        index = CaseIndex.of(read(given, [i for i in given["incidents"] if i is not one]), catalogue())
        answer = index.assess(one, findings="full")
        assert answer["patterns_not_assessed"] == []
        assert {f["finding_id"]: f["level"] for f in answer["findings"] if f["rests_on_incident"]} == {
            r["finding_id"]: r["level"] for r in rows if one["incident_id"] in r["incident_ids"].split(";")
        }


def follows(seed: int) -> int:
    """Put incidents on file one by one and hold each answer against a whole run of what is on file by then."""
    given = extract(seed, largest=12)
    numbers = [i["incident_id"] for i in given["incidents"]]
    incidents = [i for i in given["incidents"] if numbers.count(i["incident_id"]) == 1]
    half = len(incidents) // 2
    if half == 0:
        return 0
    index, compared = CaseIndex.of(read(given, incidents[:half]), catalogue()), 0
    for k in range(half, len(incidents)):
        answer = index.assess(incidents[k], keep=True)
        skipped = {p["pattern"] for p in answer["patterns_not_assessed"]}
        rows = find(build(read(given, incidents[: k + 1]), catalogue(), FOREVER)).to_frame().to_dict("records")
        wanted = {
            r["finding_id"]: (r["level"], r["headline"])
            for r in rows
            if incidents[k]["incident_id"] in r["incident_ids"].split(";") and r["pattern"] not in skipped
        }
        told = {f["finding_id"]: (f["level"], f["headline"]) for f in answer["findings"] if f["rests_on_incident"]}
        assert told == wanted
        compared += len(wanted)
    assert len(index) == len(incidents)
    return compared


@pytest.mark.parametrize("seed", first(2, range(20, 26)))
def test_incidents_that_are_kept_are_on_file_for_the_next(seed):
    follows(seed)


@pytest.mark.slow
def test_incidents_that_come_in_any_order_are_told_as_a_whole_run_tells_them():
    assert sum(map(follows, range(1000, 1150))) > 500


def orders_told_later(seed: int) -> None:
    """An order that is put on file later counts as one that was there from the beginning."""
    given = extract(seed)
    numbers = [i["incident_id"] for i in given["incidents"]]
    named = {o["order_id"] for o in given["orders"][:1]}
    late = [o for o in given["orders"] if o["order_id"] in named]
    if len(set(numbers)) < len(numbers) or not late or any(o["ends"] and o["ends"] <= o["made_on"] for o in late):
        return
    *rest, last = sorted(given["incidents"], key=lambda i: (i["occurred_from"], i["incident_id"]))
    index = CaseIndex.of(read(given | {"orders": [o for o in given["orders"] if o not in late]}, rest), catalogue())
    for one in late:
        index.add_order(one)
    told, wanted = index.assess(last), CaseIndex.of(read(given, rest), catalogue()).assess(last)
    skipped = {p["pattern"] for a in (told, wanted) for p in a["patterns_not_assessed"]}
    for answer in (told, wanted):
        for key in ("findings", "no_longer"):
            answer[key] = [f for f in answer[key] if f["pattern"] not in skipped]
        del answer["patterns_not_assessed"]
    assert told == wanted


@pytest.mark.parametrize("seed", first(5, range(30, 45)))
def test_an_order_that_is_told_later_counts_from_then(seed):
    orders_told_later(seed)


def test_a_number_that_two_use_ties_them_also_where_no_victim_is_named():
    index = bp.Analyser().index(
        read_extract(
            [incident("I1", "2025-02-01T10:00", means="07700900142", behaviours="contact")], orders=[order("O1")]
        )
    )
    index.add(incident("I2", "2025-02-02T10:00", suspect_id="P2", victim_id="", means="07700900142"))
    answer = index.assess(incident("I3", "2025-03-01T10:00", suspect_id="P2", behaviours="contact"))
    assert {"contact_through_others", "contact_by_tied_person"} <= {
        p["pattern"] for p in answer["patterns_not_assessed"]
    }


def test_readers_see_whole_answers_while_one_writes():
    index = bp.Analyser().index(read_extract([incident("I0", "2025-01-01T10:00")], orders=[order("O1")]))
    faults: list[Exception] = []
    done = Event()

    def reading() -> None:
        while not done.is_set():
            try:
                answer = index.assess(incident("X", "2025-12-01T10:00", behaviours="contact"))
                assert answer["course"]["occasions"] == answer["prior"]["occasions"] + 1
            except Exception as fault:
                faults.append(fault)
                return

    readers = [Thread(target=reading) for _ in range(3)]
    for reader in readers:
        reader.start()
    for day in range(1, 29):
        index.add(incident(f"I{day}", f"2025-03-{day:02d}T10:00", behaviours="contact"))
    done.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert index.assess(incident("X", "2025-12-01T10:00"))["prior"]["occasions"] == 29


def told_anew(index: CaseIndex, rows: list[dict[str, Any]]) -> None:
    """An index says of a further incident what one made of the same rows says: nothing old was kept."""
    further = incident("X", "2025-12-01T10:00", behaviours="contact")
    assert index.assess(further) == bp.Analyser().index(read_extract(rows, orders=[order("O1")])).assess(further)


def interrupted(monkeypatch: pytest.MonkeyPatch, cases: Any, name: str, adding: Callable[[], None]) -> None:
    """Let something be added when a reader has read what a method returns, and not yet kept what it makes of it."""
    method, waiting = getattr(cases, name), [adding]

    def read_and_wait(*args: Any) -> Any:
        found = method(*args)
        if waiting:
            waiting.pop()()
        return found

    monkeypatch.setattr(cases, name, read_and_wait)


@pytest.mark.parametrize(
    ("method", "values"),
    [
        ("_built", {"behaviours": "contact"}),
        ("spells", {"kind": "custody", "occurred_to": "2025-09-01"}),
        ("strengths_towards", {"victim_id": "V2", "behaviours": "contact"}),
        ("records_of_order", {"behaviours": "contact"}),
    ],
)
def test_what_was_read_before_something_was_added_is_not_kept(monkeypatch, method, values):
    rows = [*HISTORY, incident("V", "2025-03-06T10:00", victim_id="V3", behaviours="contact")]
    index = bp.Analyser().index(read_extract(rows, orders=[order("O1")]))
    more = incident("N", "2025-05-01T10:00") | values
    interrupted(monkeypatch, index.cases, method, lambda: index.add(more))
    index.assess(incident("X", "2025-12-01T10:00", behaviours="contact"))
    assert len(index) == len(rows) + 1
    told_anew(index, [*rows, more])


def test_what_stood_before_is_worked_out_again_where_another_of_the_unit_did_more():
    tie = [{"person_id": "P1", "other_id": "P2", "tie": "co_suspect"}]
    rows = [incident("I1", "2025-03-01T10:00", behaviours="threat")]
    rows += [incident(f"J{d}", f"2025-03-0{d}T10:00", suspect_id="P2", behaviours="threat") for d in (2, 4)]
    further = incident("X", "2025-03-20T10:00", behaviours="threat")
    index = bp.Analyser().index(read_extract(rows, associations=tie))
    index.assess(further)
    more = [incident(f"K{d}", f"2025-03-{d}T10:00", suspect_id="P2", behaviours="threat") for d in (10, 12, 14)]
    for one in more:
        index.add(one)
    anew = bp.Analyser().index(read_extract([*rows, *more], associations=tie)).assess(further)
    told = index.assess(further)
    changes = [[(f["finding_id_before"], f["level_before"]) for f in a["findings"]] for a in (told, anew)]
    assert changes[0] == changes[1]
    assert any(before for before, _ in changes[0])


class Held(dict[str, Any]):
    """What was added, with a reader who comes after the first word of it and before the last."""

    reading: Callable[[], None] | None = None

    def __setitem__(self, key: str, value: Any) -> None:
        if self.reading is not None:
            reading, self.reading = self.reading, None
            reading()
        super().__setitem__(key, value)


def test_who_reads_while_something_is_being_added_keeps_nothing_of_before(monkeypatch):
    index = bp.Analyser().index(read_extract(HISTORY, orders=[order("O1")]))
    cases, built, readers = index.cases, Event(), []
    build_pair = cases._built

    def building(*args: Any) -> Any:
        pair = build_pair(*args)
        built.set()
        return pair

    def reading() -> None:
        cases._pairs.clear()  # as where it makes room for others
        built.clear()
        readers.append(Thread(target=cases.pair, args=("P1", "V1")))
        readers[0].start()
        assert built.wait(30)

    monkeypatch.setattr(cases, "_built", building)
    cases._added = Held()
    cases._added.reading = reading
    more = incident("N", "2025-05-01T10:00", behaviours="contact")
    index.add(more)
    readers[0].join()
    assert len(cases.pair("P1", "V1").records) == len(cases.records("P1", "V1")) == 4
    told_anew(index, [*HISTORY, more])


def test_an_index_of_a_saved_state_answers_as_one_of_the_extract(tmp_path):
    rows = [*HISTORY, incident("I9", "2025-03-07T10:00", behaviours="follow")]
    state, _ = bp.Analyser().update(None, {"incidents": rows, "orders": [order("O1")]}, as_of="2025-03-08")
    state.save(tmp_path / "state")
    loaded = CaseIndex.load(tmp_path / "state")
    assert loaded.assess(CALL) == bp.Analyser().index(read_extract(rows, orders=[order("O1")])).assess(CALL)


HISTORY = [incident(f"I{d}", f"2025-03-0{d}T10:00", behaviours="contact", channel="text") for d in (1, 3, 5)]
CALL = incident("C1", "2025-03-09T10:00", behaviours="contact;threat", channel="phone")


def test_a_call_under_an_order_is_put_into_its_case():
    answer = bp.Analyser().assess(CALL, HISTORY, [order("O1")])
    assert answer["orders"][0]["order_state"] == "yes"
    assert [b["status"] for b in answer["breaches"]] == ["unrecorded"]
    assert answer["prior"] == {"occasions_365d": 3, "occasions": 3, "breaches": 3, "records": 3}
    assert (answer["course"]["strength_before"], answer["course"]["strength_after"]) == ("clear", "clear")
    changed = {f["pattern"]: (f["level_before"], f["level"]) for f in answer["findings"]}
    assert changed["repeat_breach"] == ("high", "critical")


def test_both_tiers_tell_the_same_change():
    whole = bp.Analyser().assess(CALL, HISTORY, [order("O1")], as_of="2025-03-10", findings="full")
    assert whole == bp.Analyser().assess(CALL, HISTORY, [order("O1")], as_of="2025-03-10")


@pytest.mark.parametrize("unit", first(2, ["course", "dyad", "order", "breach", "suspect"]))
def test_a_pattern_that_asks_for_signals_is_answered_as_in_a_run_or_left_to_one(unit, tmp_path):
    (tmp_path / "own.toml").write_text(
        f"""
id = "told_to_stop"
title = "An order broken again"
status = "experimental"
level = "low"
unit = "{unit}"
summary = "One."
basis = "judgement"
headline = "{{suspect}}"
false_positives = ["None."]
[condition]
criterion = "signal"
any_of = ["order_broken_again"]
"""
    )
    analyser, orders = bp.Analyser(patterns=[tmp_path]), [order("O1")]
    run = analyser.analyse(read_extract([*HISTORY, CALL], orders=orders), as_of="2025-03-10").findings.to_frame()
    of_call = run["incident_ids"].str.split(";").map(lambda held: "C1" in held)
    wanted = set(run.loc[(run["pattern"] == "told_to_stop") & of_call, "finding_id"])
    fast, full = (analyser.assess(CALL, HISTORY, orders, as_of="2025-03-10", findings=tier) for tier in TIERS)
    told = [
        {f["finding_id"] for f in one["findings"] if f["pattern"] == "told_to_stop" and f["rests_on_incident"]}
        for one in (fast, full)
    ]
    assert wanted
    assert told[1] == wanted
    left = {p["pattern"] for p in fast["patterns_not_assessed"]}
    assert told[0] == (set() if "told_to_stop" in left else wanted)
    assert ("told_to_stop" in left) is (unit not in ("course", "dyad"))


def test_records_models_frames_and_an_index_are_one():
    import pandas as pd

    analyser = bp.Analyser()
    expected = analyser.assess(CALL, HISTORY, [order("O1")], as_of="2025-04-01")
    models = [bp.Incident(**row) for row in HISTORY], [bp.Order(**order("O1"))]
    assert analyser.assess(bp.Incident(**CALL), *models, as_of="2025-04-01") == expected
    assert analyser.assess(CALL, pd.DataFrame(HISTORY), pd.DataFrame([order("O1")]), as_of="2025-04-01") == expected
    index = analyser.index(read_extract(HISTORY, orders=[order("O1")]))
    assert analyser.assess(CALL, index, as_of="2025-04-01") == expected


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("occurred_from", "in May", "occurred_from"),
        ("incident_id", "", "incident_id"),
        ("channel", "pigeon", "channel"),
        ("chanel", "phone", "chanel"),
        ("behaviours", "contact;haunt", "behaviours"),
        ("occurred_from", "2095-01-01", "occurred_from"),
    ],
)
def test_what_cannot_be_read_is_named(field, value, where):
    with pytest.raises(InputError) as caught:
        bp.Analyser().assess(CALL | {field: value}, HISTORY)
    assert caught.value.where == where


def test_a_history_that_cannot_be_used_is_refused():
    with pytest.raises(Exception, match="history, row 2: 1 of the rows cannot be used"):
        bp.Analyser().assess(CALL, [incident("I1", "nope")])
    with pytest.raises(Exception, match="orders: Orders are given, and the index has its own"):
        bp.Analyser().assess(CALL, bp.Analyser().index(read_extract(HISTORY)), [order("O1")])


def test_a_further_row_of_an_incident_is_left_to_the_second_tier():
    answer = bp.Analyser().assess(HISTORY[0] | {"suspect_id": "P2"}, HISTORY)
    assert answer["findings"] == []
    assert len(answer["patterns_not_assessed"]) > 20


@pytest.mark.parametrize("findings", TIERS)
def test_an_incident_that_is_kept_again_changes_nothing(findings):
    index = CaseIndex.of(read_extract(HISTORY, orders=[order("O1")]), catalogue())
    told = index.assess(CALL, keep=True, findings=findings)
    assert index.assess(CALL, keep=True, findings=findings) == told
    assert index.assess(bp.Incident(**CALL), findings=findings) == told
    index.add(CALL)
    index.add(HISTORY[0])
    assert len(index) == len(HISTORY) + 1
    for row in (CALL | {"behaviours": "follow"}, HISTORY[0] | {"suspect_id": "P2"}):
        with pytest.raises(InputError, match="on file already, and says something else there"):
            index.assess(row, keep=True)
        with pytest.raises(InputError, match="on file already, and says something else there"):
            index.add(row)
    assert len(index) == len(HISTORY) + 1


@pytest.mark.parametrize(
    "corrected", [{"domestic_abuse": "true"}, {"offence_text": "of no known kind"}, {"status": "open"}]
)
def test_a_correction_of_what_no_answer_tells_is_no_repetition(corrected):
    """It bears on scores and goes into tables, so that it must not be taken for what was sent before."""
    index = CaseIndex.of(read_extract([*HISTORY, CALL]), catalogue())
    added = CALL | {"incident_id": "C2", "occurred_from": "2025-03-12T10:00"}
    index.add(added)
    for row in (CALL, added):
        index.add(row)
        with pytest.raises(InputError, match="says something else there"):
            index.add(row | corrected)
        assert index.assess(row | corrected) == index.assess(row)


@pytest.mark.parametrize("seed", first(3, SEEDS))
def test_whatever_is_on_file_is_known_again(seed):
    given = extract(seed)
    numbers = [i["incident_id"] for i in given["incidents"]]
    half = given["incidents"][: len(numbers) // 2]
    index = CaseIndex.of(read(given, half), catalogue())
    for one in given["incidents"][len(half) :]:
        if numbers.count(one["incident_id"]) == 1:
            index.add(one)
    for one in given["incidents"]:
        if numbers.count(one["incident_id"]) == 1:
            cases = index.cases
            assert cases.is_kept(cases.read(one), one)
            for other in ({"victim_id": "V7"}, {"breach_of": "O7"}):
                assert not cases.repeats(cases.read(one | other))
    one = half[-1]
    if numbers.count(one["incident_id"]) == 1:
        rest = CaseIndex.of(read(given, [i for i in given["incidents"] if i is not one]), catalogue())
        whole = CaseIndex.of(read(given, given["incidents"]), catalogue())
        assert whole.assess(one) == rest.assess(one)
        assert whole.assess(one, now="2025-11-01") == rest.assess(one, now="2025-11-01")


@pytest.mark.parametrize("seed", first(2, SEEDS))
def test_an_answer_leaves_nothing_for_the_collector_of_cycles(seed):
    given = extract(seed, people=2)
    index = CaseIndex.of(read(given, given["incidents"]), catalogue())
    asked = [
        CALL | {"incident_id": f"N{i}", "suspect_id": suspect, "victim_id": victim, "occurred_from": f"2026-01-0{i}"}
        for i, (suspect, victim) in enumerate([("P1", "V1"), ("P1", "V2"), ("P2", "V1"), ("P1", "V1"), ("P1", "")], 1)
    ]
    for one in asked:
        index.assess(one, now="2026-02-01")
    gc.collect()
    gc.disable()
    try:
        for one in asked:
            index.assess(one, now="2026-02-01")
        for one in asked:
            index.assess(one, now="2026-02-01", keep=True)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize(("first_day", "strength"), [("2025-10-26", "arguable"), ("2025-10-25", "clear")])
def test_a_day_of_twenty_five_hours_is_one_day_here_too(first_day, strength):
    """Nine calls on the day on which the clocks go back, and on that day and the one before."""
    at_home = {"behaviours": "contact", "channel": "text", "place_role": "victim_home"}
    calls = incident("I1", first_day, occurred_to="2025-10-26", act_count="9", **at_home)
    before, orders = [incident("I0", "2025-09-20T10:00", **at_home)], [order("O1", made_on="2025-10-01")]
    course = bp.Analyser().assess(calls, before, orders)["course"]
    run = bp.Analyser().analyse(read_extract([*before, calls], orders), as_of="2025-12-01")
    assert run.courses.to_frame()["strength"].tolist() == [strength]
    assert (course["strength_after"], course["occasions"]) == (strength, 3)


def test_the_second_tier_takes_no_finding_for_another():
    # Three breaches of one suspect with no order on file: what each is about reads the same.
    rows = [incident(f"B{year}", f"{year}-01-01T10:00", offence_code="066/39") for year in (2021, 2022, 2023)]
    index = CaseIndex.of(read_extract(rows), catalogue())
    answer = index.assess(incident("X", "2025-03-01T10:00", victim_id="V2", behaviours="contact"), findings="full")
    assert [f for f in answer["findings"] if not f["rests_on_incident"]] == []
    again = index.assess(incident("X", "2025-03-01T10:00", offence_code="066/39"), findings="full")
    orderless = [f for f in again["findings"] if f["pattern"] == "breach_without_order"]
    assert [(f["change"], f["rests_on_incident"]) for f in orderless] == [("new", True)]


def test_the_course_that_is_told_is_the_one_that_holds_the_incident():
    once = [incident(f"A{day}", f"2015-01-0{day}T10:00", behaviours="follow;threat") for day in range(1, 7)]
    lately = incident("L", "2025-01-01T10:00", behaviours="contact", channel="phone")
    index = CaseIndex.of(read_extract([*once, lately]), catalogue())
    course = index.assess(incident("X", "2025-01-02T10:00", behaviours="contact", channel="phone"))["course"]
    assert (course["holds_incident"], course["occasions"], course["strength_after"]) == (True, 2, "clear")
    assert (course["first_at"][:10], course["last_at"][:10]) == ("2025-01-01", "2025-01-02")
    alone = index.assess(incident("Y", "2020-06-01T10:00", behaviours="damage"))["course"]
    assert (alone["holds_incident"], alone["occasions"], alone["strength"]) == (False, 6, "clear")


def test_records_from_before_are_no_later_ones():
    rows = [incident(f"I{year}", f"{year}-01-01T10:00", behaviours="contact") for year in (2019, 2020, 2024)]
    answer = CaseIndex.of(read_extract(rows), catalogue()).assess(incident("X", "2021-01-01T10:00"))
    assert (answer["prior"]["records"], answer["prior"]["occasions"]) == (2, 2)


def test_an_index_of_what_is_no_extract_is_refused_in_words():
    with pytest.raises(UsageError, match="A str is no extract"):
        CaseIndex.of("incidents.csv")  # type: ignore[arg-type]


def test_an_order_that_is_told_later_leaves_no_pattern_out_where_nobody_else_is_concerned():
    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    index.add_order(order("O1"))
    answer = index.assess(incident("N1", "2025-03-01T10:00", behaviours="contact"))
    assert "unrecorded_breach" in {f["pattern"] for f in answer["findings"]}
    assert answer["patterns_not_assessed"] == []


def test_an_order_that_is_told_later_and_protects_two_may_join_them():
    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    index.add_order(order("O1"))
    index.add_order(order("O1", protected_id="V2"))
    answer = index.assess(incident("N1", "2025-03-01T10:00", suspect_id="P2", behaviours="contact"))
    assert "joint_conduct" in {p["pattern"] for p in answer["patterns_not_assessed"]}


def test_who_is_tied_to_somebody_whom_a_later_order_binds_may_act_for_them():
    tie = {"person_id": "P1", "other_id": "P2", "tie": "family"}
    rows = [incident("I1", "2025-02-01T10:00"), incident("I2", "2025-02-02T10:00", suspect_id="P2", victim_id="V9")]
    index = CaseIndex.of(read_extract(rows, associations=[tie]), catalogue())
    index.add_order(order("O1"))
    answer = index.assess(incident("N1", "2025-03-01T10:00", suspect_id="P2", behaviours="contact"))
    assert {"contact_through_others", "contact_by_tied_person"} <= {
        p["pattern"] for p in answer["patterns_not_assessed"]
    }


@pytest.mark.parametrize(
    ("now", "second"),
    [
        ("2026-01-10T12:00Z", 1768046400),
        (1768046400, 1768046400),
        (1768046400.9, 1768046400),
        ("2026-01-10", 1768089599),
    ],
)
def test_an_instant_may_be_seconds_whole_or_not(now, second):
    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    call = incident("N1", "2025-03-01T10:00")
    assert index.assess(call, now=now) == index.assess(call, now=second)


@pytest.mark.parametrize("now", [1768046400000, 10**30, float("nan"), float("inf"), True, "soon", [], -(1 << 41)])
def test_what_is_no_instant_is_refused_by_its_name(now):
    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    with pytest.raises(UsageError) as caught:
        index.assess(incident("N1", "2025-03-01T10:00"), now=now)
    assert caught.value.where == "now"


@pytest.mark.parametrize("value", ["\ud800", "V\udfff1", {"a": 1}, b"V1"])
@pytest.mark.parametrize("field", ["incident_id", "victim_id", "means", "behaviours"])
def test_what_no_cell_holds_is_refused_by_its_name(field, value):
    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    for keep in (False, True):
        with pytest.raises(InputError) as caught:
            index.assess(incident("N1", "2025-03-01T10:00") | {field: value}, keep=keep)
        assert caught.value.where == field
    with pytest.raises(InputError) as caught:
        index.add_order(order("O1") | {"terms": value})
    assert caught.value.where == "terms"


def test_what_is_missing_in_a_data_frame_is_blank():
    import pandas as pd

    index = CaseIndex.of(read_extract([incident("I1", "2025-02-01T10:00")]), catalogue())
    call = incident("N1", "2025-03-01T10:00")
    blank = {"means": pd.NA, "reported_at": pd.NaT, "impact": float("nan"), "outcome": None}
    assert index.assess(call | blank) == index.assess(call)


def test_one_record_is_a_history_of_one():
    call = incident("N1", "2025-03-01T10:00")
    row = incident("I1", "2025-02-01T10:00")
    alone, listed = (bp.Analyser().assess(call, history, as_of="2025-06-30") for history in (row, [row]))
    assert alone == listed
    assert alone["course"]["holds_incident"]


def test_a_state_that_is_made_an_index_tells_how_far_it_is(tmp_path):
    rows = [
        {"incident_id": f"I{n}", "occurred_from": f"2025-03-{n + 1:02d}", "suspect_id": "P1", "victim_id": "V1"}
        for n in range(25)
    ]
    bp.Analyser().update(None, read_extract(rows, keep_as_read=True))[0].save(tmp_path / "state")
    told = []
    index = CaseIndex.load(tmp_path / "state", on_progress=lambda *one: told.append(one))
    assert index.prepare(on_progress=lambda *one: told.append(one)) == 1
    stages = [stage for stage, *_ in told]
    assert stages[0] == "the state"
    assert stages[-2:] == ["the index", "pairs with many records"]
    assert told[-1] == ("pairs with many records", 0, 1)
