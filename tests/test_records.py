from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from breachpattern.errors import UsageError
from breachpattern.records import MODELS, Association, Incident, Order, Person, Reading, json_schema, judge
from breachpattern.records.moments import Unreadable, bounds, iso_rewrite, read_when
from breachpattern.spans import LONDON
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS, TERMS

BASE = {"incident_id": "C1", "occurred_from": "2025-03-01"}


@given(
    st.builds(
        dict,
        incident_id=st.text(min_size=1).filter(str.strip),
        occurred_from=st.datetimes(datetime(1950, 1, 1), datetime(2024, 1, 1)).map(
            lambda d: d.replace(microsecond=0).isoformat()
        ),
        behaviours=st.lists(st.sampled_from(BEHAVIOURS.values), unique=True),
        channel=st.sampled_from([*CHANNELS.values, None]),
        act_count=st.integers(1, 1000),
        lat=st.floats(-90, 90).map(lambda x: round(x, 6)),
        breach_of=st.lists(st.sampled_from(["O1", "O 2", "0042"]), unique=True),
        domestic_abuse=st.booleans() | st.none(),
    )
)
def test_an_incident_survives_json_and_dict(values):
    record = Incident(**values)
    assert Incident.model_validate_json(record.model_dump_json()) == record
    assert Incident.model_validate(record.model_dump()) == record
    again = judge(Incident, record.model_dump()).record
    assert again == record


def test_an_order_survives_json():
    order = Order(
        order_id="0042",
        version="2",
        kind="Non-Molestation Order",
        respondent_id="P1",
        ends="2026-01-09",
        terms="no_contact;exclusion",
        exclusion_postcodes="zz2 3ab;ZZ4",
        curfew_from="22:00",
        curfew_to="6:00",
        without_notice="yes",
    )
    assert (order.kind, order.version, order.terms) == ("non_molestation", 2, ("no_contact", "exclusion"))
    assert (order.exclusion_postcodes, order.curfew_from, order.curfew_to) == (("ZZ23AB", "ZZ4"), time(22), time(6))
    assert Order.model_validate_json(order.model_dump_json()) == order


@pytest.mark.parametrize("table", list(MODELS))
def test_every_field_is_documented_and_every_unknown_one_is_refused(table):
    model = MODELS[table]
    assert all(field.description for field in model.model_fields.values())
    schema = json_schema(table)
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(model.model_fields)
    with pytest.raises(ValidationError, match="extra_forbidden"):
        model.model_validate(dict.fromkeys(model.model_fields, "1") | {"shoe_size": "44"})


def test_schema_names_the_codes_and_the_required_columns():
    assert json_schema("orders")["required"] == ["order_id", "kind", "respondent_id"]
    assert json_schema("order")["properties"]["terms"]["items"]["enum"] == list(TERMS.values)
    assert json_schema("associations")["required"] == ["person_id", "other_id"]
    with pytest.raises(UsageError, match="no table 'shoes'"):
        json_schema("shoes")


def test_records_are_frozen():
    record = Incident(**BASE)
    with pytest.raises(ValidationError, match="frozen"):
        record.channel = "phone"


def test_a_blank_is_not_known_and_a_name_that_looks_like_a_blank_is_a_name():
    person = Person(person_id="NA", given_name="None", surname="Null", phone="  ")
    assert (person.person_id, person.given_name, person.surname, person.phone) == ("NA", "None", "Null", None)


def test_kind_of_a_record_follows_its_code():
    assert Incident(**BASE).kind == "incident"
    assert Incident(**BASE, offence_code="8/65").kind == "crime"
    assert judge(Incident, BASE | {"kind": "gossip", "offence_code": "8/65"}).record.kind == "crime"


def test_a_cell_costs_itself_and_what_is_known_of_a_list_stays():
    verdict = judge(Incident, BASE | {"behaviours": "contact;blether;THREAT", "channel": "pigeon", "act_count": "0"})
    assert verdict.record.behaviours == ("contact", "threat")
    assert (verdict.record.channel, verdict.record.act_count) == (None, 1)
    assert [(p.column, p.code) for p in verdict.problems] == [
        ("behaviours", "unknown_value"),
        ("channel", "unknown_value"),
        ("act_count", "out_of_range"),
    ]


@pytest.mark.parametrize("column", ["incident_id", "occurred_from"])
def test_a_required_cell_costs_the_row(column):
    verdict = judge(Incident, BASE | {column: " "})
    assert verdict.record is None
    assert verdict.problems[0].code == "missing_value"


def test_an_occurrence_in_the_future_of_run_and_record_is_refused():
    reading = Reading(today=date(2026, 6, 30))
    assert judge(Incident, BASE | {"occurred_from": "2026-06-30T23:59"}, reading).record is not None
    late = judge(Incident, BASE | {"occurred_from": "2026-07-01"}, reading)
    assert late.record is None
    assert late.problems[0].code == "occurs_in_future"
    recorded_before = BASE | {"occurred_from": "2026-07-01", "recorded_at": "2026-06-01"}
    assert judge(Incident, recorded_before, reading).record is None
    recorded_after = BASE | {"occurred_from": "2026-07-01", "recorded_at": "2026-07-02"}
    assert judge(Incident, recorded_after, reading).record is not None


def test_an_end_before_the_beginning_is_set_aside_and_one_within_the_same_day_is_not():
    assert judge(Incident, BASE | {"occurred_to": "2025-02-28"}).record.occurred_to is None
    same = judge(Incident, {"incident_id": "C1", "occurred_from": "2025-03-01T10:00", "occurred_to": "2025-03-01"})
    assert same.record.occurred_to == date(2025, 3, 1)
    assert same.problems == ()


def test_an_order_that_ends_before_it_starts_keeps_its_start():
    row = {"order_id": "O", "kind": "dvpo", "respondent_id": "P", "starts": "2025-05-01", "ends": "2025-04-01"}
    verdict = judge(Order, row)
    assert verdict.record.starts == date(2025, 5, 1)
    assert verdict.record.ends is None
    assert verdict.problems[0].code == "order_ends_before_it_starts"
    assert judge(Order, row | {"ends": "2025-05-01"}).problems == ()  # the last day is included
    assert judge(Order, row | {"ends": "9999-12-31"}).record.ends is None
    assert judge(Order, row | {"ends": "9999-12-31"}).problems == ()


def test_a_tie_without_a_word_for_it_is_other():
    assert Association(person_id="P1", other_id="P2").tie == "other"


@given(st.datetimes(datetime(1901, 1, 1), datetime(2099, 1, 1)))
def test_bounds_of_a_moment_are_what_zoneinfo_says(moment):
    moment = moment.replace(microsecond=0)
    found = bounds(moment)
    readings = {int(moment.replace(tzinfo=LONDON, fold=fold).timestamp()) for fold in (0, 1)}
    if found.doubt == "impossible_clock_time":
        assert found.day
        there = datetime.fromtimestamp(min(readings), LONDON).replace(tzinfo=None)
        assert there != moment
    else:
        assert {found.lo, found.hi} == readings


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-03-01", date(2025, 3, 1)),
        ("2025-03-01T10:15", datetime(2025, 3, 1, 10, 15)),
        ("2025-03-01 10:15:30.999", datetime(2025, 3, 1, 10, 15, 30)),
        ("2025-03-01T10:15Z", datetime(2025, 3, 1, 10, 15, tzinfo=UTC)),
        ("2025-03-01T10:15+0530", datetime(2025, 3, 1, 4, 45, tzinfo=UTC)),
        ("07/03/2025 09:05", datetime(2025, 3, 7, 9, 5)),
        ("7 Mar 2025", date(2025, 3, 7)),
    ],
)
def test_explicit_formats_are_read(text, meant):
    assert read_when(text, ("%d/%m/%Y %H:%M", "%d %b %Y")) == meant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("03/04/2025", "ambiguous_date"),
        ("13/04/2025", "unreadable_date"),
        ("2025-02-31", "impossible_date"),
        ("2025-03-01T25:00", "impossible_date"),
        ("0000-00-00", "impossible_date"),
        ("9999-12-31", "year_out_of_range"),
        ("45717", "unreadable_date"),
    ],
)
def test_nothing_is_guessed(text, code):
    with pytest.raises(Unreadable) as caught:
        read_when(text)
    assert caught.value.code == code


def test_a_time_zone_of_the_mapping_is_kept_with_the_time():
    assert read_when("2025-07-01T12:00", (), "UTC") == datetime(2025, 7, 1, 12, tzinfo=ZoneInfo("UTC"))
    assert bounds(read_when("2025-07-01T12:00", (), "UTC")).lo - bounds(read_when("2025-07-01T12:00")).lo == 3600


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)),
    st.sampled_from(["%d/%m/%Y", "%d/%m/%Y %H:%M", "%m-%d-%Y %H:%M:%S", "%Y%m%d", "%d.%m.%Y", "%Y/%m/%d %H:%M"]),
)
def test_rewriting_a_numeric_format_says_the_same_as_reading_it(moment, form):
    import re

    text = moment.strftime(form)
    pattern, replacement = iso_rewrite(form)
    assert read_when(re.sub(pattern, replacement, text)) == read_when(text, (form,))


def test_age_has_bounds():
    today = date(2026, 6, 30)
    for born, kept in ((today, True), (today + timedelta(days=1), False), (date(1900, 1, 1), False)):
        verdict = judge(Person, {"person_id": "P", "date_of_birth": born.isoformat()}, Reading(today=today))
        assert (verdict.record.date_of_birth is not None) is kept


def test_an_order_that_was_refused_is_no_order_and_the_message_says_what_was_read():
    verdict = judge(Order, {"order_id": "O1", "kind": "Non-molestation order refused", "respondent_id": "P1"})
    assert verdict.record is None
    text = " ".join(str(problem) for problem in verdict.problems)
    assert "names non_molestation, but says that none was made, or none that holds" in text
