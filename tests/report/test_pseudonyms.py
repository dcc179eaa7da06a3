import json
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.report.given import content, score

import breachpattern as bp
from breachpattern.ingest.privacy import Privacy
from breachpattern.report import write_pack
from breachpattern.report.pseudonyms import Pseudonyms

REFERENCES = (("incidents", "incident_id"), ("incidents", "suspect_id"), ("incidents", "victim_id"),
              ("orders", "order_id"), ("orders", "respondent_id"), ("persons", "person_id"),
              ("associations", "other_id"))  # fmt: skip
KEY = b"a key of thirty-two characters.."
IDS = st.text(alphabet="PIO-_123 ;.()[]+*\\", min_size=1, max_size=8).filter(str.strip)


@given(st.lists(IDS, min_size=1, max_size=6, unique=True))
def test_no_reference_survives_in_its_field_or_in_a_sentence(ids):
    record = {
        "suspect_ids": ids,
        "headline": " towards ".join(ids),
        "evidence": [{"incident_id": i, "row": 7} for i in ids],
    }
    hidden = Pseudonyms(KEY).of_record(record)
    assert not set(ids) & set(hidden["suspect_ids"])
    assert not set(ids) & {item["incident_id"] for item in hidden["evidence"]}
    assert "row" not in json.dumps(hidden)


def test_references_next_to_each_other_and_within_others_are_told_apart():
    record = {
        "suspect_ids": ["P-1"],
        "victim_ids": ["P-12"],
        "headline": "P-1 towards P-12: P-1, P-12; P-123 is another",
    }
    hidden = Pseudonyms(KEY).of_record(record)
    (suspect,), (victim,) = hidden["suspect_ids"], hidden["victim_ids"]
    assert hidden["headline"] == f"{suspect} towards {victim}: {suspect}, {victim}; P-123 is another"


def test_one_text_that_is_a_person_and_a_record_gets_the_name_of_each():
    hidden = Pseudonyms(KEY).of_record({"suspect_ids": ["7"], "evidence": [{"incident_id": "7", "suspect_id": "7"}]})
    (row,) = hidden["evidence"]
    assert row["suspect_id"] == hidden["suspect_ids"][0] == Pseudonyms(KEY).of("7", "P")
    assert row["incident_id"] == Pseudonyms(KEY).of("7", "I")


def test_one_key_gives_one_name_and_another_key_another():
    one, same, other = Pseudonyms(KEY), Pseudonyms(KEY), Pseudonyms(KEY[::-1])
    assert one.of("P-1", "P") == same.of("P-1", "P") != other.of("P-1", "P")
    assert one.of("X", "P") != one.of("X", "I")


def test_a_pack_under_a_key_names_nobody_and_no_record(tmp_path):
    people = {"suspect_id": "SUSPECT77", "victim_id": "VICTIM77"}
    rows = [
        {
            "incident_id": f"RECORD77{n}",
            "occurred_from": f"2025-02-0{n}T10:00",
            "behaviours": "contact",
            "channel": "text",
        }
        | people
        for n in (1, 3, 5)
    ]
    bound = [{"order_id": "ORDER77", "kind": "restraining", "respondent_id": "SUSPECT77", "protected_id": "VICTIM77",
              "made_on": "2025-01-10", "terms": "no_contact"}]  # fmt: skip
    frame = tmp_path / "J Smith 77.csv"
    pd.DataFrame(rows).to_csv(frame, index=False)
    run = score(tmp_path / "run", frame, bound)
    write_pack(run, out=tmp_path / "pack", key=KEY)
    for name, held in content(tmp_path / "pack").items():
        assert b"77" not in (held if name.endswith((".html", ".csv")) else b""), name


def test_people_are_called_as_scoring_under_the_same_key_calls_them():
    assert Pseudonyms(KEY).of("P-1", "P") == Privacy(KEY).pseudonyms(pa.array(["P-1"]))[0].as_py()


def test_no_reference_of_the_extract_survives_in_any_finding_of_the_sample(tmp_path):
    sample = Path(__file__).parents[2] / "sample_data"
    names = ("incidents", "orders", "persons", "associations")
    extract = bp.read_extract(*(str(sample / f"{name}.csv") for name in names))
    found = bp.Analyser().analyse(extract, as_of="2026-06-30").findings
    ids = {str(i) for name, column in REFERENCES for i in getattr(extract, name)[column].to_pylist() if i}
    token = re.compile(r"[\w-]+")
    records = [finding.record() for finding in found]
    assert any("path" in str(record["evidence"]) for record in records)
    hidden = Pseudonyms(KEY)
    for record in records:
        assert not ids & set(token.findall(json.dumps(hidden.of_record(record)))), record["headline"]
