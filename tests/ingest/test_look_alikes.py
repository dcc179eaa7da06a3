import pyarrow as pa
import pyarrow.csv as csv
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.analysis import Analyser
from breachpattern.ingest import read_extract, streams
from breachpattern.ingest.look_alikes import _plain
from breachpattern.ingest.privacy import Privacy

MARKS = {
    "case": "p1",
    "zero width space": "P\u200b1",
    "zero width joiner": "P\u200d1",
    "soft hyphen": "P\u00ad1",
    "right-to-left mark": "\u200fP1",
    "right-to-left override": "P\u202e1",
    "byte order mark": "\ufeffP1",
    "no-break space": "P\u00a01",
    "nul": "P\x001",
    "combining filler": "P\u034f1",
}
PLAIN = st.text(alphabet="ABCXYZ0123456789/-", min_size=1, max_size=6)


def row(number, suspect="P1", victim="V1"):
    return {"incident_id": f"C{number}", "occurred_from": "2025-03-01", "suspect_id": suspect, "victim_id": victim}


def told(extract):
    return {code: count for code, count in extract.issues.by_code().items() if code in CODES}


CODES = ("hidden_characters", "look_alike_references")


@pytest.mark.parametrize("other", MARKS.values(), ids=MARKS)
def test_a_reference_that_only_looks_like_another_is_kept_apart_and_told(other):
    extract = read_extract([row(1), row(2, other)])
    assert extract.incidents["suspect_id"].to_pylist() == ["P1", other]
    assert told(extract) == {"look_alike_references": 1} | ({} if other == "p1" else {"hidden_characters": 1})
    messages = [m for m in extract.issues.to_arrow()["message"].to_pylist() if "references to people" in m]
    assert all(m.isprintable() for m in messages)
    assert f"{min('P1', other)!r} and {max('P1', other)!r}" in messages[-1]


@pytest.mark.parametrize("place", ["victim_id", "orders", "associations", "persons"])
def test_they_are_found_wherever_people_are_named(place):
    tables = {"incidents": [row(1)]}
    if place == "victim_id":
        tables["incidents"].append(row(2, "P2", "p1"))
    elif place == "orders":
        tables["orders"] = [
            {"order_id": "O1", "kind": "non_molestation", "respondent_id": "p1", "made_on": "2025-01-01"}
        ]
    elif place == "associations":
        tables["associations"] = [{"person_id": "p1", "other_id": "V1", "kind": "partner"}]
    else:
        tables["persons"] = [{"person_id": "p1"}]
    assert told(read_extract(**tables)) == {"look_alike_references": 1}


def test_incidents_and_orders_have_look_alikes_too():
    orders = [{"order_id": o, "kind": "non_molestation", "respondent_id": "P1", "made_on": "2025-01-01"} for o in "Oo"]
    rows = [row(1), row(2) | {"incident_id": "c1"}]
    messages = read_extract(rows, orders=orders).issues.to_arrow()["message"].to_pylist()
    assert "2 references to incidents look alike, and are taken for different ones: 'C1' and 'c1'." in messages
    assert "2 references to orders look alike, and are taken for different ones: 'O' and 'o'." in messages


@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_plain_references_never_look_alike(names):
    assert told(read_extract([row(n, name) for n, name in enumerate(names)])) == {}
    assert _plain(pa.array(names))


@given(st.lists(st.text(max_size=3), max_size=6), st.randoms())
def test_what_is_told_does_not_depend_on_the_order_of_rows(names, order):
    rows = [row(n, name) for n, name in enumerate(names)]
    mixed = order.sample(rows, len(rows))

    def said(rows):
        table = read_extract(rows).issues.to_arrow().to_pylist()
        return [issue for issue in table if issue["code"] in CODES]

    assert said(rows) == said(mixed)


def test_a_slice_of_a_column_is_looked_at_from_its_own_beginning():
    assert _plain(pa.array(["p1", "P1", None])[1:])
    assert not _plain(pa.array(["P1", "p1"])[1:])


def test_with_pseudonyms_it_is_told_without_a_name(tmp_path):
    extract = read_extract([row(1), row(2, "P\u200b1")], privacy=Privacy(b"sixteen bytes or more"))
    assert told(extract) == dict.fromkeys(CODES, 1)
    assert "P1" not in str(extract.issues.to_arrow().to_pylist())


@pytest.mark.further
@pytest.mark.parametrize("in_parts", [True, False])
def test_it_is_told_the_same_where_people_are_scored_in_buckets(tmp_path, monkeypatch, in_parts):
    rows = [row(n, who, f"V{n % 3}") for n, who in enumerate(["P1", "p1", "P2", "P\u200b2", "P3"])]
    rows.append(rows[0] | {"incident_id": "c0"})
    if in_parts:
        monkeypatch.setattr(streams, "BATCH", 2)
        table = pa.Table.from_pylist(rows)
        rows = tmp_path / "i.csv"
        csv.write_csv(table, rows)
    analyser = Analyser()
    analyser.score(rows, out=tmp_path / "whole", as_of="2025-06-30")
    analyser.score(rows, out=tmp_path / "parted", as_of="2025-06-30", workers=2, memory="700MB")
    issues = [(tmp_path / name / "issues.csv").read_text() for name in ("whole", "parted")]
    assert issues[0] == issues[1]
    assert issues[0].count("look alike") == 2
