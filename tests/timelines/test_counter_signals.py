"""What speaks against a whole course: acts in the other direction are occasions like any other."""

from tests.facts import courses, incident, timelines

from breachpattern.timelines.nexus import signal_table

THREAT = {"behaviours": "threat", "channel": "in_person"}


def acts(prefix, *days, **values):
    return [incident(f"{prefix}{d}", f"2025-03-{d:02d}T10:00", **(THREAT | values)) for d in days]


def back(*days, **values):
    return acts("R", *days, **({"suspect_id": "V1", "victim_id": "P1"} | values))


def held(rows, suspects="P1", victims="V1", ties=None):
    """The counter-signals of the one course between some people."""
    wanted = suspects.split(), victims.split()
    found = [c for c in courses(timelines(rows, associations=ties)) if (c["suspects"], c["victims"]) == wanted]
    assert len(found) == 1
    names = {s.id for s in signal_table().of(found[0]["signals"])}
    return names & {"two_way", "counter_allegation", "cancelled_records"}, found[0]["strength"]


def test_a_third_in_the_other_direction_keeps_a_course_from_clear():
    mine = acts("I", 1, 4, 7, place_role="victim_home")
    assert held(mine)[1] == "clear"
    assert held(mine + back(2)) == ({"counter_allegation"}, "arguable")
    assert held(mine + acts("J", 10, place_role="victim_home") + back(2)) == ({"counter_allegation"}, "clear")


def test_an_answer_half_a_year_before_counts_and_an_older_one_does_not():
    mine = acts("I", 1, 4, 7, place_role="victim_home")
    theirs = [incident("R", day, suspect_id="V1", victim_id="P1", **THREAT) for day in ("2024-10-01", "2024-06-01")]
    assert held([*mine, theirs[0]])[0] == {"counter_allegation"}
    assert held([*mine, theirs[1]])[0] == set()


def test_a_single_counter_allegation_is_no_balance():
    assert held(acts("I", 1, 4) + back(2))[0] == {"counter_allegation"}
    assert held(acts("I", 1, 4) + back(2, 3))[0] == {"two_way"}
    assert held(acts("I", 1, 4, 7, 10, 13) + back(2, 3))[0] == {"counter_allegation"}


def test_records_of_one_event_count_once():
    mine = acts("I", 1, 4, 7, 10, place_role="victim_home")
    theirs = [incident(f"R{i}", "2025-03-05T12:00", suspect_id="V1", victim_id="P1", occurrence_ref="C5", **THREAT)
              for i in range(4)]  # fmt: skip
    assert held(mine + theirs) == ({"counter_allegation"}, "clear")


def test_one_record_of_many_acts_counts_for_its_days():
    span = {"behaviours": "threat", "channel": "text", "occurred_to": "2025-03-21", "act_count": "60"}
    mine, theirs = incident("I1", "2025-03-01", **span), incident("R1", "2025-03-01", **span)
    theirs |= {"suspect_id": "V1", "victim_id": "P1"}
    assert held([mine, theirs]) == ({"two_way"}, "arguable")
    assert held([mine, theirs], "V1", "P1") == ({"two_way"}, "arguable")
    early = theirs | {"occurred_from": "2024-06-01"}
    assert held([*acts("I", 1, 4, 7), early])[0] == {"two_way"}
    long_ago = {"occurred_from": "2024-02-01", "occurred_to": "2024-08-01"}
    assert held([*acts("I", 1, 4, 7), early | long_ago])[0] == set()


def test_both_directions_are_seen_in_joint_and_group_units():
    brothers = [row | {"suspect_id": p} for row in acts("I", 1, 4, 7, 10) for p in ("P1", "P2")]
    returned = [row | {"victim_id": p} for row in back(2, 5, 8) for p in ("P1", "P2")]
    assert held(brothers, "P1 P2") == (set(), "clear")
    assert held(brothers + returned, "P1 P2") == ({"two_way"}, "arguable")
    tie = [{"person_id": "V1", "other_id": "V2", "tie": "household"}]
    sisters = acts("I", 1, 7) + acts("J", 4, 10, victim_id="V2")
    theirs = back(2) + back(5, suspect_id="V2")
    assert held(sisters + theirs, "P1", "V1 V2", tie)[0] == {"two_way"}


def test_cancelled_records_are_told_in_every_unit():
    brothers = [row | {"suspect_id": p} for row in acts("I", 1, 4, 7) for p in ("P1", "P2")]
    dropped = acts("X", 5, suspect_id="P2", status="cancelled")
    assert held(brothers + dropped, "P1 P2") == ({"cancelled_records"}, "clear")
