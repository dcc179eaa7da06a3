from __future__ import annotations

import numpy as np
from tests.scoring.features.given import CALL, analyse, calls, features, incident

from breachpattern.scoring import feature_frame


def test_a_dyad_has_the_strength_of_its_strongest_course():
    analysis = analyse(calls("2025-03-01", "2025-03-02", "2025-03-04"))
    course, dyad = (feature_frame(analysis, unit=unit, features="nexus").iloc[0] for unit in ("course", "dyad"))
    assert course.to_dict() == dyad.to_dict()
    assert dyad["strength"] == 3
    assert dyad["reasons_for"] > dyad["reasons_against"] == 0
    alone = features(calls("2025-03-01"))
    assert alone["strength"] == 0
    assert np.isnan(alone[["support", "reasons_for", "reasons_against", "serious_against"]].to_numpy()).all()


def test_acts_in_the_other_direction():
    back = [incident("X1", "2025-03-02T10:00", suspect_id="V1", victim_id="P1", behaviours="assault")]
    frame = feature_frame(analyse([*calls("2025-03-01", "2025-03-03", "2025-03-07"), *back]), unit="dyad")
    assert frame.loc[("P1", "V1"), ["acts_in_return", "return_share"]].tolist() == [1, 0.25]
    assert frame.loc[("V1", "P1"), ["acts_in_return", "return_share"]].tolist() == [3, 0.75]


def test_a_reconciliation_counts_once_whichever_direction_tells_it():
    rows = [
        *calls("2025-03-01", "2025-03-07", reconciled_before="true"),
        incident("X1", "2025-03-02T10:00", suspect_id="V1", victim_id="P1", reconciled_before="true", **CALL),
        incident("X2", "2025-03-02T10:00", victim_id="V2", reconciled_before="true", **CALL),
    ]
    frame = feature_frame(analyse(rows), unit="dyad")
    assert frame["reconciliations"].to_dict() == {("P1", "V1"): 3, ("P1", "V2"): 1, ("V1", "P1"): 3}
    assert feature_frame(analyse(calls("2025-03-01")), unit="dyad")["reconciliations"].tolist() == [0]


def test_people_who_act_together_towards_each_other_are_told_once_for_each_pair():
    rows = [incident("I1", "2025-03-01T10:00", suspect_id=p, reconciled_before="true", **CALL) for p in ("P1", "P2")]
    rows += [incident("I2", "2025-03-03T10:00", suspect_id=p, **CALL) for p in ("P1", "P2")]
    frame = feature_frame(analyse(rows))
    assert frame.loc[frame["suspects"] == 2, "reconciliations"].tolist() == [2]
