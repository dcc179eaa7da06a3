"""Labels: what is true of each unit, from the truth of a simulated force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.scoring.assessment.units import Units, units_of
from breachpattern.scoring.estimators.frame import Unit, place

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

CONFIRMED, REJECTED, UNDECIDED = "confirmed", "rejected", ("unsure", "needs_record", "unreviewed", "")
# A course on record is a campaign where so much of its incidents belongs to one.
SHARE = 0.5


def truth_labels(what: Analysis | Units, truth: Mapping[str, Any], unit: Unit = "course") -> pd.Series[Any]:
    """Return whether each unit is, in truth, a course of conduct.

    Parameters
    ----------
    what : Analysis or Units
        Of the extract of a simulated force.
    truth : mapping of str to pyarrow.Table
        ``Simulation.truth``; what its columns mean stands in docs/reference/simulate.md.
    unit : {"course", "dyad"}, default "course"
        Not needed where units are given.

    Returns
    -------
    pandas.Series of bool
        By the index of the units. A dyad is true where the human being behind its suspect waged a campaign of two acts
        or more towards the human being behind its victim (``truth["dyads"]["course_of_conduct"]``): whatever of it
        came to the notice of the police, and whenever. A candidate course is true where at least half of its incidents
        are about one campaign that was a course of conduct.

    Examples
    --------
    >>> import breachpattern as bp
    >>> force = bp.simulate(500, seed=1)
    >>> analysis = bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")
    >>> labels = truth_labels(analysis, force.truth, "dyad")
    >>> list(labels.index.names), bool(0 < labels.mean() < 1)
    (['suspect_id', 'victim_id'], True)
    """
    if not isinstance(truth, Mapping):
        hint = "Give the tables of truth of a simulated force: truth_labels(analysis, force.truth)."
        raise UsageError(f"A {type(truth).__name__} is no truth.", where="truth", hint=hint)
    units = what if isinstance(what, Units) else units_of(what, unit)
    value = _dyads(units, truth) if units.kind == "dyad" else _courses(units, truth)
    return pd.Series(value, index=units.index, name="course_of_conduct", dtype=bool)


def labels_from_findings(analysis: Analysis, verdicts: pd.Series[Any], unit: Unit = "course") -> pd.Series[Any]:
    """Return what people's verdicts on findings say of the units that these are about.

    Parameters
    ----------
    analysis : Analysis
        Holds the findings; verdicts on others are left out.
    verdicts : pandas.Series
        By ``finding_id``: ``confirmed``, ``rejected``, or what :func:`decided` takes. Of the register:
        ``register.labels().set_index("finding_id")["verdict"]``.
    unit : {"course", "dyad"}, default "course"

    Returns
    -------
    pandas.Series of float
        1.0 where a finding about the unit was confirmed, 0.0 where all that were decided on were rejected. A verdict on
        a finding about several pairs (a suspect with three victims) says nothing of each, and is left out for dyads.

    Notes
    -----
    A verdict is on what its pattern says. Leave out those on patterns that ask something else than whether there was a
    course of conduct (a time limit, a gap in protection) before a classifier of courses learns from them.

    Examples
    --------
    >>> import breachpattern as bp
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00", "suspect_id": "P1", "victim_id": "V1",
    ...          "behaviours": "follow"} for d in (1, 4)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-12-31")
    >>> verdicts = pd.Series(["confirmed"], index=[analysis.findings[0].id])
    >>> labels_from_findings(analysis, verdicts, "dyad").to_dict()
    {('P1', 'V1'): 1.0}
    """
    placed, known = place(analysis, unit), decided(verdicts)
    of_finding = known.reindex(analysis.findings.to_arrow()["finding_id"].to_pylist()).to_numpy()
    alone = np.bincount(placed.finding, minlength=len(of_finding))[placed.finding] == 1
    said = pd.Series(of_finding[placed.finding[alone]]).groupby(placed.unit[alone]).max().dropna()
    return pd.Series(said.to_numpy(), index=placed.index[said.index.to_numpy(dtype=int)], name="label").sort_index()


def decided(labels: pd.Series[Any]) -> pd.Series[Any]:
    """Return 1.0 for what people confirmed or is true, 0.0 for what they rejected or is not; the rest is left out.

    Raises
    ------
    UsageError
        Where it is no series, a unit has two labels, or a label is none.

    Examples
    --------
    >>> decided(pd.Series(["confirmed", "unsure", "rejected", None], index=["C1", "C2", "C3", "C4"])).to_dict()
    {'C1': 1.0, 'C3': 0.0}
    """
    if not isinstance(labels, pd.Series):
        raise UsageError(
            f"A {type(labels).__name__} is no labels.",
            where="labels",
            hint="Give a series with the ids of the units as index, such as labels_from_findings makes.",
        )
    values = labels[labels.notna()]
    twice = values.index[values.index.duplicated()]
    if len(twice):
        raise UsageError(f"{twice[0]} has two labels.", where="labels", hint="Give the latest decision on each unit.")
    known = {CONFIRMED: 1.0, REJECTED: 0.0, True: 1.0, False: 0.0} | dict.fromkeys(UNDECIDED)
    strange = [value for value in values.unique() if value not in known]
    if strange:
        raise UsageError(
            f"{strange[0]!r} is no label.",
            where="labels",
            hint="One of confirmed, rejected, unsure, true, false.",
        )
    return values.map(known).dropna().astype("float64")


def _dyads(units: Units, truth: Mapping[str, Any]) -> Any:
    persons = truth["persons"].to_pandas()
    human = pd.Series(persons["human"].to_numpy(), index=persons["person_id"])
    dyads = truth["dyads"].to_pandas()
    true = dyads[dyads["course_of_conduct"].astype(str) == "true"]
    pairs = pd.MultiIndex.from_arrays([human.reindex(units.index.get_level_values(i)).to_numpy() for i in (0, 1)])
    return pairs.isin(pd.MultiIndex.from_frame(true[["suspect", "victim"]]))


def _courses(units: Units, truth: Mapping[str, Any]) -> Any:
    campaigns = truth["campaigns"].to_pandas()
    true = campaigns.loc[campaigns["course_of_conduct"].astype(str) == "true", "campaign_id"]
    of_incident = truth["incidents"].to_pandas().set_index("incident_id")["campaign_id"]
    columns = units.analysis.timelines.columns
    names = columns.names.incidents.to_pandas()
    listed = pd.DataFrame({"unit": units.owner, "incident": columns.incident[units.rows.values]}).drop_duplicates()
    campaign = of_incident.reindex(names.iloc[listed["incident"]]).to_numpy()
    listed = listed.assign(campaign=campaign)
    most = listed[listed["campaign"].isin(true)].groupby(["unit", "campaign"]).size().groupby(level=0).max()
    size = listed.groupby("unit").size()
    return (most.reindex(range(len(units)), fill_value=0) >= SHARE * size.reindex(range(len(units)))).to_numpy()
