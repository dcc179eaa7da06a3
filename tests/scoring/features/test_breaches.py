from __future__ import annotations

import numpy as np
import pytest
from tests.scoring.features.given import CALL, features, incident, order

AS_OF = "2025-12-31"


def test_an_event_counts_once_whatever_it_breaks():
    orders = [order("O1"), order("O2", kind="non_molestation", served_at="2025-01-20T10:00")]
    rows = [incident("I1", "2025-02-01T10:00", occurrence_ref="C1", **CALL),
            incident("I2", "2025-02-01T10:00", occurrence_ref="C1", **CALL)]  # fmt: skip
    row = features(rows, orders, as_of=AS_OF)
    assert (row["breaches"], row["orders_broken"], row["breach_share"]) == (1, 2, 1)
    assert row["days_from_service_to_breach"] == 12


def test_status_kind_nature_and_recency():
    rows = [
        incident("I1", "2025-02-01T10:00", **CALL),
        incident("I2", "2025-06-01T10:00", breach_of="O1", behaviours="contact", channel="text"),
        incident("I3", "2024-12-01T10:00", offence_code="066/39", behaviours="contact"),
        incident("I4", "2025-07-01T10:00", behaviours="damage"),
    ]
    row = features(rows, [order("O1")], as_of="2026-03-01")
    assert [row[f"breaches_{s}"] for s in ("unrecorded", "recorded", "recorded_no_order")] == [1, 1, 1]
    assert (row["breaches"], row["breaches_365d"], row["breaches_contact"]) == (3, 1, 3)
    assert row["breaches_as_offence"] >= 2
    assert row["breach_share"] == 0.75
    assert row["days_since_last_breach"] == pytest.approx(273.58, abs=0.05)


def test_what_is_not_certain_is_possible():
    rows = [incident("I1", "2025-02-01T10:00", **CALL)]
    row = features(rows, [order("O1", kind="non_molestation", without_notice="true")], as_of=AS_OF)
    assert (row["breaches"], row["breaches_certain"], row["breaches_possible"]) == (1, 0, 1)


def test_without_a_breach_there_is_nothing_to_date():
    row = features([incident("I1", "2025-02-01T10:00", **CALL)], as_of=AS_OF)
    assert (row["breaches"], row["orders_broken"]) == (0, 0)
    assert np.isnan(row[["days_since_last_breach", "days_from_service_to_breach"]].to_numpy()).all()
