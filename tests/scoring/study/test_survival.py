"""Survival of orders: hand-computed curves, censoring, and what ends a spell."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import incident, order

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.scoring import breach_spells, breach_survival

CALL = {"behaviours": "contact", "channel": "phone"}
SERVED = {"made_on": "2025-01-01", "served_at": "2025-01-01T12:00"}
SPELLS = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40)


def spells(rows, orders, as_of="2025-12-31T12:00"):
    found = breach_spells(bp.Analyser().analyse(bp.read_extract(rows, orders=orders), as_of=as_of))
    return found[["order_id", "number", "days", "broken"]].to_numpy().tolist()


def frame(pairs):
    return pd.DataFrame(pairs, columns=["days", "broken"]).astype({"days": float, "broken": bool})


def test_spells_run_from_service_to_breach_to_breach_to_the_end_of_the_order():
    calls = [incident("I1", "2025-01-11T12:00", **CALL), incident("I2", "2025-01-21T12:00", **CALL)]
    rows = spells(calls, [order("O1", **SERVED, ends="2025-01-30")])
    assert rows == [["O1", 1, 10.0, True], ["O1", 2, 10.0, True], ["O1", 3, 9.5, False]]


def test_an_arrest_for_a_breach_ends_no_spell():
    call = incident("I1", "2025-01-11T12:00", offence_code="008/31", **CALL)
    arrest = incident("K1", "2025-01-12T12:00", kind="custody", offence_code="008/31", behaviours="", channel="")
    told = spells([call, arrest], [order("O1", **SERVED)])
    assert [(number, broken) for _, number, _, broken in told] == [(1, True), (2, False)]


def test_one_event_is_one_breach_and_a_duty_is_none():
    rows = [
        incident("I1", "2025-01-11T12:00", occurrence_ref="C1", **CALL),
        incident("I2", "2025-01-11T12:10", occurrence_ref="C1", **CALL),
        incident("I3", "2025-02-11", victim_id="", behaviours="notification_failure"),
    ]
    told = spells(rows, [order("O1", **SERVED, kind="stalking_protection", terms="no_contact;notification")])
    assert [(number, broken) for _, number, _, broken in told] == [(1, True), (2, False)]


def test_without_service_nobody_can_say_how_soon_and_before_it_nothing_counts():
    early = incident("I1", "2025-01-01T09:00", **CALL)
    assert spells([early], [order("O1", made_on="2025-01-01")]) == []
    assert [row[3] for row in spells([early], [order("O1", **SERVED)])] == [False]


def test_an_open_spell_ends_with_what_is_known():
    assert spells([], [order("O1", **SERVED)], as_of="2025-01-31T12:00") == [["O1", 1, 30.0, False]]
    assert spells([], []) == []


def test_a_curve_by_hand():
    """Freireich's 6-mercaptopurine times, the example of every textbook: 21 patients, 9 relapses."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    seen = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    told = frame([(d, True) for d in ended] + [(d, False) for d in seen])
    table = breach_survival(told, number=None, days=[0, 6, 7, 10, 13, 16, 22, 23, 35, 36])
    expected = [1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482, 0.4482, np.nan]
    assert table["survival"].tolist() == pytest.approx(expected, abs=1e-4, nan_ok=True)
    assert table["at_risk"].tolist() == [21, 21, 17, 15, 12, 11, 7, 6, 1, 0]
    assert table["broken"].tolist() == [0, 3, 4, 5, 6, 7, 8, 9, 9, 9]
    # Greenwood's error at 6 is 0.0764; on the scale of log(-log): exp(-exp(log(-log S) -/+ 1.96 se / (S log S)))
    assert table.loc[1, ["low", "high"]].tolist() == pytest.approx([0.6197, 0.9516], abs=1e-4)


def test_each_kind_has_a_curve_of_its_own():
    told = frame([(3, True), (5, False), (4, False)]).assign(kind=["a", "a", "b"], number=1)
    table = breach_survival(told, by="kind", days=[3])
    assert table[["kind", "at_risk", "survival"]].to_numpy().tolist() == [["a", 2, 0.5], ["b", 1, 1.0]]


@given(SPELLS)
def test_a_curve_falls_and_stays_within_its_interval(pairs):
    table = breach_survival(frame(pairs), number=None)
    survival = table["survival"].to_numpy()
    assert (np.diff(np.append(1.0, survival)) <= 1e-12).all()
    known = table.dropna()
    assert ((known["low"] <= known["survival"] + 1e-9) & (known["survival"] <= known["high"] + 1e-9)).all()


@given(SPELLS)
def test_without_open_spells_it_is_the_share_that_held(pairs):
    told = frame([(days, True) for days, _ in pairs])
    table = breach_survival(told, number=None)
    shares = [(told["days"] > day).mean() for day in table["days"]]
    np.testing.assert_allclose(table["survival"], shares, atol=1e-12)


@given(SPELLS, st.randoms(use_true_random=False))
def test_the_order_of_spells_does_not_matter(pairs, random):
    mixed = list(pairs)
    random.shuffle(mixed)
    one, other = (breach_survival(frame(rows), number=None) for rows in (pairs, mixed))
    pd.testing.assert_frame_equal(one, other)


def test_what_is_no_spell_is_refused_in_words():
    with pytest.raises(UsageError, match="no column 'number'"):
        breach_survival(frame([(1, True)]))
    with pytest.raises(UsageError, match="less than none"):
        breach_survival(frame([(-1, True)]), number=None)
    with pytest.raises(UsageError, match="type dict"):
        breach_spells({})
    assert len(breach_survival(frame([]), number=None)) == 0
