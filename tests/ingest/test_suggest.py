from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.ingest import Mapping, read_extract, suggest_mapping
from breachpattern.ingest.date_shapes import suggest_formats
from breachpattern.ingest.suggest import synonyms, words
from breachpattern.records import MODELS, Reading, judge_cell
from breachpattern.records.judge import cell_of

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
    assert len(extract.issues) == 0


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
    assert found.mapping.table("incidents").unused == (nasty,)
