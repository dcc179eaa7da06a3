from __future__ import annotations

import json
import os
import stat
from datetime import date

import pytest
from tests.facts import catalogue, incident, order

from breachpattern import Analyser, State
from breachpattern.errors import InputError, OutputError
from breachpattern.state.folder import FORMAT, MANIFEST

ROWS = [incident(f"I{day}", f"2025-02-0{day}T10:00", behaviours="contact", channel="text") for day in (1, 2, 3)]
PERSONS = [{"person_id": p, "pnc_id": "2011/0412907D", "surname": "Vale"} for p in ("P1", "P7")]


@pytest.fixture(scope="module")
def state():
    new = {"incidents": ROWS, "orders": [order("O1")], "persons": PERSONS}
    return Analyser(catalogue()).update(None, new, as_of=date(2025, 3, 1))[0]


@pytest.fixture
def folder(state, tmp_path):
    return state.save(tmp_path / "state")


@pytest.mark.parametrize("memory_map", [True, False, None])
def test_a_state_is_read_back_as_it_was_and_goes_on_as_if_never_written(state, folder, memory_map):
    read = State.load(folder, memory_map=memory_map)
    for name, table in {**state.rows, **state.results}.items():
        held = {**read.rows, **read.results}[name]
        assert held.to_pylist() == table.to_pylist(), name
        assert held.schema.equals(table.schema), name
    assert (read.as_of, read.near, read.next_group) == (state.as_of, state.near, state.next_group)
    assert read.same.shown.to_pylist() == ["P1", "P1"]
    more = [incident("I9", "2025-02-20T10:00", behaviours="follow", suspect_id="P7")]
    (one, told), (other, said) = (Analyser(catalogue()).update(s, more, as_of="2025-03-02") for s in (read, state))
    assert one.findings.to_arrow().equals(other.findings.to_arrow())
    assert told.findings.to_arrow().equals(said.findings.to_arrow())


def test_a_state_replaces_the_one_that_it_was_read_from(folder):
    before = State.load(folder)
    after, _ = Analyser(catalogue()).update(before, [incident("I9", "2025-02-20T10:00")], as_of="2025-03-02")
    after.save(folder)
    assert [State.load(folder).rows["incidents"].num_rows, before.rows["incidents"].num_rows] == [4, 3]
    assert [path.name for path in folder.parent.iterdir()] == ["state"]


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_nobody_else_may_read_a_state(folder):
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (modes, stat.S_IMODE(folder.stat().st_mode)) == ({0o600}, 0o700)


def test_no_narrative_is_kept(tmp_path):
    rows = [incident("I1", "2025-02-01", narrative="he said that he would")]
    state, _ = Analyser(catalogue()).update(None, rows, as_of="2025-03-01")
    for path in state.save(tmp_path / "state").iterdir():
        assert b"he said" not in path.read_bytes()


def damage(path, how):
    data = bytearray(path.read_bytes())
    if how == "truncated":
        path.write_bytes(data[:-1])
    elif how == "edited":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["truncated", "edited", "gone"])
@pytest.mark.parametrize("name", ["incidents.arrow", "result_findings.arrow", "wakes.arrow"])
def test_a_damaged_file_is_refused_and_named(folder, name, how):
    damage(folder / name, how)
    with pytest.raises(InputError, match=name) as refused:
        State.load(folder)
    assert "begin a new one" in str(refused.value)


def test_another_format_is_refused_in_words(folder):
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": FORMAT + 1}))
    with pytest.raises(InputError, match=f"has format {FORMAT + 1} .* reads format {FORMAT}"):
        State.load(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_what_is_no_state_is_refused(tmp_path, text):
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(InputError, match="no state"):
        State.load(tmp_path)
    with pytest.raises(InputError, match="no state"):
        State.load(tmp_path / "nowhere")


def test_a_manifest_with_a_part_missing_is_refused(folder):
    path = folder / MANIFEST
    manifest = json.loads(path.read_text())
    del manifest["near"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="near is missing"):
        State.load(folder)


def test_nothing_else_is_written_over(state, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        state.save(tmp_path)
    with pytest.raises(OutputError, match="a file"):
        state.save(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_interrupt_leaves_the_former_state(state, folder, monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("breachpattern.state.folder._manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        state.renewed().save(folder)
    assert State.load(folder).findings.to_arrow().equals(state.findings.to_arrow())
    assert [path.name for path in folder.parent.iterdir()] == ["state"]
