"""The timeline of a finding: its occasions against the orders in force, as data, as a static picture, as a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from breachpattern.explain.moments import day, span
from breachpattern.output.charts import GREY, INK, LINE, LOOKS, ORDER_COLOUR, Look, timeline_chart
from breachpattern.patterns.wording import joined
from breachpattern.report.run import Record
from breachpattern.report.text import moment, wall_clock, words

DETAILS = ("record", "when", "what was done", "breach", "order", "known to police")
_WIDTH, _LEFT, _RIGHT, _STEP, _TOP = 960, 250, 24, 30, 8
_LONG = 34
_MORE_THAN_A_YEAR, _MORE_THAN_A_QUARTER = 420, 100


@dataclass(frozen=True)
class Timeline:
    """What a timeline shows.

    Attributes
    ----------
    marks, bars : list of dict
        As :func:`breachpattern.output.charts.timeline_chart` takes them.
    lanes : list of str
        From top to bottom: the orders, then what the records are.
    as_of : str
        The London clock at the instant of the run.
    """

    marks: list[Record]
    bars: list[Record]
    lanes: list[str]
    as_of: str

    def spoken(self) -> str:
        """Return in a sentence what the picture shows, for those who do not see it."""
        counts = {what: sum(mark["what"] == what for mark in self.marks) for what in LOOKS}
        told = [f"{n} {LOOKS[what].words.lower()}" for what, n in counts.items() if n]
        orders = len({bar["lane"] for bar in self.bars})
        return f"Timeline of {len(self.marks)} records ({joined(told) if told else 'none'}) against {orders} orders."


def timeline_of(records: Sequence[Record], orders: Sequence[Record], as_of: str) -> Timeline:
    """Return the timeline of some records against some orders.

    Parameters
    ----------
    records : sequence of dict
        Evidence, as ``findings.jsonl`` has it; ``own`` tells those of the finding itself.
    orders : sequence of dict
        Lives of orders, as ``findings.jsonl`` has them.
    as_of : str
        The instant of the run, ISO 8601.
    """
    marks = [mark for item in records if item["start"] for mark in _marks(item)]
    first = min([mark["at"] for mark in marks], default=as_of[:19])
    begun = min([first, *(v["from"][:19] for order in orders for v in order["versions"] if v["from"])])
    horizon = _horizon(begun, max([as_of[:19], *(mark["at"] for mark in marks)]))
    bars = [bar for order in orders for bar in _bars(order, first, horizon)]
    used = {mark["what"] for mark in marks}
    lanes = [*dict.fromkeys(bar["lane"] for bar in bars), *(LOOKS[w].words for w in LOOKS if w in used)]
    return Timeline(marks, bars, lanes, as_of[:19])


def _horizon(first: str, last: str) -> str:
    """Return where a timeline ends: a while after what is known, or an order for life would press all together."""
    known = moment(last) - moment(first)
    return (moment(last) + max(timedelta(days=30), known / 6)).isoformat()


def kind_of(item: Mapping[str, Any]) -> str:
    """Return what a record is on a timeline: the strongest of its breaches, or other conduct."""
    statuses = {breach["status"] for breach in item["breaches"]}
    known = next((status for status in ("recorded", "unrecorded", "recorded_no_order") if status in statuses), None)
    return known or ("inferred" if item.get("inferred") else "conduct")


def _marks(item: Record) -> list[Record]:
    what = kind_of(item)
    breaches = [b for b in item["breaches"] if b["status"] in LOOKS]
    acts = ", ".join(map(words, item["behaviours"])) or "acts not on record"
    channel = item.get("channel")
    said = [
        f"{words(b['status'])}, order {_STATE[b['order_state']]}" if b.get("order_id") else words(b["status"])
        for b in breaches
    ]
    return [
        {
            "at": wall_clock(item["start"]),
            "lane": LOOKS[what].words,
            "what": what,
            "record": item["incident_id"],
            "when": span(item["start"], item["end"]),
            "what was done": f"{acts} ({words(channel)})" if channel and channel != "unknown" else acts,
            "breach": "; ".join(dict.fromkeys(said)) or "none",
            "order": ", ".join(dict.fromkeys(str(b["order_id"]) for b in breaches if b.get("order_id"))) or "none",
            "known to police": day(item["known_at"]) if item.get("known_at") else "not known",
        }
    ]  # fmt: skip


_STATE = {"yes": "in force", "possible": "possibly in force", "no": "not in force"}


def _bars(order: Record, first: str, horizon: str) -> list[Record]:
    """Return the life of an order: certain in the middle, possible where a date is a day or is not on file."""
    bars = []
    for version in order["versions"]:
        low, by = wall_clock(version["from"]), wall_clock(version["from_by"])
        until, until_by = wall_clock(version["until"]), wall_clock(version["until_by"])
        # Without a date the bar begins with the first record, or lasts to the end of what is known: as possible.
        low = low or min(first, by or horizon)
        certain = until or (by if version["end_doubtful"] or until_by else horizon)
        parts = [
            (low, min(by or horizon, until_by or horizon), "possibly in force"),
            (by, certain, "in force"),
            (max(certain or low, by or low), until_by or horizon, "possibly in force"),
        ]
        title = version["order_title"] or "order"
        for start, end, sure in parts:
            end = min(end or horizon, horizon)
            if start and start < end:
                bars.append(
                    {
                        "at": start,
                        "until": end,
                        "lane": f"{order['order_id']}, {title}",
                        "sure": sure,
                        "record": f"order {order['order_id']}, version {version['version']}",
                        "when": life(version),
                        "what was done": ", ".join(map(words, version["terms"])),
                        "breach": sure,
                        "order": order["order_id"],
                        "known to police": "",
                    }
                )
    return bars


def life(version: Mapping[str, Any]) -> str:
    """Return the life of an order version in words.

    Examples
    --------
    >>> life({"from": "2025-01-02T10:00:00+00:00", "from_by": "2025-01-02T10:00:00+00:00", "until": None,
    ...       "until_by": None})
    'from 2 Jan 2025 until further order'
    """
    start, end = version["from"] or version["from_by"], version["until_by"]
    begins = f"from {day(start)}" if start else "from a day that is not on file"
    return f"{begins} until {_last_day(end)}" if end else f"{begins} until further order"


def _last_day(end: str) -> str:
    """Return the last day of a life: one that ends with midnight ended the day before."""
    return day((datetime.fromisoformat(end) - timedelta(seconds=1)).isoformat())


def chart_template() -> dict[str, Any]:
    """Return the specification of the interactive chart, as the notebooks draw it, without rows: one for all pages."""
    spec: dict[str, Any] = timeline_chart([], [], [], DETAILS, width="container").to_dict()
    return spec


def chart_data(timeline: Timeline) -> dict[str, Any]:
    """Return what fills the template of the interactive chart on one page."""
    return {
        "layers": [timeline.bars, timeline.marks, [{"at": timeline.as_of}]],
        "lanes": timeline.lanes,
    }


def picture_of(timeline: Timeline, identity: str) -> Markup:
    """Return the static picture: it needs no script, prints sharply, and names each mark when pointed at.

    Parameters
    ----------
    timeline : Timeline
    identity : str
        What is unique on the page, for the names of the picture.
    """
    height = _TOP + _STEP * len(timeline.lanes) + 30
    ends = [moment(mark["at"]) for mark in timeline.marks] + [moment(timeline.as_of)]
    ends += [moment(bar[end]) for bar in timeline.bars for end in ("at", "until")]
    scale = _Scale(min(ends), max(max(ends), min(ends) + timedelta(days=1)))
    row = {lane: _TOP + _STEP * i + _STEP // 2 for i, lane in enumerate(timeline.lanes)}
    parts = [_grid(scale, height), *(_lane(lane, y) for lane, y in row.items())]
    parts += [_bar(bar, scale, row[bar["lane"]]) for bar in timeline.bars]
    parts += [_now(scale, timeline.as_of, height)]
    parts += [_mark(mark, scale, row[mark["lane"]]) for mark in timeline.marks]
    return Markup(
        '<svg class="picture" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-name" '
        'xmlns="http://www.w3.org/2000/svg" font-family="arial, sans-serif" font-size="13">'
        '<title id="{i}-name">{name}</title>{parts}</svg>'
    ).format(w=_WIDTH, h=height, i=identity, name=timeline.spoken(), parts=Markup("").join(parts))


class _Scale:
    """From an instant to a place from left to right."""

    def __init__(self, first: datetime, last: datetime) -> None:
        room = (last - first) * 0.03
        self.first, self.last = first - room, last + room

    def __call__(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_WIDTH - _LEFT - _RIGHT), 1)

    def ticks(self) -> list[tuple[datetime, str]]:
        """Return first days of months or years, at most about eight, with their words."""
        months = [
            datetime(year, month, 1)
            for year in range(self.first.year, self.last.year + 1)
            for month in range(1, 13)
            if self.first <= datetime(year, month, 1) <= self.last
        ]
        if not months:
            return [
                (self.first, f"{self.first.day} {self.first:%b %Y}"),
                (self.last, f"{self.last.day} {self.last:%b}"),
            ]
        days = (self.last - self.first).days
        step = 1 if len(months) <= 8 else 3 if len(months) <= 24 else 6 if len(months) <= 48 else 12
        step *= max(1, len(months) // (8 * step))
        kept = [at for at in months if (at.month - 1 + 12 * at.year) % step == 0] or months[:1]
        return [(at, f"{at:%b %Y}" if days > _MORE_THAN_A_QUARTER else f"{at.day} {at:%b %Y}") for at in kept]


def _grid(scale: _Scale, height: int) -> Markup:
    bottom = height - 24
    lines = [
        Markup(
            '<path d="M{x} {t}V{b}" stroke="#e3e5e6"/>'
            '<text x="{x}" y="{y}" text-anchor="middle" fill="{c}">{w}</text>'
        ).format(
            x=scale(at), t=_TOP - 4, b=bottom, y=height - 8, c=GREY, w=text
        )
        for at, text in scale.ticks()
    ]  # fmt: skip
    return Markup("").join(lines) + Markup('<path d="M{x} {b}H{e}" stroke="{c}"/>').format(
        x=_LEFT, b=bottom, e=_WIDTH - _RIGHT, c=LINE
    )


def _lane(lane: str, y: int) -> Markup:
    shown = lane if len(lane) <= _LONG else f"{lane[: _LONG - 1]}…"
    return Markup(
        '<text x="{x}" y="{y}" text-anchor="end" fill="{c}">{w}<title>{all}</title></text>'
        '<path d="M{l} {m}H{e}" stroke="#f0f1f2"/>'
    ).format(x=_LEFT - 12, y=y + 4, c=INK, w=shown, all=lane, l=_LEFT, m=y, e=_WIDTH - _RIGHT)


def _bar(bar: Record, scale: _Scale, y: int) -> Markup:
    x, end = scale(moment(bar["at"])), scale(moment(bar["until"]))
    sure = bar["sure"] == "in force"
    return Markup(
        '<rect x="{x}" y="{y}" width="{w}" height="14" fill="{c}" fill-opacity="{o}" stroke="{c}"{d}>'
        "<title>{t}</title></rect>"
    ).format(
        x=x, y=y - 7, w=round(max(end - x, 1.5), 1), c=ORDER_COLOUR, o=0.55 if sure else 0.15,
        d="" if sure else Markup(' stroke-dasharray="3 2"'), t=f"{bar['lane']}: {bar['sure']}; {bar['when']}",
    )  # fmt: skip


def _now(scale: _Scale, as_of: str, height: int) -> Markup:
    x = scale(moment(as_of))
    return Markup('<path d="M{x} {t}V{b}" stroke="{c}" stroke-dasharray="2 3"><title>{w}</title></path>').format(
        x=x, t=_TOP - 4, b=height - 24, c=INK, w=f"As known on {day(as_of)}"
    )


_SHAPES = {
    "diamond": "M0 -8L7 0L0 8L-7 0Z",
    "square": "M-6 -6H6V6H-6Z",
    "triangle-up": "M0 -7L7 6H-7Z",
    "triangle-right": "M-6 -7L7 0L-6 7Z",
    "circle": "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0Z",
}


def shape(look: Look) -> Markup:
    """Return the outline of a mark around its middle."""
    return Markup('d="{d}" fill="{f}" stroke="{c}" stroke-width="2"').format(
        d=_SHAPES[look.shape], f=look.colour if look.filled else "#ffffff", c=look.colour
    )


def _mark(mark: Record, scale: _Scale, y: int) -> Markup:
    told = f"{mark['when']}: {mark['record']}; {mark['what was done']}; breach: {mark['breach']}"
    return Markup('<path transform="translate({x} {y})" {shape}><title>{t}</title></path>').format(
        x=scale(moment(mark["at"])), y=y, shape=shape(LOOKS[mark["what"]]), t=escape(told)
    )
