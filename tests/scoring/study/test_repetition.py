"""Tables of repetition, counted by hand and held by properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.errors import UsageError
from breachpattern.scoring import conditional_probability, days_between, events_per_dyad, intermittency
from breachpattern.scoring.study.intervals import mean_interval

GAPS = st.lists(st.lists(st.floats(0, 900), max_size=12), max_size=12)


def told(*gaps, followed=0.0):
    """Events of dyads by the days between them; ``followed`` days after the last of each."""
    rows = []
    for own in gaps:
        after = [sum(own[i:]) + followed for i in range(len(own) + 1)]
        rows += [(i + 1, own[i - 1] if i else np.nan, after[i]) for i in range(len(own) + 1)]
    return pd.DataFrame(rows, columns=["number", "days_since", "days_followed"])


def test_dyads_by_events():
    table = events_per_dyad(told([], [], [5.0], [1.0, 2.0, 3.0]), at_most=3)
    assert table["dyads"].tolist() == [2, 1, 1]
    assert table["share"].tolist() == [0.5, 0.25, 0.25]
    assert table["events_total"].tolist() == [2, 2, 4]
    assert table["share_of_events"].tolist() == [0.25, 0.25, 0.5]


def test_the_chance_of_the_next_event_and_its_interval():
    table = conditional_probability(told(*[[]] * 6, [5.0], [5.0], [5.0, 5.0], [5.0, 5.0]), at_most=4)
    assert table[["dyads", "again"]].to_numpy().tolist() == [[10, 4], [4, 2], [2, 0]]
    assert table["probability"].tolist() == [0.4, 0.5, 0.0]
    # Wilson's interval of 4 in 10 by hand: (0.4 + 1.9208/10 -/+ 1.96 sqrt(0.024 + 0.009604)) / 1.38416
    assert table.loc[2, ["low", "high"]].tolist() == pytest.approx([0.1682, 0.6873], abs=1e-4)


def test_a_follow_up_counts_those_who_could_be_followed_and_what_came_in_time():
    gone, late, soon = told([], followed=10), told([400.0], followed=10), told([30.0], followed=400)
    table = conditional_probability(pd.concat([gone, late, soon]), at_most=3, follow_up=365)
    assert table[["dyads", "again"]].to_numpy().tolist() == [[2, 1], [1, 0]]


def test_days_between_by_hand():
    table = days_between(told([10.0, 4.0], [20.0], [40.0]), at_most=4)
    assert table.loc[2].tolist() == [3, pytest.approx(70 / 3), 15, 20, 30]
    assert table.loc[3].tolist() == [1, 4, 4, 4, 4]
    assert table["dyads"].tolist() == [3, 1, 0]
    assert table.loc[4, ["mean", "median"]].isna().all()


def test_intermittency_by_hand():
    table = intermittency(told([10.0], [400.0], [5.0, 5.0, 5.0], [1.0, 1.0, 1.0, 997.0]), quiet_days=365)
    assert table["dyads"].tolist() == [2, 1, 1, 0]
    assert table["returned"].tolist() == [1, 0, 1, 0]
    assert table["burstiness"].tolist()[1] == -1
    # mean 250, deviation sqrt((3 * 249² + 747²) / 4) = 431.28
    assert table["burstiness"].tolist()[2] == pytest.approx((431.28 - 250) / (431.28 + 250), abs=1e-4)
    assert np.isnan(table["share"].tolist()[3])


@given(GAPS)
def test_dyads_and_events_add_up_whatever_happened(gaps):
    events = told(*gaps)
    table = events_per_dyad(events, 4)
    assert table["dyads"].sum() == len(gaps)
    assert table["events_total"].sum() == len(events)
    chance = conditional_probability(events, 5)
    assert (chance["again"] <= chance["dyads"]).all()
    assert chance["again"].tolist()[:-1] == chance["dyads"].tolist()[1:]
    known = chance.dropna()
    assert ((known["low"] <= known["probability"]) & (known["probability"] <= known["high"])).all()
    assert intermittency(events)["dyads"].sum() == sum(len(own) > 0 for own in gaps)
    assert days_between(events, 13)["dyads"].sum() == sum(map(len, gaps))


@given(GAPS, st.floats(1, 900))
def test_a_follow_up_never_finds_more(gaps, days):
    events = told(*gaps, followed=100)
    free, followed = conditional_probability(events), conditional_probability(events, follow_up=days)
    assert (followed["again"] <= free["again"]).all()
    assert (followed["dyads"] <= free["dyads"]).all()


def test_one_value_has_no_interval():
    assert np.isnan(mean_interval(np.array([1.0]), np.array([np.nan]), [1])).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda e: events_per_dyad(e, 0), "at_most is 0"),
        (lambda e: conditional_probability(e, 1), "at_most is 1"),
        (lambda e: conditional_probability(e, follow_up=0), "follow-up of 0 days"),
        (lambda e: conditional_probability(e, confidence=95), "confidence of 95"),
        (lambda e: days_between(e.drop(columns="days_since")), "no column 'days_since'"),
        (lambda e: events_per_dyad(None), "no column 'number'"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_words(call, said):
    with pytest.raises(UsageError, match=said):
        call(told([1.0]))
