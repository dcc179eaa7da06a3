from __future__ import annotations

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.state.given import ASSOCIATIONS, INCIDENTS, ORDERS, PERSONS

from breachpattern.ingest import read_extract
from breachpattern.ingest.as_read import checked_again, fingerprints, rows_as_read, schema_of
from breachpattern.ingest.conflicts import settle
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.tables import TABLES, incidents_table

WORLD = st.fixed_dictionaries(
    {
        "incidents": st.lists(INCIDENTS, min_size=1, max_size=12),
        "orders": st.lists(ORDERS, min_size=1, max_size=6),
        "persons": st.lists(PERSONS, min_size=1, max_size=4),
        "associations": st.lists(ASSOCIATIONS, min_size=1, max_size=4),
    }
)


@settings(max_examples=up_to(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(WORLD)
def test_rows_as_read_become_the_typed_tables_once_more(world):
    extract = read_extract(**world, keep_as_read=True)
    for name, rows in extract.as_read.items():
        assert rows.schema.equals(schema_of(name))
        checked = checked_again(name, rows, name)
        assert rows_as_read(checked, rows["written"].to_numpy()).equals(rows.unify_dictionaries())
        whole = getattr(extract, name)
        if name in ("incidents", "orders"):
            checked = settle(checked, IssueLog())
        if name == "incidents":
            offence = whole["offence"].combine_chunks()
            typed = incidents_table(checked, offence)
        else:
            typed = TABLES[name](checked)
        assert typed.to_pylist() == whole.to_pylist()
        assert typed.schema.equals(whole.schema)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "ab", "ba", None])), max_size=8))
def test_rows_have_one_fingerprint_where_they_say_the_same(rows):
    one, two = (pa.array([row[i] for row in rows], pa.string()) for i in (0, 1))
    marks = fingerprints("persons", {"person_id": one, "surname": two}).tolist()
    for i, row in enumerate(rows):
        for j, other in enumerate(rows):
            assert (marks[i] == marks[j]) == (row == other)


def test_an_extract_keeps_its_rows_as_read_only_where_asked():
    rows = [{"incident_id": "I1", "occurred_from": "2025-03-01"}, {"incident_id": "I2", "occurred_from": "no"}]
    assert read_extract(rows).as_read is None
    kept = read_extract(rows, keep_as_read=True).as_read
    assert kept["incidents"]["incident_id"].to_pylist() == ["I1"]
