import pytest
from tests.facts import breach, breaches, incident, order, timelines

RUNNING = "the days for telling the police had not certainly run out, though false information can be given sooner"
NOT_BEGUN = "the duty to tell the police had not begun"


def failure(at, **more):
    return incident("I1", at, victim_id="", behaviours="notification_failure", **more)


def spo(**values):
    return order("O1", kind="stalking_protection", made_on="2025-01-06", **values)


@pytest.mark.parametrize(
    ("facts", "at", "state"),
    [
        (spo(served_at="2025-02-03T10:00"), "2025-01-20", None),
        (spo(served_at="2025-02-03T10:00"), "2025-02-03T09:00", None),
        (spo(served_at="2025-02-03T10:00"), "2025-02-03", "possible"),
        (spo(served_at="2025-02-03T10:00"), "2025-02-05", "possible"),
        (spo(served_at="2025-02-03T10:00"), "2025-02-06", "yes"),
        (spo(served_at="2025-02-03"), "2025-02-06T00:00", "yes"),
        (spo(), "2025-02-20", "possible"),
        (order("O1", kind="dapo", made_on="2025-02-03", without_notice="false"), "2025-02-05", "possible"),
        (order("O1", kind="dapo", made_on="2025-02-03", without_notice="false"), "2025-02-06", "yes"),
        (order("O1", kind="violent_offender", made_on="2025-02-03", starts="2025-03-03"), "2025-03-05", "possible"),
        (order("O1", kind="violent_offender", made_on="2025-02-03", starts="2025-03-03"), "2025-03-06", "yes"),
        (order("O1", kind="criminal_behaviour", made_on="2025-02-03", terms="notification"), "2025-02-04", "yes"),
    ],
)
def test_a_duty_to_tell_the_police_is_failed_when_its_days_have_run_out(facts, at, state):
    found = breaches(timelines([failure(at)], [facts]))
    assert [b["state"] for b in found] == ([state] if state else [])
    assert [RUNNING in b["reasons"] for b in found] == ([state == "possible"] if state else [])


def test_a_variation_starts_no_new_duty():
    versions = [spo(version="1", served_at="2025-02-03"), spo(version="2", starts="2025-04-01")]
    assert breach(timelines([failure("2025-04-02")], versions), "I1")["state"] == "yes"


def test_a_recorded_failure_before_the_duty_began_has_no_order_that_fits():
    found = timelines([failure("2025-01-20", offence_code="068/16")], [spo(served_at="2025-02-03T10:00")])
    told = breach(found, "I1")
    assert (told["order"], told["status"]) == (None, "recorded_no_order")
    assert NOT_BEGUN in told["reasons"]


def test_a_recorded_failure_that_names_its_order_too_early_is_possible():
    found = timelines([failure("2025-01-20", breach_of="O1")], [spo(served_at="2025-02-03T10:00")])
    told = breach(found, "I1")
    assert (told["order"], told["status"], told["state"]) == ("O1", "recorded", "possible")
    assert NOT_BEGUN in told["reasons"]


def test_contact_in_the_days_for_telling_the_police_is_certain():
    seen = failure("2025-02-04") | {"behaviours": "contact;notification_failure", "victim_id": "V1"}
    found = breach(timelines([seen], [spo(served_at="2025-02-03")]), "I1")
    assert (found["state"], "contact" in found["kinds"]) == ("yes", True)
