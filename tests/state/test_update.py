from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from tests.drawing import up_to
from tests.facts import catalogue, incident, order
from tests.state.given import ARRIVALS, tables, worlds_of

from breachpattern import Analyser, State, read_extract
from breachpattern.analysis import Analysis
from breachpattern.errors import UsageError
from breachpattern.ingest.privacy import Privacy
from breachpattern.state.changes import KEYS, difference

RESULTS = ("breaches", "courses", "findings", "near_misses")
TODAY = date(2026, 12, 31)


def analyser(**options: Any) -> Analyser:
    return Analyser(catalogue(), **options)


def read(rows: list[tuple[str, dict[str, Any]]], **options: Any) -> Any:
    by_table = {name: found for name, found in tables(rows).items() if found}
    return read_extract(**{"incidents": None, **by_table}, today=TODAY, keep_as_read=True, **options)


def results(run: Analysis | State) -> dict[str, pa.Table]:
    """What a run came to, without the lines of a file, which are those of each batch's own."""
    found = {name: getattr(run, name).to_arrow() for name in RESULTS}
    return found | {"breaches": found["breaches"].drop_columns(["row"])}


def assert_same(got: dict[str, pa.Table], wanted: dict[str, pa.Table]) -> None:
    for name in wanted:
        assert got[name].to_pylist() == wanted[name].to_pylist(), name
        assert got[name].schema.equals(wanted[name].schema), name


@settings(max_examples=up_to(4), deadline=None, suppress_health_check=list(HealthCheck))
@given(ARRIVALS)
def test_updates_equal_a_full_run_on_everything_and_changes_the_difference_of_two(arrivals):
    follow(arrivals)


@pytest.mark.parametrize(("seed", "worlds"), [(1, 60), pytest.param(2, 200, marks=pytest.mark.slow)])
def test_many_worlds_at_once_equal_full_runs(seed, worlds):
    """People of one world never meet those of another, so that one run holds them all against one update."""
    draw, state, rows, day = Random(seed), None, [], date(2025, 1, 1)
    for step in range(5):
        day += timedelta(days=draw.choice([250, 340] if step == 0 else [0, 1, 30, 60]))
        batch = worlds_of(draw, worlds, first=step == 0)
        gone = draw.sample(
            sorted({row["incident_id"] for name, row in rows if name == "incidents"}), worlds // 5 * (step == 3)
        )
        rows = [(name, row) for name, row in rows if row.get("incident_id") not in gone] + batch
        state, _ = analyser().update(state, read(batch), as_of=day, withdrawn={"incidents": gone})
        assert_same(results(state), results(analyser().analyse(read(rows), as_of=day)))


def follow(arrivals: list[tuple[int, list[Any]]]) -> None:
    """Hold the state and the changes after each batch against full runs on everything so far."""
    state, before, rows, day = None, None, [], date(2025, 1, 1)
    for wait, batch in arrivals:
        rows, day = rows + batch, day + timedelta(days=wait)
        state, changes = analyser().update(state, read(batch), as_of=day)
        after = results(analyser().analyse(read(rows), as_of=day))
        assert_same(results(state), after)
        before = before or {name: table.slice(0, 0) for name, table in after.items()}
        for name in KEYS:
            assert (
                getattr(changes, name).to_arrow().to_pylist() == difference(name, before[name], after[name]).to_pylist()
            )
        before = after


def update(state: State | None, day: str, incidents: Any = None, **more: Any) -> Any:
    options = {name: more.pop(name) for name in ("withdrawn", "replaces") if name in more}
    new = {name: rows for name, rows in {"incidents": incidents, **more}.items() if rows is not None}
    return analyser().update(state, new or None, as_of=day, **options)


def full(day: str, incidents: Any, **more: Any) -> dict[str, pa.Table]:
    return results(analyser().analyse(read_extract(incidents, **more), as_of=day))


CALLS = [incident(f"I{day}", f"2025-02-0{day}T10:00", behaviours="contact", channel="phone") for day in range(1, 6)]
STRANGERS = [
    incident(f"X{day}", f"2025-02-0{day}T10:00", suspect_id="P8", victim_id="V8", behaviours="follow")
    for day in range(1, 4)
]


def test_a_state_is_not_changed_by_an_update():
    state, _ = update(None, "2025-03-01", CALLS[:2])
    before = results(state)
    update(state, "2025-03-01", CALLS[2:], orders=[order("O1")])
    assert_same(results(state), before)


def test_only_the_people_whom_a_batch_reaches_are_worked_out_again():
    state, first = update(None, "2025-03-01", [*CALLS[:3], *STRANGERS])
    _, second = update(state, "2025-03-01", CALLS[3:])
    assert (first.groups, second.groups) == (2, 1)
    people = {row["suspect_id"] for row in second.findings}
    assert people == {"P1"}


def test_a_record_of_two_suspects_makes_one_group_of_theirs():
    state, _ = update(None, "2025-03-01", [*CALLS, *STRANGERS])
    both = [incident("I9", "2025-02-20", suspect_id=suspect, behaviours="follow") for suspect in ("P1", "P8")]
    state, changes = update(state, "2025-03-01", both)
    assert changes.groups == 1
    assert_same(results(state), full("2025-03-01", [*CALLS, *STRANGERS, *both]))


def test_a_victim_of_two_suspects_makes_no_group_of_them():
    state, first = update(None, "2025-03-01", [*CALLS, *(row | {"victim_id": "V1"} for row in STRANGERS)])
    _, second = update(state, "2025-03-01", [incident("I9", "2025-02-20", victim_id="V2", behaviours="follow")])
    assert (first.groups, second.groups) == (2, 1)


TWO_VICTIMS = [
    incident(f"I{day}", f"2025-02-{day:02d}", victim_id=victim, behaviours="follow;threat")
    for day, victim in enumerate(["V1", "V2"] * 3, start=1)
]
# What is known of the victims of P1 by other people's records, and what it does to the answers about P1.
TOLD_BY_OTHERS = {
    "records of both victims": {
        "incidents": [
            incident(f"J{k}", f"2025-01-0{k}", suspect_id=suspect, victim_id=victim)
            for k, suspect in enumerate(["P1", "P7", "P7"], start=1)
            for victim in ("V1", "V2")
        ]
    },
    "an order of another respondent": {
        "orders": [order("O7", respondent_id="P7", protected_id=victim) for victim in ("V1", "V2")]
    },
    "a tie on file": {"associations": [{"person_id": "V2", "other_id": "V1", "tie": "family"}]},
    "a telephone on file": {"persons": [{"person_id": v, "phone": "07700 900001"} for v in ("V1", "V2", "V9")]},
    "acts in turn": {
        "incidents": [
            incident(f"J{day}", f"2025-02-1{day}", suspect_id="V1", victim_id="P1", behaviours="assault")
            for day in range(1, 4)
        ]
    },
}


@pytest.mark.parametrize("how", TOLD_BY_OTHERS)
def test_what_others_records_say_of_victims_counts_whenever_it_comes(how):
    told = TOLD_BY_OTHERS[how]
    state, _ = update(None, "2025-03-01", TWO_VICTIMS)
    alone = results(state)["courses"].to_pylist()
    state, _ = update(state, "2025-03-02", **told)
    whole = {**told, "incidents": [*TWO_VICTIMS, *told.get("incidents", [])]}
    assert_same(results(state), full("2025-03-02", **whole))
    assert results(state)["courses"].to_pylist() != alone
    more = [incident("I9", "2025-02-20", victim_id="V5", behaviours="follow")]
    state, _ = update(state, "2025-03-03", more)
    assert_same(results(state), full("2025-03-03", **whole | {"incidents": [*whole["incidents"], *more]}))


LATER = {
    "a record that is reported later": TOLD_BY_OTHERS["records of both victims"]["incidents"][:2]
    + [row | {"reported_at": "2025-04-01"} for row in TOLD_BY_OTHERS["records of both victims"]["incidents"][2:]],
    "an order that is made later": TWO_VICTIMS[:0],
}


@pytest.mark.parametrize("how", LATER)
def test_what_others_records_say_of_victims_counts_when_it_becomes_known(how):
    whole: dict[str, Any] = {"incidents": [*TWO_VICTIMS, *LATER[how]]}
    if not LATER[how]:
        whole["orders"] = [order("O7", respondent_id="P7", protected_id=v, made_on="2025-04-01") for v in ("V1", "V2")]
    state, _ = update(None, "2025-03-31", **whole)
    assert "group" not in [row["unit"] for row in state.courses]
    state, _ = update(state, "2025-04-02")
    assert "group" in [row["unit"] for row in state.courses]
    assert_same(results(state), full("2025-04-02", **whole))


def test_a_seventh_holder_of_a_telephone_unties_victims_whom_the_batch_does_not_name():
    people = [{"person_id": v, "phone": "07700 900001"} for v in ("V1", "V2", "V3", "V4", "V5", "V6", "V7")]
    state, _ = update(None, "2025-03-01", TWO_VICTIMS, persons=people[:6])
    assert "group" in [row["unit"] for row in state.courses]
    state, _ = update(state, "2025-03-01", persons=people[6:])
    assert "group" not in [row["unit"] for row in state.courses]
    assert_same(results(state), full("2025-03-01", TWO_VICTIMS, persons=people))


@pytest.mark.parametrize("rows", [CALLS, [CALLS[0]]])
def test_rows_that_came_before_change_nothing(rows):
    state, _ = update(None, "2025-03-01", CALLS)
    _, changes = update(state, "2025-03-01", rows)
    assert changes.rows["incidents"] == {"rows_in": len(rows), "accepted": 0, "rejected": 0, "duplicates": len(rows)}
    assert (len(changes), changes.groups) == (0, 0)


def test_an_order_that_is_discharged_by_a_later_row_of_it_binds_no_longer():
    state, _ = update(None, "2025-03-01", CALLS, orders=[order("O1")])
    assert len(state.breaches) == 5
    state, changes = update(state, "2025-03-02", orders=[order("O1", discharged_on="2025-02-03")])
    assert changes.counts()["breaches"] == {"new": 0, "changed": 1, "withdrawn": 2}
    orders = [order("O1"), order("O1", discharged_on="2025-02-03")]
    assert_same(results(state), full("2025-03-02", CALLS, orders=orders))


def test_a_later_row_that_disagrees_is_an_issue_and_the_value_that_was_told_first_stands():
    first = [incident("I1", "2025-02-01T10:00", reported_at="2025-02-01T11:00", status="open")]
    second = [incident("I1", "2025-02-01T10:00", reported_at="2025-02-05T11:00", status="cancelled")]
    state, _ = update(None, "2025-03-01", first)
    state, changes = update(state, "2025-03-01", second)
    told, whole = (issues.to_frame() for issues in (changes.issues, read_extract(first + second).issues))
    assert told["column"].tolist() == ["status", "reported_at"]
    columns = ["column", "code", "severity", "hint"]
    assert told[columns].to_dict("list") == whole[columns].to_dict("list")
    assert told["value"][0] == whole["value"][0] == "cancelled"
    assert state.extract().incidents["status"].to_pylist() == ["open", "open"]


def test_a_record_that_comes_again_whole_replaces_the_former_where_that_is_said():
    state, _ = update(None, "2025-03-01", CALLS, orders=[order("O1"), order("O1", version="2", terms="no_violence")])
    again = [CALLS[0] | {"status": "cancelled"}]
    state, changes = update(state, "2025-03-02", again, orders=[order("O1", ends="2025-02-02")], replaces=True)
    assert changes.withdrawn["rows"] == {"incidents": 1, "orders": 1}
    orders = [order("O1", version="2", terms="no_violence"), order("O1", ends="2025-02-02")]
    assert_same(results(state), full("2025-03-02", [*CALLS[1:], *again], orders=orders))


def test_withdrawn_records_leave_no_trace_and_unknown_ones_are_told():
    tie = {"person_id": "P1", "other_id": "P8", "tie": "friend"}
    state, _ = update(None, "2025-03-01", [*CALLS, *STRANGERS], orders=[order("O1")], associations=[tie])
    gone = {"incidents": ["I1", "I99"], "orders": ["O1"], "associations": [("P1", "P8")]}
    state, changes = update(state, "2025-03-01", withdrawn=gone)
    assert changes.withdrawn == {
        "rows": {"incidents": 1, "orders": 1, "associations": 1},
        "unknown": {"incidents": ["I99"]},
    }
    assert_same(results(state), full("2025-03-01", [*CALLS[1:], *STRANGERS]))
    assert changes.counts()["breaches"]["withdrawn"] == 5


@pytest.mark.parametrize("gone", [{"crimes": ["I1"]}, {"associations": ["P1"]}, {"incidents": [("I1", "I2")]}])
def test_a_withdrawal_that_names_no_record_is_refused(gone):
    with pytest.raises(UsageError):
        update(None, "2025-03-01", CALLS, withdrawn=gone)


def test_what_was_on_file_and_not_yet_known_is_found_when_its_time_comes():
    late = incident("I9", "2025-02-20", reported_at="2025-04-01", behaviours="follow")
    rows = [*CALLS, late]
    state, _ = update(None, "2025-03-01", rows)
    assert_same(results(state), full("2025-03-01", rows))
    state, changes = update(state, "2025-04-02")
    assert_same(results(state), full("2025-04-02", rows))
    assert "I9" in ";".join(row["incident_ids"] for row in state.courses)
    assert changes.groups == 1


def test_the_clock_alone_changes_what_a_full_run_would_answer_otherwise():
    state, _ = update(None, "2025-03-01", [*CALLS, *STRANGERS])
    for day in ("2025-03-02", "2025-03-15", "2025-05-20", "2025-08-05", "2025-08-07", "2026-08-07"):
        state, changes = update(state, day)
        assert_same(results(state), full(day, [*CALLS, *STRANGERS]))
    assert changes.groups == 0


def test_a_seventh_user_of_a_number_unties_six_whom_the_batch_does_not_name():
    def used(k: int) -> dict[str, Any]:
        who = {"suspect_id": f"P{k}", "victim_id": "V1" if k < 3 else f"V{k}"}
        return incident(f"I{k}", f"2025-02-{k + 1:02d}", means="07700 900001", behaviours="contact") | who

    rows = [used(k) for k in range(1, 7)]
    state, _ = update(None, "2025-03-01", rows)
    assert "joint" in [row["unit"] for row in state.courses]
    state, changes = update(state, "2025-03-01", [used(7)])
    assert "joint" not in [row["unit"] for row in state.courses]
    assert_same(results(state), full("2025-03-01", [*rows, used(7)]))
    state, changes = update(state, "2025-03-01", withdrawn={"incidents": ["I7"]})
    assert_same(results(state), full("2025-03-01", rows))
    assert changes.counts()["courses"]["new"] == 1


def test_persons_that_prove_to_be_one_bring_their_records_together():
    rows = [CALLS[0], CALLS[1] | {"suspect_id": "P5"}]
    people = [{"person_id": p, "pnc_id": "2011/0412907D", "surname": "Vale"} for p in ("P1", "P5")]
    state, _ = update(None, "2025-03-01", rows, persons=people[:1])
    assert len(state.courses) == 0
    state, _ = update(state, "2025-03-01", persons=people[1:])
    assert_same(results(state), full("2025-03-01", rows, persons=people))
    assert len(state.courses) == 1
    state, _ = update(state, "2025-03-01", withdrawn={"persons": ["P5"]})
    assert len(state.courses) == 0


def test_an_extract_that_did_not_keep_its_rows_is_taken_as_its_tables_are():
    persons = [{"person_id": "P1", "date_of_birth": "1990-05-01", "surname": "Vale"}]
    ties = [{"person_id": "P1", "other_id": "P8", "tie": "friend", "since": "2024-01-01", "until": "2025-12-31"}]
    orders = [order("O1", served_at="2025-01-12", ends="2024-01-01", curfew_from="22:00", curfew_to="06:00")]
    rows = [*CALLS, incident("I7", "2025-10-26T01:30", reported_at="2025-11-01")]
    whole = read_extract(rows, orders, persons, ties)
    state, _ = analyser().update(None, whole, as_of="2025-12-01")
    assert_same(results(state), results(analyser().analyse(whole, as_of="2025-12-01")))
    for again in (whole, {"incidents": rows, "orders": orders}):
        _, changes = analyser().update(state, again, as_of="2025-12-01")
        assert [changes.rows[name]["accepted"] for name in ("incidents", "orders")] == [0, 0]


def test_a_filter_that_expires_gives_back_what_it_suppressed(tmp_path):
    (tmp_path / "f.toml").write_text(
        '[[filter]]\nid = "known"\nreason = "looked at in January"\nauthor = "A"\nexpires = 2025-03-10\n'
        'patterns = ["conduct_not_recorded", "limitation_clock"]\n'
    )
    this = analyser(filters=[tmp_path / "f.toml"])
    state, _ = this.update(None, CALLS, as_of="2025-03-01")
    assert len(state.suppressed) > 0
    state, changes = this.update(state, None, as_of="2025-03-10")
    assert len(state.suppressed) == 0
    assert changes.counts()["findings"]["new"] > 0
    assert_same(results(state), results(this.analyse(read_extract(CALLS), as_of="2025-03-10")))


def test_an_update_never_goes_back():
    state, _ = update(None, "2025-03-01", CALLS)
    with pytest.raises(UsageError, match="lies before") as refused:
        update(state, "2025-02-28")
    assert "extract()" in str(refused.value)


def test_other_rules_are_refused_until_everything_is_worked_out_again(tmp_path):
    state, _ = update(None, "2025-03-01", CALLS)
    other = analyser(link="off")
    with pytest.raises(UsageError, match="other rules: link 'exact', now 'off'"):
        other.update(state, None, as_of="2025-03-02")
    renewed, changes = other.update(state.renewed(), None, as_of="2025-03-02")
    assert_same(results(renewed), full("2025-03-02", CALLS))
    assert changes.counts()["courses"]["new"] == len(renewed.courses)


@pytest.mark.parametrize("new", [{}, {"crimes": []}])
def test_a_batch_without_a_table_of_ours_is_refused(new):
    with pytest.raises(UsageError):
        analyser().update(None, new, as_of="2025-03-01")


DECIDED = "person_id,other_id,verdict,by,on,reason\nP1,P2,same,A. Analyst,2026-02-01,The same tatto.\n"


def test_other_decisions_are_refused_without_a_word_of_what_anybody_decided(tmp_path):
    def deciding(text: str) -> Analyser:
        (tmp_path / "decisions.csv").write_text(text)
        return analyser(link_decisions=tmp_path / "decisions.csv")

    rows = [("incidents", incident("I1", "2026-01-01T10:00"))]
    state, _ = deciding(DECIDED).update(None, read(rows), as_of="2026-03-01")
    state.save(tmp_path / "state")
    assert not any(word in (tmp_path / "state" / "state.json").read_text() for word in ("Analyst", "tatto", "P2"))
    # How a decision is worded, and which of the two comes first, decides nothing.
    again, _ = deciding(DECIDED.replace("tatto", "tattoo").replace("P1,P2", "P2,P1")).update(state, None, "2026-03-02")
    with pytest.raises(UsageError, match="other rules: other decisions about who is who") as refused:
        deciding(DECIDED.replace("same", "different", 1)).update(again, None, "2026-03-03")
    assert not any(word in str(refused.value) for word in ("Analyst", "tatto", "P2"))


def test_a_batch_of_which_nothing_was_kept_says_nothing_of_how_people_are_named():
    ours, other = Privacy(b"the key of sixteen or more bytes"), Privacy(b"another key of sixteen bytes")
    state, _ = analyser().update(None, read([("incidents", incident("I1", "2025-03-01"))], privacy=ours), "2025-04-01")
    unread = read([("incidents", incident("I2", "no day"))], privacy=other)
    after, _ = analyser().update(state, unread, "2025-04-02")
    assert after.privacy == state.privacy != {}
    analyser().update(after, read([("incidents", incident("I3", "2025-03-03"))], privacy=ours), "2025-04-03")
    with pytest.raises(UsageError, match="not shielded"):
        analyser().update(after, read([("incidents", incident("I3", "2025-03-03"))], privacy=other), "2025-04-03")


def test_a_path_is_no_state():
    with pytest.raises(UsageError, match="A str is no state"):
        Analyser().update("state", None)


def test_who_used_a_number_on_a_cancelled_record_makes_it_no_more_crowded_for_an_update():
    """Six use one number, a seventh on a record that was cancelled, an eighth has it on file."""
    number = {"means": "07700900142", "channel": "phone", "behaviours": "contact"}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("incidents", incident(f"I{n}", f"2025-03-0{n}T10:00", suspect_id=f"P{min(n, 6)}", victim_id=f"V{n}", **number))
        for n in range(1, 8)
    ]
    rows.append(("incidents", incident("I8", "2025-03-08T10:00", suspect_id="P7", status="cancelled", **number)))
    rows.append(("persons", {"person_id": "P8", "phone": "07700 900142"}))
    further = [("incidents", incident("I9", "2025-03-09T10:00", suspect_id="P6", victim_id="V9", **number))]
    state, _ = analyser().update(None, read(rows), as_of=date(2025, 6, 1))
    state, _ = analyser().update(state, read(further), as_of=date(2025, 6, 1))
    whole = results(analyser().analyse(read(rows + further), as_of=date(2025, 6, 1)))
    assert "means_across_victims" in whole["findings"]["pattern"].to_pylist()
    assert_same(results(state), whole)
