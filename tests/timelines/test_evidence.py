"""A custody record is an arrest for conduct: it stands for it only where nothing else does."""

import pytest
from tests.facts import courses, incident, order, timelines

CALL = {"behaviours": "contact;threat", "channel": "phone"}
BREACH = {"kind": "custody", "offence_code": "008/31"}


def incidents_in_courses(*rows, orders=None):
    return sorted({i for c in courses(timelines(list(rows), orders)) for i in c["incidents"]})


@pytest.mark.parametrize("code", ["195/94", "105/01", "008/31", "149/00"])
@pytest.mark.parametrize("until", ["2025-05-02T20:00", "2025-06-20T09:00"])
def test_an_arrest_that_names_the_offence_is_no_second_occasion(code, until):
    call = incident("I1", "2025-05-01T19:10", kind="crime", offence_code="195/94", **CALL)
    custody = incident("K1", "2025-05-02T10:00", occurred_to=until, kind="custody", offence_code=code)
    assert incidents_in_courses(call, custody) == []


def test_an_arrest_that_alone_records_a_breach_stands_for_it():
    call = incident("I1", "2025-03-01T19:10", **CALL)
    arrest = incident("K1", "2025-03-20T10:00", **BREACH)
    assert incidents_in_courses(call, arrest, orders=[order("O1")]) == ["I1", "K1"]
    told = incident("I2", "2025-03-18T23:00", **CALL)
    assert incidents_in_courses(call, told, arrest, orders=[order("O1")]) == ["I1", "I2"]


def test_an_arrest_for_harassment_says_no_act():
    rows = [incident(f"K{d}", f"2025-03-{d}T10:00", kind="custody", offence_code="195/94") for d in (10, 20)]
    assert incidents_in_courses(*rows) == []


def test_a_custody_record_that_describes_an_act_is_conduct():
    rows = [incident(f"K{d}", f"2025-03-{d}T10:00", kind="custody", **CALL) for d in (10, 12)]
    assert incidents_in_courses(*rows) == ["K10", "K12"]
