from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.ingest import times as columns_of_times
from breachpattern.ingest.times import Moments, parse
from breachpattern.records.moments import Unreadable, bounds, read_when

moments = st.datetimes(datetime(1900, 1, 2), datetime(2100, 12, 30))


@settings(max_examples=up_to(200), deadline=None)
@given(st.lists(moments, min_size=1), st.sampled_from(["Europe/London", "UTC", "America/New_York", "Asia/Kolkata"]))
def test_what_is_certain_is_what_the_reader_of_cells_says(times, zone):
    texts = [time.isoformat(timespec="seconds") for time in times]
    found, doubtful = parse(pa.array(texts), (), zone)
    assert (found.known | doubtful).all()
    for i, text in enumerate(texts):
        if found.known[i]:
            known = bounds(read_when(text, (), zone))
            assert (found.lo[i], found.hi[i], found.day[i]) == (known.lo, known.hi, known.day)
            assert known.doubt == ""


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_doubtful_are_just_the_times_that_the_clock_skipped_or_showed_twice(zone):
    minutes = np.arange(np.datetime64("2023-01-01T00:00"), np.datetime64("2025-01-01T00:00"), np.timedelta64(10, "m"))
    _, doubtful = parse(pa.array(np.datetime_as_string(minutes)), (), zone)
    local = ZoneInfo(zone)
    twice_or_never = [
        len({minute.replace(tzinfo=local, fold=fold).utcoffset() for fold in (0, 1)}) > 1 for minute in minutes.tolist()
    ]
    assert doubtful.tolist() == twice_or_never


shapes = st.text("0123456789-T: Z+.", min_size=9, max_size=33)


@settings(max_examples=up_to(400), deadline=None)
@given(st.lists(shapes | moments.map(lambda m: m.isoformat()[:19] + "+01:00"), min_size=1))
def test_nothing_is_read_that_the_reader_of_cells_refuses(texts):
    texts = [text.strip() for text in texts]
    found, _ = parse(pa.array(texts), (), "Europe/London")
    for i, text in enumerate(texts):
        try:
            known = bounds(read_when(text))
        except Unreadable:
            assert not found.known[i], text
        else:
            assert not found.known[i] or (found.lo[i], found.hi[i]) == (known.lo, known.hi)


@given(st.lists(moments, min_size=1), st.sampled_from(["%d/%m/%Y %H:%M", "%m-%d-%Y %H:%M", "%Y%m%d %H:%M"]))
def test_formats_are_read_as_columns_too(times, form):
    texts = [time.strftime(form) for time in times]
    found, doubtful = parse(pa.array(texts), (form,), "UTC")
    assert not doubtful.any()
    assert found.lo.tolist() == [bounds(read_when(text, (form,), "UTC")).lo for text in texts]


NAMED = ["%d %b %Y %H:%M", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%d%b%Y", "%B %d %Y %H:%M:%S", "%Y %b %d"]


@settings(max_examples=up_to(200), deadline=None)
@given(st.data(), st.lists(st.datetimes(datetime(1900, 1, 2), datetime(2099, 12, 30)), min_size=1))
def test_named_months_are_read_as_columns_too(data, times):
    form, bare = data.draw(st.sampled_from(NAMED)), data.draw(st.booleans())
    case = data.draw(st.sampled_from([str, str.upper, str.lower]))
    texts = [case(time.strftime(form.replace("%d", str(time.day)) if bare else form)) for time in times]
    found, doubtful = parse(pa.array(texts), (form,), "UTC")
    assert not doubtful.any()
    known = [bounds(read_when(text, (form,), "UTC")) for text in texts]
    assert found.lo.tolist() == [each.lo for each in known]
    assert found.day.tolist() == [each.day for each in known]


WORDS = ["1", "01", "31", "32", "0", "12", "2025", "0099", "mar", "MAR", "Sept", "may", "March", "feb", "02", "-", ":"]
words = st.sampled_from([*WORDS, " ", ", "])
FORMS = [*NAMED, "%b%d%H%M %Y", "%d/%m/%Y", "%d %b %y", "%d %m %Y", "%H:%M"]


@settings(max_examples=up_to(600), deadline=None)
@given(
    st.lists(st.lists(words, min_size=3, max_size=9).map("".join), min_size=1),
    st.lists(st.sampled_from(FORMS), min_size=1, max_size=3),
)
def test_named_months_are_never_read_otherwise_than_cell_by_cell(texts, forms):
    texts = [text.strip() for text in texts]
    found, _ = parse(pa.array(texts), tuple(forms), "Europe/London")
    for i, text in enumerate(texts):
        if found.known[i]:
            known = bounds(read_when(text, tuple(forms)))
            assert (found.lo[i], found.hi[i], found.day[i]) == (known.lo, known.hi, known.day), text


def test_a_slice_of_a_column_is_read_from_its_own_beginning():
    whole = pa.array(["2025-03-01", "2025-03-02", "2025-03-03"])
    found, _ = parse(whole.slice(1), (), "Europe/London")
    assert found.lo.tolist() == parse(pa.array(["2025-03-02", "2025-03-03"]), (), "Europe/London")[0].lo.tolist()


def test_a_blank_column_has_no_moments():
    found = Moments.blank(2)
    assert found.column(found.lo).to_pylist() == [None, None]
    assert parse(pa.nulls(3, pa.string()), (), "Europe/London")[1].tolist() == [False] * 3


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
def test_the_offset_around_every_change_of_a_clock_is_what_the_zone_says(zone):
    begins, ends, _ = columns_of_times._clock_changes(zone)
    edges = [columns_of_times._FIRST, columns_of_times._END - 1]
    clock = np.concatenate([edges, *(at + step for at in (begins, ends) for step in (-3600, -1, 0, 1, 3600))])
    offset, certain = columns_of_times._local_offset(clock, zone)
    shown = [datetime(1970, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(seconds=second) for second in clock.tolist()]
    # Where the clock skipped a time or showed it twice, the two readings differ.
    first, second = ([at.replace(fold=fold).utcoffset().total_seconds() for at in shown] for fold in (0, 1))
    assert certain.tolist() == [a == b for a, b in zip(first, second, strict=True)]
    assert offset[certain].tolist() == [a for a, b in zip(first, second, strict=True) if a == b]
