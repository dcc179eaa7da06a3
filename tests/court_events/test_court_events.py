"""A real public extract under foreign law: a law folder of its own suffices. No row of it is kept here."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from breachpattern.cli import main
from breachpattern.ingest import read_extract
from breachpattern.law import Catalogue
from breachpattern.spans import FOREVER
from breachpattern.timelines import build
from breachpattern.vocabulary import BREACH_STATUSES, ORDER_STATES

HERE = Path(__file__).parent
DATA = Path(os.environ.get("BREACHPATTERN_REFERENCE_DATA", HERE.parents[2] / "shared" / "data")) / "court_events"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the public court extract is not on this machine")
STATUTES = ["arrest_statute", "prosecutor_statute", "court_statute"]
CHARGES = ["arrest_charge", "prosecutor_charge", "court_charge"]


@pytest.fixture(scope="module")
def charges():
    rows = pd.read_csv(DATA / "charges.csv.gz", dtype=str, keep_default_na=False)
    people = pd.read_csv(DATA / "persons.csv.gz", dtype=str, keep_default_na=False).drop_duplicates("ident")
    rows = rows.merge(people[["ident", "name_hash", "dob_hash"]], on="ident", how="left")
    return rows.assign(person=rows["name_hash"].fillna("") + rows["dob_hash"].fillna(""))


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.load(extra=[HERE / "law"])


@pytest.fixture(scope="module")
def extract(catalogue):
    return read_extract(DATA / "charges.csv.gz", mapping=HERE / "mapping.toml", catalogue=catalogue)


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
    named = charges[[*STATUTES, *CHARGES]].agg("|".join, axis=1).str.contains(words)
    assert named.sum() == rows
    offence = extract.incidents["offence"].to_pandas().astype(object).fillna("")
    said = offence.str.contains(recognised)
    named = named.to_numpy()[extract.incidents["row"].to_numpy() - 2]
    assert (said[named]).all()


def test_no_charge_is_taken_for_one_that_it_does_not_name(charges, extract):
    offence = extract.incidents["offence"].to_pandas().astype(object).fillna("")
    ours = charges[[*STATUTES, *CHARGES]].agg("|".join, axis=1).iloc[extract.incidents["row"].to_numpy() - 2]
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


def test_an_earlier_case_was_open_when_release_was_broken(charges, catalogue):
    """Of 312 events, another case of the same person was open in 276 (exact name and birth date)."""
    broken = charges[STATUTES].agg("|".join, axis=1).str.contains("741.29", regex=False)
    broken |= charges[CHARGES].agg("|".join, axis=1).str.contains("PRETRIAL")
    events = charges[broken]
    incidents = pd.DataFrame(
        {
            "incident_id": events["case_id"] + "-" + events["count_no"],
            "occurred_from": events["offence_date"],
            "suspect_id": events["person"],
            "occurrence_ref": events["case_id"],
            "offence_text": "741.29(6) violation of pretrial release conditions",
        }
    )
    dates = ["offence_date", "arrest_date", "case_closed"]
    dated = charges.assign(**{column: pd.to_datetime(charges[column].replace("", None)) for column in dates})
    cases = dated.groupby(["person", "case_id"], as_index=False).agg(
        {"offence_date": "min", "arrest_date": "min", "case_closed": "max"}
    )
    cases = cases.dropna()
    begun = cases[["offence_date", "arrest_date"]].max(axis=1) + pd.Timedelta(days=1)
    open_then = cases["case_closed"] >= begun
    orders = pd.DataFrame(
        {
            "order_id": cases["case_id"],
            "kind": "fl_pretrial_release",
            "respondent_id": cases["person"],
            "starts": begun.dt.strftime("%Y-%m-%dT00:00"),
            "ends": cases["case_closed"].dt.strftime("%Y-%m-%d"),
            "terms": "other",
        }
    )[open_then]
    extract = read_extract(incidents, orders=orders, catalogue=catalogue)
    found = build(extract, catalogue, FOREVER)
    names, rows = found.columns.names, found.breaches
    fits = rows[(rows["status"] == BREACH_STATUSES.index("recorded")) & (rows["state"] == ORDER_STATES.index("yes"))]
    own = found.columns.occurrence[fits["row"].to_numpy()]
    case = [names.occurrences[int(c)].as_py() for c in own]
    order = [names.orders[int(o)].as_py() for o in fits["order"]]
    other = fits[[a != b for a, b in zip(case, order, strict=True)]]
    day = found.columns.start[other["row"].to_numpy()]
    assert len(set(zip(events["person"], events["offence_date"], strict=True))) == 312
    assert len(set(zip(other["suspect"], day, strict=True))) == 276
