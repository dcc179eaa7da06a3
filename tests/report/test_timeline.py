from breachpattern.report.run import read
from breachpattern.report.timeline import life, timeline_of

AS_OF = "2025-06-30T23:59:59+01:00"


def version(start="2025-01-10T00:00:00+00:00", by=None, until=None, until_by=None, doubtful=False):
    return {"version": 1, "order_kind": "x", "order_title": "order", "terms": [], "terms_on_file": True,
            "respondent_id": "P1", "protected_ids": [], "made": start, "served": None,
            "from": start, "from_by": by or start, "until": until, "until_by": until_by or until,
            "end_doubtful": doubtful}  # fmt: skip


def bars(*versions):
    found = timeline_of([], [{"order_id": "O1", "versions": list(versions)}], AS_OF).bars
    return [(bar["at"][:10], bar["until"][:10], bar["sure"]) for bar in found]


def test_a_life_of_known_ends_is_one_bar():
    assert bars(version(until="2025-05-10T00:00:00+01:00")) == [("2025-01-10", "2025-05-10", "in force")]


def test_an_order_of_which_only_a_day_is_known_is_possibly_in_force_on_it():
    held = version(
        by="2025-01-11T00:00:00+00:00", until="2025-05-10T00:00:00+01:00", until_by="2025-05-12T00:00:00+01:00"
    )
    assert bars(held) == [
        ("2025-01-10", "2025-01-11", "possibly in force"),
        ("2025-01-11", "2025-05-10", "in force"),
        ("2025-05-10", "2025-05-12", "possibly in force"),
    ]


def test_an_order_until_further_order_lasts_to_the_end_of_the_picture_and_not_for_ever():
    ((start, end, sure),) = bars(version())
    assert (start, sure) == ("2025-01-10", "in force")
    assert "2025-07-01" < end < "2025-09-01"


def test_an_order_whose_end_cannot_be_read_is_possible_once_it_has_begun():
    ((start, _, sure),) = bars(version(doubtful=True))
    assert (start, sure) == ("2025-01-10", "possibly in force")
    assert bars(version(until_by="2025-05-10T00:00:00+01:00", doubtful=True)) == [
        ("2025-01-10", "2025-05-10", "possibly in force")
    ]


def test_an_order_of_long_ago_does_not_press_the_rest_together():
    ((start, _, _),) = bars(version("1998-01-10T00:00:00+00:00"))
    assert start == "2024-06-30"


def test_lives_in_words():
    assert life(version(until="2025-05-10T00:00:00+01:00")) == "from 10 Jan 2025 until 9 May 2025"
    assert life(version()) == "from 10 Jan 2025 until further order"
    assert life(version(doubtful=True)) == "from 10 Jan 2025; its end on file cannot be used"


def test_marks_stand_in_the_lane_of_what_they_are(run):
    held = read(run, 500)
    finding = next(f for f in held.findings if f["pattern"] == "breach_in_course")
    people = held.people(finding)
    timeline = timeline_of(people.records, people.orders, held.summary["as_of"])
    lanes = {mark["record"]: mark["lane"] for mark in timeline.marks}
    assert lanes["I2"] == "Breach, recorded"
    assert lanes["I3"] == "Breach, not recorded"
    assert lanes["I1"] == "Other conduct"
    assert timeline.lanes[:2] == ["O1, restraining order on conviction", "O2, non-molestation order"]
    assert "records (" in timeline.spoken()
