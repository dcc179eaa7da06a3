from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from tests.drawing import up_to
from tests.scoring.features.given import catalogue, features, incident

from breachpattern.vocabulary import BEHAVIOURS

ACTS = ("contact", "threat", "assault", "follow", "damage", "")
HARM = {name: entry.harm for name, entry in catalogue().behaviours.items()}


def told(acts, **values):
    rows = [incident(f"I{i}", f"2025-03-{1 + 2 * i:02d}T10:00", behaviours=act) | values for i, act in enumerate(acts)]
    return features(rows, features="conduct")


def spread(acts):
    """How often each behaviour is shown."""
    counts = np.zeros(len(BEHAVIOURS))
    for act in acts:
        for one in filter(None, act.split(";")):
            counts[BEHAVIOURS.index(one)] += 1
    return counts


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(st.sampled_from([*ACTS, "contact;threat", "follow;assault"]), min_size=1, max_size=9))
def test_diversity_change_and_gravity_agree_with_their_definitions(acts):
    row, n = told(acts), len(acts)
    first, second = spread(acts[: n // 2]), spread(acts[n - n // 2 :])
    halves = n > 1 and first.any() and second.any()
    harm = [max(HARM[one] for one in act.split(";")) for act in acts if act]
    wanted = {
        "behaviours": (spread(acts) > 0).sum() or math.nan,
        "behaviour_entropy": entropy(spread(acts), base=2) if any(acts) else math.nan,
        "behaviour_change": jensenshannon(first, second, base=2) ** 2 if halves else math.nan,
        "new_behaviours": ((second > 0) & (first == 0)).sum() if halves else math.nan,
        "gravity_highest": max(harm, default=math.nan),
        "gravity_last": harm[-1] if harm else math.nan,
        "gravity_trend": mann_kendall(harm),
    }
    assert row[list(wanted)].to_dict() == pytest.approx(wanted, abs=1e-9, nan_ok=True)


def mann_kendall(ranks):
    m, ties = len(ranks), [ranks.count(rank) for rank in set(ranks)]
    variance = (m * (m - 1) * (2 * m + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    rising = sum(np.sign(later - earlier) for earlier, later in combinations(ranks, 2))
    return rising / math.sqrt(variance) if m >= 3 and variance else math.nan


def test_kinds_of_conduct_are_counted_and_blank_where_nothing_is_on_record():
    row = told(["contact", "strangulation;assault", "watch", "damage", ""])
    kinds = ("message", "violence", "strangulation", "surveillance", "property", "threat", "coercion")
    assert [row[f"occasions_{kind}"] for kind in kinds] == [1, 1, 1, 1, 1, 0, 0]
    silent = told(["", ""])
    assert np.isnan([silent[f"occasions_{kind}"] for kind in kinds]).all()
    assert np.isnan(silent["behaviours"])


def test_acts_associated_with_stalking_are_those_that_the_statute_lists():
    assert told(["contact", "threat", "loiter"])["stalking_behaviours"] == 2


@pytest.mark.parametrize(
    ("channels", "occasions", "change"),
    [
        (("phone", "phone", "in_person", "in_person"), 2, 1.0),
        (("in_person", "in_person", "text", "text"), 2, -1.0),
        (("phone", "", "in_person", ""), 1, 1.0),
        (("phone", "", "", ""), 0, math.nan),
        (("", "", "", ""), math.nan, math.nan),
    ],
)
def test_from_remote_to_in_person(channels, occasions, change):
    rows = [incident(f"I{i}", f"2025-03-{1 + 2 * i:02d}T10:00", channel=c) for i, c in enumerate(channels)]
    row = features(rows)
    found = [row["occasions_in_person"], row["in_person_change"]]
    assert found == pytest.approx([occasions, change], nan_ok=True)


def test_effects_on_the_victim():
    rows = [
        incident("I1", "2025-03-01T10:00", impact="fear_of_violence;moved_home"),
        incident("I2", "2025-03-03T10:00", impact="fear_of_violence;health"),
        incident("I3", "2025-03-05T10:00"),
    ]
    row = features(rows)
    assert (row["fear_of_violence"], row["serious_effect"]) == (2, 2)
    assert np.isnan(features(rows[2:])["fear_of_violence"])
