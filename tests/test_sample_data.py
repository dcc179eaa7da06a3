"""The sample data are canonical, invented, and what the simulation draws around the told stories."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType

import pytest

import breachpattern as bp
from breachpattern import vocabulary
from breachpattern.cli import main
from breachpattern.law import Catalogue

FOLDER = Path(__file__).parent.parent / "sample_data"
TABLES = ("incidents", "orders", "persons", "associations")
MESSY = {"NM24-10999", "NM24-11000", "NM25-10998", "NM25-10999", "NM26-10999"}
SETS = {
    "incidents": {
        "kind": vocabulary.INCIDENT_KINDS,
        "relationship": vocabulary.RELATIONSHIPS,
        "behaviours": vocabulary.BEHAVIOURS,
        "channel": vocabulary.CHANNELS,
        "place_role": vocabulary.PLACE_ROLES,
        "impact": vocabulary.IMPACTS,
        "status": vocabulary.STATUSES,
    },
    "orders": {"terms": vocabulary.TERMS, "origin": vocabulary.ORIGINS},
    "associations": {"tie": vocabulary.TIES},
}


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_sample", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def extract() -> bp.Extract:
    return bp.read_extract(*(FOLDER / f"{name}.csv" for name in TABLES))


def test_the_generator_writes_the_files_that_are_kept(generator: ModuleType, tmp_path: Path) -> None:
    written = [file.relative_to(tmp_path) for file in generator.write(tmp_path)]
    assert set(written) == {file.relative_to(FOLDER) for file in FOLDER.glob("**/*.csv")}
    for file in written:
        assert (tmp_path / file).read_bytes() == (FOLDER / file).read_bytes(), f"{file}: run `make sample-data`"


@pytest.mark.parametrize("table", SETS)
def test_every_code_is_in_its_vocabulary(table: str) -> None:
    for row in read(f"{table}.csv"):
        for column, words in SETS[table].items():
            strange = [word for word in row[column].split(";") if word and word not in words]
            assert not strange or row.get("incident_id") in MESSY, (row, column)


def test_every_order_is_of_a_kind_that_the_law_knows() -> None:
    kinds = Catalogue.load().order_kinds
    assert {row["kind"] for row in read("orders.csv")} <= set(kinds)


def test_every_reference_leads_to_a_row() -> None:
    incidents, orders = read("incidents.csv"), read("orders.csv")
    people = {row["person_id"] for row in read("persons.csv")}
    numbers, order_ids = {row["incident_id"] for row in incidents}, {row["order_id"] for row in orders}
    for row in incidents:
        assert {row["suspect_id"], row["victim_id"]} <= people | {""}, row
        assert set(row["breach_of"].split(";")) <= order_ids | {""}, row
    for row in orders:
        assert {row["respondent_id"], row["protected_id"]} <= people | {""}, row
        assert set(row["founded_on"].split(";")) <= numbers | {""}, row
    for row in read("associations.csv"):
        assert {row["person_id"], row["other_id"]} <= people, row


def test_nobody_in_it_can_exist() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in FOLDER.glob("*.csv"))
    telephones = re.findall(r"\b0\d{4} ?\d{6}\b", text)
    assert telephones
    assert all(number.startswith("07700 900") for number in telephones)
    assert all(row["postcode"].startswith("ZZ") for row in read("persons.csv") if row["postcode"])
    assert set(re.findall(r"@[\w.]*", text)) <= {"@mail.example"}


def test_the_days_lie_where_the_readme_says() -> None:
    days = sorted(row["occurred_from"][:10] for row in read("incidents.csv") if row["incident_id"] not in MESSY)
    assert days[0] >= "2023-01-01"
    assert days[-1] <= "2026-06-30"


def test_the_readme_counts_right() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    counts = dict(re.findall(r"^\| `(\w+)\.csv` \| (\d+) \|", page, re.MULTILINE))
    lines = (FOLDER / "northmarch_rms_export.csv").read_text("utf-8").splitlines()
    assert {name: int(count) for name, count in counts.items()} == {
        **{name: len(read(f"{name}.csv")) for name in TABLES},
        "northmarch_rms_export": len(lines) - len(["title", "title", "", "header", "total"]),
    }


def test_only_the_messy_rows_raise_issues(extract: bp.Extract) -> None:
    found = extract.issues.to_frame()
    serious = found[found["severity"].isin(["error", "warning"])]
    lines = {row["incident_id"]: number for number, row in enumerate(read("incidents.csv"), start=2)}
    assert set(serious["file"]) == {"incidents.csv"}
    assert set(serious["row"]) == {lines[number] for number in MESSY}
    assert extract.rows["incidents"]["rejected"] == 1
    lines = Counter(tuple(row.values()) for row in read("incidents.csv"))
    assert extract.rows["incidents"]["duplicates"] == sum(count - 1 for count in lines.values()) > 1


def test_the_truth_stands_beside_every_incident_but_the_messy_ones() -> None:
    truth = {row["incident_id"]: row for row in read("truth/incidents.csv")}
    assert {row["incident_id"] for row in read("incidents.csv")} == set(truth) | MESSY
    campaigns, breaches = read("truth/campaigns.csv"), read("truth/breaches.csv")
    assert {row["campaign_id"] for row in truth.values()} == {row["campaign_id"] for row in campaigns} | {""}
    assert {row["incident_id"] for row in breaches} <= set(truth)
    who = {row["person_id"]: row["human"] for row in read("truth/persons.csv")}
    assert set(who) == {row["person_id"] for row in read("persons.csv")}
    assert who["P-0114"] == who["P-0174"]
    assert truth["NM25-10933"]["suspect"] == who["P-0141"], "she does not know who rang, and the record does not say"


def test_the_truth_of_the_stories_is_what_their_page_says() -> None:
    broken = defaultdict(list)
    for row in read("truth/breaches.csv"):
        broken[row["order_id"]].append(row["incident_id"])
    assert broken["FC24-0117"] == [f"NM24-{n}" for n in (10325, 10351, 10447, 10489, 10561, 10622, 10698)]
    assert broken["MC24-0301"] == ["NM25-10022"], "the letter after the variation broke nothing"
    assert broken["FC23-0341"] == ["NM24-10377", "NM24-10730"], "what came after its end broke nothing"
    assert broken["CC24-0041"] == [f"NM24-{n}" for n in (10720, 10766, 10803, 10850)], "his friend acted for him"
    assert {row["terms"] for row in read("truth/breaches.csv") if row["order_id"] == "SP24-0002"} == {"notification"}
    units = {row["process"]: row for row in read("truth/units.csv")}
    assert (units["volatile_couple"]["acts"], units["volatile_couple"]["reverse"]) == ("5", "3")


def test_the_export_of_the_force_says_what_the_canonical_rows_say(extract: bp.Extract) -> None:
    export = bp.read_extract(
        FOLDER / "northmarch_rms_export.csv",
        orders=FOLDER / "orders.csv",
        mapping=FOLDER / "northmarch_mapping.toml",
    )
    assert not set(export.issues.to_frame()["severity"]) & {"error", "warning"}
    keys = ["incident_id", "victim_id"]
    theirs = export.incidents.to_pandas().drop(columns=["row"]).sort_values(keys, ignore_index=True)
    ours = extract.incidents.to_pandas().drop(columns=["row"])
    ours = ours[ours["incident_id"].isin(theirs["incident_id"])]
    ours = ours.drop_duplicates().sort_values(keys, ignore_index=True)
    written_otherwise = ["offence_code", "lat", "lon"]
    assert len(theirs) > 50
    for column in ours.columns.difference(written_otherwise):
        assert theirs[column].astype("string").equals(ours[column].astype("string")), column


def test_the_front_page_shows_what_the_demo_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path / "run")]) == 0
    said = set(capsys.readouterr().out.splitlines())
    page = (FOLDER.parent / "README.md").read_text("utf-8")
    shown = page[page.index("What the demo says") :].split("```")[1].removeprefix("text\n").splitlines()
    assert len(shown) > 10
    left_out = (line for line in shown if line and line != "..." and line not in said)
    assert all(any(whole.startswith(line) for whole in said) for line in left_out)


def test_the_readme_says_what_the_findings_about_drawn_records_are_worth(extract: bp.Extract) -> None:
    campaign = {row["incident_id"]: row["campaign_id"] for row in read("truth/incidents.csv")}
    about: dict[str, list[bool]] = defaultdict(list)
    found, told = set(), 0
    findings = bp.Analyser().analyse(extract, as_of="2026-06-30").findings.to_frame()
    for level, *ids in findings[["level", "incident_ids", "breach_incident_ids"]].fillna("").itertuples(index=False):
        drawn = {number for number in ";".join(ids).split(";") if re.fullmatch(r"NM\d\d-\d{8}", number)}
        campaigns = {campaign[number] for number in drawn} - {""}
        found |= campaigns
        if drawn:
            about[level].append(bool(campaigns))
        told += not drawn
    page = " ".join((FOLDER / "README.md").read_text("utf-8").split())
    assert f"{sum(map(len, about.values()))} findings about drawn records beside {told} about told ones" in page
    for level, campaigns_or_not in about.items():
        assert re.search(rf"{sum(campaigns_or_not)} of {len(campaigns_or_not)} at `{level}`", page), level
    drawn_campaigns = {name for number, name in campaign.items() if re.fullmatch(r"NM\d\d-\d{8}", number) and name}
    assert f"Of the {len(drawn_campaigns)} campaigns, {len(found)} stand in some finding" in page
    everyday = sum(not name for number, name in campaign.items() if re.fullmatch(r"NM\d\d-\d{8}", number))
    assert f"{everyday} of them are everyday life" in page
