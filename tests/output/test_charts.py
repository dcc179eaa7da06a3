import sys

import pytest

from breachpattern.errors import MissingDependency
from breachpattern.output.charts import LOOKS, counts_chart, months_chart, person_chart, timeline_chart


def contrast(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_no_two_kinds_of_mark_differ_by_colour_alone():
    assert len({(look.shape, look.filled) for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.words for look in LOOKS.values()}) == len(LOOKS)
    assert min(contrast(look.colour) for look in LOOKS.values()) >= 4.5


def test_a_timeline_can_be_zoomed_and_pointed_at():
    mark = {"at": "2025-03-01T10:00:00", "lane": "a", "what": "recorded", "record": "I1"}
    bar = {"at": "2025-01-01T10:00:00", "until": "2025-06-01T10:00:00", "lane": "b", "sure": "in force", "record": "O1"}
    spec = timeline_chart([mark], [bar], ["b", "a"], ["record"], now="2025-06-30T00:00:00").to_dict()
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "point", "rule"]
    assert any(param.get("bind") == "scales" for param in spec["params"])
    assert spec["layer"][1]["encoding"]["tooltip"] == [{"field": "record", "type": "nominal"}]
    assert spec["layer"][1]["encoding"]["y"]["scale"]["domain"] == ["b", "a"]


def test_a_person_s_orders_become_bars_and_an_open_one_lasts_to_the_last_event():
    def event(name, at, record):
        return {"event": name, "at": at, "until": at, "role": "suspect", "other_id": "V1", "record_id": record,
                "kind": "restraining", "behaviours": None, "breach": "unrecorded of O1" if name == "incident" else None,
                "course_strength": None}  # fmt: skip

    events = [event("order made", "2025-01-10T00:00:00", "O1"), event("incident", "2025-03-01T10:00:00", "I1")]
    spec = person_chart("P1", events).to_dict()
    (bar,), marks, _ = (layer["data"]["values"] for layer in spec["layer"])
    assert (bar["at"], bar["until"], bar["sure"]) == ("2025-01-10T00:00:00", "2025-03-01T10:00:00", "possibly in force")
    assert [mark["what"] for mark in marks] == ["order", "unrecorded"]


def test_charts_of_counts_hold_their_numbers():
    spec = counts_chart({"high": 3}, "findings").to_dict()
    assert spec["layer"][0]["data"]["values"] == [{"label": "high", "count": 3}] if "data" in spec["layer"][0] else spec
    months = months_chart([{"month": "2025-03", "series": "a", "count": 2}], {"a": "#000000"}, "breaches").to_dict()
    assert months["data"]["values"][0]["count"] == 2


def test_without_altair_the_install_line_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[report\]'"):
        counts_chart({}, "findings")
