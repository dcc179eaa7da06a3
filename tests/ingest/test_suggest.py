from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.errors import InputError
from breachpattern.ingest import Mapping, read_extract, suggest_mapping
from breachpattern.ingest.date_shapes import suggest_formats
from breachpattern.ingest.suggest import synonyms, words
from breachpattern.records import MODELS, Reading, judge_cell
from breachpattern.records.judge import cell_of

SAMPLE = Path(__file__).parents[2] / "sample_data"
EXPORT = [
    {
        "Occurrence Number": "NM/1", "Committed From": "31/01/2025 10:15", "CommittedTo": "", "Reported": "2025-02-01",
        "HO Classification": "8/65", "Suspect 1 ID": "P1", "Suspect 2 ID": "P2", "Aggrieved": "V1",
        "Relationship to Victim": "Ex-Wife", "DA Flag": "Y", "Officer in case": "PC 7", "Occurrence Status": "Filed",
        "Crime No": "X9",
    },
    {
        "Occurrence Number": "NM/2", "Committed From": "02/03/2025 08:00", "CommittedTo": "02/03/2025 09:00",
        "Relationship to Victim": "Pen pal", "Occurrence Status": "Limbo",
    },
]  # fmt: skip


def test_a_suggestion_can_be_used_as_it_is_and_lists_the_rest():
    found = suggest_mapping(EXPORT)
    assert found.columns["incident_id"] == ("Crime No",)
    assert found.columns["occurred_to"] == ("CommittedTo",)
    assert found.wide == ({"suspect_id": ("Suspect 1 ID", "Suspect 2 ID")},)
    assert found.date_formats == ("%d/%m/%Y %H:%M",)
    assert found.values == {"relationship": {"Ex-Wife": "ex_partner"}, "status": {"Filed": "closed"}}
    left = {part.column: part.reason for part in found.unmapped}
    assert left["Officer in case"] == "no known name"
    assert "also looks like incident_id" in left["Occurrence Number"]
    assert "'Pen pal'" in left["Relationship to Victim"]
    assert Mapping.parse(found.to_toml()).tables == found.mapping.tables
    extract = read_extract([EXPORT[0] | {"Crime No": "X9"}], mapping=found.mapping)
    assert extract.incidents["suspect_id"].to_pylist() == ["P1", "P2"]
    assert extract.incidents["relationship"].to_pylist() == ["ex_partner", "ex_partner"]
    assert extract.issues.by_code() == {"unused_columns": 1}


def test_the_report_says_what_is_still_needed():
    report = suggest_mapping([{"Beat": "7"}]).report()
    assert "Still needed: incident_id, occurred_from." in report
    assert "Beat: no known name" in report


def test_orders_and_persons_have_names_of_their_own():
    orders = suggest_mapping([{"Order Ref": "1", "Order Type": "NMO", "Subject": "P1", "Applicant": "V1"}], "orders")
    assert orders.columns == {
        "order_id": ("Order Ref",),
        "kind": ("Order Type",),
        "respondent_id": ("Subject",),
        "protected_id": ("Applicant",),
    }
    persons = suggest_mapping([{"Nominal": "1", "Forename 1": "Ann", "DOB": "1990-01-01", "PNCID": "x"}], "persons")
    assert set(persons.columns) == {"person_id", "given_name", "date_of_birth", "pnc_id"}


def test_canonical_headers_need_nothing():
    found = suggest_mapping([{"incident_id": "1", "occurred_from": "2025-03-01", "channel": "phone"}])
    assert found.unmapped == ()
    assert found.questions == ()


@pytest.mark.parametrize(
    ("values", "formats", "asked"),
    [
        (["2025-03-01", "2025-03-01T10:15"], (), ""),
        (["31/01/2025", "01/02/2025 10:15"], ("%d/%m/%Y", "%d/%m/%Y %H:%M"), ""),
        (["01/31/2025"], ("%m/%d/%Y",), ""),
        (["01/02/2025"], (), "fit %d/%m/%Y and %m/%d/%Y"),
        (["31/01/2025", "01/31/2025"], (), "fit no one format"),
        (["1-Feb-25", "12-Mar-25"], ("%d-%b-%y",), ""),
        (["1 February 2025 9:05"], ("%d %B %Y %H:%M",), ""),
        (["20250201"], ("%Y%m%d",), ""),
        (["31/01/2025 9:05 pm"], ("%d/%m/%Y %I:%M %p",), ""),
        (["31.01.2025T10:15:00"], ("%d.%m.%YT%H:%M:%S",), ""),
        (["soon"], (), "no dates"),
    ],
)
def test_formats_are_shown_by_values_and_never_guessed(values, formats, asked):
    found, question = suggest_formats(values)
    assert found == formats
    assert asked in question
    assert bool(question) == bool(asked)


@given(st.dates(), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"]))
def test_a_format_is_suggested_only_where_the_other_order_cannot_be_meant(day, form):
    text = day.replace(year=2020).strftime(form) if day.year < 1900 or day.year > 2100 else day.strftime(form)
    found, question = suggest_formats([text])
    if found:
        assert day.day > 12
        assert found == (form,)
    else:
        assert question


def test_built_in_names_lead_somewhere_and_to_one_place_only():
    known = synonyms()
    for table, columns in known["headers"].items():
        assert set(columns) <= set(MODELS[table].model_fields)
        names = [name for listed in columns.values() for name in listed]
        assert names == [words(name) for name in names]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    for column, codes in known["values"].items():
        model = next(model for model in MODELS.values() if (column in model.model_fields and column != "kind") or
                     (model is MODELS["incidents"] and column == "kind"))  # fmt: skip
        assert cell_of(model, column).name == "code"
        for code, listed in codes.items():
            assert judge_cell(model, column, code, Reading())[0] == code
            assert listed == [words(name) for name in listed]
        names = [name for listed in codes.values() for name in listed]
        assert len(names) == len(set(names))


def test_a_suggestion_is_valid_toml_whatever_the_headers():
    nasty = 'He said "no" \\ \t # [x]'
    found = suggest_mapping([{"Crime No": "1", nasty: "x", "Committed From": "2025-03-01", "Status": 'o"pen\n'}])
    assert found.mapping.table("incidents").unused == ()
    assert "no known name" in found.to_toml()


def test_what_could_not_be_placed_is_not_called_unneeded():
    found = suggest_mapping([{"Crime No": "1", "Committed From": "2025-03-01", "Perp": "P1", "Hurt": "V1"}])
    text = found.to_toml()
    assert "\nunused" not in text
    assert '#   "Perp": no known name' in text
    assert "Nothing is placed as suspect_id: no breach of an order" in found.report()
    extract = read_extract([{"Crime No": "1", "Committed From": "2025-03-01", "Perp": "P1"}], mapping=found.mapping)
    issues = extract.issues.by_code()
    assert issues == {"nobody_named": 2, "unused_columns": 1}


def test_a_place_is_not_hinted_as_a_coordinate():
    found = suggest_mapping([{"Crime No": "1", "Committed From": "2025-03-01", "LOCATION": "Home", "Suspct": "P"}])
    assert {part.column: part.reason for part in found.unmapped} == {
        "LOCATION": "no known name",
        "Suspct": "no known name; it may be suspect_id",
    }


TITLES = 'Northmarch,,\n"Crimes, all",,\n,,\nCrime No,Committed From,Suspect\nC1,31/01/2025,P1\n'


@pytest.mark.parametrize("name", ["titles.csv", "titles.xlsx"])
def test_title_lines_above_the_header_are_found(tmp_path, name):
    file = tmp_path / name
    if name.endswith(".csv"):
        file.write_text(TITLES)
    else:
        book = openpyxl.Workbook()
        for line in csv.reader(TITLES.splitlines()):
            book.active.append([cell or None for cell in line])
        book.save(file)
    found = suggest_mapping(file)
    assert found.header_row == 4
    assert "line 4" in found.report()
    assert found.columns["suspect_id"] == ("Suspect",)
    assert read_extract(file, mapping=found.mapping).incidents["incident_id"].to_pylist() == ["C1"]


def test_the_sheet_with_the_data_is_found(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet("Data")
    sheet.append(["Crime No", "Committed From", "Suspect"])
    sheet.append(["C1", "2025-01-31", "P1"])
    book.save(tmp_path / "two.xlsx")
    found = suggest_mapping(tmp_path / "two.xlsx")
    assert (found.sheet, found.header_row) == ("Data", 1)
    assert read_extract(tmp_path / "two.xlsx", mapping=found.mapping).rows["incidents"]["accepted"] == 1
    with pytest.raises(InputError, match=r"other sheets \('Data'\): sheet = \"Data\" in a mapping picks one"):
        read_extract(tmp_path / "two.xlsx")


def test_the_export_of_the_sample_force_is_recognised():
    found = suggest_mapping(SAMPLE / "northmarch_rms_export.csv")
    assert found.header_row == 4
    assert {"incident_id", "occurred_from", "suspect_id"} <= set(found.columns)
    assert found.wide == ({"victim_id": ("VICT 1 NOMINAL", "VICT 2 NOMINAL")},)
