"""Pseudonyms and minimising: what no output, log, issue or error may hold."""

from __future__ import annotations

import json
import logging
import stat

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.drawing import first

from breachpattern import Analyser, read_extract
from breachpattern.cli import main
from breachpattern.errors import InputError
from breachpattern.ingest.privacy import SPECIAL_CATEGORIES, Privacy, new_key, read_key

KEY = b"a key of the invented Northmarch"
HEAD = (
    "incident_id,kind,occurred_from,reported_at,offence_code,offence_text,suspect_id,victim_id,relationship,behaviours,"
    "channel,means,postcode,narrative,status,Ethnicity,Officer note\n"
)
# Every cell that could name somebody holds a canary: CANARY and a word. The last rows are broken in every way.
INCIDENTS = (
    HEAD
    + "".join(
        f"I{day},crime,2025-02-{day:02}T10:00,2025-02-{day:02}T11:00,,CANARYlabel,CANARYsuspect,CANARYvictim,"
        f"ex_partner,contact;threat,text,07700 900{day:03},CA1 {day % 10}RY,CANARYstory,open,CANARYethnic,"
        "CANARYnote\n"
        for day in range(1, 21)
    )
    + "I90,crime,CANARYwhen,,,,CANARYsuspect,CANARYvictim,CANARYrelation,CANARYact,CANARYchannel,CANARYmeans,"
    "CANARYcode,CANARYstory,CANARYstatus,CANARYethnic,CANARYnote\n"
    + "I91,crime,2025-02-01,CANARYtime,,,CANARYsuspect,CANARYsuspect,CANARYrelation,contact,text,CANARYmeans,"
    "CANARYcode,CANARYstory,open,CANARYethnic,CANARYnote\n"
    'I92,crime,"CANARYbroken\n'
)
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms,founded_on,court
O1,restraining_conviction,CANARYsuspect,CANARYvictim,2025-01-10,2025-01-12T09:00,no_contact,I1,CANARYcourt
O2,CANARYkind,CANARYsuspect,CANARYvictim,2025-01-10,CANARYserved,CANARYterms,,
"""
PERSONS = """person_id,given_name,surname,date_of_birth,pnc_id,phone,email,address,postcode,vehicle
CANARYsuspect,CANARYgiven,CANARYsurname,1980-01-01,2011/0412907D,07700900001,CANARY@a.bc,1 CANARY Row,CA1 1RY,CA11NRY
CANARYalias,CANARYgiven,CANARYsurname,1980-01-01,2011/0412907D,07700900001,CANARY@a.bc,1 CANARY Row,CA1 1RY,CA11NRY
CANARYvictim,CANARYgiven2,CANARYsurname2,CANARYborn,2011/CANARY,07700 900777,,2 CANARY Row,CANARYpc,
"""
ASSOCIATIONS = "person_id,other_id,tie\nCANARYsuspect,CANARYfriend,friend\nCANARYsuspect,CANARYfriend,CANARYtie\n"
FILES = {"incidents": INCIDENTS, "orders": ORDERS, "persons": PERSONS, "associations": ASSOCIATIONS}
COMMAND = ["incidents.csv", "--orders", "orders.csv", "--persons", "persons.csv", "--associations", "associations.csv"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    new_key(tmp_path / "key")
    return tmp_path


def canaries(text: str) -> list[str]:
    """What of the canaries a text holds: their names, and the numbers, marks and codes beside them."""
    whole = text.upper()
    return [
        word for word in ("CANARY", "07700", "0412907", "CA11NRY", "CA1 1RY", "CA11RY", "1980-01-01") if word in whole
    ]


def everything_in(folder) -> str:
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            parts.append(pd.read_parquet(path).to_csv())
        elif path.is_file():
            parts.append(path.read_text(encoding="utf-8"))
    return "\n".join(parts)


def test_no_name_of_a_file_or_sheet_leaves_under_a_key(here, capsys):
    from tests.ingest.test_sources import workbook

    (here / "files").mkdir()
    command = ["CANARY incidents.csv", "--orders", "CANARY orders.csv", "--persons", "CANARY people.csv"]
    for table, name in (("incidents", "incidents"), ("orders", "orders"), ("persons", "people")):
        (here / f"{table}.csv").rename(here / f"CANARY {name}.csv")
    fixed = ["--as-of", "2025-06-30", "--max-rejected", "100%", "--pseudonymise", "key"]
    for more in ([], ["--memory", "2GB"]):  # whole, and part by part
        assert main(["score", *command, *fixed, *more, "--out", "run"]) == 0
        summary = json.loads((here / "run" / "summary.json").read_text())
        assert {table: source["name"] for table, source in summary["inputs"].items()} == {
            table: table for table in ("incidents", "orders", "persons")
        }
        issues = pd.read_csv(here / "run" / "issues.csv")
        assert set(issues["file"]) <= {"incidents", "orders", "persons"}
        said = capsys.readouterr()
        assert canaries(everything_in(here / "run") + said.out + said.err) == []
        assert main(["verify", "run", "--pseudonymise", "key"]) == 0
    (here / "CANARY orders.csv").write_text(ORDERS.replace("O1", "O9"))
    capsys.readouterr()
    assert main(["verify", "run", "--pseudonymise", "key"]) == 1
    assert "There is no file of that hash in . for the orders." in capsys.readouterr().err
    workbook(here / "x.xlsx", ("Crimes", "C1"), ("CANARY", "C2"))
    shielded = read_extract("x.xlsx", privacy=Privacy(KEY)).issues
    assert shielded.by_code()["sheets_not_read"] == 1
    assert canaries(shielded.to_arrow().to_pandas().to_csv()) == []


MORE = ([], ["--minimise"], ["--format", "parquet"], ["--workers", "2", "--memory", "1GB"])


@pytest.mark.parametrize("more", first(2, MORE), ids=" ".join)
def test_no_canary_leaves_with_pseudonyms(here, capsys, caplog, more):
    caplog.set_level(logging.DEBUG, "breachpattern")
    command = ["score", *COMMAND, "--pseudonymise", "key", "--out", "run", "--all", "--max-rejected", "100%", *more]
    assert main([*command, "--as-of", "2025-06-30"]) == 0
    said = capsys.readouterr()
    written = everything_in(here / "run")
    assert canaries(written) == []
    assert canaries(said.out + said.err + caplog.text) == []
    assert "ps-" in written
    assert json.loads((here / "run" / "summary.json").read_text())["findings"]["total"]
    finding = json.loads((here / "run" / "findings.jsonl").read_text().splitlines()[0])["finding_id"]
    assert main(["explain", "run", finding]) == 0
    assert canaries(capsys.readouterr().out) == []


def test_the_canaries_do_come_out_without(here):
    """The test above can fail: without pseudonyms references are in every table."""
    assert main(["score", *COMMAND, "--out", "run", "--max-rejected", "100%", "--quiet"]) == 0
    written = everything_in(here / "run")
    assert "CANARYsuspect" in written
    assert "CANARYbroken" in written
    assert "CANARYstory" not in written
    assert "CANARYethnic" not in written


def test_the_answers_are_those_without_pseudonyms(here):
    plain = read_extract(**{name: f"{name}.csv" for name in FILES})
    privacy = Privacy(KEY)
    hidden = read_extract(**{name: f"{name}.csv" for name in FILES}, privacy=privacy)
    one, other = (Analyser().analyse(extract, as_of="2025-06-30") for extract in (plain, hidden))
    back = {pseudonym: reference for reference, pseudonym in privacy.known.items()}
    columns = ["incident_id", "order_id", "suspect_id", "victim_id", "status", "order_state", "course_strength"]
    shown = other.breaches.to_frame()[columns].replace(back)
    keys = ["incident_id", "order_id"]
    pd.testing.assert_frame_equal(
        *(frame.sort_values(keys, ignore_index=True) for frame in (one.breaches.to_frame()[columns], shown))
    )
    counts = [analysis.summary["findings"]["by_pattern"] for analysis in (one, other)]
    assert counts[0] == counts[1]
    assert one.summary["rows"] == other.summary["rows"]
    assert one.issues.by_code() == other.issues.by_code()


@given(st.lists(st.text(min_size=1), max_size=6))
def test_pseudonyms_are_the_same_everywhere_and_different_for_each(texts):
    privacy, again = Privacy(KEY), Privacy(KEY)
    one = privacy.pseudonyms(pa.array(texts, pa.string())).to_pylist()
    assert one == again.pseudonyms(pa.array(texts[::-1], pa.string())).to_pylist()[::-1]
    assert len(set(one)) == len(set(texts))
    assert not set(one) & set(Privacy(KEY + b"!").pseudonyms(pa.array(texts, pa.string())).to_pylist())


def test_the_way_back_is_a_file_of_its_own_for_its_owner_alone(here, capsys):
    command = ["score", *COMMAND, "--pseudonymise", "key", "--out", "run", "--max-rejected", "100%", "--quiet"]
    assert main([*command, "--way-back", "way_back.csv"]) == 0
    back = pd.read_csv(here / "way_back.csv").set_index("pseudonym")["reference"]
    breaches = pd.read_csv(here / "run" / "breaches.csv")
    assert set(breaches["suspect_id"].map(back)) == {"CANARYsuspect"}
    assert stat.S_IMODE((here / "way_back.csv").stat().st_mode) == 0o600
    capsys.readouterr()
    before = {path.name: path.stat().st_mtime_ns for path in (here / "run").iterdir()}
    assert main([*command, "--way-back", "way_back.csv"]) == 1
    assert "may be the way back of another run" in capsys.readouterr().err
    assert main([*command, "--way-back", "nowhere/way_back.csv"]) == 1
    assert "Name a file in a folder that you may write to" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in (here / "run").iterdir()} == before


def test_the_same_key_makes_runs_that_can_be_verified(here, capsys):
    command = ["score", *COMMAND, "--pseudonymise", "key", "--out", "run", "--max-rejected", "100%", "--quiet"]
    assert main([*command, "--as-of", "2025-06-30"]) == 0
    assert main(["verify", "run", "--pseudonymise", "key"]) == 0
    new_key(here / "other")
    capsys.readouterr()
    assert main(["verify", "run", "--pseudonymise", "other"]) == 1
    assert "pseudonyms under another key" in capsys.readouterr().err
    assert main(["verify", "run"]) == 1
    assert "pseudonyms: name the key that made them with --pseudonymise KEYFILE" in capsys.readouterr().err
    assert main(["score", *COMMAND, "--out", "plain", "--max-rejected", "100%", "--quiet"]) == 0
    assert main(["verify", "plain", "--pseudonymise", "key"]) == 1
    assert "made without a key: leave out --pseudonymise" in capsys.readouterr().err


def test_special_categories_are_not_read_and_that_is_said(here):
    extract = read_extract("incidents.csv")
    issues = extract.issues.to_frame()
    assert issues.loc[issues["code"] == "special_category", "column"].tolist() == ["Ethnicity"]
    assert "Ethnicity" not in extract.rejected["incidents"].column_names
    assert "Officer note" in extract.rejected["incidents"].column_names
    named = read_extract("incidents.csv", privacy=Privacy(special_categories=("ethnicity",)))
    assert "Ethnicity" in named.rejected["incidents"].column_names
    assert "special_category" not in named.issues.by_code()


@pytest.mark.parametrize("header", SPECIAL_CATEGORIES)
def test_headers_are_known_however_they_are_written(header):
    assert Privacy().refuses(header.upper())
    assert Privacy().refuses(header.replace(" ", "_"))
    assert not Privacy(special_categories=(header,)).refuses(header.title())


def test_minimising_keeps_nothing_that_only_linking_needs(here):
    privacy = Privacy(minimise=True, linking=False)
    extract = read_extract("incidents.csv", persons="persons.csv", privacy=privacy, keep_narrative=True)
    persons = extract.persons.to_pandas()
    assert persons[["given_name", "surname", "date_of_birth", "pnc_id"]].isna().all().all()
    assert "narrative" not in extract.incidents.column_names
    assert canaries(extract.issues.to_frame()[["value", "message"]].to_csv()) == []


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (["--way-back", "back.csv"], "nothing is pseudonymised"),
        (["--pseudonymise", "nowhere"], "new-key"),
        (["--pseudonymise", "short"], "can be guessed"),
        (["--pseudonymise", "key", "--link-decisions", "decisions.csv"], "by their references"),
        (["--pseudonymise", "key", "--engine", "spark"], "Spark neither"),
    ],
)
def test_what_cannot_be_is_refused_in_words(here, capsys, arguments, mentions):
    (here / "short").write_bytes(b"secret")
    (here / "decisions.csv").write_text("person_id,other_id,verdict\n")
    assert main(["score", *COMMAND, "--out", "run", *arguments]) in (1, 2)
    said = capsys.readouterr().err
    assert mentions in said
    assert said.count("\n") == 1
    assert not (here / "run").exists()


@pytest.mark.parametrize("shield", [["--pseudonymise", "key"], ["--minimise"]])
@pytest.mark.parametrize("more", [[], ["--workers", "2", "--memory", "1GB"], ["--mapping", "map.toml"], ["--debug"]])
@pytest.mark.parametrize("table", ["incidents", "orders", "persons"])
def test_a_record_in_the_place_of_a_header_is_not_quoted(here, capsys, table, more, shield):
    path = here / f"{table}.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    (here / "map.toml").write_text(
        f'[{table}.columns]\n{"order_id" if table == "orders" else table[:-1] + "_id"} = "ID"\n'
    )
    assert main(["score", *COMMAND, "--out", "run", *shield, *more]) == 1
    said = capsys.readouterr()
    assert canaries(said.out + said.err) == []
    assert (f"breachpattern: {table}: " if "--pseudonymise" in shield else f"{table}.csv") in said.err
    assert "header" in said.err


def test_a_key_is_never_overwritten(here, capsys):
    first = read_key(here / "key")
    assert main(["new-key", "key"]) == 1
    assert "may be a key in use" in capsys.readouterr().err
    assert read_key(here / "key") == first
    with pytest.raises(InputError, match="new-key"):
        read_key(here / "nowhere")


def test_a_way_back_that_is_there_is_refused_before_anything_is_written(here, capsys):
    (here / "back.csv").write_text("somebody")
    arguments = ["score", "incidents.csv", "--pseudonymise", "key", "--way-back", "back.csv", "--out", "run"]
    assert main(arguments) == 1
    assert "may be the way back of another run" in capsys.readouterr().err
    assert not (here / "run").exists()
    assert (here / "back.csv").read_text() == "somebody"
