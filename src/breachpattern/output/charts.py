"""Charts as altair specifications: the same in a notebook and in the review pack.

What a mark means is said by its lane and its shape, never by its colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from breachpattern.errors import MissingDependency

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Look:
    """How a mark on a timeline looks: the words of its lane, its shape, its colour, and whether it is filled."""

    words: str
    shape: str
    colour: str
    filled: bool


# Colours that people with any colour vision tell apart, at 4.5 to 1 or better on white.
LOOKS = {
    "recorded": Look("Breach, recorded", "diamond", "#a5330d", True),
    "unrecorded": Look("Breach, not recorded", "diamond", "#a5330d", False),
    "recorded_no_order": Look("Breach, no order on file", "square", "#a5330d", False),
    "inferred": Look("Contact through others (inferred)", "triangle-up", "#5a3e99", False),
    "conduct": Look("Other conduct", "circle", "#1d5a8a", True),
    "order": Look("Order event", "triangle-right", "#00594f", True),
}
ORDER_COLOUR = "#00703c"
INK, GREY, LINE = "#0b0c0c", "#505a5f", "#b1b4b6"
STEP = 30


def altair_for(purpose: str) -> Any:
    """Return the altair module.

    Parameters
    ----------
    purpose : str
        What it is needed for, as the message says it.

    Raises
    ------
    MissingDependency
        Where altair is not installed; the message holds the install line.
    """
    try:
        return import_module("altair")
    except ImportError:
        raise MissingDependency.for_extra("altair", "report", purpose) from None


def timeline_chart(
    marks: Rows,
    bars: Rows,
    lanes: Sequence[str],
    details: Sequence[str],
    *,
    now: str = "",
    title: str = "",
    width: int | str = 640,
) -> Any:
    """Return an altair chart of occasions against orders in force, to be zoomed and pointed at.

    Parameters
    ----------
    marks : sequence of mapping
        Each with ``at`` (ISO 8601), ``lane``, ``what`` (a key of :data:`LOOKS`) and the details.
    bars : sequence of mapping
        Each with ``at``, ``until``, ``lane``, ``sure`` (*in force* or *possibly in force*) and the details.
    lanes : sequence of str
        From top to bottom.
    details : sequence of str
        The fields shown when somebody points at a mark or a bar.
    now : str
        The instant of the run (ISO 8601), drawn as a dotted line.
    title : str
    width : int or str
        Pixels, or ``container``.

    Raises
    ------
    MissingDependency
        Where altair is not installed; the message holds the install line.

    Examples
    --------
    >>> mark = {"at": "2025-03-01T10:00:00", "lane": "Breach, recorded", "what": "recorded", "record": "I1"}
    >>> timeline_chart([mark], [], ["Breach, recorded"], ["record"]).to_dict()["layer"][1]["mark"]["type"]
    'point'
    """
    alt = altair_for("draw a timeline")
    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(padding=16),
        axis=alt.Axis(format="%-d %b %Y", labelOverlap=True, tickCount=6, labelFlush=False),
    )
    y = alt.Y(
        "lane:N",
        title=None,
        scale=alt.Scale(domain=list(lanes)),
        axis=alt.Axis(labelLimit=260, domain=False, ticks=False),
    )
    tips = [alt.Tooltip(f"{name}:N") for name in details]
    sure = alt.Scale(domain=["in force", "possibly in force"], range=[0.55, 0.2])
    lives = alt.Chart(alt.Data(values=list(bars))).mark_bar(
        height=14, color=ORDER_COLOUR, stroke=ORDER_COLOUR, strokeWidth=1, cornerRadius=1
    ).encode(
        x=x, x2="until", y=y,
        fillOpacity=alt.FillOpacity("sure:O", scale=sure, legend=None),
        strokeDash=alt.StrokeDash("sure:N", scale=alt.Scale(domain=sure.domain, range=[[1, 0], [3, 2]]), legend=None),
        tooltip=tips,
    )  # fmt: skip
    kinds, looks = list(LOOKS), list(LOOKS.values())
    fills = [look.colour if look.filled else "#ffffff" for look in looks]
    points = alt.Chart(alt.Data(values=list(marks))).mark_point(size=110, strokeWidth=2, opacity=1).encode(
        x=x, y=y,
        shape=alt.Shape("what:N", scale=alt.Scale(domain=kinds, range=[look.shape for look in looks]), legend=None),
        stroke=alt.Stroke("what:N", scale=alt.Scale(domain=kinds, range=[look.colour for look in looks]), legend=None),
        fill=alt.Fill("what:N", scale=alt.Scale(domain=kinds, range=fills), legend=None),
        tooltip=tips,
    )  # fmt: skip
    line = alt.Chart(alt.Data(values=[{"at": now}] if now else [])).mark_rule(strokeDash=[2, 3], color=INK).encode(x=x)
    zoom = alt.selection_interval(name="zoom", bind="scales", encodings=["x"])
    # A name of our own: altair counts views through the life of a process, and equal charts are to be equal.
    marked = points.add_params(zoom).properties(name="marks")
    chart = alt.layer(lives, marked, line).properties(width=width, height=STEP * max(len(lanes), 1))
    return dressed(chart.properties(title=title) if title else chart)


_TOLD = ("record", "when", "event", "with", "kind", "behaviours", "breach", "course")


def person_chart(person_id: str, events: Rows) -> Any:
    """Return the timeline of a person: a lane for each order, and for what was done to or by each other person.

    Parameters
    ----------
    person_id : str
    events : sequence of mapping
        Rows of the table of a person, with ``at`` and ``until`` as the clock in London showed them.
    """
    marks, bars = [], []
    last = max([str(event["at"]) for event in events], default="")
    for event in events:
        told = _told(event)
        if event["event"] == "incident":
            what = _status(str(event.get("breach") or ""))
            lane = f"{LOOKS[what].words}, {event['role']} with {event['other_id'] or 'not known'}"
        else:
            what, lane = "order", _order_lane(event)
        marks.append({"at": event["at"], "lane": lane, "what": what, **told})
    for order in dict.fromkeys(e["record_id"] for e in events if e["event"] != "incident"):
        of_it = [event for event in events if event["record_id"] == order and event["event"] != "incident"]
        when = {event["event"]: str(event["at"]) for event in of_it}
        start = when.get("order starts") or when.get("order made") or min(when.values())
        ends = [when[name] for name in ("order ends", "order discharged") if name in when]
        end, sure = (min(ends), "in force") if ends else (last, "possibly in force")
        if start < end:
            bars.append({"at": start, "until": end, "lane": _order_lane(of_it[0]), "sure": sure, **_told(of_it[0])})
    orders = dict.fromkeys(mark["lane"] for mark in marks if mark["what"] == "order")
    others = dict.fromkeys(mark["lane"] for mark in marks if mark["what"] != "order")
    return timeline_chart(marks, bars, [*orders, *others], _TOLD, title=f"Timeline of {person_id}")


def _told(event: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"record": "record_id", "when": "at", "with": "other_id", "course": "course_strength"}
    return {name: event.get(fields.get(name, name)) or "not known" for name in _TOLD}


def _status(breach: str) -> str:
    """Return what an incident is by the texts of its breaches, such as ``unrecorded of O1;recorded of O2``."""
    said = {text.split(" of ")[0] for text in breach.split(";")}
    return next((status for status in ("recorded", "unrecorded", "recorded_no_order") if status in said), "conduct")


def _order_lane(event: Mapping[str, Any]) -> str:
    return f"{event['record_id']}, {str(event['kind']).replace('_', ' ')}"


def counts_chart(counts: Mapping[str, int], what: str, *, width: int | str = 420) -> Any:
    """Return an altair chart of counts as bars with their numbers, in the order given.

    Parameters
    ----------
    counts : mapping of str to int
        By label.
    what : str
        What is counted, as the axis says it.
    width : int or str

    Examples
    --------
    >>> counts_chart({"high": 3, "low": 1}, "findings").to_dict()["layer"][0]["mark"]["type"]
    'bar'
    """
    alt = altair_for("draw a chart")
    rows = [{"label": label, "count": count} for label, count in counts.items()]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("count:Q", title=what, axis=alt.Axis(tickMinStep=1, format="d", tickCount=5)),
        y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=360, domain=False, ticks=False)),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("count:Q")],
    )
    bars = base.mark_bar(color=LOOKS["conduct"].colour, height=14)
    numbers = base.mark_text(align="left", dx=4, color=INK).encode(text=alt.Text("count:Q", format=",d"))
    return dressed(alt.layer(bars, numbers).properties(width=width, height=22 * max(len(rows), 1)))


def months_chart(rows: Rows, series: Mapping[str, str], what: str, *, width: int | str = 420) -> Any:
    """Return an altair chart of counts by month: one panel for each series, so that none is told by colour.

    Parameters
    ----------
    rows : sequence of mapping
        Each with ``month`` (``2025-03``), ``series`` and ``count``.
    series : mapping of str to str
        Words of each series, from top to bottom, with its colour.
    what : str
    width : int or str

    Examples
    --------
    >>> row = {"month": "2025-03", "series": "recorded", "count": 2}
    >>> months_chart([row], {"recorded": "#000000"}, "breaches").to_dict()["facet"]["row"]["field"]
    'series'
    """
    alt = altair_for("draw a chart")
    names = list(series)
    bars = alt.Chart().mark_bar(width=alt.RelativeBandSize(0.8)).encode(
        x=alt.X("yearmonth(month):T", title=None, axis=alt.Axis(format="%b %Y", labelOverlap=True, tickCount=6)),
        y=alt.Y("count:Q", title=what, axis=alt.Axis(tickMinStep=1, format="d", tickCount=3)),
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=list(series.values())), legend=None),
        tooltip=[alt.Tooltip("month:N"), alt.Tooltip("series:N"), alt.Tooltip("count:Q")],
    ).properties(width=width, height=80)  # fmt: skip
    header = alt.Header(title=None, labelOrient="top", labelAnchor="start", labelFontSize=13)
    faceted = bars.facet(row=alt.Row("series:N", sort=names, header=header), data=alt.Data(values=list(rows)))
    return dressed(faceted)


def dressed(chart: Any) -> Any:
    """Return a chart in the sober style of all charts here."""
    return (
        chart.configure_view(stroke=None)
        .configure_axis(
            labelFont="sans-serif", titleFont="sans-serif", labelFontSize=13, titleFontSize=13,
            titleFontWeight="normal", labelColor=INK, titleColor=INK, gridColor="#e3e5e6",
            tickColor=LINE, domainColor=LINE,
        )
        .configure_text(font="sans-serif", fontSize=13)
        .configure_title(font="sans-serif", fontSize=15, color=INK, anchor="start")
    )  # fmt: skip


def run_chart(rows: Rows, title: str = "", width: int = 640) -> Any:
    """Return an altair run chart: a share by month, its centre and limits, and what stands out.

    Parameters
    ----------
    rows : sequence of mapping
        ``month``, ``numerator``, ``denominator``, ``share``, ``centre``, ``lower``, ``upper``, ``signal``.
    title : str
    width : int, default 640
        Pixels.

    Raises
    ------
    MissingDependency
        Where altair is not installed; the message holds the install line.

    Examples
    --------
    >>> row = {"month": "2025-03", "numerator": 1, "denominator": 4, "share": 0.25, "centre": None, "lower": None,
    ...        "upper": None, "signal": ""}
    >>> len(run_chart([row]).to_dict()["layer"])
    5
    """
    alt = altair_for("draw a run chart")
    base = alt.Chart(alt.Data(values=list(rows))).encode(x=alt.X("month:O", title="month of recording"))
    share = alt.Y("share:Q", title="share", axis=alt.Axis(format="%"))
    lines = [
        base.mark_line(strokeDash=dash, color=GREY).encode(y=alt.Y(f"{side}:Q"))
        for side, dash in (("centre", [1, 0]), ("lower", [4, 4]), ("upper", [4, 4]))
    ]
    tips = [
        *(f"{name}:N" for name in ("month", "numerator", "denominator", "signal")),
        alt.Tooltip("share:Q", format=".1%"),
    ]
    months = base.mark_line(point=True, color="#1d5a8a").encode(y=share, tooltip=tips)
    signals = base.transform_filter("datum.signal != ''").mark_point(size=140, color="#a5330d", shape="diamond")
    return alt.layer(*lines, months, signals.encode(y=share)).properties(title=title, width=width, height=220)
