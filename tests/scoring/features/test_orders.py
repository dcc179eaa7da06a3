from __future__ import annotations

import numpy as np
import pytest
from tests.scoring.features.given import analyse, calls, features, order

from breachpattern.scoring import feature_frame

AS_OF = "2025-06-30"
NAMES = ["orders", "orders_live", "notices", "order_rungs", "days_since_service", "occasions_since_service",
         "days_to_order_end"]  # fmt: skip


def told(orders, *days, as_of=AS_OF):
    return features(calls(*(days or ("2025-03-01",))), orders, as_of=as_of)[NAMES]


def test_orders_and_notices_are_counted_apart_and_by_life():
    orders = [
        order("O1", ends="2025-04-01"),
        order("O2", made_on="2025-05-01"),
        order("W1", kind="police_warning", served_at="2025-02-01"),
        order("O3", protected_id="V2"),
    ]
    assert told(orders)[:3].tolist() == [2, 1, 1]


def test_rungs_are_orders_that_conduct_followed():
    orders = [order("O1"), order("O2", made_on="2025-03-10"), order("O3", made_on="2025-06-01")]
    assert told(orders, "2025-01-07", "2025-02-01", "2025-03-12")["order_rungs"] == 2
    assert told([], "2025-01-07")["order_rungs"] == 0


def test_time_since_service_is_that_of_the_latest_live_order():
    orders = [
        order("O1", served_at="2025-01-12T09:00", ends="2026-01-31"),
        order("O2", made_on="2025-03-01", served_at="2025-03-02T12:00", ends="2025-12-31"),
        order("O3", made_on="2025-04-01", served_at="2025-04-02T12:00", ends="2025-05-31"),
    ]
    row = told(orders, "2025-03-01", "2025-03-05", "2025-04-05")
    assert row["days_since_service"] == pytest.approx(120.46, abs=0.01)
    assert row["occasions_since_service"] == 2
    assert row["days_to_order_end"] == pytest.approx(215.04, abs=0.01)  # to the end of 31 January


def test_what_is_not_on_file_is_blank():
    row = told([order("O1")])
    assert row[["orders", "orders_live"]].tolist() == [1, 1]
    assert np.isnan(row[["days_since_service", "occasions_since_service", "days_to_order_end"]].to_numpy()).all()


def test_a_service_that_is_not_known_yet_is_blank():
    orders = [order("O1", served_at="2025-05-02T12:00")]
    assert np.isnan(told(orders, as_of="2025-05-01")["days_since_service"])
    assert told(orders, as_of="2025-05-03")["days_since_service"] > 1


def test_a_group_has_the_orders_of_all_its_dyads():
    sister = [row | {"incident_id": "X1", "victim_id": "V2"} for row in calls("2025-03-05")]
    rows = [*calls("2025-03-01", "2025-03-09"), *sister]
    ties = [{"person_id": "V1", "other_id": "V2", "tie": "family"}]
    analysis = analyse(rows, [order("O1"), order("O2", protected_id="V2")], ties)
    frame = feature_frame(analysis)
    group = frame[frame["victims"] == 2]
    assert group["orders"].tolist() == [2]
    assert group["connected_victims"].tolist() == [1]
    assert sorted(frame.loc[frame["victims"] == 1, "orders"]) == [1]
