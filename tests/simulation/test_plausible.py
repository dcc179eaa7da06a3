"""The figures of docs/reference/simulate.md, each with its tolerance: held against publications, not fitted."""

import pandas as pd
import pytest

import breachpattern as bp
from breachpattern.simulation.offences import OFFENCES, codes

DOMESTIC = ["partner", "ex_partner", "family"]
BAIL_AND_WARNINGS = ["court_bail", "police_bail", "police_warning", "police_information_notice"]


@pytest.fixture(scope="module")
def large():
    return bp.simulate(60_000, seed=11)


@pytest.fixture(scope="module")
def rows(large):
    return large.incidents.to_pandas().drop_duplicates()


@pytest.fixture(scope="module")
def pairs(large, rows):
    """Incidents of each domestic pair, whichever way they went."""
    truth = large.truth["incidents"].to_pandas().query("record == 'act'")
    domestic = rows[rows["relationship"].isin(DOMESTIC) | (rows["domestic_abuse"] == "true")]
    own = truth[truth["incident_id"].isin(domestic["incident_id"])]
    both = own[["suspect", "victim"]]
    return own.groupby([both.min(axis=1), both.max(axis=1)]).size()


def test_pairs_without_a_repeat(pairs):
    assert (pairs == 1).mean() == pytest.approx(0.76, abs=0.05)


def test_the_chance_of_a_further_incident_rises_with_each(pairs):
    after = [(pairs > n).sum() / (pairs >= n).sum() for n in (1, 2, 3)]
    assert 0.19 < after[0] < 0.29
    assert after[0] < after[1] < after[2]


def test_domestic_abuse_and_crime(rows):
    flagged, crime = rows["domestic_abuse"] == "true", rows["kind"] == "crime"
    assert 0.43 < crime[flagged].mean() < 0.65
    assert 0.13 < flagged[crime].mean() < 0.22


def test_stalking_harassment_and_malicious_communications(rows):
    names = ["harassment", "harassment_fear", "stalking", "stalking_fear", "stalking_serious_alarm",
             "malicious_communications", "threatening_communication"]  # fmt: skip
    counted = [codes()[OFFENCES.index(name)] for name in names]
    assert 0.06 < rows.loc[rows["kind"] == "crime", "offence_code"].isin(counted).mean() < 0.12


def test_recorded_within_a_day(rows):
    wait = pd.to_datetime(rows["recorded_at"]) - pd.to_datetime(rows["reported_at"])
    assert (wait.dropna() <= pd.Timedelta(days=1)).mean() == pytest.approx(0.78, abs=0.04)


def test_orders_for_domestic_incidents_and_pairs(large, rows, pairs):
    orders = large.truth["orders"].to_pandas()
    made = orders["kind"].isin(["non_molestation", "restraining_conviction", "restraining_acquittal"]).sum()
    assert 25 < made / (rows["domestic_abuse"] == "true").sum() * 1_000 < 50
    lasting = orders[~orders["kind"].isin(BAIL_AND_WARNINGS)]
    sides = pd.DataFrame({"a": lasting["respondent"], "b": lasting["protected"].str.split(";").str[0]})
    bound = pd.MultiIndex.from_arrays([sides.min(axis=1), sides.max(axis=1)])
    assert 0.03 < pairs.index.isin(bound).mean() < 0.12


def test_breaches_recorded_as_such(large, rows):
    orders = large.truth["orders"].to_pandas().set_index("order_id")["kind"]
    broken = large.truth["breaches"].to_pandas().query("terms != 'notification'")
    kinds = broken["order_id"].map(orders)
    crimes = ["non_molestation", "restraining_conviction", "restraining_acquittal", "stalking_protection", "dapo"]
    broken = broken[kinds.isin(crimes)].drop_duplicates("incident_id")
    code = rows.drop_duplicates("incident_id").set_index("incident_id")["offence_code"][broken["incident_id"]]
    names = dict(zip(codes(), OFFENCES, strict=True))
    assert 0.35 < code.map(names).fillna("").str.startswith("breach_").mean() < 0.65


def test_suspects_seen_once(large):
    truth = large.truth["incidents"].to_pandas().query("record == 'act'")
    count = truth.dropna(subset=["suspect"]).groupby("suspect").size()
    assert 0.7 < (count == 1).mean() < 0.9
    assert count.max() > 15


def test_orders_are_broken_and_obeyed(large):
    orders = large.truth["orders"].to_pandas()
    restraining = orders[orders["kind"].str.startswith("restraining")]
    assert 0.15 < (restraining["broken"] == "true").mean() < 0.45
