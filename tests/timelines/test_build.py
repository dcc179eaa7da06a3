"""The semantics that everything rests on, over generated extracts."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import breaches, courses, timelines

from breachpattern.spans import YES
from breachpattern.vocabulary import STRENGTHS

PEOPLE = ["P1", "P2", "V1", "V2", ""]
ACTS = ["contact", "threat", "assault;damage", "follow", "notification_failure", ""]
slow = settings(max_examples=up_to(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def day(offset):
    month, number = divmod(offset, 28)
    return f"2025-{1 + month:02d}-{1 + number:02d}"


@st.composite
def incidents(draw, prefix="", least=0):
    rows = []
    for i in range(draw(st.integers(least, 9))):
        at = draw(st.integers(0, 200))
        clock = draw(st.sampled_from(["", "T08:00", "T08:05", "T21:30"]))
        rows.append(
            {
                "incident_id": f"{prefix}I{i}",
                "occurred_from": day(at) + clock,
                "reported_at": draw(st.sampled_from(["", day(at + 1), day(at + 60)])),
                "recorded_at": draw(st.sampled_from(["", day(at + 2), day(at + 65)])),
                "suspect_id": (prefix + s) if (s := draw(st.sampled_from(PEOPLE))) else "",
                "victim_id": (prefix + v) if (v := draw(st.sampled_from(PEOPLE))) else "",
                "behaviours": draw(st.sampled_from(ACTS)),
                "channel": draw(st.sampled_from(["phone", "in_person", "third_party", ""])),
                "offence_code": draw(st.sampled_from(["", "008/31", "066/39", "195/94"])),
                "occurrence_ref": draw(st.sampled_from(["", f"{prefix}CAD1"])),
                "act_count": draw(st.sampled_from(["", "1", "7"])),
                "status": draw(st.sampled_from(["", "open", "cancelled"])),
                "reconciled_before": draw(st.sampled_from(["", "true"])),
                "breach_of": draw(st.sampled_from(["", "", f"{prefix}O0"])),
            }
        )
        rows.extend(draw(siblings(rows[-1], at, prefix)))
    return rows


OF_THE_INCIDENT = ("channel", "offence_code", "occurrence_ref", "status")


@st.composite
def siblings(draw, row, at, prefix):
    """Further rows of an incident: one that says less, one that was told later and may say something else."""
    others = []
    someone = {"victim_id": prefix + draw(st.sampled_from(["V1", "V2"])), "behaviours": draw(st.sampled_from(ACTS))}
    if draw(st.booleans()):
        silent = draw(st.sets(st.sampled_from([*OF_THE_INCIDENT, "reported_at", "recorded_at"])))
        if "reported_at" in silent:
            silent.add("recorded_at")  # else it would be a telling of its own
        others.append(row | someone | dict.fromkeys(silent, ""))
    if draw(st.booleans()):
        other = row | someone | {"reported_at": day(at + draw(st.sampled_from([3, 40, 75]))), "recorded_at": ""}
        for name, value in (("channel", "email"), ("offence_code", "066/39"), ("occurred_from", day(at + 2))):
            other[name] = draw(st.sampled_from([row[name], value]))
        others.append(other)
    return others


def told(row, rows):
    """The day on which a row was told: by itself, with the first of its siblings, or when it happened."""

    def own(one):
        return one["reported_at"] or one["recorded_at"]

    others = [own(r) for r in rows if r["incident_id"] == row["incident_id"] and own(r)]
    return own(row) or min(others, default=row["occurred_from"][:10])


@st.composite
def orders(draw, prefix=""):
    rows = []
    for i in range(draw(st.integers(0, 3))):
        made = draw(st.integers(0, 150))
        rows.append(
            {
                "order_id": f"{prefix}O{i}",
                "kind": draw(st.sampled_from(["restraining", "non_molestation", "dvpo", "police_warning"])),
                "respondent_id": prefix + draw(st.sampled_from(["P1", "P2"])),
                "protected_id": prefix + draw(st.sampled_from(["V1", "V2"])),
                "made_on": day(made),
                "served_at": draw(st.sampled_from(["", day(made + 2) + "T10:00"])),
                "ends": draw(st.sampled_from(["", day(made + 50)])),
                "discharged_on": draw(st.sampled_from(["", day(made + 30)])),
                "without_notice": draw(st.sampled_from(["", "true", "false"])),
                "terms": draw(st.sampled_from(["", "no_contact", "no_violence;no_approach"])),
                "founded_on": draw(st.sampled_from(["", f"{prefix}I0"])),
                "version": "1",
                "starts": "",
            }
        )
        first = rows[-1]
        if draw(st.booleans()):
            rows.append(first | {"protected_id": f"{prefix}V2"} | draw(partly(made, blank=True)))
        if draw(st.booleans()):
            rows.append(first | {"protected_id": f"{prefix}V1"} | draw(partly(made, blank=False)))
        if draw(st.booleans()):  # a variation, at once or after a gap
            starts = {"starts": day(made + draw(st.sampled_from([20, 51, 60]))), "ends": ""}
            rows.append(first | {"version": "2", "discharged_on": ""} | starts)
    return rows


@st.composite
def partly(draw, made, blank):
    """What another row of an order version says: less than the first, or something else."""
    some = {
        "made_on": day(made + 10),
        "served_at": day(made + 12),
        "ends": day(made + 70),
        "without_notice": "true",
        "terms": "no_contact;exclusion",
    }
    chosen = draw(st.sets(st.sampled_from(sorted(some))))
    return {name: "" if blank else some[name] for name in chosen}


def order_known(row, rows):
    """The day on which a row of an order was known."""
    version = [r for r in rows if (r["order_id"], r["version"]) == (row["order_id"], row["version"])]
    made = row["made_on"] or min(r["made_on"] for r in version if r["made_on"])
    return min(day for day in (made, row["served_at"][:10]) if day)


@st.composite
def ties(draw, prefix=""):
    some = [("V1", "V2", "family"), ("P1", "P2", "co_suspect"), ("P1", "P2", "friend")]
    return [
        {"person_id": prefix + a, "other_id": prefix + b, "tie": t}
        for a, b, t in draw(st.lists(st.sampled_from(some), unique=True))
    ]


@st.composite
def extracts(draw, prefix=""):
    return draw(incidents(prefix)), draw(orders(prefix)), draw(ties(prefix))


def answers(extract, as_of="2025-12-31"):
    found = timelines(*extract, as_of=as_of)
    return sorted(breaches(found), key=repr), courses(found)


@slow
@given(extracts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(extract, random):
    incidents, orders, ties = (list(rows) for rows in extract)
    before = answers(extract)
    for rows in (incidents, orders, ties):
        random.shuffle(rows)
    assert answers((incidents, orders, ties)) == before


@slow
@given(extracts())
def test_a_row_written_twice_changes_nothing(extract):
    incidents, orders, ties = extract
    assert answers((incidents + incidents[:3], orders + orders[:1], ties + ties[:1])) == answers(extract)


@slow
@given(extracts("a."), extracts("b."))
def test_unrelated_people_do_not_change_each_other(one, other):
    both = tuple(a + b for a, b in zip(one, other, strict=True))
    breaches_1, courses_1 = answers(one)
    breaches_2, courses_2 = answers(other)
    breaches_both, courses_both = answers(both)
    assert breaches_both == sorted(breaches_1 + breaches_2, key=repr)
    assert sorted(courses_both, key=repr) == sorted(courses_1 + courses_2, key=repr)


@slow
@given(extracts(), st.integers(5, 220))
def test_nothing_learnt_later_leaks_in(extract, cut):
    """Analysing everything as of a day equals analysing only what was known on that day."""
    incidents, orders, ties = extract
    as_of = day(cut)

    kept_orders = [
        row
        | {
            "served_at": row["served_at"] if row["served_at"][:10] <= as_of else "",
            "discharged_on": row["discharged_on"] if row["discharged_on"] <= as_of else "",
        }
        for row in orders
        if order_known(row, orders) <= as_of
    ]
    kept = [
        row | {"recorded_at": row["recorded_at"] if row["recorded_at"] <= as_of else ""}
        for row in incidents
        if told(row, incidents) <= as_of
    ]
    assert answers(extract, as_of) == answers((kept, kept_orders, ties), "2030-01-01")


@slow
@given(extracts())
def test_every_course_has_two_occasions_and_a_strength(extract):
    found = timelines(*extract, as_of="2025-12-31")
    for course in courses(found):
        assert course["occasions"] >= 2
        assert course["strength"] != "none"
        assert course["acts"] >= course["occasions"] or course["acts"] >= 2
    for one in breaches(found):
        assert one["status"] in ("recorded", "unrecorded", "recorded_no_order")
        assert (one["order"] is None) == (one["status"] == "recorded_no_order")
        assert one["strength"] in STRENGTHS


@slow
@given(extracts())
def test_no_instant_is_as_of_the_end_of_time(extract):
    assert answers(extract, None) == answers(extract, "2099-12-31")


@slow
@given(extracts())
def test_an_incident_breaches_an_order_once_for_each_pair_of_people(extract):
    found = timelines(*extract, as_of="2025-12-31")
    for frame in (found.breaches, found.considered):
        assert not frame.duplicated(["incident", "suspect", "victim", "order"]).any()


@slow
@given(extracts())
def test_a_certain_state_lies_in_the_lives_of_the_order(extract):
    """Whoever answers `yes` can name a version in force at every second, or one that hands over to the next."""
    found = timelines(*extract, as_of="2025-12-31")
    orders = found.orders
    for b in found.breaches[found.breaches["state"] == YES].itertuples():
        mine = np.flatnonzero((orders.order == b.order) & (orders.respondent == orders.respondent[b.version]))
        begun = orders.start_hi[mine] <= b.start
        lasting = b.end <= orders.end_lo[mine]
        handed = orders.hands_over[mine][:-1] & begun[:-1] & lasting[1:]
        assert (begun & lasting).any() or handed.any()


def test_an_empty_extract_has_empty_answers():
    assert answers(([], [], [])) == ([], [])
