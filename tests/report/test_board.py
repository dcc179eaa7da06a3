"""The page for a board: what it says is what the audit counted, whatever the references are."""

from __future__ import annotations

import json
import re

import pyarrow as pa
import pytest
from tests.drawing import first
from tests.facts import incident, order
from tests.report.given import HOSTILE

import breachpattern as bp
from breachpattern.cli import main
from breachpattern.errors import OutputError
from breachpattern.ingest.privacy import Privacy
from breachpattern.report import write_pack
from breachpattern.review.measures import audit

SCRIPT, IMAGE, *_ = HOSTILE
ORDERS = [order("O1", served_at="2025-01-12T09:00", terms="no_contact")]
BREACHES = [
    incident(f"I{day}", f"2025-02-{day:02}T20:00", behaviours="contact", channel="phone", breach_of="O1",
             force=SCRIPT)
    for day in (1, 5, 9, 14)
]  # fmt: skip


@pytest.fixture(scope="module")
def found():
    rows = [*BREACHES[:-1], BREACHES[-1] | {"incident_id": IMAGE}]
    return audit(bp.Analyser().analyse(bp.read_extract(rows, ORDERS), "2025-12-31"))


@pytest.fixture(params=first(1, ["csv", "parquet", "jsonl"]))
def folder(request, found, tmp_path):
    return found.write(tmp_path / "audit", request.param)


def test_the_page_says_what_was_counted_and_escapes_what_it_names(folder):
    pack = write_pack(folder, marking="OFFICIAL")
    text = (folder / "report" / "index.html").read_text()
    assert pack.entry == folder / "report.html"
    words = " ".join(text.split())
    assert "2 of 2 breaches with earlier events between the same people have nothing wider on record" in words
    assert "withheld: small numbers" in text
    assert "Only the tables under <em>Where?</em> are made for publication" in words
    assert "Rests on: Home Office Counting Rules, April 2018" in text
    assert "the extract has no actions.risk_assessment" in text
    assert SCRIPT not in text
    assert IMAGE not in text
    assert "&lt;img src=x" in text
    assert text.count("<h2") == 4
    assert not re.search(r"https?://(?!www\.legislation)", text)


def test_a_second_page_takes_the_place_of_the_first_and_the_audit_may_be_written_again(folder):
    first = (write_pack(folder).entry, (folder / "report" / "index.html").read_bytes())
    assert (write_pack(folder).entry, (folder / "report" / "index.html").read_bytes()) == first
    (folder / "report" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        write_pack(folder)


@pytest.mark.parametrize("folder", ["csv"], indirect=True)
def test_an_audit_under_the_names_of_an_earlier_version_is_refused(folder):
    summary = json.loads((folder / "summary.json").read_text())
    summary.pop("use")
    (folder / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(OutputError, match="earlier version"):
        write_pack(folder)


def test_the_page_elsewhere(folder, tmp_path, capsys):
    assert main(["report", str(folder), "--out", str(tmp_path / "board")]) == 0
    assert "Open" in capsys.readouterr().out
    assert (tmp_path / "board" / "index.html").exists()
    assert not (folder / "report").exists()


def test_an_audit_of_nothing_has_a_page_too(tmp_path):
    found = audit(bp.Analyser().analyse(bp.read_extract([]), "2025-12-31"))
    write_pack(found.write(tmp_path / "audit"))
    text = (tmp_path / "audit" / "report" / "index.html").read_text()
    assert "could be judged" in text
    assert "There are no months to show." in text


def test_a_page_under_a_key_names_no_reference(folder, tmp_path):
    key = tmp_path / "pack.key"
    key.write_bytes(b"a key of sixteen or more bytes")
    write_pack(folder, out=tmp_path / "plain")
    assert main(["report", str(folder), "--pseudonymise", str(key), "--out", str(tmp_path / "shared")]) == 0
    plain, shared = ((tmp_path / name / "index.html").read_text() for name in ("plain", "shared"))
    for reference in ("I9", "P1", "V1"):
        assert f"<bdi>{reference}</bdi>" in plain
        assert f"<bdi>{reference}</bdi>" not in shared
    assert "img src=x" not in shared
    assert Privacy(key.read_bytes()).pseudonyms(pa.array(["P1"]))[0].as_py() in shared


@pytest.mark.parametrize("folder", ["csv"], indirect=True)
def test_a_reference_of_digits_or_of_letters_that_mean_nothing_elsewhere_stays_as_it_is(folder, tmp_path):
    rows = [one | {"incident_id": name, "suspect_id": "NA", "victim_id": "00042"}
            for one, name in zip(BREACHES, ("0001", "0002", "0003", "0004"), strict=True)]  # fmt: skip
    found = audit(bp.Analyser().analyse(bp.read_extract(rows, ORDERS), "2025-12-31"))
    write_pack(found.write(tmp_path / "digits", "csv"))
    text = (tmp_path / "digits" / "report" / "index.html").read_text()
    for reference in ("0003", "NA", "00042"):
        assert f"<bdi>{reference}</bdi>" in text
