"""A run folder whose files were changed is told, or refused in one paragraph: never a traceback."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breachpattern.cli import main

pytestmark = pytest.mark.filterwarnings("ignore::breachpattern.law.CatalogueStaleWarning")
SAMPLE = Path(__file__).parents[2] / "sample_data"
VALUES = [None, 0, -1, 1e308, "", "x" * 50, [], {}, [1], {"a": 1}, True, "\x1b[31m", "2026-13-45", "../../x", 10**30]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tampered") / "run"
    sources = [str(SAMPLE / "incidents.csv"), "--orders", str(SAMPLE / "orders.csv")]
    assert main(["score", *sources, "--as-of", "2026-06-30", "--quiet", "--out", str(folder)]) == 0
    return folder


def places(document, before=()):
    """The way to every value of a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in inner:
        yield (*before, key)
        yield from places(value, (*before, key))


def changed(document, place, value):
    document = copy.deepcopy(document)
    held = document
    for key in place[:-1]:
        held = held[key]
    if value == "gone":
        del held[place[-1]]
    else:
        held[place[-1]] = value
    return document


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["summary.json", "findings.jsonl"]))
def test_a_changed_run_is_told_or_refused_in_words(run, capsys, data, name):
    lines = (run / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    finding = json.loads(lines[0])["finding_id"]
    first, *rest = [(run / name).read_text(encoding="utf-8")] if name == "summary.json" else lines
    document = json.loads(first)
    place = data.draw(st.sampled_from(list(places(document))))
    text = json.dumps(changed(document, place, data.draw(st.sampled_from([*VALUES, "gone"]))))
    copied = run.with_name("changed")
    shutil.rmtree(copied, ignore_errors=True)
    copied.mkdir()
    for held in ("summary.json", "findings.jsonl"):
        shutil.copy(run / held, copied / held)
    (copied / name).write_text("\n".join([text, *rest]) + "\n", encoding="utf-8")
    capsys.readouterr()
    code = main(["explain", str(copied), finding])
    said = capsys.readouterr()
    assert code in (0, 1)
    assert "should not have happened" not in said.err
    assert "\x1b" not in said.out + said.err
    assert said.err.count("\n") == (1 if code else 0)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("inputs", "incidents", "name"), "gone"),
        (("inputs",), {}),
        (("settings", "link"), "gone"),
        (("setting_files",), [[]]),
        (("versions",), 3),
        (("files",), "x"),
    ],
    ids=str,
)
def test_a_changed_run_is_not_reproduced_and_says_why(run, tmp_path, capsys, place, value):
    shutil.copytree(run, tmp_path / "run")
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    (tmp_path / "run" / "summary.json").write_text(json.dumps(changed(summary, place, value)), encoding="utf-8")
    assert main(["verify", str(tmp_path / "run"), "--inputs", str(SAMPLE)]) == 1
    said = capsys.readouterr().err
    assert "should not have happened" not in said
    assert said.count("\n") == 1
