"""Every measure to the record, by hand, with a breach in each window of the recording rules.

The windows: before April 2014, 2014 to 2018, 2018 to 2020, 2020 to 2023, and after. In each, a suspect of his own
(S13, S16, S19, S21, S24) texts a former partner (V13 …) twice and breaks a restraining order a month later. What police
did differs, and is said beside each.
"""

from __future__ import annotations

import pytest

import breachpattern as bp
from breachpattern.review.measures import audit, definitions, read_actions
from breachpattern.review.register import Register

YEARS = ("13", "16", "19", "21", "24")


USUAL = {"kind": "incident", "behaviours": "contact", "channel": "text", "status": "closed", "force": "North",
         "relationship": "ex_partner"}  # fmt: skip
SEEN = {"behaviours": "follow", "channel": "in_person"}


def row(ident, at, suspect, victim, **more):
    told = {"reported_at": at[:11] + "20:00", "recorded_at": at[:11] + "21:00"}
    who = {"incident_id": ident, "occurred_from": at, "suspect_id": suspect, "victim_id": victim}
    return who | told | USUAL | more


def chain(year):
    suspect, victim = f"S{year}", f"V{year}"
    breach = {"kind": "crime", "offence_code": "008/31", "breach_of": f"O{year}"}
    return [
        row(f"T{year}", f"20{year}-06-01T10:00", suspect, victim),
        row(f"U{year}", f"20{year}-06-15T10:00", suspect, victim),
        row(f"B{year}", f"20{year}-07-01T10:00", suspect, victim, **breach, occurrence_ref=f"C{year}"),
    ]


MORE = {
    "T13": {"narrative": "He breached the restraining order with a text."},
    "B13": {"outcome": "1", "narrative": "Breach of restraining order."},
    "B16": {"outcome": "16"},
    "B19": {"outcome": "14", "recorded_at": "2019-07-03T09:00"},
    "B21": {"outcome": "15", "force": "South"},
    "U24": {"narrative": "No breach of the order."},
}
INCIDENTS = [one | MORE.get(one["incident_id"], {}) for year in YEARS for one in chain(year)] + [
    # 2013: harassment by a former partner, long before that had to be stalking.
    row("H13", "2013-07-10T10:00", "S13", "V13", kind="crime", offence_code="008/30", occurrence_ref="C13"),
    # 2016: he comes again three weeks after the breach was closed for want of support. He is in custody the next day.
    row("X16", "2016-07-22T10:00", "S16", "V16"),
    row("A16", "2016-07-02T08:00", "S16", "", kind="custody", behaviours="", channel=""),
    # 2019: stalking recorded in addition, twelve days later, as the rule asked.
    row("K19", "2019-07-13T10:00", "S19", "V19", kind="crime", offence_code="008/65", **SEEN),
    # 2021: harassment by a former partner, recorded as that alone; an application for a protection order in August.
    row("H21", "2022-02-01T10:00", "S21", "V21", kind="crime", offence_code="008/30"),
    row("P21", "2021-08-20T10:00", "S21", "V21", kind="civil", offence_code="ST19501", behaviours="", channel=""),
    # 2024: nothing but the breach. He is seen at her work, in the exclusion zone, at another breach in October.
    row("Z24", "2024-10-01T10:00", "S24", "V24", kind="crime", offence_code="008/31", breach_of="O24",
        postcode="ZZ21AA", behaviours="approach;loiter", channel="in_person"),
]  # fmt: skip
ORDERS = [
    {"order_id": f"O{year}", "kind": "restraining_conviction", "respondent_id": f"S{year}", "protected_id": f"V{year}",
     "made_on": f"20{year}-05-01", "served_at": f"20{year}-05-02T10:00", "ends": f"20{year}-12-31",
     "terms": "no_contact;exclusion" if year == "24" else "no_contact",
     "exclusion_postcodes": "ZZ2" if year == "24" else ""}
    for year in YEARS
]  # fmt: skip
PERSONS = [{"person_id": "S13", "date_of_birth": "1980-01-01"}, {"person_id": "S16", "cro_number": "12/34A"}]
ACTIONS = [
    {"action": "risk_assessment", "at": "2013-07-02T09:00", "incident_id": "B13"},
    {"action": "risk_assessment", "at": "2024-07-20T09:00", "incident_id": "B24"},
    {"action": "arrest", "at": "2021-07-05T09:00", "suspect_id": "S21"},
    {"action": "protection_order_decision", "at": "2024-11-20T09:00", "suspect_id": "S24", "victim_id": "V24"},
    {"action": "arrest", "at": "2026-01-01T09:00", "suspect_id": "S24"},
]
ALL = {"B13", "B16", "B19", "B21", "B24", "Z24"}

# By measure: the records that meet the numerator, and the others of the denominator.
HAND = {
    # H13 shares an occurrence number with B13.
    "M1": ({"B13"}, ALL - {"B13"}),
    # H13, K19 are conduct crimes near B13, B19. A risk assessment came on time after B24. Z24: B24 and two texts before
    # it, and the decision of 20 November is 50 days later. P21 came 50 days after B21, H21 later still: alone.
    "M2": ({"B16", "B21", "Z24"}, {"B13", "B19", "B24"}),
    # The same without risk assessments.
    "M2.records": ({"B16", "B21", "B24", "Z24"}, {"B13", "B19"}),
    # Recorded April 2018 to April 2023 alone; K19 twelve days after B19, H21 seven months after B21.
    "M3": ({"B19"}, {"B21"}),
    # From May 2023: both are crimes in a course, without a conduct crime.
    "M4": ({"B24", "Z24"}, set()),
    # From April 2020: H21 alone, as harassment. H13 and K19 are older.
    "M5": (set(), {"H21"}),
    "M8.24h": ({"B16"}, ALL - {"B16"}),
    "M8.7d": ({"B16", "B21"}, ALL - {"B16", "B21"}),
    "M8.30d": ({"B16", "B21"}, ALL - {"B16", "B21"}),
    # Closed 14 or 16: X16 came 21 days after B16, K19 12 days after B19.
    "M9": ({"B16", "B19"}, set()),
    # Every victim's last breach or conduct crime with an event after it: B16 (X16), B19 (K19), B21 (H21, after the
    # order had ended), B24 (Z24), B13 (H13). At all but H21 the order of that year was in force.
    "M11.next": ({"B21"}, {"B13", "B16", "B19", "B24"}),
    # Within 72 hours of the report.
    "M15": ({"B13"}, ALL - {"B13"}),
    # T13 and B13 speak of a broken order, U24 denies one.
    "M17": ({"T13"}, {"B13"}),
    # Everything towards the protected person while the order stood: texts, breaches, X16, H13, K19.
    "M17.terms": ({f"{kind}{year}" for year in YEARS for kind in "TU"} | {"X16", "H13", "K19"}, ALL),
    # O24 alone has an area: Z24 lies in it, B24 says nothing of a place.
    "M18": ({"Z24"}, {"B24"}),
    "M18.terms": (ALL, set()),
    "M20": (set(), ALL),
    # B19 was recorded two days after it was told.
    "M21": (ALL - {"B19"}, {"B19"}),
    "M22": (ALL, set()),
}
COUNTS = {
    # Pairs with a breach: five, S24 and V24 with two.
    "M6.2": (1, 5), "M6.3": (0, 5), "M6.5": (0, 5),
    # Each order was served on 2 May and broken on 1 July, 60 days later.
    "M6.first": (5, 5),
    # Suspects of the last year, and victims.
    "M13": (0, 1),
    # S21 and V21 were seen by North and South.
    "M14": (1, 5),
    "M19.served": (5, 5), "M19.protected": (5, 5), "M19.terms": (5, 5), "M19.end": (5, 5),
    # A CRO number is neither a PNC id nor a date of birth.
    "M19.people": (1, 2),
    # All but the custody record.
    "M19.pairs": (21, 22), "M19.reported": (22, 22),
}  # fmt: skip


def analysed(as_of="2024-12-31"):
    extract = bp.read_extract(INCIDENTS, ORDERS, PERSONS, keep_narrative=True)
    return bp.Analyser().analyse(extract, as_of=as_of)


@pytest.fixture(scope="module")
def found():
    return audit(analysed(), actions=read_actions(ACTIONS))


@pytest.mark.parametrize("measure", HAND)
def test_the_records_are_those_counted_by_hand(found, measure):
    records = found.records[found.records["measure"] == measure]
    met, others = (set(records.loc[records["met"] == which, "incident_id"]) for which in (True, False))
    assert (met, others) == HAND[measure]


@pytest.mark.parametrize("measure", COUNTS)
def test_the_counts_are_those_made_by_hand(found, measure):
    whole = found[measure]
    assert (int(whole["numerator"]), int(whole["denominator"])) == COUNTS[measure]


def test_mixes_medians_and_waiting_times_by_hand(found):
    mixes = found.whole.set_index("measure")
    outcomes = mixes.loc["M7"].set_index("category")["numerator"].to_dict()
    assert {name.split()[0]: int(count) for name, count in outcomes.items()} == {
        "1": 1, "14": 1, "15": 1, "16": 1, "none": 2,
    }  # fmt: skip
    kinds = mixes.loc["M12"]
    kinds = kinds.to_frame().T if kinds.ndim == 1 else kinds
    assert kinds["numerator"].sum() == 6
    # B24 on 1 July, Z24 on 1 October at the same hour.
    assert found["M6.between"]["days"] == 92
    # From 2 May 10:00 to 1 July 10:00.
    assert (found["M6.first"]["share"], found["M6.first"]["days"]) == (1.0, 60)


def test_every_measure_is_computed_and_held_by_hand_or_by_a_test_of_its_own(found):
    assert (found.whole["status"] == "computed").all()
    assert set(definitions()) - set(HAND) - set(COUNTS) == {"M6.between", "M7", "M10", "M11.days", "M12", "M16"}


def test_pairs_of_whom_a_protection_order_was_considered(found):
    records = found.records[found.records["measure"] == "M10"]
    told = dict(zip(records["suspect_id"], records["met"], strict=True))
    # Contact is an act associated with stalking. An application (P21) and a decision (S24) are on record.
    assert told == {"S13": False, "S16": False, "S19": False, "S21": True, "S24": True}


def test_pairs_without_protection_and_how_long(found):
    records = found.records[found.records["measure"] == "M11.days"]
    # At H21 alone no order was in force, and none came.
    assert records[["suspect_id", "met"]].to_numpy().tolist() == [["S21", False]]


def test_what_runs_out_of_time(found):
    # S24's last act was on 1 October 2024: six months run to 1 April 2025.
    assert (int(found["M16"]["numerator"]), int(found["M16"]["denominator"])) == (0, 1)
    later = audit(analysed("2025-03-15"))["M16"]
    assert (int(later["numerator"]), int(later["denominator"])) == (1, 1)


def test_an_application_that_names_nobody_is_a_consideration_too():
    asked = row("P19", "2016-07-20T10:00", "S16", "", kind="civil", offence_code="st19501", behaviours="", channel="")
    extract = bp.read_extract([*INCIDENTS, asked], ORDERS)
    told = audit(bp.Analyser().analyse(extract, "2024-12-31"))
    records = told.records[(told.records["measure"] == "M2.records") & told.records["met"]]
    assert set(records["incident_id"]) == HAND["M2.records"][0] - {"B16"}


def test_what_lies_ahead_makes_no_measure_computable():
    early = audit(analysed("2013-04-30"), actions=read_actions(ACTIONS))
    assert early["M15"]["missing"] == "actions.risk_assessment"
    assert early["M20"]["missing"] == "orders"
    assert early["M8.24h"]["missing"] == "incidents.kind=custody|actions.arrest"


def test_harassment_only_leaves_the_denominator_and_the_difference_is_shown():
    # Two records of harassment by a former partner: a course, and a finding that asks about its class.
    harassment = {"kind": "crime", "offence_code": "195/94", **SEEN}
    rows = [row(f"H{day}", f"2022-03-0{day}T10:00", "S1", "V1", **harassment) for day in (1, 6)]
    rows.append(row("K9", "2022-05-01T10:00", "S2", "V2", kind="crime", offence_code="008/65", behaviours="follow"))
    run = bp.Analyser().analyse(bp.read_extract(rows), "2022-12-31")
    plain = audit(run)
    assert "no register was given" in plain["M5"]["note"]
    assert (int(plain["M5"]["numerator"]), int(plain["M5"]["denominator"])) == (1, 3)
    with Register("sqlite://", who="A. Reader") as register:
        undecided = audit(run, register=register)
        assert (undecided["M5"]["note"], len(undecided.verdicts)) == ("", 0)
        asked = next(finding.id for finding in run.findings if finding.pattern == "ex_partner_default")
        register.decide(run, asked, "rejected", "not_the_person")
        assert int(audit(run, register=register)["M5"]["denominator"]) == 3, "another reason says something else"
        register.decide(run, asked, "rejected", "harassment_only", seen=1)
        told = audit(run, register=register)
    assert (int(told["M5"]["numerator"]), int(told["M5"]["denominator"])) == (1, 1)
    (changed,) = told.verdicts.to_dict("records")
    assert (changed["measure"], changed["denominator"], changed["denominator_without"]) == ("M5", 1, 3)
