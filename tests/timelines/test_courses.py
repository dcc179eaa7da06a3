"""What makes a course weak, arguable or clear: smooth in time, honest about blanks, both sides seen."""

from datetime import date, datetime, timedelta
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import courses, incident, order, strength, timelines

from breachpattern.spans import DAY, LONDON, day_bounds
from breachpattern.timelines.courses import Ragged, _apart, _days, _longest_gap
from breachpattern.timelines.nexus import proximity, signal_table
from breachpattern.vocabulary import RELATIONSHIPS, STRENGTHS

RANK = STRENGTHS.index


def two(gap_days, first, second):
    day = np.datetime64("2022-01-10") + gap_days
    return [incident("I1", "2022-01-10", **first), incident("I2", str(day), **second)]


def support(rows, **facts):
    found = [c for c in courses(timelines(rows, **facts)) if c["unit"] == "dyad"]
    assert len(found) == 1
    return found[0]["support"]


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_proximity_falls_with_every_day_and_never_jumps(a, b):
    rule = signal_table().rule
    near, far = sorted((a, b))
    points = proximity(np.array([near, far]), rule)
    assert points[0] >= points[1]
    assert points[0] - points[1] <= (far - near) / rule.scale_days / np.log(2) + 1e-9


@pytest.mark.parametrize("gap", [10, 60, 80, 89, 91, 100, 120, 180, 182, 184, 364])
def test_a_day_more_is_never_a_cliff(gap):
    call = {"behaviours": "contact", "channel": "phone"}
    here, next_day = (support(two(g, call, call)) for g in (gap, gap + 1))
    assert 0 <= here - next_day < 0.11


def test_likeness_and_means_and_place_strengthen():
    plain = {"behaviours": "contact", "channel": "phone"}
    base = support(two(60, plain, plain))
    assert support(two(60, plain | {"means": "07700900000"}, plain | {"means": "07700900000"})) > base
    assert support(two(60, plain | {"place_role": "victim_home"}, plain | {"place_role": "victim_home"})) > base
    assert support(two(20, plain, plain)) > base
    assert support(two(20, plain, {"behaviours": "damage", "channel": "in_person"})) < base


@pytest.mark.parametrize(
    "field", ["behaviours", "channel", "means", "place_role", "impact", "offence_code", "relationship"]
)
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_blank_never_raises_a_strength(field, which):
    full = {
        "behaviours": "contact",
        "channel": "text",
        "means": "07700900001",
        "place_role": "victim_home",
        "impact": "fear_of_violence",
        "offence_code": "195/94",
        "relationship": "ex_partner",
    }
    rows = [incident(f"I{i}", f"2025-03-{1 + 9 * i:02d}T10:00", **full) for i in range(3)]
    before = support(rows)
    rows[which] = rows[which] | {field: ""}
    assert support(rows) <= before


def test_two_unknown_acts_close_together_are_not_clear():
    rows = [incident(f"I{i}", f"2025-03-0{1 + i}T10:00") for i in range(2)]
    assert RANK(strength(timelines(rows))) < RANK("clear")


def test_reconciliation_weighs_and_keeps_a_course_below_clear():
    rows = [incident(f"I{i}", f"2025-03-{1 + 7 * i:02d}", behaviours="contact;threat") for i in range(4)]
    assert strength(timelines(rows)) == "clear"
    rows[2] = rows[2] | {"reconciled_before": "true"}
    assert RANK(strength(timelines(rows))) < RANK("clear")


BLOW = {"behaviours": "assault", "channel": "in_person"}


def blows(*days, flagged=()):
    rows = [incident(f"I{d}", str(np.datetime64("2025-01-01") + d), **BLOW) for d in days]
    return [row | {"reconciled_before": "true"} if d in flagged else row for d, row in zip(days, rows, strict=True)]


@pytest.mark.parametrize(
    ("days", "flagged"),
    [((0, 31, 33), [31]), ((0, 7, 14, 15), [14]), ((0, 31, 59, 90, 120), [31, 90]), ((0, 1, 2, 3, 9, 10, 11, 12), [9])],
)
def test_a_reconciliation_stays_in_sight_wherever_it_lies_in_a_course(days, flagged):
    found = courses(timelines(blows(*days, flagged=flagged)))
    assert [len(c["incidents"]) for c in found] == [len(days)]
    assert "reconciled" in signals(found[0])
    assert "unlike" not in signals(found[0])
    assert found[0]["strength"] == "arguable"


def signals(course):
    return {s.id for s in signal_table().of(course["signals"])}


@pytest.mark.parametrize(
    "told",
    [
        {"status": "cancelled"},
        {"suspect_id": "V1", "victim_id": "P1"},
        {"kind": "custody", "behaviours": ""},
    ],
)
def test_a_reconciliation_is_a_fact_about_the_couple_whichever_record_tells_it(told):
    rows = blows(0, 5, 10, 15)
    witness = incident("X", "2025-01-08", **(BLOW | {"reconciled_before": "true"} | told))
    found = [c for c in courses(timelines([*rows, witness])) if c["suspects"] == ["P1"]]
    assert [("reconciled" in signals(c), c["strength"]) for c in found] == [(True, "arguable")]
    before = witness | {"occurred_from": "2024-12-25"}
    assert "reconciled" not in signals(courses(timelines([*rows, before]))[0])


def test_a_reconciliation_with_one_victim_says_nothing_of_another():
    tie = [{"person_id": "V1", "other_id": "V2", "tie": "family"}]
    theirs = [incident(f"J{d}", f"2025-01-{d:02d}", victim_id="V2", **BLOW) for d in (3, 8, 13)]
    found = courses(timelines(blows(0, 5, 10, flagged=[5]) + theirs, associations=tie))
    assert [("reconciled" in signals(c)) for c in found if c["victims"] == ["V2"]] == [False]


def test_support_passes_smoothly_from_joined_to_loose():
    call, damage = {"behaviours": "contact", "channel": "phone"}, {"behaviours": "damage", "channel": "in_person"}
    by_day = [support(two(g, call, damage)) for g in range(22, 30)]
    assert all(0 <= here - after < 0.11 for here, after in pairwise(by_day))


def test_an_act_that_the_next_one_explains_counts_by_that_link():
    note, blow = {"behaviours": "contact", "channel": "post"}, {"behaviours": "assault;threat", "channel": "in_person"}
    rows = [incident("I1", "2019-10-15", **note), incident("I2", "2020-02-15", **blow)]
    assert strength(timelines(rows)) == "weak"
    assert strength(timelines([*rows, incident("I3", "2020-02-16", **note)])) == "arguable"


def test_two_records_that_say_nothing_are_weak():
    rows = [incident(f"I{d}", f"2025-05-0{d}T19:10") for d in (1, 2)]
    found = courses(timelines(rows))
    assert [(c["strength"], "silent" in signals(c)) for c in found] == [("weak", True)]
    for said in ({"behaviours": "threat"}, {"offence_code": "105/01"}, {"place_role": "victim_home"}):
        assert support([row | said for row in rows]) > found[0]["support"]


def test_custody_explains_a_gap():
    call = {"behaviours": "contact", "channel": "phone"}
    rows = two(200, call, call)
    spell = incident("K1", "2022-01-20", occurred_to="2022-07-20", kind="custody", victim_id="")
    assert support([*rows, spell]) > support(rows) + 1


def test_an_order_joins_the_conduct_it_was_founded_on_with_its_breach():
    rows = two(600, {"behaviours": "damage"}, {"behaviours": "contact"})
    made = order("O1", made_on="2022-02-01", founded_on="I1")
    assert strength(timelines(rows)) == "weak"
    assert RANK(strength(timelines(rows, [made]))) >= RANK("arguable")


def test_a_warning_is_knowledge():
    call = {"behaviours": "contact", "channel": "email"}
    rows = two(90, call, call)
    warned = order("W1", kind="police_warning", made_on="2022-01-20", served_at="2022-01-20T10:00", terms="")
    assert support(rows, orders=[warned]) > support(rows)


def test_a_day_each_year_joins_distant_acts():
    card = {"behaviours": "gift", "channel": "post"}
    assert support(two(365, card, card)) > support(two(320, card, card)) + 2


def test_acts_in_the_other_direction_are_seen():
    threat = {"behaviours": "threat", "channel": "in_person"}
    mine = [incident(f"I{i}", f"2025-03-{1 + 6 * i:02d}T10:00", **threat) for i in range(4)]
    theirs = [
        incident(f"R{i}", f"2025-03-{3 + 6 * i:02d}T10:00", suspect_id="V1", victim_id="P1", **threat) for i in range(4)
    ]
    alone, once, mutual = (support_of(mine + theirs[:k]) for k in (0, 1, 4))
    assert alone > once > mutual
    assert RANK(strength(timelines(mine + theirs))) < RANK("clear")


def support_of(rows):
    found = [c for c in courses(timelines(rows)) if c["suspects"] == ["P1"] and c["victims"] == ["V1"]]
    return found[0]["support"]


def test_a_run_within_a_day_is_arguable_and_never_clear():
    rows = [incident(f"I{i}", f"2025-03-01T10:0{i}", behaviours="contact", channel="phone") for i in range(6)]
    assert strength(timelines(rows)) == "arguable"


def test_theft_for_gain_is_not_a_campaign():
    rows = [incident(f"I{i}", f"2025-03-{1 + 5 * i:02d}", behaviours="theft") for i in range(5)]
    assert RANK(strength(timelines(rows))) < RANK("arguable")


@pytest.mark.parametrize("behaviours", ["contact;threat", "", "theft;threat"])
def test_a_day_of_the_year_joins_acts_that_are_aimed_at_somebody(behaviours):
    rows = [incident(f"I{y}", f"{y}-02-03", behaviours=behaviours, channel="post") for y in (2024, 2025)]
    assert courses(timelines(rows))[0]["signals"] & signal_table().bit("recurring_date")


@pytest.mark.parametrize("first", ["theft", "damage"])
@pytest.mark.parametrize("victim", ["V1", "V2"])
def test_an_act_for_gain_has_no_anniversary(first, victim):
    second = {"theft": "damage", "damage": "theft"}[first]
    rows = [
        incident("I1", "2025-02-03", behaviours=first, channel="in_person"),
        incident("I2", "2026-02-01", behaviours=second, channel="in_person", victim_id=victim),
    ]
    both = [order("O1", protected_id=protected, terms="no_contact;no_violence") for protected in ("V1", "V2")]
    assert all(course["strength"] == "weak" for course in courses(timelines(rows, both)))


def test_connected_victims_are_a_group_and_strangers_are_not():
    rows = [
        incident("I1", "2025-03-01", behaviours="threat", victim_id="V1"),
        incident("I2", "2025-03-04", behaviours="threat", victim_id="V2"),
    ]
    tie = [{"person_id": "V2", "other_id": "V1", "tie": "household"}]
    group = courses(timelines(rows, associations=tie))
    assert [(c["unit"], c["victims"]) for c in group] == [("group", ["V1", "V2"])]
    assert RANK(group[0]["strength"]) <= RANK("arguable")
    assert courses(timelines(rows)) == []


def test_people_whom_one_order_protects_are_connected():
    rows = [
        incident("I1", "2025-03-01", behaviours="threat", victim_id="V1"),
        incident("I2", "2025-03-04", behaviours="threat", victim_id="V2"),
    ]
    both = [order("O1", protected_id="V1"), order("O1", protected_id="V2")]
    assert [c["unit"] for c in courses(timelines(rows, both))] == ["group"]


def test_suspects_on_one_record_act_jointly_and_a_tie_alone_stays_weak():
    apart = [
        incident("I1", "2025-03-01", behaviours="threat", suspect_id="P1"),
        incident("I2", "2025-03-04", behaviours="threat", suspect_id="P2"),
    ]
    tie = [{"person_id": "P1", "other_id": "P2", "tie": "family"}]
    found = courses(timelines(apart, associations=tie))
    assert [(c["unit"], c["strength"]) for c in found] == [("joint", "weak")]
    together = [*apart, incident("I2", "2025-03-04", behaviours="threat", suspect_id="P1")]
    assert strength(timelines(together), "P1 P2") in ("arguable", "clear")


def test_two_unknown_suspects_are_never_one():
    rows = [incident(f"I{i}", f"2025-03-0{1 + i}", suspect_id="", behaviours="damage") for i in range(3)]
    assert courses(timelines(rows)) == []


@settings(max_examples=up_to(50))
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9)), max_size=30))
def test_ragged_lists_keep_their_values(pairs):
    owner = np.array([p[0] for p in pairs], dtype=np.int64)
    values = np.array([p[1] for p in pairs], dtype=np.int64)
    lists = Ragged.of(owner, values, 6)
    assert [lists[k].tolist() for k in range(6)] == [[v for o, v in pairs if o == k] for k in range(6)]
    distinct = Ragged.distinct(owner, values, 6)
    assert [distinct[k].tolist() for k in range(6)] == [sorted({v for o, v in pairs if o == k}) for k in range(6)]
    index = np.array([5, 0, 5], dtype=np.int64)
    assert [lists.take(index)[k].tolist() for k in range(3)] == [lists[k].tolist() for k in (5, 0, 5)]
    both = lists.append(distinct)
    assert (len(lists), len(both)) == (6, 12)
    assert [both[k].tolist() for k in range(12)] == [part[k].tolist() for part in (lists, distinct) for k in range(6)]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 12), st.sampled_from([0, 1, 6 * 3600, DAY, DAY + 1, 3 * DAY])),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 3),
)
def test_gaps_and_days_of_a_course_one_by_one(drawn, acts):
    """Occasions of up to three courses, by their time of beginning in quarters of a day."""
    drawn = sorted(drawn, key=lambda row: row[1])
    start = np.array([day_bounds(date(2025, 3, 28))[0] + row[1] * DAY // 4 for row in drawn], dtype=np.int64)
    end = start + np.array([row[2] for row in drawn])
    course, members = np.array([row[0] for row in drawn], dtype=np.int64), np.arange(len(drawn))
    occasions = SimpleNamespace(start=start, end=end, count=np.full(len(drawn), acts))
    of = Ragged.of(course, members, 3)
    gaps, days = _longest_gap(occasions, of), _days(occasions, members, course, 3)
    for k in range(3):
        mine = [i for i in members if course[i] == k]
        between = [max(int(start[b] - end[a]), 0) for a, b in pairwise(mine)]
        assert int(gaps[k]) == max(between, default=0)
        more = sum(acts - 1 for i in mine if goes_on(start[i], end[i]))
        assert min(int(days[k]) - more, 3) == min(fewest_days([choices(start[i], end[i], acts) for i in mine]), 3)
    some = np.array([row[1] % 2 == 0 for row in drawn])
    part = _days(occasions, members, course, 3, some)
    assert part.tolist() == _days(occasions, members[some], course[some], 3).tolist()


def goes_on(start, end):
    """Whether a window is longer than a day, be that day of twenty-five hours."""
    days = [datetime.fromtimestamp(int(second), LONDON).date() for second in (start, end - 1)]
    return end - start > DAY and days[0] < days[1]


def choices(start, end, acts):
    """The days on which an occasion may have begun: of one act in a window of more than a day, any of the window."""
    first = datetime.fromtimestamp(int(start), LONDON).date()
    last = datetime.fromtimestamp(int(end) - 1, LONDON).date() if acts == 1 and goes_on(start, end) else first
    return [first + timedelta(d) for d in range((last - first).days + 1)]


def fewest_days(spans):
    """On how few days occasions may have begun, over all choices."""
    return min(len(set(chosen)) for chosen in product(*spans))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, len(RELATIONSHIPS) - 1)), min_size=1, max_size=8))
def test_people_live_apart_where_that_is_on_record_and_nothing_else_is(drawn):
    owner, said = (np.array([row[k] for row in drawn], dtype=np.int64) for k in (0, 1))
    found = _apart(SimpleNamespace(relationship=said), np.arange(len(drawn)), owner, 3)
    for k in range(3):
        words = {RELATIONSHIPS.values[code] for who, code in drawn if who == k and code >= 0}
        assert bool(found[k]) is (bool(words - {"unknown"}) and not words & {"partner", "family"})


SIGNS = ("order_broken_again", "pursued", "graver_effect")
HOME = {"behaviours": "contact", "channel": "text", "place_role": "victim_home"}


def signs(rows, orders=()):
    """The grave signs of the strongest course."""
    found = max(courses(timelines(rows, orders)), key=lambda c: RANK(c["strength"]))
    return {s.id for s in signal_table().of(found["signals"])} & set(SIGNS)


def on_days(*days, month="03", **values):
    return [incident(f"I{month}{d}", f"2025-{month}-{d:02d}T10:00", **(HOME | values)) for d in days]


def test_a_clear_course_began_on_three_days():
    evenings = [incident(f"I{i}", f"2025-03-0{1 + i // 3}T2{i % 3}:00", **HOME) for i in range(6)]
    assert strength(timelines(evenings)) == "arguable"
    assert strength(timelines([*evenings, *on_days(3)])) == "clear"
    many = [incident("I1", "2025-03-01", occurred_to="2025-03-06", act_count="9", **HOME)]
    assert strength(timelines(many)) == "clear"


def test_a_day_that_nobody_knows_is_no_further_day():
    """A window of three weeks stands beside two days within it: there may have been two days."""
    known = on_days(3, 20)
    vague = incident("I0", "2025-03-01", occurred_to="2025-03-25", **HOME)
    assert strength(timelines([*known, vague])) == "arguable"
    assert strength(timelines([*known, vague | {"occurred_to": "2025-03-02"}])) == "clear"
    assert strength(timelines([*known, *on_days(28), vague])) == "clear"
    orders = [order("O1", made_on="2025-02-10")]
    week = incident("I0", "2025-03-01", occurred_to="2025-03-09", **HOME)
    assert signs([*on_days(3), week], orders) == set()
    assert signs([*on_days(12), week], orders) == {"order_broken_again"}


@pytest.mark.parametrize(("first", "signals", "occasions"), [("26", set(), 3), ("25", {"order_broken_again"}, 3)])
def test_a_day_of_twenty_five_hours_is_one_day(first, signals, occasions):
    """Nine calls on the day on which the clocks go back were an order broken on two days."""
    calls = incident("I1", f"2025-10-{first}", occurred_to="2025-10-26", act_count="9", **HOME)
    rows, orders = [*on_days(20, month="09"), calls], [order("O1", made_on="2025-10-01")]
    assert signs(rows, orders) == signals
    assert [course["occasions"] for course in courses(timelines(rows, orders))] == [occasions]


def test_an_event_and_one_breach_of_the_order_that_followed_are_not_clear():
    orders = [order("O1", made_on="2025-03-02", founded_on="I031")]
    assert strength(timelines(on_days(1, 4), orders)) == "arguable"
    assert strength(timelines(on_days(1, 4, 6), orders)) == "clear"


def test_repetition_does_not_stand_in_for_a_connection():
    thefts = [incident(f"I{i}", f"2025-{1 + i // 3:02d}-{1 + 9 * (i % 3):02d}", behaviours="theft") for i in range(30)]
    assert strength(timelines(thefts)) == "weak"


def test_orders_broken_on_two_days_are_a_grave_sign():
    orders = [order("O1", made_on="2025-02-02")]
    assert signs(on_days(1, 4), orders) == {"order_broken_again"}
    assert signs(on_days(1) + on_days(4, month="01"), orders) == set()
    assert signs([incident(f"I{h}", f"2025-03-01T{h}:00", **HOME) for h in (10, 12)], orders) == set()


def test_following_on_two_days_is_a_grave_sign():
    assert signs(on_days(1, 4, behaviours="follow")) == {"pursued"}
    assert signs(on_days(1, behaviours="follow") + on_days(4)) == set()


@pytest.mark.parametrize(
    ("relationship", "told"), [("ex_partner", {"graver_effect"}), ("partner", set()), ("unknown", set()), ("", set())]
)
def test_the_graver_effect_is_told_where_people_share_no_life(relationship, told):
    afraid = {"impact": "fear_of_violence", "relationship": relationship}
    assert signs(on_days(1, 4, **afraid)) == told
    assert signs(on_days(1, **afraid) + on_days(4, relationship=relationship)) == set()


def test_alarm_on_two_days_asks_for_a_changed_life_too():
    alarm = {"impact": "serious_alarm_distress", "relationship": "ex_partner"}
    assert signs(on_days(1, 4, **alarm)) == set()
    assert signs(on_days(1, 4, **alarm) + on_days(6, impact="moved_home")) == {"graver_effect"}
