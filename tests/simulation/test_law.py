"""No order before its kind existed, no offence before it was one, each recording rule in its time."""

from datetime import date

import pandas as pd
import pytest

from breachpattern.law import Catalogue
from breachpattern.simulation.offences import BREACH_OFFENCES, OFFENCES, codes, own_offence
from breachpattern.simulation.police import ORDER_KINDS
from breachpattern.simulation.register import NOTIFIES


@pytest.fixture(scope="module")
def law():
    return Catalogue.load()


def test_no_order_is_made_before_its_kind_existed(force, law):
    orders = force.truth["orders"].to_pandas()
    for kind, made in pd.to_datetime(orders["made"]).groupby(orders["kind"]).min().items():
        assert law.order_kinds[kind].in_force.holds(made.date()), kind
    assert {"stalking_protection", "dapo", "dvpo", "non_molestation"} <= set(orders["kind"])


def test_no_offence_is_recorded_for_a_day_on_which_it_was_none(force, law):
    rows = force.incidents.to_pandas().dropna(subset=["offence_code"])
    known = {code: law.offences[name] for code, name in zip(codes(), OFFENCES, strict=True)}
    assert set(rows["offence_code"]) <= set(known)
    days = pd.to_datetime(rows["occurred_from"].str[:10]).dt.date
    for code, of in days.groupby(rows["offence_code"]):
        assert known[code].in_force.holds(of.min()), code
        assert known[code].in_force.holds(of.max()), code


def test_what_is_coded_is_what_the_catalogue_recognises(law):
    for code, name in zip(codes(), OFFENCES, strict=True):
        assert law.recognise(code, None).offence == name


def test_conduct_is_recorded_in_addition_only_while_the_rules_asked_for_it(force):
    truth = force.truth["incidents"].to_pandas().set_index("incident_id")
    rows = force.incidents.to_pandas().set_index("incident_id")
    added = rows.loc[truth.index[truth["record"] == "addition"]]
    assert len(added) > 10
    assert added["recorded_at"].between("2018-04-01", "2023-05-01").all()


def test_former_partners_are_stalked_by_default_since_april_2020(force):
    rows = force.incidents.to_pandas().query("relationship == 'ex_partner'")
    conduct = rows[rows["offence_code"].isin(["195/94", "195/12", "008/30", "008/65", "008/66"])]
    stalking = conduct["offence_code"].isin(["195/12", "008/65", "008/66"])
    since = conduct["recorded_at"] >= "2020-04-01"
    assert stalking[since].mean() > 0.7
    assert stalking[~since].mean() < 0.45


def test_only_kinds_with_a_duty_notify_and_requirements_stand_where_the_law_lets_them(law):
    assert set(NOTIFIES) == {k for k in ORDER_KINDS if law.order_kinds[k].notification is not None}
    for kind, offence in BREACH_OFFENCES.items():
        assert kind in law.offences[offence].breach_of


def test_an_act_takes_the_offence_of_its_day():
    import numpy as np

    from breachpattern.simulation.acts import ACTS
    from breachpattern.simulation.clock import minute

    what = np.full(2, ACTS.index("images"))
    at = np.array([minute(date(2024, 1, 30)), minute(date(2024, 1, 31))])
    assert [OFFENCES[code] for code in own_offence(what, at)] == ["private_images", "intimate_images"]


def test_outcomes_exist_on_their_day(force):
    rows = force.incidents.to_pandas()
    diverted = rows[rows["outcome"] == "22"]
    assert len(diverted) > 0
    assert (diverted["recorded_at"] >= "2019-04-01").all()
