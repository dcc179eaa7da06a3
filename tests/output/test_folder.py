import json
import shutil
import signal

import pytest

from breachpattern.errors import OutputError, UsageError
from breachpattern.output.folder import check_target, find_record, read_run, read_scored, write_whole


def a_run(folder, files=("a.csv",), text="first"):
    def fill(target):
        for name in files:
            (target / name).write_text(text)
        summary = {"versions": {"breachpattern": "0"}, "files": list(files)}
        (target / "summary.json").write_text(json.dumps(summary))

    write_whole(folder, fill)
    return folder


def test_a_new_folder_is_made_with_its_parents_and_nothing_beside_it(tmp_path):
    out = a_run(tmp_path / "deep" / "run")
    assert sorted(p.name for p in out.iterdir()) == ["a.csv", "summary.json"]
    assert [p.name for p in out.parent.iterdir()] == ["run"]


def test_a_former_run_is_replaced_whole(tmp_path):
    out = a_run(tmp_path / "run", files=("a.csv", "gone.csv"))
    a_run(out, text="second")
    assert (out / "a.csv").read_text() == "second"
    assert not (out / "gone.csv").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_an_empty_folder_is_used(tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    assert (a_run(out) / "a.csv").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_an_interrupt_leaves_the_former_run_and_nothing_half_written(tmp_path, error):
    out = a_run(tmp_path / "run")

    def fill(target):
        (target / "a.csv").write_text("half")
        raise error

    with pytest.raises(error):
        write_whole(out, fill)
    assert (out / "a.csv").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_failure_while_exchanging_brings_the_former_run_back(tmp_path, monkeypatch):
    out = a_run(tmp_path / "run")
    rename = type(out).rename

    def failing(path, target):
        if path.name.endswith(".partial"):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(type(out), "rename", failing)
    with pytest.raises(OutputError, match="No space left"):
        a_run(out, text="second")
    monkeypatch.undo()
    assert (out / "a.csv").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_somebody_elses_folder_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(OutputError, match="not empty and is not a run"):
        a_run(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]


def test_somebody_elses_summary_is_no_run(tmp_path):
    (tmp_path / "summary.json").write_text('{"versions": {"other": "1"}}')
    with pytest.raises(OutputError, match="not a run"):
        check_target(tmp_path)


def test_a_run_that_also_holds_peoples_notes_is_refused(tmp_path):
    out = a_run(tmp_path / "run")
    (out / "notes.txt").write_text("call the victim on Tuesday")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        a_run(out, text="second")
    assert (out / "a.csv").read_text() == "first"
    assert (out / "notes.txt").exists()


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "run").write_text("x")
    with pytest.raises(OutputError, match="file, not a folder"):
        check_target(tmp_path / "run")


def test_reading_a_folder_that_is_no_run_says_what_would_work(tmp_path):
    with pytest.raises(OutputError, match="score"):
        read_run(tmp_path)


def test_a_finding_is_found_however_far_down_and_never_by_what_its_evidence_says(tmp_path):
    records = [{"finding_id": f"F-{i:04d}", "evidence": "F-0007"} for i in range(9)]
    (tmp_path / "findings.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    assert find_record(tmp_path, "F-0007")["finding_id"] == "F-0007"
    assert find_record(tmp_path, "0008")["finding_id"] == "F-0008"
    with pytest.raises(OutputError, match="No finding"):
        find_record(tmp_path, "evidence")


def test_a_finding_is_found_by_its_id_or_an_unmistakable_start(tmp_path):
    records = [{"finding_id": i} for i in ("abc1", "abd2", "ab")]
    (tmp_path / "findings.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    assert find_record(tmp_path, "ab")["finding_id"] == "ab"
    assert find_record(tmp_path, "abc")["finding_id"] == "abc1"
    with pytest.raises(OutputError, match="3 findings begin with 'a'"):
        find_record(tmp_path, "a")
    with pytest.raises(OutputError, match="Ids look like abc1, abd2, ab"):
        find_record(tmp_path, "zz")


@pytest.mark.parametrize(
    ("holds", "told"), [({}, "data problems only"), ({"measures": {}}, "the measures of an audit")]
)
def test_a_folder_without_findings_is_called_what_it_is(tmp_path, holds, told):
    run = a_run(tmp_path / "run")
    path = run / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | holds))
    with pytest.raises(UsageError, match=told):
        read_scored(run)


def test_an_interrupt_while_tidying_up_comes_when_that_is_done(tmp_path, monkeypatch):
    out = a_run(tmp_path / "run")
    remove = shutil.rmtree

    def removed(path, **more):
        signal.raise_signal(signal.SIGINT)
        remove(path, **more)

    monkeypatch.setattr(shutil, "rmtree", removed)
    with pytest.raises(KeyboardInterrupt):
        a_run(out, text="second")
    monkeypatch.undo()
    assert (out / "a.csv").read_text() == "second"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
