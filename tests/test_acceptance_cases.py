"""The acceptance cases, where they are at hand: every one passes, as written and with its rows in another order.

They are kept beside the project, not in it, so that nobody tunes to them; their own runner judges the command line.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(os.environ.get("BREACHPATTERN_REFERENCE_DATA") or ROOT.parent / "shared" / "data").parent / "cases"
RUNNER = FOLDER / "run_cases.py"
FILES = sorted(FOLDER.glob("*.yaml"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not RUNNER.is_file(), reason="the acceptance cases are not at hand (BREACHPATTERN_REFERENCE_DATA, or ../shared)"
    ),
]


@pytest.mark.parametrize("order", [[], ["--shuffle", "7"]], ids=["as written", "shuffled"])
def test_every_acceptance_case_passes(tmp_path, order, record_property):
    command = [sys.executable, str(RUNNER), *map(str, FILES), "--json", str(tmp_path / "result.json"), *order]
    command += ["--cmd", f"{sys.executable} -m breachpattern"]
    there = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=there, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    told = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert (result["failed"], told) == (0, []), "\n".join(told)
    assert all(check["ok"] for check in result["extract"])
    judged = [case for case in result["cases"] if case["scored"]]
    assert judged
    record_property("cases", len(judged))
    assert all(case["passed"] for case in judged)
    assert {Path(case["file"]).name for case in result["cases"]} == {file.name for file in FILES}
