"""Charts of an assessment: functions of a table, self-contained Altair specifications that fetch nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd

from breachpattern.output.charts import altair_for

# Okabe and Ito: colours that people with any colour vision tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555"]
WIDTH, HEIGHT = 420, 260


def data_of(altair: Any, table: pd.DataFrame) -> Any:
    """Return a table as values inside the specification: no file and no network is asked when it is drawn."""
    return altair.Data(values=json.loads(table.to_json(orient="records", date_format="iso")))


def capacity_chart(table: pd.DataFrame) -> Any:
    """Return precision and recall against the number of units looked at, with bands for the intervals."""
    return _banded(table, "capacity", ("precision", "recall"), "units looked at", scale="log")


def measures_chart(table: pd.DataFrame) -> Any:
    """Return each measure of each scorer with its interval."""
    altair = altair_for("draw measures")
    base = altair.Chart(data_of(altair, table), width=WIDTH, height=altair.Step(18))
    y = altair.Y("scorer:N", title=None, sort=list(table["scorer"].unique()))
    colour = _colour(altair, table)
    ends = base.mark_rule(strokeWidth=2).encode(x=altair.X("low:Q", title=None), x2="high:Q", y=y, color=colour)
    tips = ["scorer:N", "measure:N", *(altair.Tooltip(f"{f}:Q", format=".3f") for f in ("value", "low", "high"))]
    points = base.mark_point(filled=True, size=70).encode(x="value:Q", y=y, color=colour, tooltip=tips)
    return altair.layer(ends, points).facet(
        row=altair.Row("measure:N", title=None, sort=list(table["measure"].unique()))
    )


def worklists_chart(table: pd.DataFrame) -> Any:
    """Return the precision of each list, with Wilson's intervals as bands."""
    named = table.rename(columns={"low": "precision_low", "high": "precision_high"})
    return _banded(named, "as_of", ("precision",), "worklist of", kind="T")


def calibration_chart(table: pd.DataFrame) -> Any:
    """Return how often it was true against the probability given; the diagonal is perfect."""
    altair = altair_for("draw a calibration curve")
    base = altair.Chart(data_of(altair, table), width=WIDTH, height=HEIGHT)
    colour, unit = _colour(altair, table), altair.Scale(domain=[0, 1])
    x = altair.X("predicted:Q", title="probability given", scale=unit)
    ends = base.mark_rule().encode(
        x=x, y=altair.Y("low:Q", title="share that was true", scale=unit), y2="high:Q", color=colour
    )
    tips = [altair.Tooltip(f"{field}:Q", format=".3f") for field in ("predicted", "observed", "low", "high")]
    seen = [*tips, "units:Q"]
    points = base.mark_line(point=True).encode(x=x, y="observed:Q", color=colour, tooltip=seen)
    diagonal = altair.Chart(altair.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        color="#999999", strokeDash=[4, 4]
    )
    return altair.layer(diagonal.encode(x="x:Q", y="y:Q"), ends, points)


def decisions_chart(table: pd.DataFrame) -> Any:
    """Return the net benefit of each scorer against looking at everybody and at nobody."""
    altair = altair_for("draw a decision curve")
    of_all = table.drop_duplicates("threshold").assign(scorer="everybody", net_benefit=lambda t: t["all"])
    of_none = of_all.assign(scorer="nobody", net_benefit=0.0)
    shown = pd.concat([table, of_all, of_none], ignore_index=True)
    # Where looking at everybody does harm beyond measure there is nothing to compare.
    floor = -max(float(table["net_benefit"].max()), 0.01)
    shown = shown[shown["net_benefit"] >= floor]
    return altair.Chart(data_of(altair, shown), width=WIDTH, height=HEIGHT).mark_line().encode(
        x=altair.X("threshold:Q", title="probability from which one would look"),
        y=altair.Y("net_benefit:Q", title="net benefit for each unit"),
        color=_colour(altair, shown),
        tooltip=["scorer:N", altair.Tooltip("threshold:Q", format=".2f"),
                 altair.Tooltip("net_benefit:Q", format=".4f")],
    )  # fmt: skip


def stability_chart(table: pd.DataFrame) -> Any:
    """Return how much of the top of one run stays in the top of the next."""
    altair = altair_for("draw stability")
    return altair.Chart(data_of(altair, table), width=WIDTH, height=HEIGHT).mark_line(point=True).encode(
        x=altair.X("next:T", title="run of"),
        y=altair.Y("overlap:Q", title="share of the top that stays", scale=altair.Scale(domain=[0, 1])),
        color=_colour(altair, table),
        tooltip=["scorer:N", "as_of:T", "next:T", altair.Tooltip("overlap:Q", format=".2f"),
                 altair.Tooltip("rank_biased_overlap:Q", format=".2f")],
    )  # fmt: skip


def fairness_chart(table: pd.DataFrame) -> Any:
    """Return each rate of each group with its interval; what is suppressed is not drawn."""
    altair = altair_for("draw groups")
    shown = table[table["value"].notna()]
    shown = shown.assign(who=shown["scorer"] + ", " + shown["role"] + ", " + shown["attribute"] + ": " + shown["group"])
    base = altair.Chart(data_of(altair, shown), width=WIDTH / 2, height=altair.Step(18))
    y = altair.Y("who:N", title=None)
    ends = base.mark_rule(strokeWidth=2).encode(x=altair.X("low:Q", title=None), x2="high:Q", y=y)
    tips = ["who:N", "count:Q", *(altair.Tooltip(f"{f}:Q", format=".3f") for f in ("value", "low", "high"))]
    points = base.mark_point(filled=True, size=70).encode(x="value:Q", y=y, tooltip=tips)
    return (
        altair.layer(ends, points)
        .facet(facet=altair.Facet("measure:N", title=None), columns=2)
        .resolve_scale(x="independent")
    )


def _banded(
    table: pd.DataFrame, across: str, measures: tuple[str, ...], title: str, kind: str = "Q", scale: str | None = None
) -> Any:
    """Return one panel for each measure: a line for each scorer, a band for its interval."""
    altair = altair_for("draw an assessment")
    base = altair.Chart(data_of(altair, table), width=WIDTH, height=HEIGHT)
    colour, unit = _colour(altair, table), altair.Scale(domain=[0, 1])
    x = altair.X(f"{across}:{kind}", title=title, **({"scale": altair.Scale(type=scale, nice=False)} if scale else {}))
    panels = []
    for measure in measures:
        y = altair.Y(f"{measure}_low:Q", title=measure, scale=unit)
        band = base.mark_area(opacity=0.15).encode(x=x, y=y, y2=f"{measure}_high:Q", color=colour)
        ends = [altair.Tooltip(f"{f}:Q", format=".3f") for f in (measure, f"{measure}_low", f"{measure}_high")]
        tips = ["scorer:N", f"{across}:{kind}", *ends]
        line = base.mark_line(point=True).encode(x=x, y=f"{measure}:Q", color=colour, tooltip=tips)
        panels.append(altair.layer(band, line))
    return panels[0] if len(panels) == 1 else altair.hconcat(*panels)


def _colour(altair: Any, table: pd.DataFrame) -> Any:
    scorers = list(table["scorer"].unique())
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(scorers))]
    legend = altair.Legend(title=None, symbolOpacity=1)
    return altair.Color("scorer:N", legend=legend, scale=altair.Scale(domain=scorers, range=colours))


CHARTS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "measures": measures_chart,
    "capacity": capacity_chart,
    "worklists": worklists_chart,
    "calibration": calibration_chart,
    "decisions": decisions_chart,
    "stability": stability_chart,
    "fairness": fairness_chart,
}
