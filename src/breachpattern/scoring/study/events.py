"""Events: the occasions of every dyad in time order, the rows that all tables of a study are counted from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.linking.columns import Ints
from breachpattern.scoring.features.harm import weights_of
from breachpattern.scoring.features.histories import Histories, histories
from breachpattern.scoring.given import the_analysis
from breachpattern.sorting import order_by
from breachpattern.spans import DAY

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis

COLUMNS = ("suspect_id", "victim_id", "number", "at", "days_since", "days_followed", "harm")


def dyad_events(analysis: Analysis, *, harm: Any = None) -> pd.DataFrame:
    """Return one row for each event of each suspect towards each victim, in time order.

    An event is an occasion: records of one occurrence are one event, cancelled records and failures to notify are none,
    and a record that covers several acts is one event of unknown parts. A dyad has a direction. People are who the
    analysis takes them for, so two references of one person are one.

    Parameters
    ----------
    analysis : Analysis
        As :meth:`breachpattern.Analyser.analyse` gives it; what was not known at its instant is no event.
    harm : pandas.DataFrame, mapping, or path of a CSV, optional
        Weights of offences, columns ``offence`` and ``weight``, such as the days of the Cambridge Crime Harm Index
        (Sherman, Neyroud and Neyroud, 2016) or the ONS Crime Severity Score. No weights are built in.

    Returns
    -------
    pandas.DataFrame
        ``suspect_id``, ``victim_id``; ``number`` (int64, the first is 1); ``at`` (when it began, London time);
        ``days_since`` the event before (float64, NaN for the first); ``days_followed`` from the event to the instant of
        the analysis (float64); ``harm`` (float64, of the gravest offence on record, NaN where there is no weight).
        In the order of the text of the people, then of time.

    Raises
    ------
    UsageError
        Where what is given is no analysis.
    InputError
        Where the table of weights cannot be used.

    Examples
    --------
    >>> import breachpattern as bp
    >>> who = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "phone"}
    >>> rows = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-{d:02d}T10:00"} | who for d in (1, 2, 9)]
    >>> analysis = bp.Analyser().analyse(bp.read_extract(rows), as_of="2025-03-31T10:00")
    >>> events = dyad_events(analysis)
    >>> events[["number", "days_since", "days_followed"]].round(1).to_numpy().tolist()[1:]
    [[2.0, 1.0, 29.0], [3.0, 7.0, 22.0]]
    """
    the_analysis(analysis, "A study is made")
    timelines = analysis.timelines
    weights = None if harm is None else weights_of(harm, timelines.catalogue)
    told = histories(timelines, analysis.extract.incidents, "dyad", timelines.as_of, weights)
    dyads, persons = told.context.dyads, told.context.columns.names.persons
    # Codes of people follow the order of their texts.
    order = order_by(dyads.suspect[told.owner], dyads.victim[told.owner], told.place)
    owner, place, start = told.owner[order], told.place[order], told.start[order]
    since = np.diff(start, prepend=start[:1]) / DAY
    at = pd.to_datetime(pd.Series(start), unit="s", utc=True).dt.tz_convert("Europe/London").dt.as_unit("s")
    return pd.DataFrame(
        {
            "suspect_id": persons.take(dyads.suspect[owner]).to_pandas(),
            "victim_id": persons.take(dyads.victim[owner]).to_pandas(),
            "number": place + 1,
            "at": at,
            "days_since": np.where(place == 0, np.nan, since),
            "days_followed": np.maximum(followed_until(analysis) - start, 0) / DAY,
            "harm": _gravest(told)[order],
        }
    )


def followed_until(analysis: Analysis) -> int:
    """Return the last second of which anything is known: the instant, or the last record where there is no limit."""
    columns = analysis.timelines.columns
    last = int(columns.known.max()) if len(columns) else 0
    return int(analysis.as_of) if analysis.as_of < 2**40 else last


def _gravest(told: Histories) -> np.ndarray:
    heaviest = np.full(len(told.owner), np.nan)
    if told.weights is not None:
        np.fmax.at(heaviest, told.row_occasion, told.weights[told.context.columns.offence[told.row]])
    return heaviest


def asked(events: pd.DataFrame, names: Iterable[str] = COLUMNS) -> pd.DataFrame:
    """Return the events with the columns that a table is counted from.

    Raises
    ------
    UsageError
        Where one is missing.
    """
    missing = [name for name in names if name not in getattr(events, "columns", ())]
    if missing:
        raise UsageError(
            f"There is no column {missing[0]!r} among the events.",
            where="events",
            hint="Give the frame that dyad_events returns, or one with the same columns.",
        )
    return events


def lengths(events: pd.DataFrame) -> Ints:
    """Return how many events each dyad has.

    Examples
    --------
    >>> lengths(pd.DataFrame({"number": [1, 2, 1]})).tolist()
    [2, 1]
    """
    number = asked(events, ["number"])["number"].to_numpy(np.int64)
    return number[np.append(number[1:] == 1, True)] if len(number) else number
