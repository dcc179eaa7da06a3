"""Filters: they suppress what they name until they expire, and nothing is lost."""

from datetime import UTC, date, datetime

import pytest
from tests.facts import incident, order
from tests.patterns.given import CALL, findings

from breachpattern.errors import PatternError
from breachpattern.patterns import engine

ROWS = [incident(f"I{i}", f"2025-03-{1 + 4 * i:02d}T10:00", **CALL) for i in range(3)] + [
    incident(f"J{i}", f"2025-03-{1 + 4 * i:02d}T10:00", suspect_id="P2", victim_id="V2", **CALL) for i in range(3)
]
ORDERS = [order("O1"), order("O2", respondent_id="P2", protected_id="V2")]


def a_filter(tmp_path, body, expires="2026-12-31"):
    path = tmp_path / "filters.toml"
    path.write_text(
        f'[[filter]]\nid = "reviewed"\nreason = "Reviewed by the panel in May."\nauthor = "panel"\n'
        f"expires = {expires}\n{body}\n",
        encoding="utf-8",
    )
    return [path]


def names(found):
    return {(r["pattern"], r["suspect_id"]) for r in found.records()}


@pytest.mark.parametrize(
    ("body", "goes"),
    [
        ('suspects = ["P1"]', lambda r: r["suspect_id"] == "P1"),
        ('victims = ["V2"]', lambda r: "V2" in r["victim_ids"]),
        ('incidents = ["J2"]', lambda r: "J2" in r["incident_ids"]),
        ('orders = ["O1"]', lambda r: "O1" in r["order_ids"]),
        ('patterns = ["repeat_breach"]', lambda r: r["pattern"] == "repeat_breach"),
        ('levels = ["medium"]', lambda r: r["level"] == "medium"),
        (
            'patterns = ["repeat_breach"]\nsuspects = ["P1"]',
            lambda r: (r["pattern"], r["suspect_id"]) == ("repeat_breach", "P1"),
        ),
        ('when = { criterion = "course_unit", any_of = ["dyad"] }', lambda r: r["pattern_unit"] == "course"),
        ('suspects = ["P9"]', lambda r: False),
    ],
)  # fmt: skip
def test_a_filter_takes_out_what_it_names_and_keeps_it(tmp_path, body, goes):
    before = list(findings(ROWS, ORDERS).records())
    found = findings(ROWS, ORDERS, filters=a_filter(tmp_path, body))
    wanted = {r["finding_id"] for r in before if goes(r)}
    assert {r["finding_id"] for r in found.suppressed.records()} == wanted
    assert {r["finding_id"] for r in found.records()} == {r["finding_id"] for r in before} - wanted
    assert len(found) + len(found.suppressed) == len(before)


def test_the_suppressed_say_who_why_and_until_when(tmp_path):
    found = findings(ROWS, ORDERS, filters=a_filter(tmp_path, 'suspects = ["P1"]'))
    record = next(found.suppressed.records())
    assert record["suppressed_by"] == {
        "id": "reviewed", "reason": "Reviewed by the panel in May.", "author": "panel", "expires": "2026-12-31",
    }  # fmt: skip
    frame = found.suppressed.to_frame()
    assert set(frame["filter_author"]) == {"panel"}
    assert set(frame["filter_expires"]) == {"2026-12-31"}


def test_a_filter_holds_until_the_day_before_it_expires(tmp_path):
    for expires, held in (("2026-06-30", False), ("2026-07-01", True)):
        found = findings(ROWS, ORDERS, filters=a_filter(tmp_path, 'suspects = ["P1"]', expires))
        assert (len(found.suppressed) > 0) is held


def test_the_day_on_which_a_filter_expires_is_a_day_of_london(tmp_path):
    for as_of, held in (("2026-06-30T22:59+00:00", True), ("2026-06-30T23:00+00:00", False)):
        found = findings(ROWS, ORDERS, as_of=as_of, filters=a_filter(tmp_path, 'suspects = ["P1"]', "2026-07-01"))
        assert (len(found.suppressed) > 0) is held


def test_of_several_filters_that_fit_the_first_is_told(tmp_path):
    filters = a_filter(tmp_path, 'suspects = ["P1"]')
    second = filters[0].read_text("utf-8").replace('"reviewed"', '"again"').replace('["P1"]', '["P1", "P2"]')
    filters[0].write_text(filters[0].read_text("utf-8") + second, encoding="utf-8")
    told = {
        (r["suspect_id"], r["suppressed_by"]["id"])
        for r in findings(ROWS, ORDERS, filters=filters).suppressed.records()
    }
    assert told == {("P1", "reviewed"), ("P2", "again")}


def test_without_as_of_today_decides(tmp_path):
    found = findings(ROWS, ORDERS, as_of=None, filters=a_filter(tmp_path, 'suspects = ["P1"]', str(date.today())))
    assert len(found.suppressed) == 0


def test_today_is_a_day_of_london_wherever_the_machine_stands(tmp_path, monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            instant = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
            return instant.astimezone(tz) if tz else instant.replace(tzinfo=None)

    monkeypatch.setattr(engine, "datetime", Clock)
    for expires, held in (("2026-07-01", False), ("2026-07-02", True)):
        found = findings(ROWS, ORDERS, as_of=None, filters=a_filter(tmp_path, 'suspects = ["P1"]', expires))
        assert (len(found.suppressed) > 0) is held


def test_a_file_without_a_filter_is_refused_as_such(tmp_path):
    (tmp_path / "not_filters.toml").write_text('[incidents]\nname = "x"\n', encoding="utf-8")
    with pytest.raises(PatternError, match=r"not_filters\.toml: There is no \[\[filter\]\] in this file\. Write"):
        findings(ROWS, ORDERS, filters=[tmp_path / "not_filters.toml"])


def test_filters_may_live_in_a_pack(tmp_path):
    a_filter(tmp_path, 'suspects = ["P1"]')
    assert len(findings(ROWS, ORDERS, packs=[tmp_path]).suppressed) > 0
