import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from tests.scoring.features.given import HARM, analyse, calls, order

import breachpattern as bp
from breachpattern.errors import UsageError
from breachpattern.scoring import TimelineFeatures, feature_frame
from breachpattern.scoring.features.declared import declared, version

AS_OF = "2026-06-30"
ROWS = [
    *calls("2025-03-01", "2025-03-04", "2025-03-09"),
    *(row | {"incident_id": f"X{row['incident_id']}", "victim_id": "V2"} for row in calls("2025-04-01", "2025-04-02")),
]
ORDERS = [order("O1")]


def same(left, right):
    pd.testing.assert_frame_equal(left, right, check_exact=True)


def test_every_form_of_the_same_facts_gives_the_same_features():
    analysis = analyse(ROWS, ORDERS)
    wanted = feature_frame(analysis)
    step = TimelineFeatures(as_of=AS_OF)
    tables = {"incidents": pd.DataFrame(ROWS), "orders": pd.DataFrame(ORDERS)}
    for given in (analysis, bp.read_extract(ROWS, orders=ORDERS), tables):
        same(step.fit_transform(given), wanted)
    alone = step.fit_transform(pd.DataFrame(ROWS))
    same(alone, feature_frame(analyse(ROWS)))


def test_an_analysis_has_its_own_instant_and_can_be_asked_of_an_earlier_one():
    analysis = analyse(ROWS, ORDERS)
    same(TimelineFeatures().fit_transform(analysis), feature_frame(analysis))
    same(TimelineFeatures(as_of="2025-03-05").fit_transform(analysis), feature_frame(analysis, "2025-03-05"))


def test_anything_else_needs_an_instant():
    with pytest.raises(UsageError, match="Extract has no instant of its own"):
        TimelineFeatures().fit(bp.read_extract(ROWS))


def test_a_mapping_says_which_table_it_does_not_know():
    with pytest.raises(UsageError, match="holds 'offenders'"):
        TimelineFeatures(as_of=AS_OF).fit_transform({"incidents": ROWS, "offenders": []})
    with pytest.raises(UsageError, match="holds no incidents"):
        TimelineFeatures(as_of=AS_OF).fit_transform({"orders": ORDERS})


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_the_output_is_a_frame_whose_index_says_whom_a_row_is_about(output):
    step = TimelineFeatures("dyad", as_of=AS_OF, features=["trend", "occasions"])
    step.set_output(transform=output)
    frame = step.fit_transform(pd.DataFrame(ROWS))
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.tolist() == [("P1", "V1"), ("P1", "V2")]
    assert frame.columns.tolist() == step.get_feature_names_out().tolist() == ["occasions", "trend"]


def test_names_need_a_fit_and_version_is_kept():
    step = TimelineFeatures("dyad", harm=HARM)
    with pytest.raises(ValueError, match="not fitted"):
        step.get_feature_names_out()
    step.fit(analyse(ROWS))
    assert step.get_feature_names_out().tolist() == [feature.name for feature in declared("dyad")]
    assert step.features_version_ == version()


def test_a_clone_has_the_same_parameters_and_no_memory():
    step = TimelineFeatures("dyad", as_of=AS_OF, features=["trend"], harm=HARM).fit(analyse(ROWS))
    copy = clone(step)
    assert copy.get_params() == step.get_params()
    assert not hasattr(copy, "feature_names_")
    assert clone(copy.set_params(unit="course")).unit == "course"


def test_a_sensitive_attribute_is_refused_at_fit():
    with pytest.raises(UsageError, match=r"breachpattern\.scoring\.assessment"):
        TimelineFeatures(features=["sex"]).fit(analyse(ROWS))


def test_it_is_the_first_step_of_a_pipeline_with_any_estimator():
    rows = [row | {"incident_id": f"{i}{row['incident_id']}", "victim_id": f"V{i}"} for i in range(4) for row in ROWS]
    analysis = analyse(rows, ORDERS)
    frame = feature_frame(analysis, unit="dyad")
    y = pd.Series({("P1", f"V{i}"): i % 2 for i in (3, 1, 0, 2)}).reindex(frame.index)
    model = Pipeline([("features", TimelineFeatures("dyad")), ("learn", DecisionTreeClassifier())])
    model.fit(analysis, y)
    assert model[-1].feature_names_in_.tolist() == frame.columns.tolist()
    assert model.predict_proba(analysis).shape == (4, 2)
    scaled = make_pipeline(
        TimelineFeatures("dyad"), SimpleImputer(keep_empty_features=True), StandardScaler()
    ).set_output(transform="pandas")
    out = scaled.fit_transform(analysis)
    assert out.index.equals(frame.index)
    assert scaled.get_feature_names_out().tolist() == frame.columns.tolist()
    assert np.isfinite(out.to_numpy()).all()
