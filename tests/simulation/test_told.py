import pytest
from tests.simulation.test_stories import story

import breachpattern as bp
from breachpattern.errors import InputError, UsageError

ALONE = {"since": "2025-01-01", "until": "2025-12-31"}


def told(*stories, drawn=100, **more):
    numbers = {cells[0] for one in stories for cells in one["incidents"]} | {
        row["incident_id"] for row in more.get("messy", ())
    }
    return bp.simulate(drawn + len(numbers), 3, **ALONE, stories={"story": list(stories), **more})


@pytest.fixture(scope="module")
def force():
    return told(story(), repeated=["I-1"], messy=[{"incident_id": "I-9", "occurred_from": "2025-13-01"}])


def rows(table, **where):
    return [row for row in table.to_pylist() if all(row[name] == value for name, value in where.items())]


def test_told_rows_stand_in_the_extract_as_they_were_told(force):
    (row,) = rows(force.incidents, incident_id="I-2")
    said = {"occurred_from": "2025-02-10", "reported_at": "2025-02-11", "suspect_id": "P-3", "channel": "text"}
    assert {name: row[name] for name in said} == said
    assert len(rows(force.incidents, incident_id="I-1")) == 2
    assert rows(force.orders, order_id="O-1")[0]["ends"] == "2025-03-31"
    assert len(force.incidents["incident_id"].unique()) == force.settings["incidents"] == 104
    assert "done_by" not in force.incidents.column_names


def test_what_was_told_is_written_down_within_a_day_of_the_report(force):
    (row, _) = rows(force.incidents, incident_id="I-1")
    assert "2025-01-10T22:10" < row["recorded_at"] < "2025-01-11T22:20"
    assert rows(force.incidents, incident_id="I-2")[0]["recorded_at"] == "2025-02-11", "a day stays a day"
    assert rows(force.incidents, incident_id="I-3")[0]["recorded_at"] is None


def test_the_truth_of_what_was_told_is_worked_out_as_for_everybody(force):
    truth = {name: table.to_pylist() for name, table in force.truth.items()}
    own = {row["incident_id"]: row for row in truth["incidents"] if row["incident_id"].startswith("I-")}
    assert set(own) == {"I-1", "I-2", "I-3"}, "what is about nobody's story has no truth"
    assert {row["process"] for row in own.values()} == {"rejected"}
    assert [own[number]["act"] for number in sorted(own)] == ["call", "message", "visit"]
    who = {row["person_id"]: row["human"] for row in truth["persons"]}
    assert who["P-2"] == who["P-3"] == own["I-2"]["suspect"]
    (campaign,) = rows(force.truth["campaigns"], campaign_id=own["I-1"]["campaign_id"])
    assert (campaign["acts"], campaign["started"], campaign["course_of_conduct"]) == (3, "2025-01-10T20:00", "true")
    broken = [row for row in truth["breaches"] if row["order_id"] == "O-1"]
    assert [(row["incident_id"], row["terms"]) for row in broken] == [("I-2", "no_contact")]
    assert rows(force.truth["orders"], order_id="O-1")[0]["ended"] == "2025-04-01T00:00"


@pytest.mark.parametrize("number", ["unit", "act_id"])
def test_stories_change_no_truth_of_what_was_drawn(force, number):
    plain = bp.simulate(100, 3, **ALONE).truth["incidents"]
    drawn = force.truth["incidents"].slice(0, 100)
    assert drawn.equals(plain)
    ends = [row[number] for row in force.truth["incidents"].to_pylist()[100:]]
    assert set(ends).isdisjoint(plain[number].to_pylist())


def test_what_goes_the_other_way_is_told_so_and_a_friend_breaks_what_forbids_indirect_contact():
    through = story(
        units=[{"kind": "by_proxy", "suspect": "P-2", "victim": "P-1", "others": ["P-4"]}],
        people=story()["people"] | {"P-4": ["Cy", "Cole", "1980-01-01", "M", ""]},
        incidents=[
            ["I-1", "2025-02-10T10:00", 1, "", "third_party_contact", "third_party", {"suspect_id": "P-4"}],
            ["I-2", "2025-02-11T10:00", 1, "", "contact", "phone", {"suspect_id": "P-1", "victim_id": "P-2"}],
            ["I-3", "2025-02-12T10:00", 1, "", "contact", "phone", {"suspect_id": "", "done_by": "P-2"}],
        ],
    )
    truth = told(through).truth
    own = {row["incident_id"]: row for row in truth["incidents"].to_pylist()}
    assert [own[number]["forward"] for number in ("I-1", "I-2", "I-3")] == ["true", "false", "true"]
    assert own["I-3"]["suspect"] == own["I-2"]["victim"]
    broken = {row["incident_id"]: row["terms"] for row in truth["breaches"].to_pylist() if row["order_id"] == "O-1"}
    assert broken == {"I-1": "no_indirect_contact", "I-3": "no_contact"}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["I-1", "2025-02-10", 1, "", "shout", "phone"], "'shout' is not a code of behaviours.*Known: follow, "),
        (["I-1", "2025-02-10", 1, "", "contact", "fone"], "'fone' is not a code of channel.*Known: in_person, phone"),
        (
            ["I-1", "2025-02-10", 1, "", "contact", "phone", {"relationship": "ex"}],
            "says the relationship 'ex', which is none of the vocabulary",
        ),
        (["I-1", "2025-02-10", 1, "", "contact", "phone", {"suspect_id": ""}], "done_by"),
        (["I-1", "2025-02-31", "", "", "contact", "phone"], "day or a moment"),
        (["I-1", "2025-02-10", 1, "", "notification_failure", "", {"victim_id": ""}], "breach_of"),
    ],
)
def test_a_record_that_cannot_be_is_refused(cells, words):
    with pytest.raises(InputError, match=words):
        told(story(incidents=[cells]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "tag"}, "its kind.*Known: court_bail, "),
        ({"protected_id": "P-8"}, "none of its units|Known: P-1, P-2"),
        ({"terms": "silence"}, "its terms.*Known: .*no_contact"),
        ({"origin": "whim"}, "its origin.*Known: "),
        ({"made_on": "01.02.2025"}, "says made_on '01.02.2025', which is not a day or a moment"),
        ({"ends": "for ever"}, "says ends 'for ever', which is not a day or a moment"),
    ],
)
def test_an_order_that_the_model_does_not_know_is_refused(wrong, words):
    (order,) = story()["orders"]
    own = story(orders=[order | wrong], units=[{"kind": "rejected", "suspect": "P-2", "victim": "P-1"}])
    with pytest.raises(InputError, match=words):
        told(own)


def test_more_stories_than_incidents_are_refused():
    with pytest.raises(UsageError, match="104 or more"):
        told(story(), story(name="again", incidents=[["I-4", "2025-01-01", "", "", "contact", "phone"]]), drawn=97)
