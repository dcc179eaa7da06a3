"""The page of the mutants says what the last run found, and no survivor is excused that is none."""

import inspect
import json
import os
import pickle
import subprocess
import sys
from collections import Counter

import pytest
from proof.mutants import Mutant, mutants_of, set_in
from proof.mutation import PAGE, RESULTS, _counts, settings
from proof.mutation_page import equivalents, page, sums, told
from proof.tests_of import ROOT

from breachpattern import spans
from breachpattern.spans import touches


def test_the_page_says_what_the_last_run_found():
    assert PAGE.read_text(encoding="utf-8") == page()
    assert sum(count["mutants"] for count in sums().values()) > 0


def test_every_module_and_test_that_is_named_is_there():
    for module in settings()["module"].values():
        assert all((ROOT / "src" / "breachpattern" / file).is_file() for file in module["files"])
        assert all((ROOT / test).is_file() for test in module["tests"])


def test_only_survivors_are_said_to_change_nothing():
    survivors = {told(s) for module in json.loads(RESULTS.read_text("utf-8")).values() for s in module["survivors"]}
    assert set(equivalents()) - survivors == set()


def test_every_mutant_is_counted_once():
    results = [
        (("spans.py", "touches", ("-a < b", "+a")), "killed", "tests/x.py"),
        (("spans.py", "touches", ("-    a < b", "+    a <= b")), "survived", None),
        (("spans.py", "Span.ends", ("-    a", "+    b")), "no_tests", None),
        (("spans.py", "touches", ("-    a", "+    c")), "died", None),
    ]
    found = _counts(5, Counter(), results)
    assert {k: v for k, v in found.items() if k != "survivors"} == {
        "possible": 5, "mutants": 4, "killed": 1, "died": 1, "survived": 1, "no_tests": 1,
    }  # fmt: skip
    assert [told(survivor) for survivor in found["survivors"]] == ["Span.ends: b", "touches: a <= b"]
    # Survivors that are run again: one of them is noticed by now.
    again = [(results[1][0], "killed", "tests/x.py"), results[2]]
    found = _counts(5, Counter(killed=1, died=1), again)
    assert (found["mutants"], found["killed"], found["died"], found["no_tests"]) == (4, 2, 1, 1)


def mutant(function, code, *change, lines=(1, 10_000)):
    return Mutant("src/breachpattern/spans.py", function, *lines, 1, code, change)


TOUCHES = "def touches(start, end, low, high):\n    return "


def test_whoever_imported_a_function_calls_the_mutant():
    held = touches.__code__, touches.__defaults__
    try:
        set_in(mutant("touches", TOUCHES + "np.asarray(start)", "+"))
        assert touches(7, 8, 9, 10) == 7
    finally:
        touches.__code__, touches.__defaults__ = held


@pytest.mark.further
def test_a_run_says_which_mutants_a_test_notices(tmp_path):
    (tmp_path / "test_some.py").write_text(
        "import pytest\nfrom breachpattern.spans import touches, london_day\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_touches(n):\n    assert touches(0, 5, 4, 9)\n"
        "def test_days():\n    assert london_day(0) == 0\n"
    )
    loaded = set(vars(spans)) & {"touches", "london_day", "day_bounds"}
    assert len(loaded) == 3
    sound = "np.asarray((start < high) & (low < end))"
    as_is = [mutant("touches", TOUCHES + sound)]
    (first,) = [line for line, text in enumerate(inspect.getsource(spans).splitlines(), 1) if "def touches" in text]
    near = (first, first + 2)
    asked = [
        mutant("touches", TOUCHES + "np.asarray(start > high)", "+ killed", lines=near),
        mutant("touches", TOUCHES + "np.asarray(start < high)", "+ survives", lines=near),
        mutant("touches", TOUCHES + "np.asarray(start < high)", "+ far", lines=(9_000, 9_001)),
        mutant("touches", TOUCHES + "exec('while 1: pass')", "+ hangs", lines=near),
        mutant("touches", TOUCHES + "__import__('os').abort()", "+ dies", lines=near),
    ]
    as_is = [
        Mutant(*(getattr(one, f) for f in ("file", "function", "first", "last")), first, one.code, ()) for one in as_is
    ]
    told = {"as_is": as_is, "mutants": asked, "out": tmp_path / "out.jsonl", "seconds": None, "processes": 2}
    (tmp_path / "asked").write_bytes(pickle.dumps(told | {"budget": None, "warm": False, "longest": 1}))
    (tmp_path / "out.jsonl").write_text("")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "proof.mutation_run",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
    ]
    surroundings = os.environ | {"PROOF_MUTANTS": str(tmp_path / "asked"), "CI": "1"}
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())
    found = {change[0]: (result, by and by.rpartition("::")[2]) for _, _, change, result, by in lines}
    assert found == {
        "+ killed": ("killed", "test_touches[1]"), "+ survives": ("survived", None), "+ far": ("no_tests", None),
        "+ hangs": ("died", None), "+ dies": ("died", None),
    }  # fmt: skip


def test_mutants_are_one_change_of_a_function_each():
    pytest.importorskip("mutmut")
    found = list(mutants_of(ROOT / "src" / "breachpattern" / "spans.py"))
    whole = [one for one in found if not one.change]
    lines = inspect.getsource(spans).splitlines()
    for one in whole:
        assert lines[one.begins - 1].strip() == one.code.splitlines()[0].strip()
    (swapped,) = [one for one in found if one.change == ("-    if len(seconds) == 0:", "+    if len(seconds) != 0:")]
    assert swapped.function == "london_wall_clock"
    assert "len(seconds) == 0" in lines[swapped.first - 1]
    assert len({one.function for one in whole}) == len(whole) < len(found)
