from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.errors import UsageError
from breachpattern.review.measures.dip_sample import dip_sample, estimate, sample_size
from breachpattern.review.measures.ledger import REFERENCES


def records(n):
    blank = {name: pd.array([None] * n, dtype="string") for name in REFERENCES}
    ids = pd.array([f"I{i:05}" for i in range(n)], dtype="string")
    return pd.DataFrame(blank | {"incident_id": ids, "measure": "M17", "met": True})


@given(st.integers(1, 100_000), st.floats(0.01, 0.2))
def test_the_sample_is_never_larger_than_what_it_is_drawn_from_and_never_shrinks_with_it(n, precision):
    assert 1 <= sample_size(n, precision) <= n
    assert sample_size(n, precision) <= sample_size(n + 1, precision)


def test_the_size_gives_the_precision_that_was_asked_for():
    n = sample_size(2_000, 0.05)
    sheet = pd.DataFrame(
        {"question": [f"Is it right? (drawn from {2_000})"] * n, "answer": ["yes", "no"] * (n // 2) + ["no"] * (n % 2)}
    )
    told = estimate(sheet)
    assert (told.high - told.low) / 2 == pytest.approx(0.05, abs=0.001)


def test_the_same_seed_draws_the_same_whatever_the_order_of_rows():
    rows = records(500)
    one, other = dip_sample(rows, "M17", seed=3), dip_sample(rows.sample(frac=1, random_state=1), "M17", seed=3)
    assert set(one["incident_id"]) == set(other["incident_id"])
    assert one["incident_id"].tolist() == other["incident_id"].tolist()
    assert set(one["incident_id"]) != set(dip_sample(rows, "M17", seed=4)["incident_id"])
    assert len(one) == sample_size(500)


@pytest.mark.further
def test_every_record_is_drawn_about_as_often():
    rows = records(40)
    drawn = pd.concat([dip_sample(rows, "M17", precision=0.2, seed=s) for s in range(200)])
    counts = drawn["incident_id"].value_counts()
    expected = 200 * sample_size(40, 0.2) / 40
    assert len(counts) == 40
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_answers_are_counted_and_nothing_is_lost():
    answers = ["yes", " YES ", "n", "unsure", "", None, "perhaps"]
    told = estimate(pd.DataFrame({"question": ["(drawn from 7)"] * 7, "answer": answers}))
    assert (told.yes, told.no, told.unsure, told.blank, told.unreadable) == (2, 1, 1, 2, 1)
    assert "1 unreadable" in str(told)


def test_rows_that_do_not_come_back_are_told():
    sheet = dip_sample(records(500), "M17").assign(answer="yes")
    assert estimate(sheet).missing == 0
    told = estimate(sheet.head(100))
    assert (told.missing, told.population) == (sample_size(500) - 100, 500)
    assert f"{told.missing} not come back" in str(told)


def test_answers_that_cannot_be_read_are_named_by_their_lines():
    told = estimate(pd.DataFrame({"question": ["(drawn from 9)"] * 4, "answer": ["yes", "perhaps", None, "no\x1b[2J"]}))
    assert (told.yes, told.blank, told.unreadable) == (1, 1, 2)
    assert r"2 unreadable: line 3 'perhaps', line 5 'no\x1b[2J'" in str(told)
    many = estimate(pd.DataFrame({"question": ["(drawn from 9)"] * 8, "answer": ["?" * 99] * 8}))
    assert "8 unreadable: line 2 '" + "?" * 20 + "'," in str(many)
    assert "line 6 '????????????????????' and 3 more" in str(many)


def test_a_census_has_no_interval():
    told = estimate(pd.DataFrame({"question": ["(drawn from 3)"] * 3, "answer": ["yes", "yes", "no"]}))
    assert told.low == told.high == told.share == pytest.approx(2 / 3)


@pytest.mark.parametrize(("precision", "expected"), [(0, 0.5), (0.6, 0.5), (0.05, 0), (0.05, 1)])
def test_what_cannot_be_planned_is_refused(precision, expected):
    with pytest.raises(UsageError, match="cannot be planned"):
        sample_size(100, precision, expected)


def test_a_measure_without_records_and_a_sheet_without_answers_are_refused():
    with pytest.raises(UsageError, match="no record of measure"):
        dip_sample(records(3), "M99")
    with pytest.raises(UsageError, match="no column 'answer'"):
        estimate(pd.DataFrame({"question": []}))


def test_a_question_that_was_wiped_out_is_none():
    sheet = pd.DataFrame({"question": pd.array([None, "(drawn from 4)"], dtype="string"), "answer": ["yes", "no"]})
    assert estimate(sheet).population == 4
