"""One row per course or dyad, one column per feature, as it was known at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.patterns.identity import course_ids
from breachpattern.scoring.features.harm import weights_of
from breachpattern.scoring.features.histories import Histories, histories
from breachpattern.scoring.features.selection import chosen
from breachpattern.scoring.given import the_analysis
from breachpattern.sorting import order_by
from breachpattern.spans import LONDON
from breachpattern.timelines import Timelines, build
from breachpattern.timelines.instant import instant_of

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis


def feature_frame(
    analysis: Analysis,
    as_of: str | date | datetime | None = None,
    unit: str = "course",
    *,
    features: str | Iterable[str] | None = None,
    harm: Any = None,
) -> pd.DataFrame:
    """Return what is on record about each course or dyad as numbers.

    Every feature is declared, with its definition, its reason and its source, in ``docs/reference/features.md``.

    Parameters
    ----------
    analysis : Analysis
        As :meth:`breachpattern.Analyser.analyse` gives it.
    as_of : str, date, datetime, optional
        Tell only what was known then: the same as the features of an analysis made at that instant. The instant of the
        analysis by default, and never later.
    unit : {"course", "dyad"}, default "course"
        One row for each candidate course, or for each suspect and victim with conduct on record.
    features : str or iterable of str, optional
        Names of features or of groups; all by default. Sensitive attributes are refused.
    harm : pandas.DataFrame, mapping, or path of a CSV, optional
        Weights of offences, columns ``offence`` and ``weight``. Without it there are no features of harm.

    Returns
    -------
    pandas.DataFrame
        ``float64``; NaN is *not known*, never zero. Indexed by ``course_id``, or by ``suspect_id`` and ``victim_id``,
        in the order of the text; columns in the order in which they are declared.

    Raises
    ------
    UsageError
        Where what is given is no analysis, ``as_of`` lies after it, or a feature is asked for that is none or never can
        be one.
    InputError
        Where the table of weights cannot be used.

    Examples
    --------
    >>> import breachpattern as bp
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "phone"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-{d:02d}T10:00"} | who for d in (1, 2, 9)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-03-31")
    >>> feature_frame(analysis, unit="dyad", features=["occasions", "gap_longest"]).round(1).reset_index()
      suspect_id victim_id  occasions  gap_longest
    0         P1        V1        3.0          7.0
    >>> feature_frame(analysis, as_of="2025-03-05", unit="dyad", features="occasions")["occasions"].tolist()
    [2.0]
    """
    the_analysis(analysis, "Features are told", hint="TimelineFeatures also takes an extract or tables")
    wanted = chosen(features, unit, harm=harm is not None)
    timelines = _timelines(analysis, as_of)
    weights = None if harm is None else weights_of(harm, timelines.catalogue)
    told = histories(timelines, analysis.extract.incidents, unit, timelines.as_of, weights)
    index, order = _index(told, unit)
    # Pandas keeps columns as rows of one block: filled like this, nothing is copied.
    block = np.empty((len(wanted), len(told)))
    found: dict[str, dict[str, Any]] = {}
    for i, feature in enumerate(wanted):
        if feature.source not in found:
            module, _, function = feature.source.partition(".")
            found[feature.source] = getattr(import_module(f"{__package__}.{module}"), function)(told)
        block[i] = found[feature.source].pop(feature.name)[order]
    return pd.DataFrame(block.T, index=index, columns=[feature.name for feature in wanted], copy=False)


def _timelines(analysis: Analysis, as_of: str | date | datetime | None) -> Timelines:
    """Return the timelines of an analysis, or those that an analysis made earlier would have."""
    if as_of is None:
        return analysis.timelines
    then = instant_of(as_of)
    if then > analysis.as_of:
        made = datetime.fromtimestamp(analysis.as_of, UTC).astimezone(LONDON)
        raise UsageError(
            f"Features as of {as_of} are asked of an analysis as of {made:%Y-%m-%dT%H:%M:%S}, which cannot know them.",
            where="as_of",
            hint="Analyse the extract again with the later as_of.",
        )
    if then == analysis.as_of:
        return analysis.timelines
    crowded = analysis.timelines.crowded
    return build(
        analysis.extract,
        analysis.timelines.catalogue,
        then,
        people=analysis.people,
        crowded=crowded if len(crowded) else None,
    )


def _index(told: Histories, unit: str) -> tuple[pd.Index, Any]:
    """Return the names of the rows in the order of the text, and the rows in that order."""
    if unit == "course":
        ids = pd.Index(course_ids(told.context.timelines).to_pandas(), name="course_id")
        order = np.argsort(ids.to_numpy(dtype=str), kind="stable")
        return ids[order], order
    dyads, persons = told.context.dyads, told.context.columns.names.persons
    # Codes of people follow the order of their texts.
    order = order_by(dyads.suspect, dyads.victim)
    sides = [persons.take(codes[order]).to_pandas() for codes in (dyads.suspect, dyads.victim)]
    return pd.MultiIndex.from_arrays(sides, names=["suspect_id", "victim_id"]), order
