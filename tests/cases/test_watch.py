"""One line in, one line out, whatever the line holds."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.drawing import up_to
from tests.facts import catalogue, incident, order

from breachpattern.cases import CaseIndex
from breachpattern.cases.history import extract_of
from breachpattern.cases.schema import answer_schema, watch_schema
from breachpattern.cases.watch import Watcher
from breachpattern.errors import OutputError
from breachpattern.spans import as_of_second

NOW = as_of_second("2025-06-30")
CALL = incident("C1", "2025-03-01T10:00", behaviours="contact", channel="phone")


class Saved(list[dict[str, Any]]):
    """What was handed over to be saved."""

    def __call__(self, pending: Any) -> None:
        self.append({name: list(rows) for name, rows in pending.items() if rows})


def watcher(save: Any = None) -> Watcher:
    index = CaseIndex.of(extract_of([], [], catalogue()), catalogue())
    return Watcher(index, save if save is not None else Saved(), lambda: NOW)


def ask(held: Watcher, event: Any) -> dict[str, Any]:
    answer = held.answer(event if isinstance(event, bytes) else json.dumps(event).encode())
    assert answer is not None
    assert b"\n" not in answer
    return strictly(answer)


def test_an_order_counts_from_the_moment_it_is_told():
    held = watcher()
    before = ask(held, {"event": "incident", "incident": CALL, "keep": False})
    assert not before["answer"]["is_breach"]
    assert ask(held, {"event": "order", "order": order("O1")})["in_effect"]
    after = ask(held, {"event": "incident", "incident": CALL, "id": "mine 7"})
    assert [b["status"] for b in after["answer"]["breaches"]] == ["unrecorded"]
    assert after["id"] == "mine 7"
    again = ask(
        held, {"event": "incident", "incident": CALL | {"incident_id": "C2", "occurred_from": "2025-03-04T10:00"}}
    )
    assert again["answer"]["prior"]["breaches"] == 1


def test_a_later_version_takes_the_place_of_the_first():
    held = watcher()
    ask(held, {"event": "order", "order": order("O1")})
    ask(held, {"event": "incident", "incident": CALL})
    ask(held, {"event": "order", "order": order("O1", version=2, made_on="2025-03-02", terms="no_violence")})
    later = {"incident_id": "C2", "occurred_from": "2025-03-04T10:00"}
    answer = ask(held, {"event": "incident", "incident": CALL | later})["answer"]
    assert (answer["is_breach"], answer["prior"]["breaches"]) == (False, 1)


def test_what_was_kept_is_saved_once():
    saved = Saved()
    held = watcher(saved)
    ask(held, {"event": "incident", "incident": CALL})
    ask(held, {"event": "person", "person": {"person_id": "P1", "phone": "07700900142"}})
    assert ask(held, {"event": "ping"})["pending"] == {"incidents": 1, "orders": 0, "persons": 1, "associations": 0}
    assert ask(held, {"event": "save"})["saved"]["incidents"] == 1
    held.save()
    assert [list(part) for part in saved] == [["incidents", "persons"]]


def test_what_cannot_be_saved_stays_pending():
    def refuse(_: Any) -> None:
        raise OutputError("The disk is full.", where="state")

    held = watcher(refuse)
    ask(held, {"event": "incident", "incident": CALL})
    assert ask(held, {"event": "save"})["error"]["message"] == "The disk is full."
    assert held.pending["incidents"] == [CALL]


@pytest.mark.parametrize(
    ("line", "where", "message"),
    [
        (b"nonsense", "line", "The line is not JSON."),
        (b"[1]", "line", "The line is JSON and no object."),
        (b'{"event": "incident", "incident": \xff}', "line", "The line is not UTF-8."),
        (b'{"event": NaN}', "line", "The line is not JSON."),
        (b"[" * 100_000, "line", "The line is not JSON."),
        (b'{"event": "ping", "id": 1e999}', "line", "The line holds a number that is too large."),
        (b'{"event": "ping", "\\ud800": 1}', "line", "The line holds half of a character (a lone surrogate)."),
        (b'{"event": "ping", "id": "\\uD800"}', "line", "The line holds half of a character (a lone surrogate)."),
        (b'{"event": "ping", "id": "\xed\xa0\x80"}', "line", "The line is not UTF-8."),
        (b'{"event": "ping", "id": true}', "id", "An id is a text, a whole number or null."),
        (b'{"event": "ping", "id": 1.5}', "id", "An id is a text, a whole number or null."),
        (b'{"event": "ping", "id": {}}', "id", "An id is a text, a whole number or null."),
        (b" " * (1 << 20) + b"x", "line", "The line has 1,048,577 bytes, and 1,048,576 are the most."),
        (b'{"event": "arrest"}', "event", "'arrest' is no event."),
        (b'{"incident_id": "I1"}', "event", "The line does not say which event it is."),
        (b'{"event": "incident"}', "incident", "The event has no 'incident' that is an object."),
        (b'{"event": "ping", "color": 1}', "color", "'color' is not a key of an event."),
        (b'{"event": "incident", "incident": {"incident_id": "C1"}}', "occurred_from", "occurred_from is blank."),
        (b'{"event": "incident", "findings": "all", "incident": {}}', "findings", "'all' is no way to find."),
        (b'{"event": "order", "order": {"order_id": "O1"}}', "kind", "kind is blank."),
    ],
)
def test_a_line_that_cannot_be_used_gets_an_error_and_the_next_an_answer(line, where, message):
    held = watcher()
    error = ask(held, line)["error"]
    assert (error["where"], error["message"]) == (where, message)
    assert ask(held, {"event": "ping"}) == {
        "line": 2, "event": "ping", "records": 0,
        "pending": {"incidents": 0, "orders": 0, "persons": 0, "associations": 0},
    }  # fmt: skip


def test_a_fault_of_ours_ends_nothing_and_logs_no_name(monkeypatch, caplog):
    held = watcher()

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("P1 towards V1")

    monkeypatch.setattr(held.index, "assess", fail)
    with caplog.at_level(logging.DEBUG, logger="breachpattern.cases"):
        assert ask(held, {"event": "incident", "incident": CALL})["error"]["code"] == "internal"
    assert "line 1 could not be answered: ValueError" in caplog.text
    assert "P1" not in caplog.text
    assert ask(held, {"event": "ping"})["records"] == 0


# Halves of characters, which JSON can write and UTF-8 cannot, and a number that no float holds.
TEXTS = st.text(st.characters(exclude_categories=()) | st.characters(categories=["Cs"]), max_size=6)
HUGE = "a number of 999 digits"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(HUGE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def strictly(text: bytes) -> Any:
    """Read a reply as a strict reader does: UTF-8, no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(text.decode(), parse_constant=refuse)


@settings(max_examples=up_to(30), deadline=None)
@given(
    st.binary(max_size=40)
    | st.builds(
        lambda kind, name, value, further: (
            json.dumps({"event": kind, kind: CALL | {name: value}} | further)
            .replace(json.dumps(HUGE), "1e999")
            .encode()
        ),
        st.sampled_from(["incident", "order", "person", "association"]),
        st.sampled_from(["incident_id", "occurred_from", "behaviours", "lat", "kind", "acts", "victim_id", "order_id"]),
        JSON,
        st.dictionaries(st.sampled_from(["keep", "findings", "id", "event"]) | TEXTS, JSON, max_size=2),
    )
)
def test_no_line_ends_the_service(line):
    held = watcher()
    if b"\n" in line or not line.strip():
        return
    reply = ask(held, line)
    assert reply["line"] == 1
    assert reply.get("error", {}).get("code") != "internal"
    assert ask(held, {"event": "ping"})["line"] == 2


def test_replies_and_answers_are_what_their_schemas_say():
    schema = watch_schema()
    Draft202012Validator.check_schema(schema)
    replies = Draft202012Validator({"$ref": "#/$defs/reply", "$defs": schema["$defs"]})
    events = Draft202012Validator({"$ref": "#/$defs/event", "$defs": schema["$defs"]})
    held = watcher()
    for day in range(1, 6):
        call = CALL | {"incident_id": f"C{day}", "occurred_from": f"2025-03-0{day}T10:00"}
        for event in (
            {"event": "order", "order": order("O1")} if day == 2 else {"event": "ping", "id": day},
            {"event": "incident", "incident": call, "findings": "full" if day == 5 else "fast"},
            {"event": "association", "association": {"person_id": "P1", "other_id": "P2"}},
        ):
            events.validate(event)
            replies.validate(ask(held, event))
    replies.validate(ask(held, b"nonsense"))
    replies.validate(ask(held, {"event": "save"}))
    answer = ask(held, {"event": "incident", "incident": CALL | {"incident_id": "X"}})["answer"]
    assert answer["findings"]
    Draft202012Validator(answer_schema()).validate(answer)
    assert not events.is_valid({"event": "incident", "incident": CALL, "colour": 1})


def test_what_is_sent_again_is_kept_once_and_answered_as_the_first_time():
    held = watcher()
    ask(held, {"event": "order", "order": order("O1")})
    ask(held, {"event": "incident", "incident": CALL | {"incident_id": "C0", "occurred_from": "2025-02-20T10:00"}})
    first = ask(held, {"event": "incident", "incident": CALL})
    again = ask(held, {"event": "incident", "incident": dict(reversed(CALL.items()))})
    assert again == first | {"line": 4}
    assert first["answer"]["findings"]
    assert ask(held, {"event": "ping"})["pending"]["incidents"] == 2
    corrected = ask(held, {"event": "incident", "incident": CALL | {"behaviours": "threat"}})
    assert (corrected["kept"], corrected["in_effect"]) == (True, False)
    assert ask(held, {"event": "ping"})["pending"]["incidents"] == 3


def test_a_number_of_an_incident_is_one_however_it_is_spelt():
    held = watcher()
    ask(held, {"event": "incident", "incident": CALL | {"incident_id": "5"}})
    again = ask(held, {"event": "incident", "incident": CALL | {"incident_id": 5.0}})
    assert again["in_effect"]
    assert ask(held, {"event": "ping"})["pending"]["incidents"] == 1
    corrected = ask(held, {"event": "incident", "incident": CALL | {"incident_id": 5.0, "behaviours": "threat"}})
    assert (corrected["kept"], corrected["in_effect"]) == (True, False)


def test_a_correction_of_what_no_answer_tells_waits_for_the_next_update():
    held = watcher()
    ask(held, {"event": "incident", "incident": CALL})
    corrected = ask(held, {"event": "incident", "incident": CALL | {"domestic_abuse": "true"}})
    assert (corrected["kept"], corrected["in_effect"]) == (True, False)
    assert ask(held, {"event": "ping"})["pending"]["incidents"] == 2
