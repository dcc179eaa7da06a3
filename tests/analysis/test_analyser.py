import json
import sys
from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
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


@pytest.mark.parametrize("considered", [False, True])
def test_the_summary_adds_up_to_the_rows_that_are_written(tmp_path, considered):
    rows = [*INCIDENTS, incident("I7", "2024-02-01", behaviours="contact")]
    analyse(incidents=rows).write(tmp_path / "run", include_not_breach=considered)
    counts = json.loads((tmp_path / "run" / "summary.json").read_text())["breaches"]
    written = pd.read_csv(tmp_path / "run" / "breaches.csv")
    assert counts["written"] == sum(counts["by_status"].values()) == len(written)
    assert (
        counts["by_status"]["not_breach"]
        == (written["status"] == "not_breach").sum()
        == counts["written"] - counts["total"]
    )
    assert (counts["by_status"]["not_breach"] > 0) == considered


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


def test_a_finding_is_found_by_its_id_or_the_start_of_it(analysis):
    last = analysis.findings[-1]
    for written in (last.id, last.id[:8], last.id.removeprefix("F-")):
        assert analysis.findings[written].id == last.id
    with pytest.raises(UsageError, match=r"findings begin with 'F-'. Give more of it: F-"):
        analysis.findings["F-"]
    for wrong in ("", "F-zz"):
        with pytest.raises(UsageError, match=r"No finding has the id .* Ids look like F-"):
            analysis.findings[wrong]


@pytest.mark.parametrize("wrong", ["incidents.csv", pd.DataFrame({"incident_id": ["I1"]})])
def test_what_is_no_extract_is_refused_with_the_call_that_would_work(wrong):
    with pytest.raises(UsageError, match=r"is no extract. Read it first: analyse"):
        Analyser().analyse(wrong)
    with pytest.raises(UsageError, match=r"is no extract. Read it first: index"):
        Analyser().index(wrong)


@pytest.mark.parametrize("wrong", [20260630, 2026.5, ["2026-06-30"]])
def test_an_as_of_of_another_type_is_refused_in_words(analysis, wrong):
    with pytest.raises(UsageError, match=r"is not a date or time. Write it as 2026-06-30"):
        Analyser().analyse(analysis.extract, as_of=wrong)


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


def test_without_an_as_of_the_moment_of_the_call_stands_and_is_told():
    before = datetime.now(UTC).replace(microsecond=0)
    late = analyse(as_of=None)
    assert before <= datetime.fromisoformat(late.summary["as_of"]) <= datetime.now(UTC)
    assert late.summary["not_yet_known"] == {"incidents": 0}


def test_without_an_as_of_unrelated_people_do_not_change_a_clock():
    mine = [incident("I1", "2025-01-01T10:00", behaviours="contact", channel="text")]
    strangers = {"incident_id": "X1", "occurred_from": "2025-12-01", "suspect_id": "P8", "victim_id": "V8"}
    alone, among = (
        [f.record()["pattern"] for f in analyse(as_of=None, incidents=rows).findings]
        for rows in (mine, [*mine, strangers])
    )
    assert alone == among


@settings(max_examples=up_to(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    bars, marks, _ = (layer["data"]["values"] for layer in chart["layer"])
    assert len(marks) == len(analysis.timeline("P1"))
    assert [bar["record"] for bar in bars] == ["O1"]


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


TWICE = [
    {
        "person_id": "P1",
        "given_name": "Tobias",
        "surname": "Quill",
        "date_of_birth": "1988-03-09",
        "pnc_id": "2011/0412907D",
    },
    {
        "person_id": "P2",
        "given_name": "TOBIAS",
        "surname": "QUILL",
        "date_of_birth": "1988-03-09",
        "pnc_id": "11/412907D",
    },
    {"person_id": "V1", "given_name": "Ines", "surname": "Marrow", "date_of_birth": "1990-11-21"},
]
UNDER_TWO = [
    incident("I1", "2025-02-01T10:00", behaviours="contact;threat", channel="text"),
    incident("I2", "2025-02-08T10:00", behaviours="contact;threat", channel="text", suspect_id="P2"),
    incident("I3", "2025-02-15T10:00", behaviours="contact;threat", channel="text"),
]


def analyse_people(persons, incidents=UNDER_TWO, orders=(), **options):
    extract = read_extract(incidents, list(orders) or None, persons=persons)
    return Analyser(catalogue(), **options).analyse(extract, "2025-06-30")


def test_one_man_under_two_references_has_one_course_and_rows_keep_theirs():
    analysis = analyse_people(TWICE, orders=[order("O1")])
    course = analysis.courses.to_frame().iloc[0]
    assert (course["suspect_ids"], course["incident_ids"], course["strength"]) == ("P1", "I1;I2;I3", "clear")
    assert analysis.breaches.to_frame()["suspect_id"].tolist() == ["P1", "P2", "P1"]
    links = analysis.people_links.to_frame()
    assert set(links["person_id"]) == {"P1", "P2"}
    assert len(set(links["entity_id"])) == 1
    assert set(analysis.timeline("P2").to_frame()["record_id"]) >= {"I1", "I2", "I3", "O1"}


def test_linking_is_off_where_it_is_switched_off_or_nobody_is_on_file():
    assert len(analyse_people(TWICE, link="off").people_links) == 0
    assert analyse_people(TWICE, link="off").courses[0]["incident_ids"] == "I1;I3"
    assert analyse().people is None
    with pytest.raises(UsageError, match="exact, probabilistic, off"):
        Analyser(catalogue(), link="perhaps")


def test_an_order_on_one_reference_reaches_the_acts_of_the_other():
    analysis = analyse_people(TWICE, orders=[order("O1", respondent_id="P2")])
    assert analysis.breaches.to_frame()["status"].tolist() == ["unrecorded"] * 3


def test_a_finding_that_needs_a_doubtful_link_says_what_it_would_be_without():
    doubtful = [
        {"person_id": p, "given_name": "Ana", "surname": s, "date_of_birth": "1990-05-01", "postcode": "ZZ1 1AA"}
        | {"phone": "07700900123", "email": "ana@example.com"}
        for p, s in (("P1", "Vale"), ("P2", "Hart"))
    ]
    analysis = analyse_people(doubtful, orders=[order("O1")])
    assert analysis.people.counts["doubtful_links"] == 1
    found = {f.pattern: f.record() for f in analysis.findings}
    repeat = found["repeat_breach"]
    assert [link["person_id"] for link in repeat["identity"]["links"]] == ["P2"]
    assert "If they are two" in repeat["identity"]["without"]
    assert any("may be two" in caveat for caveat in repeat["caveats"])
    table = analysis.findings.to_frame()
    assert table["caveats"].str.contains("may be two").any()
    certain = analyse_people(TWICE, orders=[order("O1")])
    assert not any("identity" in f.record() for f in certain.findings)


def test_what_linking_doubts_is_an_issue_at_its_row():
    wrong = [TWICE[0] | {"pnc_id": "2011/0412907E"}, *TWICE[1:]]
    analysis = analyse_people(wrong)
    issues = analysis.issues.to_frame()
    assert issues["code"].tolist().count("pnc_check_letter") == 1
    assert analysis.summary["issues"]["by_code"]["pnc_check_letter"] == 1


def test_a_run_folder_lists_every_member_and_the_inferred_rows_add_up(tmp_path):
    brother = incident("I9", "2025-03-01T10:00", suspect_id="P3", behaviours="contact", channel="phone")
    extract = read_extract(
        [*UNDER_TWO, brother],
        [order("O1", terms="no_contact;no_indirect_contact")],
        persons=TWICE,
        associations=[{"person_id": "P2", "other_id": "P3", "tie": "family"}],
    )
    analysis = Analyser(catalogue()).analyse(extract, "2025-06-30")
    folder = analysis.write(tmp_path / "run")
    summary = json.loads((folder / "summary.json").read_text())
    table = pd.read_csv(folder / "breaches.csv", dtype=str)
    assert summary["breaches"]["total"] == len(table) == 4
    assert summary["breaches"]["inferred"] == 1
    row = table[table["incident_id"] == "I9"].iloc[0]
    assert (row["suspect_id"], row["through_id"], row["order_state"]) == ("P1", "P3", "possible")
    assert row["path"] == "P3, family of P1"
    assert set(pd.read_csv(folder / "people_links.csv", dtype=str)["person_id"]) == {"P1", "P2"}


def test_a_graph_is_drawn_around_a_person_a_course_and_a_finding():
    analysis = analyse()
    course = next(row for row in analysis.courses if row["strength"] != "none")
    finding = next(found for found in analysis.findings if found.record()["order_ids"])
    for what, incidents in (
        ("P1", {"I1", "I2", "I3"}),
        (course["course_id"], set(course["incident_ids"].split(";"))),
        (finding.id, set(finding.record()["incident_ids"])),
    ):
        nodes = set(analysis.graph(what))
        assert {f"incident:{number}" for number in incidents} == {n for n in nodes if n.startswith("incident:")}
        assert {"person:P1", "person:V1", "order:O1"} <= nodes


def test_a_course_as_of_an_earlier_moment_holds_only_what_was_known():
    analysis = analyse()
    course = max(analysis.courses, key=lambda row: row["occasions"])
    assert "incident:I3" in analysis.graph(course["course_id"])
    assert "incident:I3" not in analysis.graph(course["course_id"], as_of="2025-02-08")


def test_what_is_neither_person_nor_course_nor_finding_has_no_graph():
    for what in ("C-0000000000000000", "F-0000000000000000", "nobody"):
        with pytest.raises(UsageError, match=what):
            analyse().graph(what)


NAMESAKE = {"given_name": "Ana", "surname": "Vale", "date_of_birth": "1990-05-01", "postcode": "ZZ1 1AA"}
TWO_OR_ONE = [{"person_id": p} | NAMESAKE for p in ("P1", "P2")]


def test_a_finding_that_a_doubtful_link_hides_is_an_issue():
    together = [
        incident(number, f"2025-03-0{day}T19:00", behaviours="threat", channel="in_person", suspect_id=suspect)
        for number, day, suspect in (("I1", 1, "P1"), ("I1", 1, "P2"), ("I2", 5, "P2"), ("I3", 9, "P1"))
    ]
    analysis = analyse_people(TWO_OR_ONE, together)
    assert any("joint course" in headline for headline in analysis.lost_to_links)
    assert analysis.summary["issues"]["by_code"]["lost_to_doubtful_link"] == len(analysis.lost_to_links)
    assert analyse_people(TWICE).lost_to_links == ()


def test_inferred_contact_that_needs_a_doubtful_link_says_so():
    contact = [incident("I1", "2025-03-01T19:00", suspect_id="P2", behaviours="contact", channel="phone")]
    extract = read_extract(
        contact,
        [order("O1", respondent_id="S", terms="no_contact;no_indirect_contact")],
        persons=TWO_OR_ONE,
        associations=[{"person_id": "S", "other_id": "P1", "tie": "family"}],
    )
    found = Analyser(catalogue()).analyse(extract, "2025-06-30").findings
    record = next(f for f in found if f.pattern == "contact_by_tied_person").record()
    assert [link["person_id"] for link in record["identity"]["links"]] == ["P2"]
    assert any("may be two" in caveat and "falls away" in caveat for caveat in record["caveats"])


def test_suspect_and_victim_of_a_record_are_two_people_unless_somebody_decides(tmp_path):
    threats = [incident(f"I{d}", f"2025-03-0{d}T19:00", behaviours="threat", victim_id="P2") for d in (1, 4, 7)]
    alike = [row | {"phone": "07700900123"} for row in TWO_OR_ONE]
    analysis = analyse_people(alike, threats, [order("O1", protected_id="P2")])
    assert analysis.courses[0]["strength"] == "clear"
    assert analysis.issues.by_code()["linked_to_opposite_side"] == 1
    decided = tmp_path / "decisions.csv"
    decided.write_text("person_id,other_id,verdict,by,on,reason\nP1,P2,same,A,2026-01-01,seen\n")
    assert len(analyse_people(alike, threats, link_decisions=decided).courses) == 0


def test_a_decision_joins_references_that_no_persons_file_holds(tmp_path):
    decided = tmp_path / "decisions.csv"
    decided.write_text("person_id,other_id,verdict,by,on,reason\nP1,P2,same,A,2026-01-01,seen\n")
    extract = read_extract(UNDER_TWO)
    analysis = Analyser(catalogue(), link_decisions=decided).analyse(extract, "2025-06-30")
    assert analysis.courses[0]["incident_ids"] == "I1;I2;I3"
    with pytest.raises(UsageError, match="linking is off"):
        Analyser(catalogue(), link="off", link_decisions=decided)


@settings(max_examples=up_to(8), deadline=None)
@given(
    st.lists(st.sampled_from([("", ""), ("F", "1961-05-06"), ("M", ""), ("M", "1999-12-31")]), min_size=2, max_size=2)
)
def test_what_people_are_changes_no_finding(told):
    """Sex and age are on file and never a reason: with linking off nothing of them reaches an answer."""

    def records(*facts):
        people = [
            {"person_id": person, "surname": "Fictional", "sex": sex, "date_of_birth": born}
            for person, (sex, born) in zip(("P1", "V1"), facts, strict=False)
        ]
        extract = read_extract(INCIDENTS, orders=ORDERS, persons=people)
        found = Analyser(catalogue(), link="off").analyse(extract, "2025-06-30").findings
        return [finding.record() for finding in found]

    assert records(*told) == records(("", ""), ("", ""))
    assert records(*told)
