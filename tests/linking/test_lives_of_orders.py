"""Whole tables of orders, column by column, say what their rules say one version at a time (:mod:`account`)."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
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
PEOPLE, ORDERS, INCIDENTS = ["P1", "P2", "V1", "V2"], ["O1", "O2"], ["I1", "I2"]
KINDS = [
    "restraining",
    "non_molestation",
    "dapo",
    "dvpn",
    "dvpo",
    "police_bail",
    "stalking_protection",
    "police_warning",
]
FIELDS = (
    "row", "start_lo", "start_hi", "end_lo", "end_hi", "hands_over", "aware", "varied_unaware", "made", "served",
    "terms", "terms_on_file", "is_order", "needs_awareness", "needs_service", "notice_unknown", "end_doubtful",
    "capped", "open_ended", "names_nobody", "curfew_from", "curfew_to",
)  # fmt: skip

days = st.integers(0, 7).map(lambda n: day_bounds(FIRST + timedelta(n)))
moments = st.integers(0, 7 * 4).map(lambda n: (day_bounds(FIRST)[0] + n * DAY // 4,) * 2)
windows = st.one_of(days, moments, st.just(BLANK))
maybe = st.one_of(st.just(BLANK), st.just(BLANK), days, moments)


@st.composite
def tables(draw):
    kind = {order: draw(st.sampled_from(KINDS)) for order in ORDERS}
    rows = []
    for number in range(draw(st.integers(1, 5))):
        order = draw(st.sampled_from(["O1", "O1", "O2"]))
        made = draw(windows)
        rows.append(
            {
                "row": 7 + 3 * number,
                "order_id": order,
                "version": draw(st.sampled_from([1, 1, 2, 3])),
                "kind": kind[order] if draw(st.integers(0, 9)) else draw(st.sampled_from(KINDS)),
                "respondent_id": draw(st.sampled_from(["P1", "P1", "P2"])),
                "protected_id": draw(st.sampled_from([None, "V1", "V2"])),
                "made": made,
                "served": draw(maybe),
                "aware": draw(maybe),
                "starts": draw(maybe),
                "discharged": draw(maybe),
                "ends": draw(st.sampled_from([None, None, *(day_bounds(FIRST + timedelta(n))[1] for n in (3, 6, 40))])),
                "ends_doubtful": draw(st.sampled_from([False, False, False, True])),
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


@given(tables(), st.one_of(st.just(FOREVER), moments.map(lambda moment: moment[0])))
def test_orders_live_as_their_rules_say_version_by_version(rows, as_of):
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


@pytest.mark.parametrize("name", ["start_lo", "aware", "terms", "row", "end_hi", "made", "curfew_from"])
def test_columns_of_seconds_and_masks_are_whole_numbers_of_64_bits(name):
    assert getattr(read([]), name).dtype == np.int64
