"""Every feature says what it is, why, and on whose authority; every source tells exactly what is declared of it."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from tests.scoring.features.given import HARM, analyse, calls, incident, order

from breachpattern.law import Catalogue
from breachpattern.scoring import feature_frame
from breachpattern.scoring.features.declared import UNITS, declared, groups, kinds, parameters, sensitive, version
from breachpattern.scoring.features.harm import weights_of
from breachpattern.scoring.features.histories import histories
from breachpattern.scoring.features.selection import why_sensitive
from breachpattern.vocabulary import BEHAVIOURS

ROOM = "breachpattern.scoring.features"


def source(name):
    module, _, function = name.partition(".")
    return getattr(import_module(f"{ROOM}.{module}"), function)


def campaign():
    """A stalking campaign in which nearly everything happens that a feature tells."""
    days = ("2025-03-01", "2025-03-04", "2025-03-04", "2025-04-20", "2025-05-02", "2025-05-03")
    rows = calls(*days, relationship="ex_partner", force="Northmarch", reported_at="2025-05-10", means="07700900001")
    rows[2] |= {"occurred_from": "2025-03-04T23:00", "behaviours": "threat", "impact": "fear_of_violence"}
    rows[1] |= {"offence_code": "195/94"}
    rows[3] |= {"behaviours": "follow", "channel": "in_person", "place_role": "victim_home", "postcode": "ZZ1 1AA"}
    rows[4] |= {"behaviours": "assault", "channel": "", "offence_code": "105/01", "impact": "serious_alarm_distress"}
    rows[5] |= {"behaviours": "contact", "channel": "third_party", "act_count": "7", "offence_code": "195/94"}
    rows.append(incident("X1", "2025-03-20T10:00", suspect_id="V1", victim_id="P1", behaviours="assault"))
    orders = [
        order(
            "O1",
            made_on="2025-03-10",
            served_at="2025-03-11T10:00",
            ends="2026-12-30",
            terms="no_contact;no_approach;no_violence",
        ),
        order("O2", made_on="2025-04-25", served_at="2025-04-26T10:00", ends="2026-12-31"),
    ]
    return rows, orders


def test_every_source_tells_exactly_what_is_declared_of_it():
    analysis = analyse(*campaign())
    weights = weights_of(HARM, analysis.timelines.catalogue)
    for unit in UNITS:
        told = histories(analysis.timelines, analysis.extract.incidents, unit, analysis.as_of, weights)
        for name in {feature.source for feature in declared(unit)}:
            found = source(name)(told)
            assert set(found) == {feature.name for feature in declared() if feature.source == name}
            assert all(values.dtype == np.float64 and values.shape == (len(told),) for values in found.values())


def test_a_campaign_fills_what_is_declared():
    frame = feature_frame(analyse(*campaign()), unit="dyad", harm=HARM)
    row = frame.loc[("P1", "V1")]
    assert row.index[row.isna()].tolist() == []


def test_every_feature_says_what_why_and_on_whose_authority():
    for feature in declared():
        assert feature.group in groups()
        assert feature.direction in (0, 1)
        assert feature.of in ("", *UNITS)
        assert source(feature.source).__doc__
        assert all(len(text) >= 10 for text in (feature.definition, feature.reason))
        assert len(feature.basis) >= 8
        assert feature.unit
        assert "{" not in feature.name + feature.definition
    names = [feature.name for feature in declared()]
    assert len(set(names)) == len(names)
    assert not set(names) & set(groups())
    assert version()


def test_every_provision_of_a_basis_that_is_named_as_one_is_in_the_catalogue():
    acts = {provision.act for provision in Catalogue.load().provisions.values()}
    cited = {feature.basis.split(" s.")[0].split(" ss.")[0] for feature in declared() if " Act " in feature.basis}
    cited = {text.split(": ")[-1] for text in cited}
    assert sorted(cited - acts) == []


def test_every_number_has_its_reason_and_every_kind_its_behaviours():
    numbers = dict(parameters())
    basis = numbers.pop("basis")
    assert set(basis) == set(numbers)
    assert all(behaviour in BEHAVIOURS for done in kinds().values() for behaviour in done)


def test_no_feature_is_about_a_sensitive_attribute():
    assert [feature.name for feature in declared() if why_sensitive(feature.name)] == []
    assert all(len(why) > 20 for why in sensitive().values())
