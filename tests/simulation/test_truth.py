"""Accounting: the truth adds up with itself and with the tables, and every reference leads somewhere."""

import numpy as np
import pandas as pd
import pytest

from breachpattern.simulation.truth import COLUMNS


@pytest.fixture(scope="module")
def truth(force):
    return {name: table.to_pandas() for name, table in force.truth.items()}


def listed(column):
    return set(column.dropna().str.split(";").explode())


def test_every_table_has_its_documented_columns(force):
    assert {name: list(columns) for name, columns in COLUMNS.items()} == {
        name: table.column_names for name, table in force.truth.items()
    }


def test_every_incident_stands_in_the_truth_once(force, truth):
    assert truth["incidents"]["incident_id"].is_unique
    assert set(truth["incidents"]["incident_id"]) == set(force.incidents["incident_id"].to_pylist())


def test_every_reference_leads_to_a_person_and_every_person_is_needed(either):
    tables = {name: table.to_pandas() for name, table in either.tables().items()}
    persons = tables["persons"]["person_id"]
    assert persons.is_unique
    used = set()
    for table, columns in (
        ("incidents", ("suspect_id", "victim_id")),
        ("orders", ("respondent_id", "protected_id")),
        ("associations", ("person_id", "other_id")),
    ):
        for column in columns:
            used |= set(tables[table][column].dropna())
    assert used <= set(persons)
    assert set(either.truth["persons"]["person_id"].to_pylist()) == set(persons)
    humans = either.truth["persons"].to_pandas().set_index("person_id")["human"]
    assert set(humans) == set(humans[list(used)]), "nobody has a record whom no row is about"


def test_references_to_incidents_and_orders_lead_somewhere(force, truth):
    incidents, orders = force.incidents.to_pandas(), force.orders.to_pandas()
    on_file = truth["orders"].query("on_file == 'true'")["order_id"]
    assert set(orders["order_id"]) == set(on_file)
    assert listed(incidents["breach_of"]) <= set(orders["order_id"])
    assert listed(orders["founded_on"]) <= set(incidents["incident_id"])
    assert set(truth["breaches"]["incident_id"]) <= set(incidents["incident_id"])
    assert set(truth["breaches"]["order_id"]) <= set(truth["orders"]["order_id"])
    assert set(truth["incidents"]["campaign_id"].dropna()) <= set(truth["campaigns"]["campaign_id"])
    assert set(truth["incidents"]["unit"].dropna()) <= set(truth["units"]["unit"])


def test_records_name_those_who_did_it_or_nobody(force, truth):
    human = truth["persons"].set_index("person_id")["human"]
    rows = force.incidents.to_pandas().merge(truth["incidents"], on="incident_id")
    named = rows.groupby("incident_id").head(1).dropna(subset=["suspect_id"])
    several = rows.groupby("incident_id")["suspect_id"].transform("nunique") > 1
    alone = named[~several.reindex(named.index)]
    assert (alone["suspect_id"].map(human) == alone["suspect"]).all()
    assert len(alone) > 5_000
    unknown = rows[rows["process"] == "unknown_suspect"]
    assert unknown["suspect_id"].isna().all()
    assert unknown["suspect"].isna().all()


def test_campaigns_count_their_acts_and_incidents(truth):
    incidents, campaigns = truth["incidents"], truth["campaigns"]
    own = incidents[~incidents["record"].isin(["custody", "failure"])]
    counted = own.groupby("campaign_id").size()
    assert (campaigns.set_index("campaign_id")["incidents"] == counted).all()
    assert (campaigns["acts"] >= own.groupby("campaign_id")["act_id"].nunique().to_numpy()).all()
    courses = campaigns["course_of_conduct"] == "true"
    assert (campaigns.loc[courses, "acts"] >= 2).all()
    assert (campaigns["started"] <= campaigns["ended"]).all()
    assert set(campaigns["kind"]) == {
        "rejected", "controlling", "resentful", "intimacy_seeking", "predatory", "by_proxy", "connected_victims",
        "serial",
    }  # fmt: skip


def test_dyads_and_units_tell_the_same_courses(truth):
    dyads = truth["dyads"]
    assert not dyads.duplicated(["suspect", "victim"]).any()
    courses = dyads[dyads["course_of_conduct"] == "true"]
    assert courses["campaign_id"].notna().all()
    assert (courses["acts"] >= 2).all()
    units = truth["units"].set_index("unit")["course_of_conduct"]
    assert (units[courses["campaign_id"]] == "true").all()


def test_serial_offenders_have_several_victims(truth):
    serial = truth["campaigns"].query("kind == 'serial'")
    assert serial["series"].notna().all()
    assert serial.groupby("series")["suspect"].nunique().max() == 1
    assert serial.groupby("series")["victim"].nunique().max() >= 2


def test_breaches_happen_while_the_order_lives_and_by_whom_it_binds(force, truth):
    orders = truth["orders"].set_index("order_id")
    breaches = truth["breaches"].merge(truth["incidents"][["incident_id", "act"]], on="incident_id")
    breaches = breaches.join(orders[["respondent", "made", "ended"]], on="order_id")
    times = force.incidents.to_pandas().drop_duplicates("incident_id").set_index("incident_id")
    at = pd.to_datetime(times["occurred_from"], format="ISO8601")[breaches["incident_id"]].to_numpy()
    timed = times["occurred_from"].str.len()[breaches["incident_id"]].to_numpy() > 10
    made = pd.to_datetime(breaches["made"]).to_numpy()
    ended = pd.to_datetime(breaches["ended"]).fillna(pd.Timestamp("2200-01-01")).to_numpy()
    # A record of damage may begin hours before the act, which is known to the truth alone.
    assert (at[timed] > made[timed] - np.timedelta64(6, "h")).all()
    assert (at[timed] < ended[timed]).all()
    by_himself = breaches["suspect"] == breaches["respondent"]
    assert by_himself.mean() > 0.9
    assert (breaches.loc[~by_himself, "terms"] == "no_indirect_contact").all()


def test_duplicates_and_logs_are_about_an_act_that_has_a_record(truth):
    incidents = truth["incidents"]
    acts = set(incidents.query("record == 'act'")["act_id"])
    further = incidents[incidents["record"].isin(["log", "again", "addition", "arrest"])]
    assert further["record"].nunique() == 4
    assert set(further["act_id"]) <= acts
    assert "second" not in set(incidents["record"]), "the first row of an incident is that of its act"


def test_one_human_may_have_several_records(truth):
    count = truth["persons"].groupby("human").size()
    assert 0.04 < (count > 1).mean() < 0.15
