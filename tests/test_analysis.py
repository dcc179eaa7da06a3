import json
import sys
from datetime import date, datetime

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.facts import catalogue, incident, order

from breachpattern import Analyser, read_extract
from breachpattern.analysis import instant_of
from breachpattern.errors import MissingDependency, UsageError
from breachpattern.output.results import Table, Timeline
from breachpattern.output.schema import names

INCIDENTS = [
    incident("I1", "2025-02-01T10:00", behaviours="contact", channel="text", relationship="ex_partner"),
    incident("I2", "2025-02-03T22:00", behaviours="contact;threat", channel="phone", relationship="ex_partner"),
    incident("I3", "2025-02-09T23:00", behaviours="follow", relationship="ex_partner"),
    incident("I4", "2025-03-01", reported_at="2025-09-01", behaviours="contact"),
    incident("I5", "not a date"),
    {"incident_id": "I6", "occurred_from": "2025-02-01"},
]
ORDERS = [order("O1", served_at="2025-01-12T09:00")]


def analyse(as_of="2025-06-30", incidents=INCIDENTS, **options):
    return Analyser(catalogue()).analyse(read_extract(incidents, ORDERS), as_of, **options)


@pytest.fixture(scope="module")
def analysis():
    return analyse()


def test_tables_have_the_columns_of_the_contract_and_one_row_per_length(analysis):
    for table, name in (
        (analysis.breaches, "breaches"),
        (analysis.courses, "courses"),
        (analysis.findings, "findings"),
        (analysis.near_misses, "near_misses"),
    ):
        frame = table.to_frame()
        assert isinstance(frame, pd.DataFrame)
        assert list(frame.columns) == names(name)
        assert len(frame) == len(table) > 0
        assert len(list(table)) == len(table)


def test_a_row_is_read_by_position_from_either_end(analysis):
    assert analysis.breaches[0]["incident_id"] == "I1"
    assert analysis.breaches[-1] == analysis.breaches[len(analysis.breaches) - 1]
    assert len(analysis.breaches[:2]) == 2
    for table in (analysis.breaches, analysis.findings):
        with pytest.raises(IndexError):
            table[len(table)]


def test_a_finding_explains_itself_from_its_own_record(analysis):
    first = analysis.findings[0]
    assert first.rank == 1
    assert first.id == analysis.findings.to_frame()["finding_id"][0]
    assert first.record()["finding_id"] == first.id
    assert first.headline in str(first.explain()).replace("\n", " ")
    assert [finding.rank for finding in analysis.findings] == list(range(1, len(analysis.findings) + 1))
    assert [finding.id for finding in analysis.findings[:1]] == [first.id]


def test_the_summary_adds_up(analysis):
    summary = analysis.summary
    json.dumps(summary)
    for counts in summary["rows"].values():
        assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"]
    assert summary["rows"]["incidents"]["rejected"] == 1
    assert summary["not_yet_known"] == {"incidents": 1}
    assert sum(summary["breaches"]["by_status"].values()) == summary["breaches"]["total"] == len(analysis.breaches)
    assert sum(summary["courses"]["by_strength"].values()) == len(analysis.courses)
    assert sum(summary["courses"]["by_unit"].values()) == len(analysis.courses)
    assert sum(summary["findings"]["by_pattern"].values()) == len(analysis.findings)
    assert sum(summary["findings"]["by_level"].values()) == len(analysis.findings)
    assert sum(summary["issues"]["by_code"].values()) == len(analysis.extract.issues)
    assert summary["as_of"] == "2025-06-30T23:59:59+01:00"


def test_the_summary_holds_the_law_of_every_provision_cited(analysis):
    cited = {key for cell in analysis.findings.to_frame()["provisions"].dropna() for key in cell.split(";")}
    assert set(analysis.summary["provisions"]) == cited
    assert cited


def test_near_misses_are_listed_as_often_as_the_summary_counts_them(analysis, tmp_path):
    listed = analysis.near_misses.to_frame()["pattern"].value_counts().to_dict()
    assert listed == {k: n for k, n in analysis.summary["findings"]["near_misses"].items() if n}
    out = analysis.write(tmp_path / "run")
    assert len(pd.read_csv(out / "near_misses.csv")) == len(analysis.near_misses) == sum(listed.values()) > 0
    assert "near_misses.csv" in json.loads((out / "summary.json").read_text())["files"]


def test_without_an_as_of_nothing_is_left_out():
    late = analyse(as_of=None)
    assert late.summary["as_of"] is None
    assert late.summary["not_yet_known"] == {"incidents": 0}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(INCIDENTS))
def test_the_order_of_rows_changes_no_answer(incidents):
    def answers(analysis):
        frames = [t.to_frame() for t in (analysis.breaches, analysis.courses, analysis.findings)]
        return [frame.drop(columns="row", errors="ignore").to_csv() for frame in frames]

    assert answers(analyse(incidents=incidents)) == answers(analyse())


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_a_run_folder_reads_back_as_the_tables(analysis, tmp_path, format):
    out = analysis.write(tmp_path / "run", format=format)
    readers = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": lambda p: pd.read_json(p, lines=True)}
    breaches = readers[format](out / f"breaches.{format}")
    assert breaches["incident_id"].tolist() == analysis.breaches.to_frame()["incident_id"].tolist()
    assert list(breaches.columns) == names("breaches")
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["finding_id"] for line in lines] == [f.id for f in analysis.findings]
    assert (out / f"quarantine_incidents.{format}").exists()


def test_orders_considered_are_written_on_request(analysis, tmp_path):
    other = analyse(incidents=[*INCIDENTS, incident("I9", "2025-02-05", victim_id="V9", behaviours="contact")])
    usual = pd.read_csv(other.write(tmp_path / "a") / "breaches.csv")
    everything = pd.read_csv(other.write(tmp_path / "b", include_not_breach=True) / "breaches.csv")
    assert set(everything["status"]) - set(usual["status"]) == {"not_breach"}


def test_narrative_is_in_no_output(tmp_path):
    rows = [row | {"narrative": "UNSPEAKABLE"} for row in INCIDENTS]
    out = Analyser(catalogue()).analyse(read_extract(rows, ORDERS)).write(tmp_path / "run")
    assert [path.name for path in out.iterdir() if "UNSPEAKABLE" in path.read_text(encoding="utf-8")] == []


def test_tables_print_themselves_and_escape_what_they_print(analysis):
    table = Table("breaches", pa.table({"id": ["<script>"] * 12}), note="recorded <1>")
    assert "12 breaches" in repr(table)
    assert "2 more" in repr(table)
    assert "<script>" not in table._repr_html_()
    assert "recorded &lt;1&gt;" in table._repr_html_()
    for shown in (analysis, analysis.breaches, analysis.courses, analysis.findings, analysis.timeline("P1")):
        assert "<" in shown._repr_html_()
        assert repr(shown)
    assert repr(Table("breaches", pa.table({"id": pa.array([], pa.string())}))) == "0 breaches"


def test_a_timeline_is_a_table_of_one_person(analysis):
    timeline = analysis.timeline("V1")
    assert isinstance(timeline, Timeline)
    assert set(timeline.to_frame()["record_id"]) == {"I1", "I2", "I3", "O1"}
    assert str(timeline.to_frame()["at"].dtype).endswith("Europe/London]")


def test_drawing_without_altair_names_the_install_line(analysis, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[report\]'"):
        analysis.timeline("P1").plot()


def test_drawing_gives_a_chart_where_altair_is_there(analysis):
    pytest.importorskip("altair")
    chart = analysis.timeline("P1").plot().to_dict()
    assert len(next(iter(chart["datasets"].values()))) == len(analysis.timeline("P1"))


def test_progress_is_told(tmp_path):
    seen = []

    def tell(stage, done, total):
        seen.append((stage, done, total))

    analyse(on_progress=tell).write(tmp_path / "run", on_progress=tell)
    assert seen[-1][0] == "writing findings"
    assert all(isinstance(s, str) and d >= 0 and (t is None or d <= t) for s, d, t in seen)


@pytest.mark.parametrize("when", ["2026-06-30", date(2026, 6, 30), datetime(2026, 6, 30, 23, 59, 59)])
def test_a_date_means_the_end_of_that_day(when):
    assert instant_of(when) == 1_782_860_399


@pytest.mark.parametrize("when", ["30/06/2026", "soon", "2026-13-01", ""])
def test_what_is_no_date_is_refused_in_words(when):
    with pytest.raises(UsageError, match="2026-06-30"):
        instant_of(when)


def test_an_empty_extract_gives_empty_tables(tmp_path):
    nothing = Analyser(catalogue()).analyse(read_extract(pd.DataFrame({"incident_id": [], "occurred_from": []})))
    assert [len(t) for t in (nothing.breaches, nothing.courses, nothing.findings)] == [0, 0, 0]
    nothing.write(tmp_path / "run")
    assert list(pd.read_csv(tmp_path / "run" / "findings.csv").columns) == names("findings")
