"""The figures of reliability: ``python -m proof.reliability`` (or ``make reliability``) writes docs/reliability.md.

Runs the tests of `reliability.toml` group by group and counts what they tried and what failed; takes inputs from the
log of fuzzing, mutants from the last mutation run and properties from docs/properties.md. The page holds no number that
did not come out of a run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proof import fuzzing, mutation_page
from proof.properties import properties
from proof.tests_of import ROOT

PAGE = ROOT / "docs" / "reliability.md"
RESULTS = ROOT / "proof" / "results" / "reliability.json"
PROPERTIES = "Properties: the tests of the twelve points on which everything rests"
HEAD = """# Reliability

Written by `make reliability` from its last run; not by hand, and it holds no number that did not come out of a run.
A *kind* is a test function, a *test* one run of it; *drawn* are the cases that hypothesis draws within tests, or that
a test file brings. What is tried stands in [proof/reliability.toml](../proof/reliability.toml); see also
[privacy](how-to/privacy.md) and [properties](properties.md).
"""


def groups() -> list[dict[str, Any]]:
    """Return what is tried: the groups of the file, and the properties that the documentation lists."""
    held: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("reliability.toml").read_text("utf-8"))["group"]
    named = [test for tests in properties().values() for test in tests]
    return [*held, {"what": PROPERTIES, "lost": "properties that do not hold", "tests": named, "slow": False}]


def selected(group: dict[str, Any]) -> list[str]:
    """Return the tests of a group as pytest takes them, stars filled in."""
    starred = {
        test: sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(test)) for test in group["tests"] if "*" in test
    }
    return [name for test in group["tests"] for name in starred.get(test, [test])]


def run(group: dict[str, Any]) -> dict[str, int]:
    """Return what a run of a group counted.

    Raises
    ------
    SystemExit
        Where pytest could not run the tests; failures are counted and no error.
    """
    with tempfile.TemporaryDirectory() as place:
        counts = Path(place, "counts.json")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "proof.counting", "-p", "no:cacheprovider"]
        command += ["-p", "tests.drawing", "--hypothesis-profile", "full"]
        left_out = ["spark", "postgres"] + ([] if group.get("slow", True) else ["slow"])
        command += ["-m", " and ".join(f"not {marker}" for marker in left_out), *selected(group)]
        surroundings = os.environ | {"PROOF_COUNTS": str(counts), "CI": "1"}
        done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(
                f"{group['what']}: pytest ended with {done.returncode}.\n{done.stdout[-2000:]}{done.stderr[-999:]}"
            )
        found: dict[str, int] = json.loads(counts.read_text("utf-8"))
    return found


def page() -> str:
    """Return the page of the last run."""
    return "\n".join([HEAD, *_tried(), "", *fuzzing.table(), "", *_mutants()]) + "\n"


def write_page() -> None:
    """Write the page anew from what was kept: after a run here, of mutants or of the fuzzer."""
    PAGE.write_text(page(), encoding="utf-8")


def _tried() -> Iterator[str]:
    results: dict[str, dict[str, int]] = json.loads(RESULTS.read_text("utf-8"))
    yield "| what was tried | kinds | tests | drawn | left out | what would count | found |"
    yield "|---|---|---|---|---|---|---|"
    for group in groups():
        if group["what"] not in results:
            continue
        found = results[group["what"]]
        drawn = found["drawn"] + found["told"]
        tests = found["passed"] + found["failed"]
        yield (
            f"| {group['what']} | {found['kinds']} | {tests} | {drawn or ''} | {found['skipped'] or ''} "
            f"| {group['lost']} | **{found['failed']}** |"
        )


def _mutants() -> Iterator[str]:
    counts = mutation_page.sums().values()
    mutants, killed, equal = (sum(count[key] for count in counts) for key in ("mutants", "killed", "equal"))
    yield (
        f"Of {mutants} small changes to the code, the tests noticed {killed} ({killed / mutants:.1%}); {equal} more "
        "were looked at and change no answer. Which were not noticed: [mutation testing](mutation.md)."
    )
    yield ""
    yield (
        f"Properties: {len(properties())} points, {sum(map(len, properties().values()))} named tests, "
        "[one by one](properties.md)."
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every group, or those whose words begin with what is given, keep the counts and write the page.

    With ``--page`` the page is written from what was kept, and nothing is run.
    """
    asked = tuple(sys.argv[1:] if arguments is None else arguments) or ("",)
    kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for group in groups():
        if asked != ("--page",) and group["what"].startswith(asked):
            kept[group["what"]] = run(group)
            print(f"{group['what']}: {kept[group['what']]}", flush=True)
            ordered = {each["what"]: kept[each["what"]] for each in groups() if each["what"] in kept}
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_page()


if __name__ == "__main__":
    main()
