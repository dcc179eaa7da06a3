from __future__ import annotations

import math

import numpy as np
import pytest
from tests.scoring.features.given import CALL, analyse, calls, features, incident, order

from breachpattern.scoring import feature_frame


def dyad(frame, suspect="P1", victim="V1"):
    return frame.loc[(suspect, victim)]


def test_a_suspect_of_several_victims_is_serial_towards_each():
    rows = [*calls("2025-03-01"), incident("I8", "2025-04-01T10:00", victim_id="V2", **CALL),
            incident("I9", "2025-04-02T10:00", suspect_id="P2", **CALL)]  # fmt: skip
    orders = [order("O1"), order("O2", protected_id="V7"), order("W1", kind="police_warning", protected_id="V8")]
    frame = feature_frame(analyse(rows, orders), unit="dyad")
    assert frame["victims_of_suspect"].tolist() == [2, 2, 1]
    assert frame["victims_protected"].tolist() == [2, 2, 0]


def test_people_who_act_together_are_co_suspects():
    rows = [incident("I1", "2025-03-01T10:00", suspect_id=p, **CALL) for p in ("P1", "P2")]
    frame = feature_frame(analyse(rows), unit="dyad")
    assert frame["co_suspects"].tolist() == [1, 1]
    assert dyad(feature_frame(analyse(calls("2025-03-01")), unit="dyad"))["co_suspects"] == 0


def test_contact_through_others_by_channel_or_behaviour():
    rows = [
        incident("I1", "2025-03-01T10:00", channel="third_party", behaviours="contact"),
        incident("I2", "2025-03-03T10:00", behaviours="third_party_contact"),
        incident("I3", "2025-03-05T10:00", **CALL),
    ]
    assert features(rows)["occasions_through_others"] == 2
    assert np.isnan(features([incident("I1", "2025-03-01T10:00")])["occasions_through_others"])


def test_tied_people_whose_contact_may_be_the_suspects_are_proxies():
    rows = [incident("I0", "2025-02-01T10:00", **CALL), incident("I1", "2025-03-01T10:00", suspect_id="P2", **CALL)]
    ties = [{"person_id": "P1", "other_id": "P2", "tie": "family"}]
    orders = [order("O1", terms="no_contact;no_indirect_contact")]
    frame = feature_frame(analyse(rows, orders, ties), unit="dyad")
    assert dyad(frame)["proxies"] == 1
    assert dyad(frame, "P2")["proxies"] == 0


def test_what_is_distinct_is_counted_and_unknown_is_none():
    rows = [
        incident("I1", "2025-03-01T10:00", channel="phone", means="07700 900001", force="A", place_role="public"),
        incident("I2", "2025-03-03T10:00", channel="text", means="07700900001", force="B", place_role="victim_home"),
        incident("I3", "2025-03-05T10:00", channel="unknown", postcode="ZZ1 1AA"),
        incident("I4", "2025-03-07T10:00", lat="51.5001", lon="-0.1001"),
        incident("I5", "2025-03-09T10:00", lat="51.50012", lon="-0.10012"),
    ]
    row = features(rows)
    names = ["channels", "means", "forces", "place_roles", "places", "around_victim"]
    assert row[names].tolist() == [2, 1, 2, 2, 2, 1]
    assert features(rows[2:3])[names].tolist() == pytest.approx([math.nan] * 4 + [1, math.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("relationships", "answer"),
    [
        (("ex_partner", ""), 1),
        (("neighbour", "unknown"), 0),
        (("", "unknown"), math.nan),
        (("partner", "ex_partner"), 1),
    ],
)
def test_a_former_partner(relationships, answer):
    rows = [incident(f"I{i}", f"2025-03-0{i + 1}T10:00", relationship=r) for i, r in enumerate(relationships)]
    assert features(rows)["ex_partner"] == pytest.approx(answer, nan_ok=True)
