"""What became of findings between two runs: the counts add up, and each has its reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

import breachpattern as bp
from breachpattern.analysis.runs import Run, evidence_table
from breachpattern.analysis.since import since
from breachpattern.errors import OutputError, UsageError

WHO = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "text"}
ORDER = {
    "order_id": "O1", "kind": "restraining", "respondent_id": "P1", "protected_id": "V1", "made_on": "2025-01-10",
    "terms": "no_contact",
}  # fmt: skip
INCIDENTS = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-{d:02}T10:00"} | WHO for d in (1, 4, 7, 20)]


def analyse(rows, as_of="2025-04-01", orders=(ORDER,), **how):
    return bp.Analyser(**how).analyse(bp.read_extract(list(rows), list(orders)), as_of)


def test_a_run_is_the_same_as_itself_from_memory_and_from_its_folder(tmp_path: Path) -> None:
    analysis = analyse(INCIDENTS)
    folders = [analysis.write(tmp_path / format, format=format) for format in ("csv", "parquet", "jsonl")]
    for before in (analysis, Run.of(analysis), *folders):
        counts = analysis.since(before).counts()
        assert counts == {"new": 0, "changed": 0, "withdrawn": 0, "same": len(analysis.findings)}


@settings(max_examples=up_to(8))
@given(st.sets(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_counts_add_up_and_every_change_has_its_reason(before: set[int], after: set[int]) -> None:
    runs = [analyse(INCIDENTS[i] for i in some) for some in (before, after)]
    found = runs[1].since(runs[0])
    counts = found.counts()
    assert counts["new"] + counts["changed"] + counts["same"] == len(runs[1].findings)
    earlier = {row["goes_on_from"] for row in found.changed}
    assert counts["withdrawn"] + counts["same"] + len(earlier) == len(runs[0].findings)
    for row in [*found.new, *found.changed, *found.withdrawn]:
        assert row["why"] in ("record", "rule", "filter", "clock", "evidence")
        assert row["reason"]
    if before == after:
        assert counts["same"] == len(runs[1].findings)


def test_a_grown_finding_says_what_is_new() -> None:
    found = analyse(INCIDENTS[:3]).since(analyse(INCIDENTS[:2]))
    (row,) = [row for row in found.changed if row["pattern"] == "repeat_breach"]
    assert row["reason"] == "incidents new: I7; breaches new: I7 > O1 (unrecorded, yes, contact)"
    assert row["goes_on_from"]
    assert not [row for row in found.new if row["pattern"] == "repeat_breach"]


def test_new_and_withdrawn_name_the_record() -> None:
    none, some = analyse([]), analyse(INCIDENTS[:2])
    assert {row["reason"] for row in some.since(none).new if row["pattern"] == "repeat_breach"} == {
        "not in the extract before: I1, I4"
    }
    (row,) = [row for row in none.since(some).withdrawn if row["pattern"] == "repeat_breach"]
    assert (row["why"], row["reason"]) == ("record", "not in the extract any more: I1, I4")


def test_an_order_that_is_gone_is_named() -> None:
    found = analyse(INCIDENTS[:2], orders=()).since(analyse(INCIDENTS[:2]))
    (row,) = [row for row in found.withdrawn if row["pattern"] == "repeat_breach"]
    assert (
        row["reason"]
        == "I1 > O1: unrecorded, yes, contact, now no breach; I4 > O1: unrecorded, yes, contact, now no breach"
    )


def test_the_clock_alone_is_named_last() -> None:
    found = analyse(INCIDENTS[:2], as_of="2026-12-31").since(analyse(INCIDENTS[:2]))
    rows = [row for row in found.withdrawn if row["why"] == "clock"]
    assert [row["pattern"] for row in rows] == ["limitation_clock"]
    assert "as of went from 2025-04-01T22:59:59+00:00 to 2026-12-31T23:59:59+00:00" in rows[0]["reason"]


def test_a_rule_that_changed_is_named_with_both_versions() -> None:
    before = Run.of(analyse(INCIDENTS[:2]))
    gone = replace(
        before, findings=before.findings.slice(0, 0), versions={**before.versions, "catalogue": "2027.01.01"}
    )
    reasons = {row["reason"] for row in since(gone, before).withdrawn if row["pattern"] == "repeat_breach"}
    assert reasons == {f"catalogue {before.versions['catalogue']}, now 2027.01.01 (pattern repeat_breach)"}


def test_records_told_otherwise_are_a_change() -> None:
    moved = [INCIDENTS[0] | {"occurred_from": "2025-03-01T08:00"}, INCIDENTS[1]]
    found = analyse(moved).since(analyse(INCIDENTS[:2]))
    (row,) = [row for row in found.changed if row["pattern"] == "repeat_breach"]
    assert row["reason"].startswith("times of its records: 2025-03-01 10:00:00Z/")


def test_only_breaches_of_its_own_orders_are_its_evidence() -> None:
    other = ORDER | {"order_id": "O2", "kind": "non_molestation"}
    run = Run.of(analyse(INCIDENTS[:2], orders=(ORDER, other)))
    rows = [row for row in run.evidence.to_pylist() if row["pattern"] == "repeat_breach"]
    assert sorted(row["orders"] for row in rows) == ["O1", "O2"]
    for row in rows:
        assert all(f" > {row['orders']} (" in item for item in row["breaches"].split(";"))


def test_rows_in_another_order_are_the_same_evidence() -> None:
    run = Run.of(analyse(INCIDENTS))
    turned = evidence_table(run.findings, run.breaches.take(list(range(run.breaches.num_rows))[::-1]))
    assert turned == run.evidence


def test_it_prints_itself() -> None:
    found = analyse(INCIDENTS).since(analyse(INCIDENTS[:1]))
    assert repr(found).startswith("Since: new ")
    assert "<p><strong>Since: new " in found._repr_html_()
    assert found.to_frame()["change"].value_counts().to_dict() == {k: n for k, n in found.counts().items() if n}


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_the_folder_of_an_update_is_a_run(tmp_path: Path, format: str) -> None:
    from breachpattern.state.written import write_changes

    analyser = bp.Analyser()
    state, _ = analyser.update(None, bp.read_extract(INCIDENTS[:2], [ORDER], keep_as_read=True), "2025-03-05")
    state, changes = analyser.update(
        state, bp.read_extract([INCIDENTS[2] | {"suspect_id": "P9"}], keep_as_read=True), "2025-03-08"
    )
    folder = write_changes(tmp_path / "changes", state, changes, analyser.catalogue, format)
    before = analyse(INCIDENTS[:2], as_of="2025-03-05")
    assert since(folder, before).counts()["same"] > 0
    assert Run.of(folder).findings["finding_id"].to_pylist() == state.findings.to_arrow()["finding_id"].to_pylist()
    (folder / {"jsonl": "findings_all.jsonl"}.get(format, f"findings.{format}")).unlink()
    with pytest.raises(OutputError, match=r"has \d+ findings, and its folder holds \d+ of them|cannot be read"):
        before.since(folder)


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    analysis = analyse([])
    with pytest.raises(OutputError, match="not the output folder of a run"):
        analysis.since(tmp_path)
    with pytest.raises(UsageError, match="A dict is not a run"):
        analysis.since({})
