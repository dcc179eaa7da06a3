"""People and time are kept apart, whatever the rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from tests.drawing import up_to

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.scoring.assessment import PersonTimeSplit, connected_people

ROWS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30)), min_size=6, max_size=60)


def splits(rows, n_splits, as_of=None, seed=0):
    people, times = zip(*rows, strict=True)
    splitter = PersonTimeSplit(n_splits, as_of=as_of, random_state=seed)
    return list(splitter.split(np.zeros(len(rows)), groups=people, times=times))


@settings(max_examples=up_to(60), deadline=None)
@given(ROWS, st.integers(2, 4), st.integers(0, 3))
def test_nobody_is_on_both_sides_and_every_test_comes_later(rows, n_splits, seed):
    people, times = (np.array(column) for column in zip(*rows, strict=True))
    try:
        found = splits(rows, n_splits, seed=seed)
    except UsageError:
        return
    assert len(found) == n_splits
    for train, test in found:
        assert len(train)
        assert len(test)
        assert not set(people[train]) & set(people[test])
        assert times[train].max() < times[test].min()
    tested = np.concatenate([test for _, test in found])
    # Every later row is tested once, by a model that has seen nobody of its people.
    assert sorted(tested) == np.flatnonzero(times > np.quantile(times, 0.5, method="lower")).tolist()


@settings(max_examples=up_to(40), deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    try:
        before = splits(rows, 2)
    except UsageError:
        return
    order = list(range(len(rows)))
    random.shuffle(order)
    after = splits([rows[i] for i in order], 2)
    for (train, test), (train_again, test_again) in zip(before, after, strict=True):
        assert train.tolist() == sorted(order[i] for i in train_again)
        assert test.tolist() == sorted(order[i] for i in test_again)


def test_several_instants_roll_forward():
    days = pd.date_range("2024-01-01", "2024-12-31", freq="7D")
    rows = [(person, day) for person in "ABCD" for day in days]
    instants = ["2024-06-30", "2024-09-30"]
    people, times = zip(*rows, strict=True)
    splitter = PersonTimeSplit(2, as_of=instants)
    found = list(splitter.split(rows, groups=people, times=pd.Series(times)))
    assert len(found) == splitter.get_n_splits() == 4
    when = pd.Series(times)
    for number, (train, test) in enumerate(found):
        cut = pd.Timestamp(instants[number // 2]) + pd.Timedelta(days=1)
        assert when[train].max() < cut <= when[test].min()
        if number < 2:
            assert when[test].max() < pd.Timestamp("2024-10-01")


def test_it_reaches_cross_validate_by_metadata_routing():
    rng = np.random.default_rng(0)
    y = np.tile([0, 1], 60)
    x = rng.normal(size=(120, 2)) + y[:, None]
    people, times = np.repeat(np.arange(30), 4), np.tile([0, 0, 1, 1], 30)
    with config_context(enable_metadata_routing=True):
        done = cross_validate(
            LogisticRegression(), x, y, cv=PersonTimeSplit(3), params={"groups": people, "times": times}
        )
    assert len(done["test_score"]) == 3
    assert done["test_score"].mean() > 0.6


@pytest.mark.parametrize(
    ("n_splits", "groups", "times", "message"),
    [
        (2, None, [1, 2], "The groups are missing"),
        (2, ["A", "B"], None, "The times are missing"),
        (2, ["A", None], [1, 2], "2 rows and 1 labels of people"),
        (2, ["A", "B"], [1, None], "2 rows and 1 times"),
        (3, ["A", "B"], [1, 2], "cannot be dealt into 3 folds"),
        (2, ["A", "B"], [1, 1], "has no test rows"),
    ],
)
def test_what_cannot_be_split_says_why(n_splits, groups, times, message):
    with pytest.raises(UsageError, match=message):
        list(PersonTimeSplit(n_splits).split([0, 0], groups=groups, times=times))


def test_instants_follow_each_other():
    with pytest.raises(UsageError, match="do not follow each other"):
        list(PersonTimeSplit(2, as_of=["2025-02-01", "2025-01-01"]).split([0, 0], groups=["A", "B"], times=[1, 2]))


def test_a_huge_group_still_leaves_every_fold_somebody():
    rows = [(0, t) for t in range(100)] + [(person, t) for person in range(1, 6) for t in (0, 99)]
    for seed in range(5):
        for train, test in splits(rows, 3, seed=seed):
            assert len(train)
            assert len(test)


def test_people_whom_an_order_or_a_tie_joins_have_one_label():
    incidents = [
        {"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"},
        {"incident_id": "I2", "occurred_from": "2025-03-02", "suspect_id": "P2", "victim_id": "V2"},
        {"incident_id": "I3", "occurred_from": "2025-03-03", "suspect_id": "P3", "victim_id": "V3"},
    ]
    ties = [{"person_id": "P1", "other_id": "P2", "tie": "family"}]
    extract = bp.read_extract(incidents, associations=ties)
    label = connected_people(bp.Analyser().analyse(extract, as_of="2025-12-31"))
    assert label["P1"] == label["V1"] == label["P2"] == label["V2"]
    assert label["P3"] == label["V3"] != label["P1"]
