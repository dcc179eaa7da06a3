"""The properties on which everything rests: order, duplicates, strangers, as-of, shards, blanks, ranks."""

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import incident, order, timelines
from tests.patterns.given import by_pattern, calls, extracts, findings

from breachpattern.errors import PatternError
from breachpattern.patterns import engine, load_packs
from breachpattern.patterns.context import Context
from breachpattern.patterns.near_misses import NEAR_MISS_COLUMNS
from breachpattern.patterns.rules import Rules, rules
from breachpattern.patterns.tree import parse
from breachpattern.vocabulary import LEVELS

few = settings(max_examples=up_to(8), deadline=None)


def told(found):
    """The findings without what only a whole run can know: their place in the list, and the lines of a file."""
    out = []
    for record in found.records():
        rest = {k: v for k, v in record.items() if k != "rank"}
        rest["evidence"] = [{k: v for k, v in row.items() if k != "row"} for row in rest["evidence"]]
        out.append(rest)
    return out


@few
@given(extracts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(extract, random):
    incidents, orders = extract
    before = told(findings(incidents, orders))
    random.shuffle(incidents)
    random.shuffle(orders)
    assert told(findings(incidents, orders)) == before


@few
@given(extracts())
def test_a_duplicated_row_changes_nothing(extract):
    incidents, orders = extract
    assert told(findings(incidents + incidents[:2], orders + orders[:1])) == told(findings(incidents, orders))


@few
@given(extracts())
def test_unrelated_people_change_nothing_and_shards_add_up(extract):
    incidents, orders = extract
    strangers = [
        row
        | {"incident_id": f"X{row['incident_id']}"}
        | {c: f"X{row[c]}" for c in ("suspect_id", "victim_id") if row[c]}
        for row in incidents
    ]
    apart = {r["finding_id"]: r for r in told(findings(incidents, orders)) + told(findings(strangers))}
    together = {r["finding_id"]: r for r in told(findings(incidents + strangers, orders))}
    assert together == apart


@few
@given(extracts(), st.sampled_from(["2025-03-01", "2025-07-01", "2025-10-01"]))
def test_nothing_learnt_later_leaks_in(extract, as_of):
    incidents, orders = extract
    known = [row for row in incidents if row["occurred_from"][:10] <= as_of]
    if not known:
        return
    orders = [row for row in orders if row["made_on"] <= as_of and row["served_at"][:10] <= as_of]
    everything = findings(incidents, orders, as_of=as_of)
    assert [r["finding_id"] for r in told(everything)] == [
        r["finding_id"] for r in told(findings(known, orders, as_of=as_of))
    ]


@few
@given(extracts())
def test_the_rank_is_a_strict_total_order(extract):
    frame = findings(*extract).to_frame()
    columns = (frame["level"], frame["score"], frame["last_at"], frame["finding_id"])
    keys = [
        (-LEVELS.index(level), -score, -datetime.fromisoformat(last).timestamp(), ident)
        for level, score, last, ident in zip(*columns, strict=True)
    ]
    assert keys == sorted(keys)
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))
    assert frame["finding_id"].is_unique
    assert frame["score"].between(0, 100).all()


@few
@given(extracts())
def test_frame_and_records_say_the_same_and_are_json(extract):
    found = findings(*extract)
    for row, record in zip(found.to_frame().to_dict("records"), found.records(), strict=True):
        json.dumps(record, allow_nan=False)
        for key in ("rank", "finding_id", "pattern", "level", "score", "suspect_id", "course_id", "headline"):
            assert row[key] == record[key], key
        for key in ("victim_ids", "order_ids", "incident_ids", "breach_incident_ids", "provisions"):
            assert row[key] == ";".join(record[key]), key
        assert row["caveats"].split("; ") == record["caveats"] + [m.rstrip(".") for m in record["missing"]]
        assert [e["incident_id"] for e in record["evidence"]]
        assert record["trace"]["holds"]
        assert {row["first_at"], row["last_at"]} == {record["first_at"], record["last_at"]}


@few
@given(extracts())
def test_evidence_is_in_the_extract_and_breaches_are_evidence(extract):
    incidents, orders = extract
    ids, order_ids = {row["incident_id"] for row in incidents}, {row["order_id"] for row in orders}
    for record in findings(incidents, orders).records():
        assert set(record["incident_ids"]) <= ids
        assert set(record["breach_incident_ids"]) <= set(record["incident_ids"])
        assert set(record["order_ids"]) <= order_ids


@pytest.mark.parametrize("field", ["behaviours", "channel", "impact", "relationship", "place_role", "means"])
@pytest.mark.parametrize("which", [0, 4])
def test_a_blank_never_raises_a_score(field, which):
    full = {
        "behaviours": "contact;threat",
        "channel": "text",
        "impact": "fear_of_violence;changed_routine",
        "relationship": "ex_partner",
        "place_role": "victim_home",
        "means": "07700900304",
    }
    rows = [incident(f"I{i}", f"2025-03-{1 + 4 * i:02d}T10:00", **full) for i in range(5)]
    bound = [order("O1", served_at="2025-03-08T12:00")]
    before = {p: max(r["score"] for r in rs) for p, rs in by_pattern(rows, bound).items()}
    rows[which] = rows[which] | {field: ""}
    after = {p: max(r["score"] for r in rs) for p, rs in by_pattern(rows, bound).items()}
    assert set(after) <= set(before)
    assert all(after[p] <= before[p] for p in after)


def test_points_order_findings_and_never_make_or_remove_one(monkeypatch):
    rows, bound = calls("2025-03-01", "2025-03-05", "2025-03-09"), [order("O1")]
    before = {r["finding_id"] for r in findings(rows, bound).records()}
    none = Rules((), rules().cites, rules().missing)
    monkeypatch.setattr(engine, "rules", lambda: none)
    after = list(findings(rows, bound).records())
    assert {r["finding_id"] for r in after} == before
    assert {r["score"] for r in after} == {0.0}


def test_every_score_is_the_sum_of_its_points():
    for record in findings(calls("2025-03-01", "2025-03-05", behaviours="contact;threat"), [order("O1")]).records():
        assert record["score"] == min(100, sum(p["points"] for p in record["points"]))


@pytest.mark.parametrize(
    ("rows", "orders"),
    [
        ([incident("I1", "2025-03-01", suspect_id="", victim_id="")], []),
        ([incident("I1", "2025-03-01")], [order("O1", respondent_id="P9", protected_id="V9")]),
        ([incident("I1", "2027-03-01", reported_at="2027-03-01T10:00", recorded_at="2027-03-02")], []),
    ],
)
def test_little_or_nothing_known_is_no_crash(rows, orders):
    found = findings(rows, orders, as_of="2026-06-30")
    assert len(found) == 0
    assert found.to_frame().empty
    assert list(found.records()) == []
    assert len(found.suppressed) == 0
    assert found.near_misses.column_names == list(NEAR_MISS_COLUMNS)


def test_without_as_of_the_latest_known_instant_is_now():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09", offence_code="195/12")
    clock = [r for r in findings(rows, as_of=None).records() if r["pattern"] == "limitation_clock"]
    assert "184 days left" in clock[0]["headline"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"behaviours": "other", "relationship": "neighbour"}, {"behaviours": "damage", "relationship": "neighbour"}),
        ({"behaviours": "threat", "relationship": "stranger"}, {"behaviours": "contact", "relationship": "stranger"}),
        ({"behaviours": "assault", "relationship": "colleague"}, {"behaviours": "false_allegation"}),
        ({"behaviours": "theft"}, {"behaviours": "theft"}),
    ],
)
@pytest.mark.parametrize("gap", ["2025-02-20", "2025-06-20", "2026-01-20"])
def test_two_distant_unlike_acts_raise_no_alarm(first, second, gap):
    rows = [incident("I1", "2024-05-20T12:00", **first), incident("I2", f"{gap}T15:00", **second)]
    assert not [r for r in findings(rows).records() if LEVELS.index(r["level"]) >= LEVELS.index("high")]


def test_deprecated_patterns_are_not_run(tmp_path):
    core = load_packs()[0]

    built = Context(timelines(calls("2025-03-01", "2025-03-05"), [order("O1")]))
    assert len(engine.run(built, [core])) == 1
    assert len(engine.run(built, [core.model_copy(update={"status": "deprecated"})])) == 0


def test_progress_is_told():
    seen = []
    findings(calls("2025-03-01"), on_progress=lambda *stage: seen.append(stage))
    assert seen[0] == ("patterns", 0, len(load_packs()))
    assert seen[-1] == ("patterns", len(load_packs()), len(load_packs()))


def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(PatternError, match=r"no \.toml file in this folder"):
        findings(calls("2025-03-01"), packs=[tmp_path])


GONE = order("O1", kind="non_molestation", without_notice="false", ends="2025-03-31")
SPEAKS_AGAINST = {
    "not": {"all": [{"criterion": "behaviour", "any_of": ["threat"]}, {"criterion": "forces", "at_least": 2}]}
}


def test_a_finding_about_its_evidence_shows_no_row_that_speaks_only_against_it():
    pattern = {p.id: p for p in load_packs()}["protection_gap"].model_copy()
    vars(pattern).pop("tree", None)  # a copy takes along what was worked out of the former condition
    tree = parse({"all": [{"criterion": "conduct_after_end", "days": 365}, SPEAKS_AGAINST]}, "test")
    rows = [incident("I1", "2025-03-01T20:00", behaviours="threat"), *calls("2025-04-20")[:1]]
    rows[1]["incident_id"] = "I2"
    built = Context(timelines(rows, [GONE]))
    (shown,) = engine.run(built, [pattern.model_copy(update={"condition": tree})]).records()
    assert shown["incident_ids"] == ["I2"]
    (whole,) = engine.run(built, [pattern.model_copy(update={"condition": tree, "about": "unit"})]).records()
    assert whole["incident_ids"] == ["I1"]


def test_a_near_miss_comes_close_and_is_none_of_the_others():
    rows = [*calls("2025-03-01"), incident("F1", "2025-03-05T20:00", suspect_id="P2", victim_id="V2")]
    rows += [
        row | {"incident_id": f"R{i}", "suspect_id": "P3"} for i, row in enumerate(calls("2025-04-01", "2025-05-01"))
    ]
    bound = [order("O1"), order("O2", respondent_id="P2", protected_id="V2", made_on="2025-06-01")]
    bound.append(order("O3", respondent_id="P3"))
    near = [row for row in findings(rows, bound).near_misses.to_pylist() if row["pattern"] == "repeat_breach"]
    assert [row["suspect_ids"] for row in near] == ["P1"]
