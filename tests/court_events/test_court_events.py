"""A real public extract under foreign law: a law folder of its own suffices. No row of it is kept here."""

import json

import pytest
from tests.court_events.given import (
    CHARGES,
    DATA,
    HERE,
    STATUTES,
    catalogue,
    named,
    order_in_force,
    release_broken,
    rows_of,
)

from breachpattern.cli import main
from breachpattern.ingest import read_extract

pytestmark = [
    pytest.mark.further,
    pytest.mark.skipif(not DATA.exists(), reason="the public court extract is not on this machine"),
]


@pytest.fixture(scope="module")
def charges():
    people = rows_of("persons").drop_duplicates("ident")
    rows = rows_of("charges").merge(people[["ident", "name_hash", "dob_hash"]], on="ident", how="left")
    return rows.assign(person=rows["name_hash"].fillna("") + rows["dob_hash"].fillna(""))


@pytest.fixture(scope="module")
def extract():
    return read_extract(DATA / "charges.csv.gz", mapping=HERE / "mapping.toml", catalogue=catalogue())


@pytest.mark.parametrize(
    ("words", "rows", "recognised"),
    [
        (r"741\.31|784\.047\b|784\.0487|39\.504|INJUNC", 1941, "injunction|foreign_protection_order"),
        # One row is a false statement in applying for bail when arrested: a breach, of which order nobody can tell.
        (r"741\.29|PRETRIAL", 355, "release|^breach_order$"),
        (r"784\.048\b|STALK", 251, "stalking|breach_injunction"),
    ],
    ids=["injunction", "pretrial release", "stalking"],
)
def test_every_charge_that_names_such_an_act_is_recognised(charges, extract, words, rows, recognised):
    naming = named(charges, [*STATUTES, *CHARGES]).str.contains(words)
    assert naming.sum() == rows
    offence = extract.incidents["offence"].to_pandas().astype(object).fillna("")
    said = offence.str.contains(recognised)
    naming = naming.to_numpy()[extract.incidents["row"].to_numpy() - 2]
    assert (said[naming]).all()


def test_no_charge_is_taken_for_one_that_it_does_not_name(charges, extract):
    offence = extract.incidents["offence"].to_pandas().astype(object).fillna("")
    ours = named(charges, [*STATUTES, *CHARGES]).iloc[extract.incidents["row"].to_numpy() - 2]
    act = ours.str.contains(r"741\.|784\.04[678]|790\.233|39\.504|INJUNC|STALK|PRETRIAL").to_numpy()
    assert not offence[~act].str.startswith("fl_").any()


def test_every_charge_goes_through_score_and_is_accounted_for(charges, tmp_path, capsys):
    files = [str(DATA / "charges.csv.gz"), "--mapping", str(HERE / "mapping.toml"), "--law", str(HERE / "law")]
    assert main(["score", *files, "--out", str(tmp_path / "run"), "--quiet"]) == 0
    assert "Traceback" not in capsys.readouterr().err
    rows = json.loads((tmp_path / "run" / "summary.json").read_text())["rows"]["incidents"]
    twice = charges.duplicated(["case_id", "count_no", "ident", "offence_date", "arrest_date", *STATUTES, *CHARGES])
    undated = charges[["offence_date", "arrest_date"]].eq("").all(axis=1)
    assert rows["rows_in"] == len(charges) == rows["accepted"] + rows["rejected"] + rows["duplicates"]
    assert rows["rejected"] == undated.sum()
    assert rows["duplicates"] == twice.sum()


def test_an_earlier_case_was_open_when_release_was_broken(charges):
    """Of 312 events, another case of the same person was open in 276 (exact name and birth date)."""
    events = release_broken(charges)
    assert len(set(zip(events["person"], events["offence_date"], strict=True))) == 312
    assert order_in_force(charges) == 276
