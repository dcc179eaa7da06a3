"""The timeline of a finding: its occasions against the orders in force, as the rows of a chart or a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from breachpattern.explain.moments import day, span
from breachpattern.output.charts import LOOKS, timeline_chart
from breachpattern.patterns.wording import joined
from breachpattern.report.run import Record
from breachpattern.report.text import moment, wall_clock, words

DETAILS = ("record", "when", "what was done", "breach", "order", "known to police")
_STATE = {"yes": "in force", "possible": "possibly in force", "no": "not in force"}


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
    marks = [_mark(item) for item in records if item["start"]]
    first = min([mark["at"] for mark in marks], default=as_of[:19])
    ends = _ends(first, max([as_of[:19], *(mark["at"] for mark in marks)]))
    bars = [bar for order in orders for bar in _bars(order, first, *ends)]
    used = {mark["what"] for mark in marks}
    lanes = [*dict.fromkeys(bar["lane"] for bar in bars), *(LOOKS[w].words for w in LOOKS if w in used)]
    return Timeline(marks, bars, lanes, as_of[:19])


def _ends(first: str, last: str) -> tuple[str, str]:
    """Return where a timeline may begin and end: an order of long ago, or for life, would press all together."""
    known = moment(last) - moment(first)
    before, after = max(timedelta(days=365), known), max(timedelta(days=30), known / 6)
    return (moment(first) - before).isoformat(), (moment(last) + after).isoformat()


def kind_of(item: Mapping[str, Any]) -> str:
    """Return what a record is on a timeline: the strongest of its breaches, or other conduct."""
    statuses = {breach["status"] for breach in item["breaches"]}
    known = next((status for status in ("recorded", "unrecorded", "recorded_no_order") if status in statuses), None)
    return known or ("inferred" if item.get("inferred") else "conduct")


def _mark(item: Record) -> Record:
    what = kind_of(item)
    breaches = [b for b in item["breaches"] if b["status"] in LOOKS]
    acts = ", ".join(map(words, item["behaviours"])) or "acts not on record"
    channel = item.get("channel")
    said = [
        f"{words(b['status'])}, order {_STATE[b['order_state']]}" if b.get("order_id") else words(b["status"])
        for b in breaches
    ]
    return {
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


def _bars(order: Record, first: str, floor: str, horizon: str) -> list[Record]:
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
            start, end = max(start or horizon, floor), min(end or horizon, horizon)
            if start < end:
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
    ...       "until_by": None, "end_doubtful": False})
    'from 2 Jan 2025 until further order'
    """
    start, end = version["from"] or version["from_by"], version["until_by"]
    begins = f"from {day(start)}" if start else "from a day that is not on file"
    if end:
        return f"{begins} until {_last_day(end)}"
    return f"{begins}; its end on file cannot be used" if version["end_doubtful"] else f"{begins} until further order"


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
