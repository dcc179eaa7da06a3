"""Groups are compared with intervals, and small numbers can be read from nothing that is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

import breachpattern as bp
from breachpattern.errors import MissingDependency, UsageError
from breachpattern.scoring.assessment import attributes_of, fairness_by_group, missingness_by_group

UNITS = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=160)


def rates(rows, **limits):
    group, truth, shown = zip(*rows, strict=True)
    return fairness_by_group(truth, shown, pd.Series(group, name="sex"), **limits)


@settings(max_examples=up_to(20), deadline=None)
@given(UNITS)
def test_no_small_number_can_be_worked_out(rows):
    found = rates(rows, minimum=10, smallest_cell=5)
    frame = pd.DataFrame(rows, columns=["group", "true", "shown"])
    for group, told in found[found["value"].notna()].groupby("group"):
        own = frame[frame["group"] == group]
        cells = (
            own.groupby(["true", "shown"]).size().reindex(pd.MultiIndex.from_product([[0, 1], [0, 1]]), fill_value=0)
        )
        measures = set(told["measure"])
        assert (told["count"] >= 10).all()
        assert min(own["shown"].sum(), (1 - own["shown"]).sum()) >= 5
        if measures - {"selection_rate"}:
            assert cells.min() >= 5
    for _, told in found.groupby("measure"):
        hidden = told["value"].isna()
        if hidden.sum() == 1 and len(told) > 1:
            own = frame[frame["group"] == told.loc[hidden, "group"].item()]
            assert min(len(own[(own["true"] == t) & (own["shown"] == s)]) for t in (0, 1) for s in (0, 1)) >= 5
    assert (found["value"].isna() == (found["note"] != "")).all()
    assert found.loc[found["value"].isna(), ["count", "low", "high", "difference"]].isna().all(axis=None)


def given_away(rows, found):
    """Return the small numbers of groups that follow from what is told of the others and from the totals."""
    frame = pd.DataFrame(rows, columns=["group", "true", "shown"])
    names, cells = sorted(set(frame["group"])), [(1, 1), (1, 0), (0, 1), (0, 0)]
    size = frame.groupby(["group", "true", "shown"]).size()
    sums = {"shown": (0, 2), "not shown": (1, 3)} | {f"{cell}": (i,) for i, cell in enumerate(cells)}

    def line(places, group=None):
        which = names if group is None else [group]
        return [float(name in which and i in places) for name in names for i in range(4)]

    behind = {"selection_rate": ((0, 2), (0, 1, 2, 3)), "true_positive_rate": ((0,), (0, 1)),
              "false_positive_rate": ((2,), (2, 3)), "precision": ((0,), (0, 2))}  # fmt: skip
    told = [line((i,)) for i in range(4)]
    for one in found[found["value"].notna()].itertuples():
        told += [line(places, one.group) for places in behind[one.measure]]
    known = np.linalg.matrix_rank(told)
    return [
        (name, what) for name in names for what, places in sums.items()
        if sum(size.get((name, *cells[i]), 0) for i in places) < 5
        and np.linalg.matrix_rank([*told, line(places, name)]) == known
    ]  # fmt: skip


def test_measures_together_give_no_small_number_away():
    rows = [("A", 1, 1)] + [("A", 1, 0)] * 40 + [("A", 0, 1)] * 2 + [("A", 0, 0)] * 60
    rows += [("B", t, s) for t, s, n in ((1, 1, 60), (1, 0, 40), (0, 1, 40), (0, 0, 60)) for _ in range(n)]
    rows += [("C", t, s) for t, s, n in ((1, 1, 10), (1, 0, 100), (0, 1, 20), (0, 0, 300)) for _ in range(n)]
    found = rates(rows)
    assert given_away(rows, found) == []
    assert found[found["group"] == "C"]["value"].notna().any()


CELLS = st.lists(st.sampled_from([0, 2, 4, 7, 20, 60]), min_size=4, max_size=4)


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(CELLS, min_size=2, max_size=4))
def test_no_mixture_of_measures_gives_a_small_number_away(groups):
    cells = [(1, 1), (1, 0), (0, 1), (0, 0)]
    rows = [("ABCD"[g], *cells[i]) for g, sizes in enumerate(groups) for i, n in enumerate(sizes) for _ in range(n)]
    if len({group for group, *_ in rows}) > 1:  # one group is the total
        assert given_away(rows, rates(rows)) == []


def test_rates_and_differences_are_counted_out():
    rows = [("A", 1, 1)] * 30 + [("A", 1, 0)] * 30 + [("A", 0, 1)] * 10 + [("A", 0, 0)] * 90
    rows += [("B", 1, 1)] * 45 + [("B", 1, 0)] * 15 + [("B", 0, 1)] * 10 + [("B", 0, 0)] * 30
    found = rates(rows).set_index(["measure", "group"])
    assert found.loc[("true_positive_rate", "A"), "value"] == pytest.approx(0.5)
    assert found.loc[("true_positive_rate", "B"), "difference"] == pytest.approx(0.25)
    assert found.loc[("false_positive_rate", "A"), "value"] == pytest.approx(0.1)
    assert found.loc[("precision", "B"), "value"] == pytest.approx(45 / 55)
    assert found.loc[("selection_rate", "A"), "value"] == pytest.approx(40 / 160)
    assert np.isnan(found.loc[("selection_rate", "A"), "difference"])
    told = found.loc[("true_positive_rate", "B")]
    assert 0 < told["difference_low"] < 0.25 < told["difference_high"]


def test_a_single_suppressed_group_takes_the_next_smallest_with_it():
    def group(name, size):
        return [(name, i % 2, i // 2 % 2) for i in range(size)]

    found = rates(group("A", 400) + group("B", 200) + group("C", 8))
    told = found[found["measure"] == "selection_rate"].set_index("group")
    assert told["note"].to_dict() == {"A": "", "B": "would give another group away", "C": "fewer than 30"}


def test_blank_groups_are_a_group():
    found = fairness_by_group([0, 1] * 60, [0, 0, 1, 1] * 30, pd.Series(["M", None] * 60, name="sex"))
    assert set(found["group"]) == {"M", "not known"}


def test_lengths_that_differ_are_refused():
    with pytest.raises(UsageError, match="do not match"):
        fairness_by_group([0], [0, 1], pd.Series(["A", "B"]))


def test_without_fairlearn_the_install_line_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "fairlearn.metrics", None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[ml\]'"):
        fairness_by_group([0], [0], pd.Series(["A"]))


def test_missingness_is_a_share_by_group():
    features = pd.DataFrame({"served": [np.nan] * 30 + [1.0] * 90, "acts": 1.0})
    groups = pd.Series(["A"] * 60 + ["B"] * 60, name="sex")
    found = missingness_by_group(features, groups)
    assert found[["group", "feature", "missing"]].to_numpy().tolist() == [["A", "served", 0.5], ["B", "served", 0.0]]
    few = missingness_by_group(features[:40], groups[:40].where(groups.index[:40] < 38, "B"))
    assert few.set_index("group")["note"].to_dict() == {"A": "", "B": "too few"}


def test_ages_are_counted_on_the_day_of_the_analysis():
    people = [
        {"person_id": "P1", "date_of_birth": "2000-06-30", "sex": "F"},
        {"person_id": "V1", "date_of_birth": "2000-07-02"},
    ]
    rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    found = attributes_of(bp.Analyser().analyse(bp.read_extract(rows, persons=people), as_of="2025-06-30"))
    assert found.loc["P1"].tolist() == ["F", "25-34"]
    assert found.loc["V1"].tolist() == ["not known", "18-24"]
