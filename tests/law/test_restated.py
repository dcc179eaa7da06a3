"""The catalogue against the law restated: tables in `restated`, written from the statutes and not from the catalogue.

Where the two differ, one of them is wrong; neither may be copied from the other. Every entry has its line.
"""

from datetime import date, timedelta
from pathlib import Path

import pytest

from breachpattern.law import Catalogue

LAW = Catalogue.load()
FOLDER = Path(__file__).parent / "restated"
CLASSES = {"P": "prohibition", "R": "requirement", "N": "notification"}
FLAGS = {
    "balance": "record_on_balance_of_probabilities",
    "class": "separate_stalking_class",
    "addition": "conduct_in_addition_to_notifiable",
    "repeat": "repeat_domestic_abuse_flag",
    "former": "ex_partner_default_stalking",
    "one": "principal_crime_only",
}
# Magistrates' Courts Act 1980 s.127 sets no limit here: Bail Act 1976 s.6 has limits of its own.
OWN_LIMIT = {"fail_to_surrender"}


def lines(name):
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    return [
        [cell.strip() for cell in line.split("|")] for line in text.splitlines() if line and not line.startswith("#")
    ]


ACTS = {key: (title, address) for key, title, address in lines("acts")}
PROVISIONS = lines("provisions")
OFFENCES = lines("offences")
ORDERS = lines("orders")
RULES = [(date.fromisoformat(day), ident, set(flags.split())) for day, ident, flags in lines("rules")]
ONE_DAY = timedelta(1)
TODAY = LAW.checked


def test_every_entry_of_the_catalogue_is_restated_and_nothing_else():
    assert [row[0] for row in PROVISIONS] == list(dict.fromkeys(row[0] for row in PROVISIONS))
    assert {row[0] for row in PROVISIONS} == set(LAW.provisions) - {"common_law"}
    assert {row[0] for row in OFFENCES} == set(LAW.offences)
    assert len(OFFENCES) == len(LAW.offences)
    assert {row[0] for row in ORDERS} == set(LAW.order_kinds)
    assert [ident for _, ident, _ in RULES] == [rule.id for rule in LAW.recording_rules]
    assert {row[0].partition(".")[0] for row in PROVISIONS} == set(ACTS)


@pytest.mark.parametrize("row", PROVISIONS, ids=lambda row: row[0])
def test_a_provision_is_where_the_statute_book_has_it(row):
    key, path, start, end, doubt, extent, maximum = row
    title, address = ACTS[key.partition(".")[0]]
    found = LAW.provisions[key]
    assert found.act == title
    assert found.title.startswith(title)
    assert path.startswith(address)
    assert found.url == f"https://www.legislation.gov.uk/{path}"
    if start == "never":
        assert LAW.at(TODAY).provision(key).standing == "not_in_force"
    elif len(start) == 10:
        first = date.fromisoformat(start)
        assert LAW.at(first).provision(key).standing == "in_force"
        assert LAW.at(first - ONE_DAY).provision(key).standing == "not_in_force"
    elif start:
        assert str(found.in_force.start).startswith(start)
    if end:
        gone = date.fromisoformat(end)
        assert LAW.at(gone).provision(key).standing == "not_in_force"
        assert LAW.at(gone - ONE_DAY).provision(key).standing in ("in_force", "start_not_known")
    elif start != "never":
        assert LAW.at(TODAY).provision(key).standing == "in_force"
    if doubt:
        assert not found.verified, "no source shows it, and the catalogue says that one does"
        assert found.substance_verified is (doubt != "all")
    assert not extent or found.extent == extent
    assert maximum in found.maximum


def test_the_common_law_has_no_section_and_no_first_day():
    found = LAW.provisions["common_law"]
    assert (found.section, found.in_force.start, found.in_force.end) == ("", None, None)


@pytest.mark.parametrize("row", OFFENCES, ids=lambda row: row[0])
def test_records_lead_to_the_offence_and_it_is_what_the_statute_says(row):
    ident, names, sections, mode, what = row
    if names.startswith('"'):
        assert LAW.recognise(None, names.strip('"')).offence == ident
    else:
        assert {LAW.recognise(code, None).offence for code in names.split()} == {ident}
    found = LAW.offences[ident]
    assert set(found.provisions) == set(sections.split())
    assert found.mode == mode
    limit = 6 if mode == "summary" and ident not in OWN_LIMIT else None
    assert found.limitation_months == limit
    role, *rest = what.split()
    if role in ("breach", "notification", "requirement", "curfew"):
        assert (found.role, set(found.breach_of), found.conduct) == ("breach", set(rest), "")
        assert found.breach_kind == ("" if role == "breach" else role)
    else:
        assert (found.role, found.conduct, found.breach_of) == (role, " ".join(rest), ())


def changes(text):
    """Return the days on which something changed and what held since; the first day is None where it is open."""
    told = [change.partition("=")[::2] for change in text.split()]
    return [(None if day == "open" else date.fromisoformat(day), what.partition(":")[::2]) for day, what in told]


def expected(told, on):
    """Return the nature and the provision of a breach on a day, by the last change up to it."""
    held = None
    for day, what in told:
        if day is None or day <= on:
            held = what
    return None if held is None or held[0] == "none" else held


def answer(kind, term_class, by, on):
    made, conduct = (on, TODAY) if by == "made" else (None, on)
    return LAW.breach_in_law(kind, CLASSES[term_class], conduct, made=made)


@pytest.mark.parametrize("row", ORDERS, ids=lambda row: f"{row[0]} {row[1]}")
def test_breaking_an_order_is_what_the_statute_says_on_the_days_around_every_change(row):
    kind, classes, by, text = row
    told = changes(text)
    days = {TODAY, date(2020, 6, 1)} | {day + step for day, _ in told if day for step in (-ONE_DAY, 0 * ONE_DAY)}
    for term_class in CLASSES:
        if term_class not in classes.split():
            continue
        for on in sorted(days):
            wanted, found = expected(told, on), answer(kind, term_class, by, on)
            if wanted is None:
                assert found is None, f"{kind}, {term_class}, {on}"
            else:
                assert found is not None, f"{kind}, {term_class}, {on}"
                assert (found.nature, wanted[1] in found.provisions) == (wanted[0], True), f"{kind}, {term_class}, {on}"


@pytest.mark.parametrize("kind", sorted({row[0] for row in ORDERS}))
def test_a_term_that_the_order_cannot_hold_is_no_breach(kind):
    held = {term_class for row in ORDERS if row[0] == kind for term_class in row[1].split()}
    for term_class in set(CLASSES) - held:
        for on in (date(1998, 1, 1), date(2016, 1, 1), date(2021, 1, 1), TODAY):
            assert LAW.breach_in_law(kind, CLASSES[term_class], on) is None


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[1])
def test_a_recording_rule_holds_from_its_first_day_to_the_day_before_the_next(row):
    first, ident, flags = row
    later = [day for day, *_ in RULES if day > first]
    last = min(later) - ONE_DAY if later else TODAY
    before = LAW.recording_rule(first - ONE_DAY)
    assert before is None or before.id != ident
    for on in (first, first + ONE_DAY, last):
        rule = LAW.recording_rule(on)
        assert rule.id == ident
        assert {flag for flag, name in FLAGS.items() if name in rule.requires} == flags
        assert len(rule.requires) == len(flags)
    if later:
        assert LAW.recording_rule(last + ONE_DAY).id != ident
