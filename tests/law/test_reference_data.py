"""The catalogue against the official code lists and labels as forces typed them, where these are at hand."""

import csv
import gzip
import os
from pathlib import Path

import pytest

from breachpattern.law import Catalogue

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("BREACHPATTERN_REFERENCE_DATA") or ROOT.parent / "shared" / "data") / "uk_codes"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the official code lists are not at hand")
LAW = Catalogue.load()

# Codes that older records carry and the present lists have dropped.
HISTORIC = {"PH97002", "PH97003", "PH97007", "PH97008", "CJ15005", "CJ15013"}
# Offences whose records cannot be told apart by their words.
FAMILIES = [
    {"breach_restraining", "breach_restraining_acquittal"},
    {"breach_bail", "breach_police_bail", "breach_court_bail"},
    {"harassment_alarm_distress_poa", "intentional_harassment_poa"},
    {"aggravated_harassment_alarm_poa", "aggravated_public_order"},
    {"perverting_justice", "witness_intimidation"},
    {"breach_order", "breach_magistrates_order"},
]


def rows(name):
    path = FOLDER / name
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def cjs():
    return {row["cjsCode"]: row for row in rows("cjs_offences.csv.gz")}


def same_family(one, other):
    return one == other or any({one, other} <= family for family in FAMILIES)


def test_home_office_codes_exist():
    official = {row["ho_code"] for row in rows("home_office_codes.csv")}
    assert {code for o in LAW.offences.values() for code in o.ho_codes} <= official


def test_cjs_codes_exist(cjs):
    ours = {code for o in LAW.offences.values() for code in o.cjs_codes}
    assert ours - set(cjs) - HISTORIC == set()


def test_court_result_codes_exist():
    official = {row["cjsCode"] for row in rows("court_result_codes.csv")}
    ours = {code for kind in LAW.order_kinds.values() for code in (*kind.result_codes, *kind.change_codes)}
    assert ours <= official


def test_the_mode_of_trial_is_that_of_the_official_list(cjs):
    modes = {"CS": "summary", "CE": "either way", "CI": "indictable"}
    # Breach of a bind over is filed as summary, and as no offence, under one title each: the statute has no offence.
    mixed = {"burglary_dwelling", "arson", "breach_court_bail", "breach_bind_over"}
    for offence in LAW.offences.values():
        official = {modes.get(cjs[c]["offenceCategory"], "") for c in offence.cjs_codes if c in cjs} - {""}
        if official and offence.id not in mixed:
            assert official == {offence.mode}, offence.id


def test_labels_as_forces_typed_them_resolve_and_none_to_another_family():
    labels = rows("police_labels.csv")
    found = [LAW.recognise(None, row["label"]).offence for row in labels]
    assert sum(offence is not None for offence in found) >= 0.95 * len(labels)
    for row, offence in zip(labels, found, strict=True):
        if row["ho_code_given_by_source"] and offence:
            assert same_family(offence, LAW.recognise(row["ho_code_given_by_source"], None).offence), row


def test_official_titles_never_lead_to_another_offence_than_their_code(cjs):
    wrong = []
    ours = [(code, o.id) for o in LAW.offences.values() for code in o.cjs_codes if code in cjs]
    for code, by_code in ours:
        row = cjs[code]
        by_words = LAW.recognise(None, row["offenceTitle"]).offence
        if by_words is not None and not same_family(by_code, by_words):
            wrong.append((code, row["offenceTitle"], by_words))
    assert len(ours) > 150
    assert wrong == []


@pytest.mark.further
def test_titles_of_unrelated_breaches_do_not_become_breaches_of_a_victims_order(cjs):
    """Of some 15,000 other offences, many breach a notice, a licence or an order; almost none may be taken for ours."""
    ours = {code for o in LAW.offences.values() for code in o.cjs_codes}
    taken = [
        row["offenceTitle"]
        for code, row in cjs.items()
        if code[:7] not in ours
        and any(word in row["offenceTitle"].lower() for word in ("breach", "contraven", "comply"))
        and (found := LAW.recognise(None, row["offenceTitle"]).offence) is not None
        and LAW.offences[found].breach_of
    ]
    assert len(taken) <= 20, taken
