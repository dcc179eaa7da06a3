import csv
import json
import re
import sys
from html.parser import HTMLParser

import pytest
from tests.drawing import first
from tests.report.given import HOSTILE, INCIDENTS, ORDERS, content, hostile, score, texts

from breachpattern.errors import MissingDependency, OutputError
from breachpattern.report import Decision, write_pack

LOADS = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "form": "action",
    "object": "data",
}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def pack(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pack") / "pack"
    write_pack(run, out=folder)
    return folder


def findings_of(run):
    return [json.loads(line) for line in (run / "findings.jsonl").read_text().splitlines()]


def test_every_finding_has_a_page_with_its_evidence_its_law_and_what_speaks_against_it(run, pack):
    pages = texts(pack)
    for finding in findings_of(run):
        page = pages[f"findings/{finding['finding_id']}.html"]
        for part in (finding["headline"], *finding["incident_ids"], *finding["order_ids"], *finding["provisions"]):
            assert part in page, part
        for title in ("What speaks against it", "What is missing", "What the guidance asks for next", "not seen"):
            assert title in page
        assert f'href="findings/{finding["finding_id"]}.html"' in pages["index.html"]


def test_nothing_is_asked_of_a_network(pack):
    for name, text in texts(pack).items():
        for tag, attributes in Tags(text).tags:
            if tag in LOADS:
                assert "//" not in (attributes.get(LOADS[tag]) or ""), (name, tag, attributes)
            assert not [key for key in attributes if key.startswith("on") or key in ("style", "srcset")], (
                name,
                attributes,
            )
        assert "Content-Security-Policy" in text
        assert "unsafe" not in text


def test_no_script_stands_in_a_page_but_data(pack):
    for text in texts(pack).values():
        for tag, attributes in Tags(text).tags:
            if tag == "script":
                assert attributes.get("src") or attributes["type"] == "application/json"


def test_no_narrative_and_no_place_is_told(run, pack):
    assert all(b"she said no" not in held for held in content(pack).values())


def test_equal_runs_give_equal_packs(run, pack, tmp_path):
    again = score(tmp_path / "run", INCIDENTS[::-1], ORDERS[::-1])
    # When a run was made is told nowhere in its pack; the lines of a file are.
    write_pack(again, out=tmp_path / "pack")
    one, other = (
        {name: re.sub(rb"line \d+|Rests.*", b"", held) for name, held in content(folder).items()}
        for folder in (pack, tmp_path / "pack")
    )
    assert one == other


def test_a_run_gives_the_same_bytes_whenever_its_pack_is_made(run, pack, tmp_path):
    write_pack(run, out=tmp_path / "pack")
    assert content(tmp_path / "pack") == content(pack)


@pytest.mark.parametrize("format", first(1, ["parquet", "jsonl"]))
def test_the_format_of_the_tables_makes_no_difference(run, pack, tmp_path, format):
    other = score(tmp_path / "run", format=format)
    write_pack(other, out=tmp_path / "pack")
    assert content(tmp_path / "pack") == content(pack)


def test_what_means_harm_does_none(tmp_path):
    run = hostile(tmp_path / "run")
    write_pack(run)
    for name, text in texts(run / "report").items():
        tags = Tags(text).tags
        assert not [a for tag, a in tags if tag == "img" and not a["src"].startswith("assets/")], name
        assert sum(tag == "script" for tag, _ in tags) == (1 if name == "index.html" else 3)
        assert "\u202e" not in text
        assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", text)
    index = texts(run / "report")["index.html"]
    assert "P[U+202E]gnp.exe" in index
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in index
    with (run / "report" / "worklist.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "-")]
    assert any("alert(1)" in cell for cell in cells)
    assert HOSTILE[2][1:] in str(texts(run / "report")).replace("&#39;", "'")


def test_an_id_that_is_a_path_stays_inside(tmp_path):
    run = score(tmp_path / "run")
    path = run / "findings.jsonl"
    lines = path.read_text().splitlines()
    evil = json.loads(lines[0]) | {"finding_id": "../../../evil"}
    path.write_text("\n".join([json.dumps(evil, separators=(",", ":")), *lines[1:]]) + "\n")
    pack = write_pack(run)
    assert not list(tmp_path.rglob("evil*"))
    assert pack.pages == len(lines) == len(list((run / "report" / "findings").iterdir()))


@pytest.mark.further
def test_a_pack_stands_in_its_run_and_a_later_run_may_replace_both(tmp_path):
    run = score(tmp_path / "run")
    before = content(run)
    pack = write_pack(run)
    assert pack.entry == run / "report.html"
    assert 'href="report/index.html"' in pack.entry.read_text()
    after = content(run)
    assert {name: after[name] for name in before} == before
    assert write_pack(run) == pack
    score(tmp_path / "run")
    assert not (run / "report").exists()


def test_a_folder_of_somebody_else_is_left_alone(run, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="not a review pack"):
        write_pack(run, out=tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def test_a_folder_named_report_that_is_no_pack_is_not_taken_for_one(tmp_path):
    run = score(tmp_path / "run")
    (run / "report").mkdir()
    (run / "report" / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="not a review pack"):
        write_pack(run)
    with pytest.raises(OutputError, match="holds what no run wrote"):
        score(tmp_path / "run")


def test_what_somebody_put_into_a_pack_is_not_thrown_away(tmp_path):
    run = score(tmp_path / "run")
    write_pack(run)
    (run / "report" / "findings" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"no pack wrote \(findings/notes.txt\)"):
        write_pack(run)
    with pytest.raises(OutputError, match="holds what no run wrote"):
        score(tmp_path / "run")
    assert (run / "report" / "findings" / "notes.txt").read_text() == "mine"


@pytest.mark.further
def test_what_a_killed_writing_left_stands_in_nobodys_way(tmp_path):
    run = score(tmp_path / "run")
    (run / ".report.0123abcd.partial").mkdir()
    write_pack(run)
    score(tmp_path / "run")
    assert not list(run.glob(".report*"))


def test_decisions_and_marking_are_shown(run, tmp_path):
    finding = findings_of(run)[0]
    decided = {finding["finding_id"]: Decision("confirmed", "A. <Reader>", "2026-07-01T10:00:00+00:00", "known")}
    write_pack(run, out=tmp_path / "pack", decisions=decided, marking="OFFICIAL <b>")
    pages = texts(tmp_path / "pack")
    assert "A. &lt;Reader&gt;" in pages["index.html"]
    assert 'data-decision="[&#34;confirmed&#34;]"' in pages["index.html"]
    assert pages["index.html"].count('data-decision="[&#34;not reviewed&#34;]"') == len(findings_of(run)) - 1
    page = pages[f"findings/{finding['finding_id']}.html"]
    assert "confirmed (A. &lt;Reader&gt;, 1 Jul 2026): known" in page
    assert all(text.count("OFFICIAL &lt;b&gt;") == 2 for text in pages.values())


def test_findings_beyond_the_limit_are_said_to_have_no_page(run, tmp_path):
    total = len(findings_of(run))
    pack = write_pack(run, out=tmp_path / "pack", limit=2)
    assert (pack.pages, pack.findings) == (2, total)
    index = texts(tmp_path / "pack")["index.html"]
    assert f"{total - 2} findings without a page here" in index
    assert len(list((tmp_path / "pack" / "findings").iterdir())) == 2


def test_a_page_tells_what_other_findings_hold_about_the_same_people(run, tmp_path):
    write_pack(run, out=tmp_path / "pack", limit=1)
    (page,) = (text for name, text in texts(tmp_path / "pack").items() if name.startswith("findings/"))
    assert "other findings" in page.lower()


def test_a_run_without_findings_says_that_this_says_nothing(tmp_path):
    run = score(tmp_path / "run", INCIDENTS[:1], [])
    assert write_pack(run).pages == 0
    index = texts(run / "report")["index.html"]
    assert "says nothing about what happened" in index
    assert "No orders were given" in index


def test_a_folder_that_is_no_run_or_a_broken_one_is_said_to_be_so(tmp_path):
    with pytest.raises(OutputError, match="not the output folder of a run"):
        write_pack(tmp_path)
    run = score(tmp_path / "run")
    (run / "findings.jsonl").write_text('{"finding_id": 1}\n')
    with pytest.raises(OutputError, match="cannot be read"):
        write_pack(run)
    assert not (run / "report").exists()


@pytest.mark.parametrize("library", ["jinja2", "altair", "vl_convert"])
def test_without_the_extra_the_install_line_is_named(run, monkeypatch, library):
    from breachpattern.report.pack import _templates

    _templates.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[report\]'"):
        write_pack(run)
    _templates.cache_clear()


def test_a_batch_of_an_update_has_pages_for_what_changed(tmp_path):
    from breachpattern.cli import main

    (tmp_path / "incidents.csv").write_text(
        "incident_id,occurred_from,suspect_id,victim_id,behaviours,channel\n"
        "I1,2025-02-01T10:00,P1,V1,contact,text\nI2,2025-02-03T10:00,P1,V1,contact,text\n"
    )
    state, out = str(tmp_path / "state"), tmp_path / "changes"
    assert main(["update", "--state", state, str(tmp_path / "incidents.csv"), "--out", str(out), "--quiet"]) == 0
    assert write_pack(out).pages == len(findings_of(out)) > 0
    assert "only findings that are new or changed" in texts(out / "report")["index.html"]
