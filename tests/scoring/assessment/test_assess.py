"""One call gives everything, says what it left out, and can find a ranking wanting."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from breachpattern.errors import MissingDependency, ScoringError, UsageError
from breachpattern.scoring.assessment import assess_ranking, attributes_of, truth_labels, units_of
from breachpattern.scoring.assessment.card import FOR_THE_FORCE
from breachpattern.scoring.assessment.charts import CHARTS
from breachpattern.scoring.assessment.scorers import features_of

FEW = {"capacity": 8, "resamples": 40}


@pytest.fixture(scope="module")
def labels(force, analyses):
    return truth_labels(analyses[-1], force.truth, "dyad")


@pytest.fixture(scope="module")
def learnt(analyses, labels):
    features = features_of(units_of(analyses[0], "dyad")).filter(regex="^(finding_level|occasions|breaches)$")
    logistic = make_pipeline(FunctionTransformer(np.nan_to_num, feature_names_out="one-to-one"), LogisticRegression())
    return logistic.fit(features, labels.reindex(features.index))


@pytest.fixture(scope="module")
def found(analyses, labels, learnt):
    return assess_ranking(iter(analyses), labels, {"learnt": learnt}, **FEW)


def test_an_oracle_is_perfect_and_its_opposite_is_not(analyses, labels):
    truth = labels.astype(float)
    found = assess_ranking(analyses[-1], labels, {"oracle": truth, "liar": -truth}, **FEW)
    value = found.to_frame().set_index(["measure", "scorer"])["value"]
    assert value["average_precision", "oracle"] == value["precision_at_8", "oracle"] == 1
    assert value["precision_at_8", "liar"] == 0
    assert value["average_precision", "liar"] < value["average_precision", "rule_rank"] < 1
    assert set(value["average_precision"].index) == {
        "oracle", "liar", "rule_rank", "recency_frequency_gravity", "count_in_a_year",
    }  # fmt: skip


def test_every_measure_lies_in_its_interval_and_every_difference_adds_up(found):
    measures = found.to_frame()
    assert (measures["low"] <= measures["value"] + 1e-9).all()
    assert (measures["value"] <= measures["high"] + 1e-9).all()
    value = measures.set_index(["measure", "scorer"])["value"]
    for row in found.to_frame("differences").itertuples():
        assert row.difference == pytest.approx(value[row.measure, row.scorer] - value[row.measure, row.beside])
        assert row.low <= row.high


def test_it_says_the_same_again_and_something_else_for_another_seed(analyses, labels, learnt, found):
    again = assess_ranking(analyses, labels.sample(frac=1, random_state=1), {"learnt": learnt}, **FEW)
    for table in found.tables:
        pd.testing.assert_frame_equal(found.to_frame(table), again.to_frame(table))
    other = assess_ranking(analyses[-1], labels, {"learnt": learnt}, seed=1, **FEW).to_frame()
    mine = assess_ranking(analyses[-1], labels, {"learnt": learnt}, seed=0, **FEW).to_frame()
    assert other["value"].equals(mine["value"])
    assert not other["low"].equals(mine["low"])


def test_worklists_show_each_unit_once_and_add_up(found):
    shown, lists = found.to_frame("shown"), found.to_frame("worklists")
    assert not shown.duplicated(["scorer", "unit"]).any()
    assert (shown.groupby(["scorer", "as_of"]).size() == 8).all()
    counted = shown.groupby(["scorer", "as_of"])["true"].sum()
    assert lists.set_index(["scorer", "as_of"])["found"].sort_index().tolist() == counted.sort_index().tolist()
    overall = found.to_frame().set_index(["measure", "scorer"])["value"]["worklist_precision"]
    assert overall.sort_index().tolist() == pytest.approx(shown.groupby("scorer")["true"].mean().sort_index().tolist())


def test_units_without_a_label_take_no_part_and_are_counted(analyses, labels):
    some = labels.sample(frac=0.5, random_state=0)
    whole, half = (assess_ranking(analyses[-1], given, **FEW) for given in (labels, some))
    assert half.about["units"] + half.about["unlabelled"] == whole.about["units"]
    assert set(half.to_frame("shown")["unit"]) <= set(some.index)
    blank = labels.astype(object).where(labels.index.isin(some.index))
    assert assess_ranking(analyses[-1], blank, **FEW).to_frame().equals(half.to_frame())


def test_decisions_are_labels_and_what_is_undecided_is_none(analyses, labels):
    some = labels.sample(frac=0.5, random_state=0)
    words = labels.map({True: "confirmed", False: "rejected"}).where(labels.index.isin(some.index), "unsure")
    told, plain = (assess_ranking(analyses[-1], given, **FEW).to_frame() for given in (words, some))
    pd.testing.assert_frame_equal(told, plain)
    with pytest.raises(UsageError, match="'perhaps' is no label"):
        assess_ranking(analyses[-1], words.replace("unsure", "perhaps"), **FEW)
    with pytest.raises(UsageError, match="has two labels"):
        assess_ranking(analyses[-1], pd.concat([some, some[:1]]), **FEW)


def test_a_list_that_nobody_can_be_on_is_empty(analyses, labels):
    units = units_of(analyses[-1], "dyad")
    new = units.index[units.last_known > analyses[1].as_of]
    assert len(new) > 0
    found = assess_ranking(analyses[1:], labels.reindex(new.difference(units_of(analyses[1], "dyad").index)), **FEW)
    assert set(found.to_frame("shown")["as_of"]) == {"2025-06-15"}
    assert found.about["as_of"] == ["2025-06-08", "2025-06-15"]


def test_all_units_are_assessed_where_nobody_asks_for_active_ones(analyses, labels):
    found = assess_ranking(analyses[-1], labels, active_days=None, **FEW)
    assert found.about["units"] == len(labels) > assess_ranking(analyses[-1], labels, **FEW).about["units"]


def test_probabilities_are_calibrated_and_places_are_not(found):
    assert set(found.to_frame("calibration")["scorer"]) == {"learnt"}
    brier = found.to_frame().query("measure == 'brier'")
    assert brier["scorer"].tolist() == ["learnt"]
    assert 0 < brier["value"].item() < 0.3


def test_courses_are_assessed_as_dyads_are(force, analyses):
    truth = truth_labels(analyses[-1], force.truth, "course")
    found = assess_ranking(analyses[-1], truth, unit="course", active_days=None, **FEW)
    value = found.to_frame().set_index(["measure", "scorer"])["value"]["average_precision"]
    assert value["rule_rank"] > truth.mean()
    with pytest.raises(UsageError, match="another id as soon as it grows"):
        assess_ranking(analyses, truth, unit="course", active_days=None, **FEW)


@pytest.mark.parametrize(
    ("scorers", "message"),
    [
        ({"x": 3}, "int cannot score units"),
        ({"x": lambda units: [1.0]}, r"scores of shape \(1,\)"),
        ({"x": lambda units: ["high"] * len(units)}, "are no numbers: they are of type list"),
        ({"x": LogisticRegression().fit(pd.DataFrame({"shoe_size": [1.0, 2.0]}), [0, 1])}, "fitted on shoe_size"),
    ],
)
def test_what_cannot_score_says_why(analyses, labels, scorers, message):
    with pytest.raises(UsageError, match=message):
        assess_ranking(analyses[-1], labels, scorers, **FEW)


def test_nothing_to_assess_and_time_that_runs_backwards_are_refused(analyses, labels):
    with pytest.raises(UsageError, match="nothing to assess"):
        assess_ranking(analyses[-1], labels[:0], **FEW)
    with pytest.raises(UsageError, match="nothing to assess"):
        assess_ranking([], labels, **FEW)
    with pytest.raises(UsageError, match="Nobody looks at 0 units"):
        assess_ranking(analyses[-1], labels, capacity=0)
    with pytest.raises(UsageError, match="not in order"):
        assess_ranking(reversed(analyses), labels, **FEW)


def test_it_prints_itself_and_names_its_tables(found):
    assert "precision of the worklists" in repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(UsageError, match=r"One of measures, differences, .*shown"):
        found.to_frame("speed")


def test_charts_fetch_nothing_and_hold_no_person(found, analyses):
    found.fairness(attributes_of(analyses[-1]), minimum=5, smallest_cell=1)
    people = set(found.pool["suspect_id"]) | set(found.pool["victim_id"])
    for chart in CHARTS:
        text = json.dumps(found.plot(chart).to_dict())
        assert '"url"' not in text
        assert not any(person in text for person in people)
    with pytest.raises(UsageError, match="no chart 'pie'"):
        found.plot("pie")


def test_a_chart_without_anything_to_draw_says_what_it_takes(analyses, labels):
    one = assess_ranking(analyses[-1], labels, **FEW)
    for chart in ("stability", "calibration", "decisions", "fairness"):
        with pytest.raises(UsageError, match="nothing to draw"):
            one.plot(chart)


def test_without_altair_the_install_line_is_named(found, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "altair", None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[report\]'"):
        found.plot("capacity")


def test_the_card_shows_every_blank_until_the_force_fills_it(found, analyses, tmp_path):
    card = found.model_card()
    assert card.blanks == FOR_THE_FORCE
    assert card.count("**TO BE COMPLETED BY THE FORCE**") >= len(FOR_THE_FORCE)
    assert "$" not in card
    for heading in (
        "Tier 1",
        "Tier 2, section 1",
        "Tier 2, section 5",
        "Senior responsible owner",
        "Impact assessments",
    ):
        assert heading in card
    told = found.model_card(**dict.fromkeys(FOR_THE_FORCE, "Said."), name="Northmarch list")
    assert told.blanks == ()
    found.fairness(attributes_of(analyses[-1]))
    assert "TO BE COMPLETED" not in found.model_card(**dict.fromkeys(FOR_THE_FORCE, "Said.")).split("## Tier 1", 1)[1]
    assert (
        told.write(tmp_path / "card.md").read_text("utf-8").startswith("# Algorithmic transparency record: Northmarch")
    )
    with pytest.raises(UsageError, match="no field colour"):
        found.model_card(colour="blue")


def test_sensitive_attributes_are_joined_for_totals_only(found, analyses):
    attributes = attributes_of(analyses[-1])
    told = found.fairness(attributes, scorer="rule_rank", role="victim")
    assert set(told["attribute"]) == {"sex", "age_group"}
    assert not set(attributes.columns) & set(found.pool.columns)
    with pytest.raises(UsageError, match="no scorer 'x' or no role"):
        found.fairness(attributes, scorer="x")


def test_the_card_says_whose_lists_treat_groups_so_and_forgets_none(found, analyses):
    attributes = attributes_of(analyses[-1])
    for scorer in ("rule_rank", "count_in_a_year", "rule_rank"):
        assert set(found.fairness(attributes, scorer=scorer, minimum=5, smallest_cell=1)["scorer"]) == {scorer}
    kept = found.to_frame("fairness_suspect")
    assert {"rule_rank", "count_in_a_year"} <= set(kept["scorer"])
    assert not kept.duplicated(["scorer", "attribute", "group", "measure"]).any()
    assert "| rule_rank | suspect | sex |" in found.model_card()


def test_no_estimator_is_assessed_that_reads_a_sensitive_attribute(analyses, labels):
    def telling(units):
        return pd.DataFrame({"suspect_sex": np.arange(len(units)) % 2}, index=units.index)

    model = LogisticRegression().fit(pd.DataFrame({"suspect_sex": [0, 1]}), [0, 1])
    with pytest.raises(ScoringError, match="'suspect_sex' is never scored by"):
        assess_ranking(analyses[-1], labels, {"model": model}, features=telling, resamples=2)
