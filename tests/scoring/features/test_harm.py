from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.scoring.features.given import HARM, analyse, catalogue, features, incident

from breachpattern.errors import InputError
from breachpattern.scoring import feature_frame
from breachpattern.scoring.features.harm import weights_of

ROWS = [
    incident("I1", "2024-03-01T10:00", offence_code="105/01"),
    incident("I2", "2025-03-03T10:00", offence_code="195/94", occurrence_ref="C1"),
    incident("I3", "2025-03-03T10:30", offence_code="195/12", occurrence_ref="C1"),
    incident("I4", "2025-03-09T10:00"),
]


def test_the_heaviest_offence_of_an_occasion_counts_and_what_has_no_weight_is_left_out():
    row = features(ROWS, as_of="2025-06-30", harm=HARM, features="harm")
    assert row[["harm_total", "harm_highest", "harm_365d"]].tolist() == [11, 10, 10]
    assert np.isnan(row["harm_change"]), "the last occasion has no weight, so the second half has none"


def test_change_is_the_mean_of_the_second_half_less_that_of_the_first():
    codes = ["105/01", "195/94", "", "195/12", "195/94"]
    rows = [incident(f"I{i}", f"2025-03-{1 + 3 * i:02d}T10:00", offence_code=c) for i, c in enumerate(codes)]
    assert features(rows, harm=HARM)["harm_change"] == (10 + 5) / 2 - (1 + 5) / 2


def test_without_a_weight_harm_is_not_known():
    assert np.isnan(features(ROWS[3:], harm=HARM, features="harm").to_numpy()).all()


def test_a_frame_a_mapping_and_a_file_say_the_same(tmp_path):
    frame = pd.DataFrame({"offence": list(HARM), "weight": list(HARM.values())})
    frame.to_csv(tmp_path / "harm.csv", index=False)
    analysis = analyse(ROWS)
    told = [feature_frame(analysis, harm=given) for given in (HARM, frame, tmp_path / "harm.csv")]
    for other in told[1:]:
        pd.testing.assert_frame_equal(told[0], other, check_exact=True)
    ids = {catalogue().recognise(code, None).offence: weight for code, weight in HARM.items()}
    pd.testing.assert_frame_equal(told[0], feature_frame(analysis, harm=ids), check_exact=True)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"code": ["195/12"], "weight": [1]}), "no column 'offence'"),
        ({"999/99": 1}, "'999/99' is no offence of the catalogue"),
        ({"195/12": "much"}, "weight of '195/12' is 'much'"),
        ({"195/12": -1}, "Weights are numbers from 0"),
        ({"195/12": float("nan")}, "Weights are numbers from 0"),
        ({"195/12": 1, catalogue().recognise("195/12", None).offence: 2}, "has two weights, 1 and 2"),
        ("nowhere.csv", "cannot be read"),
        (7, "can be made of a value of type int"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(table, words):
    with pytest.raises(InputError, match=words):
        weights_of(table, catalogue())
