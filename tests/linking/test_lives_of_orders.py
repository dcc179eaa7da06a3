"""Whole tables of orders, column by column, say what their rules say one version at a time (:mod:`account`)."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import catalogue
from tests.linking.account import BLANK, versions_of

from breachpattern.ingest import read_extract
from breachpattern.linking.entities import Entities
from breachpattern.linking.orders import live_orders
from breachpattern.spans import DAY, FOREVER, day_bounds
from breachpattern.vocabulary import TERMS

SCHEMA = read_extract([]).orders.schema
FIRST = date(2025, 3, 20)  # the clocks go forward on the 30th
PEOPLE, ORDERS, INCIDENTS = ["A1", "P1", "P2", "V2"], ["O1", "O2"], ["I1", "I2"]
KINDS = (
    "restraining",
    "non_molestation",
    "dapo",
    "dvpn",
    "dvpo",
    "police_bail",
    "stalking_protection",
    "police_warning",
)
LIMITED, ON_NOTICE = ("dvpn", "dvpo", "police_bail"), ("non_molestation", "dapo")
FIELDS = (
    "row", "start_lo", "start_hi", "end_lo", "end_hi", "hands_over", "aware", "varied_unaware", "made", "served",
    "terms", "terms_on_file", "is_order", "needs_awareness", "needs_service", "notice_unknown", "end_doubtful",
    "capped", "open_ended", "names_nobody", "curfew_from", "curfew_to",
)  # fmt: skip

days = st.integers(0, 7).map(lambda n: day_bounds(FIRST + timedelta(n)))
moments = st.integers(0, 7 * 4).map(lambda n: (day_bounds(FIRST)[0] + n * DAY // 4,) * 2)
windows = st.one_of(days, moments, st.just(BLANK))
maybe = st.one_of(st.just(BLANK), st.just(BLANK), days, moments)
ENDS = st.sampled_from([None, None, *(day_bounds(FIRST + timedelta(n))[1] for n in (3, 6, 40))])
instants = st.one_of(st.just(FOREVER), moments.map(lambda moment: moment[0]))


@st.composite
def tables(draw, kinds=KINDS, made=windows, ends=ENDS):
    kind = {order: draw(st.sampled_from(kinds)) for order in ORDERS}
    rows = []
    for number in range(draw(st.integers(1, 7))):
        order = draw(st.sampled_from(ORDERS))
        rows.append(
            {
                "row": 7 + 3 * number,
                "order_id": order,
                "version": draw(st.sampled_from([1, 1, 2, 3])),
                "kind": kind[order] if draw(st.integers(0, 9)) else draw(st.sampled_from(kinds)),
                "respondent_id": draw(st.sampled_from(["P1", "P1", "P2"])),
                "protected_id": draw(st.sampled_from([None, "A1", "V2"])),
                "made": draw(made),
                "served": draw(maybe),
                "aware": draw(maybe),
                "starts": draw(maybe),
                "discharged": draw(maybe),
                "ends": draw(ends),
                "ends_doubtful": draw(st.integers(0, 9)) == 0,
                "without_notice": draw(st.sampled_from([None, False, True])),
                "terms": draw(st.sampled_from([0, TERMS.mask(["no_contact"]), TERMS.mask(["exclusion", "curfew"])])),
                "exclusion_postcodes": draw(st.sampled_from([None, None, "ZZ11AA", "ZZ2"])),
                "exclusion_radius_m": draw(st.sampled_from([None, None, 100.0, 250.0])),
                "curfew_from": draw(st.sampled_from([-1, -1, 0, 1140])),
                "curfew_to": draw(st.sampled_from([-1, -1, 0, 420])),
                "founded_on": draw(st.sampled_from([None, "I1", "I2;I1"])),
            }
        )
    return rows


def table(rows):
    """Rows as the table that is read of an extract."""
    written = []
    for row in rows:
        whole = {name: value for name, value in row.items() if not isinstance(value, tuple)}
        for name in ("made", "served", "aware", "starts", "discharged"):
            whole |= {f"{name}_{side}": value if row[name] != BLANK else None
                      for side, value in zip(("lo", "hi"), row[name], strict=True)}  # fmt: skip
        whole |= {side: None if row[side] < 0 else row[side] for side in ("curfew_from", "curfew_to")}
        radius = row["exclusion_radius_m"]
        written.append(whole | {"exclusion_lat": radius and radius / 10, "exclusion_lon": radius and -radius / 100})
    return pa.Table.from_pylist(written, schema=SCHEMA)


def read(rows, as_of=FOREVER):
    people = Entities.known(pa.array(PEOPLE))
    ids = {"incident_ids": pa.array(INCIDENTS), "order_ids": pa.array(ORDERS)}
    return live_orders(table(rows), catalogue(), as_of, people=people, **ids)


@given(tables(), instants)
def test_orders_live_as_their_rules_say_version_by_version(rows, as_of):
    agree(rows, as_of)


@given(tables(LIMITED, maybe, st.none()), instants)
def test_what_the_law_limits_lives_as_its_rules_say(rows, as_of):
    agree(rows, as_of)


@given(tables(ON_NOTICE, days), instants)
def test_who_must_know_of_an_order_is_told_as_the_rules_say(rows, as_of):
    agree(rows, as_of)


def agree(rows, as_of):
    found, wanted = read(rows, as_of), versions_of(rows, catalogue(), as_of)
    keys = [(PEOPLE[p], ORDERS[o], v) for p, o, v in zip(found.respondent, found.order, found.version, strict=True)]
    assert keys == [version["key"] for version in wanted]
    assert [catalogue().order_kind_ids[k] for k in found.kind] == [version["kind"].id for version in wanted]
    for name in FIELDS:
        column = getattr(found, name)
        assert len(column) == len(wanted), name
        assert column.tolist() == [version[name] for version in wanted], name
    pairs = {
        name: [(n, text) for n, v in enumerate(wanted) for text in sorted(v[name])] for name in ("protected", "founded")
    }
    assert [(n, PEOPLE[code]) for n, code in zip(*found.protections, strict=True)] == pairs["protected"]
    assert [(n, INCIDENTS[code]) for n, code in zip(*found.founded, strict=True)] == pairs["founded"]
    zones = [(n, *zone) for n, version in enumerate(wanted) for zone in version["zones"]]
    assert found.zones.version.tolist() == [n for n, _, _ in zones]
    assert found.zones.postcodes.to_pylist() == [postcodes for _, postcodes, _ in zones]
    radius = np.array([np.nan if r is None else r for _, _, r in zones], dtype=np.float64)
    for name, wanted_column in (("radius", radius), ("lat", radius / 10), ("lon", -radius / 100)):
        np.testing.assert_array_equal(getattr(found.zones, name), wanted_column)
    for version, held in enumerate(wanted):
        asked = np.arange(-1, len(PEOPLE), dtype=np.int32)
        protects = found.protects(np.full(len(asked), version), asked)
        assert protects.dtype == np.bool_
        assert asked[protects].tolist() == sorted(PEOPLE.index(text) for text in held["protected"])


def test_no_orders_protect_nobody_and_a_person_unknown_is_never_protected():
    found = read([])
    assert len(found) == 0
    none = found.protects(np.empty(0, np.int64), np.empty(0, np.int32))
    assert (none.dtype, none.tolist()) == (np.bool_, [])


def test_whom_an_order_protects_is_told_apart_among_very_many_orders_too():
    many = np.array([2**30, 2**30])
    found = replace(read([]), protections=(many[:1], np.array([3])))
    assert found.protects(many, np.array([3, 2], dtype=np.int32)).tolist() == [True, False]


def test_columns_have_the_types_that_others_count_on():
    row = {
        "row": 1, "order_id": "O1", "version": 1, "kind": "dapo", "respondent_id": "P1", "protected_id": "A1",
        **dict.fromkeys(("made", "served", "aware", "starts", "discharged"), BLANK), "ends": None,
        "ends_doubtful": False, "without_notice": None, "terms": 0, "exclusion_postcodes": None,
        "exclusion_radius_m": None, "curfew_from": -1, "curfew_to": -1, "founded_on": None,
    }  # fmt: skip
    yes_or_no = {
        "hands_over", "varied_unaware", "terms_on_file", "is_order", "needs_awareness", "needs_service",
        "notice_unknown", "end_doubtful", "capped", "open_ended", "names_nobody",
    }  # fmt: skip
    for rows in ([], [row]):
        found = read(rows)
        for name in (*FIELDS, "order", "kind", "respondent", "version"):
            kind = np.bool_ if name in yes_or_no else np.int32 if name in ("order", "kind", "respondent") else np.int64
            assert getattr(found, name).dtype == kind, name
