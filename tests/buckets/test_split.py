import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.buckets.scale import Division, Scale, scale_of
from breachpattern.buckets.split import pack
from breachpattern.errors import UsageError
from breachpattern.linking.components import Nodes


@given(st.lists(st.integers(1, 500), min_size=1, max_size=200), st.lists(st.integers(1, 2), min_size=1, max_size=9))
def test_every_bucket_has_rows_and_none_much_more_than_its_share(sizes, shares):
    rows, share = np.array(sizes), np.array(sorted(shares, reverse=True))
    place = pack(rows, share)
    load = np.bincount(place, weights=rows)
    assert (load > 0).all()
    assert len(load) <= len(share)
    if len(load) == len(share):
        assert (load <= rows.sum() * share / share.sum() + rows.max() + 2).all()
    assert pack(rows, share).tolist() == place.tolist()


def test_whatever_connects_people_or_records_puts_their_rows_together():
    incidents = pa.table(
        {
            "incident_id": ["I1", "I2", "I3", "I4", None, None, "I6"],
            "suspect_id": ["P1", None, "P3", "P4", "P5", None, None],
            "victim_id": ["V1", "V2", None, "V4", "V1", None, None],
            "means": ["07700900001", "07700 900001", None, None, None, None, None],
            "breach_of": [None, None, "O9; O1", None, None, None, None],
        }
    )
    orders = pa.table({"order_id": ["O1", "O2"], "respondent_id": ["P7", "P8"], "founded_on": [None, "I6"]})
    associations = pa.table({"person_id": ["P8"], "other_id": ["P4"]})
    people = pa.table({"reference": ["P3", "P4"], "shown": ["P3", "P3"]})
    nodes = Nodes({"incidents": incidents, "orders": orders, "associations": associations}, people)
    nodes.join_objects(nodes.objects())
    labels, _ = nodes.labels()
    assert labels["incidents"].tolist() == [0, 0, 1, 1, 2, 2, 1]
    assert labels["orders"].tolist() == [1, 1]
    assert labels["associations"].tolist() == [1]


def test_a_crowded_object_joins_nobody():
    incidents = pa.table({"incident_id": ["I1", "I2"], "suspect_id": ["P1", "P2"], "means": ["07700900001"] * 2})
    nodes = Nodes({"incidents": incidents})
    shared = nodes.objects()
    assert shared.most_people().tolist() == [2]
    nodes.join_objects(shared, shared.texts)
    assert nodes.labels()[0]["incidents"].tolist() == [0, 1]


@pytest.mark.parametrize("memory", ["", "much", "-1GB", "0", "2 GHz"])
def test_what_is_no_amount_of_memory_is_refused(memory):
    with pytest.raises(UsageError, match="amount of memory"):
        scale_of(None, memory)


@pytest.mark.parametrize(("workers", "memory", "least"), [(None, "1KB", 420), (1, 10**6, 420), (2, "629MB", 630)])
def test_less_memory_than_the_processes_take_is_refused_with_the_least_that_works(workers, memory, least):
    with pytest.raises(UsageError, match=f"Give {least}MB or more"):
        scale_of(workers, memory)
    assert scale_of(workers, f"{least}MB").of(10) in (None, Division(2, 2, False, least * 10**6))


def test_within_a_bound_of_memory_only_as_many_processes_start_by_themselves_as_fit(monkeypatch):
    monkeypatch.setattr("breachpattern.buckets.scale.cores", lambda: 64)
    division = Scale(None, 1 << 30).of(10_000_000)
    assert division is not None
    assert division.workers == 4


def test_less_memory_means_more_buckets():
    few, many = (Scale(2, memory).of(10_000_000) for memory in (8 << 30, 2 << 30))
    assert few is not None
    assert many is not None
    assert few.buckets < many.buckets
    with pytest.raises(UsageError):
        scale_of(0, None)


def test_by_default_only_large_extracts_have_several_processes_and_never_more_than_help(monkeypatch):
    monkeypatch.setattr("breachpattern.buckets.scale.cores", lambda: 64)
    assert Scale(None, None).of(499_999) is None
    division = Scale(None, None).of(500_000)
    assert division is not None
    assert (division.workers, division.takes_part) == (9, True)
    assert Scale(None, None).early("no/such/file.parquet") == 0
    assert Scale(500, None).early([{}]) == 0
    assert Scale(3, None).early(range(10**6)) == 2
    assert Scale(3, 1 << 30).early(range(10**6)) == 3


def test_a_text_is_no_number_of_processes():
    with pytest.raises(UsageError, match="'2' is no number of processes"):
        scale_of("2", None)
