"""Sound inputs, changed at random: no traceback, no hang, no row lost. ``make fuzz`` goes on where this stops."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, attempt

from breachpattern.ingest import read_extract

# What has broken readers before, here or elsewhere.
PIECES = [
    b"", b"\0", b"\r", b"\n", b"\r\n", b'"', b"'", b",", b";", b"\t", b"=", b"[", b"]", b"{", b"}", b"*", b"\\", b"%",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3", *(mark.encode() for mark in "\u200b\u202e\u2028é"),
    b"9999-12-31", b"0001-01-01", b"2025-03-30T01:30", b"1e999", b"-1", b"NaN", b"null", b"1" * 5_000, b"a" * 3_000,
    b"[" * 100, b"a." * 100, b"\\ud800", b"../../x", b"=cmd|'/C calc'!A0", b"<script>", b"%s%n", b"(a+)+$",
]  # fmt: skip


@st.composite
def changed(draw, seed):
    """A sound input of which a few parts are cut out, doubled, or replaced by what breaks readers."""
    data = seed
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.sampled_from([0, 0, 1, 2, 9, 40])))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6) | st.just(data[start:stop] * 2))
        data = data[:start] + piece + data[stop:]
    return data


@pytest.mark.parametrize("name", TARGETS)
@settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_whatever_is_changed_is_read_or_refused_in_words(name, data):
    attempt(name, data.draw(changed(SEEDS[name])))


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_sound_is_read(name):
    # The seed of a state and of one cell stand for what surrounds them; all others are whole.
    if name not in ("state", "cell"):
        TARGETS[name](SEEDS[name])


# A signalling NaN raises wherever it is looked at.
DECIMALS = st.decimals().filter(lambda value: not value.is_snan())


@settings(max_examples=up_to(25))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["incident_id", "occurred_from", "suspect_id", "victim_id", "kind", "Odd"]),
            st.none() | st.text(max_size=6) | st.integers() | st.floats() | st.binary(max_size=4) | st.booleans()
            | st.dates() | st.datetimes() | st.times() | st.timedeltas() | DECIMALS
            | st.lists(st.text(max_size=2), max_size=2),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_whatever_values_records_hold_no_row_is_lost(records):
    records = [{"incident_id": "C", "occurred_from": "2025-03-01"} | record for record in records]
    counts = read_extract(records).rows["incidents"]
    assert counts["rows_in"] == len(records) == counts["accepted"] + counts["rejected"] + counts["duplicates"]
