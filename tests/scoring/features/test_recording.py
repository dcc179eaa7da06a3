from __future__ import annotations

import numpy as np
import pytest
from tests.scoring.features.given import CALL, features, incident


def test_incidents_are_counted_once_however_many_rows_they_have():
    rows = [
        incident("I1", "2025-03-01T10:00", kind="crime", offence_code="195/12", **CALL),
        incident("I1", "2025-03-01T10:00", kind="crime", offence_code="195/12", **CALL | {"behaviours": "threat"}),
        incident("I2", "2025-03-03T10:00", kind="call", **CALL),
        incident("I3", "2025-03-05T10:00", kind="intelligence", **CALL),
        incident("I4", "2025-03-07T10:00", kind="crime", offence_code="105/01"),
    ]
    row = features(rows)
    assert row[["incidents", "not_crimed_share", "conduct_crimes"]].tolist() == [4, 0.5, 1]


def test_delay_is_told_of_records_whose_report_is_on_file():
    rows = [
        incident("I1", "2025-03-01T10:00", reported_at="2025-03-02T10:00:01", **CALL),
        incident("I2", "2025-03-03T10:00", reported_at="2025-03-08T10:00:01", **CALL),
        incident("I3", "2025-03-05T10:00", reported_at="2025-03-07T10:00:01", **CALL),
        incident("I4", "2025-03-09T10:00", **CALL),
    ]
    row = features(rows)
    assert row[["reporting_delay_median", "reporting_delay_longest"]].tolist() == pytest.approx([2, 5])
    assert np.isnan(features(rows[3:])["reporting_delay_median"])


def test_a_report_before_the_end_is_no_delay():
    row = features([incident("I1", "2025-03-01", occurred_to="2025-03-09", reported_at="2025-03-04", **CALL)])
    assert row["reporting_delay_longest"] == 0
