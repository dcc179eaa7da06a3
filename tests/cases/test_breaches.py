"""Columns judge breaches as they are judged one row and one order version at a time."""

from collections import Counter

import numpy as np
import pytest
from tests.cases.given import extract
from tests.facts import catalogue, incident, order, timelines

from breachpattern.cases.base import Base
from breachpattern.cases.breaches import Judge
from breachpattern.ingest import read_extract
from breachpattern.spans import FOREVER, as_of_second
from breachpattern.timelines import build
from breachpattern.timelines.breaches import find_breaches

FIELDS = ("version", "status", "state", "nature", "kinds", "terms", "reasons", "known", "certain")
TYPES = {
    "row": np.int64, "incident": np.int32, "order": np.int32, "version": np.int64, "suspect": np.int32,
    "victim": np.int32, "start": np.int64, "end": np.int64, "known": np.int64, "status": np.int8, "state": np.int8,
    "nature": np.int8, "kinds": np.int64, "terms": np.int64, "days_since_served": np.float64, "reasons": np.int64,
    "certain": np.bool_,
}  # fmt: skip
JUDGE = Judge(catalogue())


def one_by_one(base, place):
    """What the rules say of one row: its breaches, and the orders that it does not break."""
    columns = base.timelines.columns
    (row,) = base.rows_at([place])
    base.ready_to_judge(row)
    if row.suspect:
        versions = base.versions(int(columns.suspect[place]))
    else:
        versions = [v for order in dict.fromkeys(row.breach_of) for v in base.versions_of_order(order)]
    return JUDGE.breaches(row, versions)


def in_columns(frame, row):
    days = -1 if np.isnan(row.days_since_served) else float(row.days_since_served)
    return tuple(int(getattr(row, name)) for name in FIELDS), days


@pytest.mark.parametrize("as_of", [None, "2025-07-01"])
@pytest.mark.parametrize("seed", range(500, 512))
def test_every_row_is_judged_against_every_order_as_the_rules_say(seed, as_of):
    given = extract(seed, largest=16)
    tables = read_extract(
        given["incidents"], orders=given["orders"] or None, associations=given["associations"] or None
    )
    found = build(tables, catalogue(), FOREVER if as_of is None else as_of_second(as_of))
    base = Base(found, tables)
    columns = found.columns
    once = {code for code, n in Counter(columns.incident.tolist()).items() if n == 1}
    frames = find_breaches(columns, found.orders, catalogue())
    assert [dict(frame.dtypes) for frame in frames] == [TYPES, TYPES]
    assert [list(frame.columns) for frame in frames] == [list(TYPES), list(TYPES)]
    for place in range(len(columns)):
        if int(columns.incident[place]) not in once:
            continue
        for frame, judged in zip(frames, one_by_one(base, place), strict=True):
            mine = frame[frame["row"] == place]
            wanted = [(*(int(getattr(breach, name)) for name in FIELDS),) for breach in judged]
            days = [breach.days_since_served for breach in judged]
            assert sorted(in_columns(frame, row) for row in mine.itertuples()) == sorted(zip(wanted, days, strict=True))
            for name in ("incident", "suspect", "victim", "start", "end"):
                assert set(mine[name]) <= {int(getattr(columns, name)[place])}, name


@pytest.mark.parametrize(("at", "days"), [("09:59", None), ("10:00", 0.0)])
def test_days_since_service_begin_with_its_second(at, days):
    bound = order("O1", made_on="2025-03-01", served_at="2025-03-05T10:00")
    (row,) = timelines([incident("I1", f"2025-03-05T{at}", behaviours="contact")], [bound]).breaches.itertuples()
    assert (None if np.isnan(row.days_since_served) else row.days_since_served) == days


def test_breaches_stand_in_order_of_time_with_places_from_nought():
    given = extract(501, largest=16)
    found = build(read_extract(given["incidents"], orders=given["orders"]), catalogue(), FOREVER)
    for frame in find_breaches(found.columns, found.orders, catalogue()):
        assert len(frame) > 1
        assert list(frame.index) == list(range(len(frame)))
        keys = list(frame[["start", "incident", "order", "row"]].itertuples(index=False, name=None))
        assert keys == sorted(keys)
