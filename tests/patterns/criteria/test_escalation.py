"""Escalation: found where it is, silent where it is not, and never helped by a blank."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, timelines

from breachpattern.patterns.context import Context
from breachpattern.patterns.populations import population
from breachpattern.patterns.registry import find_criterion

MILD = {"behaviours": "contact", "channel": "text"}
NEAR = {"behaviours": "watch", "channel": "in_person"}
HARD = {"behaviours": "approach;threat", "channel": "in_person"}
WORST = {"behaviours": "assault", "channel": "in_person"}
BLANK = {"behaviours": "", "channel": ""}
P = ("p_rate", "p_harm", "p_in_person", "p_violence", "p_new_kinds")


def outcome(acts, days=None, **params):
    days = days or range(0, 7 * len(acts), 7)
    start = np.datetime64("2024-01-01")
    rows = [
        incident(f"I{i}", f"{start + day}T10:00", **act) for i, (day, act) in enumerate(zip(days, acts, strict=True))
    ]
    context = Context(timelines(rows, as_of=None))
    candidates = population(context, "dyad")
    return find_criterion("escalating")(candidates, params)


def p_values(acts, days=None):
    reasons = outcome(acts, days).reasons
    return {name: float(reasons[name][0]) for name in P}


def test_even_calls_do_not_escalate():
    found = outcome([MILD] * 8)
    assert not found.holds[0]
    assert p_values([MILD] * 8)["p_rate"] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("acts", "days", "test"),
    [
        ([MILD] * 8, [0, 100, 170, 190, 195, 197, 198, 199], "p_rate"),
        ([MILD] * 3 + [NEAR] * 3 + [HARD] * 2 + [WORST], None, "p_harm"),
        ([MILD] * 6 + [NEAR] * 4, None, "p_in_person"),
        ([MILD] * 6 + [HARD] * 4, None, "p_violence"),
    ],
)
def test_each_kind_of_escalation_is_seen(acts, days, test):
    found = outcome(acts, days)
    assert found.holds[0]
    assert found.reasons[test][0] <= 0.01


@pytest.mark.parametrize("acts", [[MILD] * 6 + [HARD] * 4, [MILD] * 3 + [NEAR] * 3 + [HARD] * 2 + [WORST]])
def test_the_reverse_is_no_escalation(acts):
    assert not outcome(acts[::-1]).holds[0]


def test_too_few_occasions_are_not_tested():
    acts = [MILD, NEAR, HARD, WORST]
    assert not outcome(acts, alpha=1.0).holds[0]
    assert outcome(acts, alpha=1.0).reasons["p_adjusted"][0] == 1.0
    assert outcome(acts, alpha=1.0, occasions=4).holds[0]


@settings(max_examples=up_to(10), deadline=None)
@given(st.lists(st.sampled_from([MILD, NEAR, HARD, WORST, BLANK]), min_size=5, max_size=9), st.data())
def test_a_blank_never_makes_escalation_likelier(acts, data):
    which = data.draw(st.integers(0, len(acts) - 1))
    blanked = [*acts[:which], BLANK, *acts[which + 1 :]]
    before, after = p_values(acts), p_values(blanked)
    for name in P:
        assert after[name] >= before[name] - 1e-12, name


def test_random_orders_raise_few_false_alarms():
    draw = np.random.default_rng(5)
    acts = [MILD] * 5 + [NEAR] * 3 + [HARD] * 2
    alarms = 0
    rows = []
    start = np.datetime64("2024-01-01T10:00")
    for person in range(300):
        days = np.sort(draw.choice(365, len(acts), replace=False))
        for i, k in enumerate(draw.permutation(len(acts))):
            rows.append(
                incident(
                    f"{person}.{i}", str(start + np.timedelta64(int(days[i]), "D")), suspect_id=f"P{person}", **acts[k]
                )
            )
    candidates = population(Context(timelines(rows, as_of=None)), "dyad")
    alarms = find_criterion("escalating")(candidates, {}).holds
    assert len(alarms) == 300
    assert alarms.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_candidates_do_not_touch_each_other():
    acts = [MILD] * 3 + [NEAR] * 3 + [HARD] * 2 + [WORST]
    start = np.datetime64("2024-01-01")
    rows = [incident(f"I{i}", f"{start + 7 * i}T10:00", **a) for i, a in enumerate(acts)]
    rows += [incident(f"J{i}", f"{start + 7 * i}T10:00", suspect_id="P2", **a) for i, a in enumerate(acts[::-1])]
    found = find_criterion("escalating")(population(Context(timelines(rows)), "dyad"), {})
    assert found.holds.tolist() == [True, False]
    assert found.reasons["p_harm"][0] == outcome(acts).reasons["p_harm"][0]
