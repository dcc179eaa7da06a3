"""The static picture of a timeline: SVG within the page, sharp on paper, and readable where no script runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup, escape

from breachpattern.explain.moments import day
from breachpattern.output.charts import GREY, INK, LINE, LOOKS, ORDER_COLOUR, Look
from breachpattern.report.run import Record
from breachpattern.report.text import moment
from breachpattern.report.timeline import Timeline

_WIDTH, _LEFT, _RIGHT, _STEP, _TOP = 960, 250, 24, 30, 8
_LONGEST_LANE = 34
_FEW_DAYS = 100


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
        return [(at, f"{at:%b %Y}" if days > _FEW_DAYS else f"{at.day} {at:%b %Y}") for at in kept]


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
    shown = lane if len(lane) <= _LONGEST_LANE else f"{lane[: _LONGEST_LANE - 1]}…"
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
