"""Mutation testing of the rooms on which every answer rests: ``python -m proof.mutation`` (or ``make mutation``).

mutmut changes the code in one small place at a time and runs the tests that `mutation.toml` names. A change that no
test notices is a survivor. Each module is mutated in a copy of the project under ``build/mutation``; the figures go to
``proof/results/mutation.json``, and from there to ``docs/mutation.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "proof" / "results" / "mutation.json"
PAGE = ROOT / "docs" / "mutation.md"
COPIED = ("src", "tests", "docs", "sample_data", "proof", "README.md", "pyproject.toml", "Makefile", "CONTRIBUTING.md")
# What mutmut's exit codes mean; whatever ends a test run other than well is a mutant that was noticed.
SURVIVED, NO_TESTS, NOT_RUN = (0,), (5, 33), (None, 34, 2)

# Runs in the copy: mutmut's own reading of its results, as JSON.
_READ = """
import json, sys
from pathlib import Path
from mutmut.__main__ import get_diff_for_mutant
out = {}
for file in sys.argv[1:]:
    codes = json.loads(Path("mutants", file + ".meta").read_text("utf-8"))["exit_code_by_key"]
    for name, code in codes.items():
        lines = []
        if code in (0, 5, 33):
            diff = get_diff_for_mutant(name, path=Path(file)).splitlines()
            lines = [line for line in diff if line[:1] in "+-" and line[:3] not in ("---", "+++")]
        out[name] = [file, code, lines]
print("RESULTS" + json.dumps(out))
"""


def settings() -> dict[str, Any]:
    """Return what is mutated, by which tests, and which survivors were judged to change nothing."""
    return tomllib.loads(Path(__file__).with_name("mutation.toml").read_text("utf-8"))


def mutate(name: str, module: dict[str, Any], processes: int, seconds: int | None = None) -> dict[str, Any]:
    """Return how the mutants of a module fared: counts, and every survivor with the change that nobody noticed.

    After some seconds, where they are given, what has not been run is left.
    """
    place = ROOT / "build" / "mutation" / name
    _lay_out(place, module)
    with (place / "log.txt").open("w", encoding="utf-8") as log:
        command = [str(_tool()), "run", "--max-children", str(processes), *_sample(module)]
        running = subprocess.Popen(
            command, cwd=place, env=_surroundings(), stdout=log, stderr=log, start_new_session=True
        )
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait()
    return read(name, module)


def read(name: str, module: dict[str, Any]) -> dict[str, Any]:
    """Return what the last run left in ``build/mutation``."""
    place = ROOT / "build" / "mutation" / name
    command = [str(_tool().with_name("python")), "-c", _READ, *_files(module)]
    done = subprocess.run(command, cwd=place, env=_surroundings(), capture_output=True, text=True, check=False)
    if "RESULTS" not in done.stdout:
        raise SystemExit(f"mutmut left no results for {name}; see {place / 'log.txt'}.\n{done.stderr[-999:]}")
    return _sums(json.loads(done.stdout.rpartition("RESULTS")[2]))


def _tool() -> Path:
    found = shutil.which("mutmut", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        raise SystemExit(f"Mutation testing needs mutmut. Install it: {sys.executable} -m pip install 'mutmut>=3.8'")
    return Path(found)


def _sample(module: dict[str, Any]) -> list[str]:
    """Return the names of the mutants that are run: those whose number ends with one of some digits, or all."""
    return [f"*__mutmut_*[{module['ends']}]"] if "ends" in module else []


def _files(module: dict[str, Any]) -> list[str]:
    return [f"src/breachpattern/{file}" for file in module["files"]]


def _surroundings() -> dict[str, str]:
    """Return the environment of a run: with CI set, hypothesis draws the same examples every time."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"CI": "1", "OMP_NUM_THREADS": "1"}


def _lay_out(place: Path, module: dict[str, Any]) -> None:
    """Copy the project to a place of its own and tell mutmut what to change there."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for what in COPIED:
        if (ROOT / what).is_dir():
            shutil.copytree(ROOT / what, place / what, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / what, place / what)
    lists = {
        "only_mutate": _files(module),
        "pytest_add_cli_args": ["--hypothesis-profile=full"],
        "pytest_add_cli_args_test_selection": module["tests"],
        "also_copy": [what for what in COPIED if what not in ("src", "tests", "pyproject.toml")],
    }
    text = "[mutmut]\nsource_paths=src/\nuse_git_change_detection=false\n"
    text += "".join(f"{key}=\n" + "".join(f"    {value}\n" for value in values) for key, values in lists.items())
    (place / "setup.cfg").write_text(text, encoding="utf-8")


def _sums(mutants: dict[str, Any]) -> dict[str, Any]:
    kinds = Counter()
    survivors = []
    for name, (file, code, lines) in mutants.items():
        kind = (
            "survived"
            if code in SURVIVED
            else "no_tests"
            if code in NO_TESTS
            else "not_run"
            if code in NOT_RUN
            else "killed"
        )
        kinds[kind] += 1
        if kind in ("survived", "no_tests"):
            function = name.rpartition(".")[2].partition("__mutmut")[0].removeprefix("x_").removeprefix("xǁ")
            function = function.replace("ǁ", ".")
            survivors.append({"file": file, "function": function, "change": lines, "met_a_test": kind == "survived"})
    survivors.sort(key=lambda s: (s["file"], s["function"], s["change"]))
    return {
        "possible": len(mutants),
        "mutants": len(mutants) - kinds["not_run"],
        **{kind: kinds[kind] for kind in ("killed", "survived", "no_tests")},
        "survivors": survivors,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Mutate every module, or those that are named, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m proof.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="names in mutation.toml; all where none is given")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=int, help="leave a module after so long, and count what was run")
    parser.add_argument(
        "--read", action="store_true", help="run nothing; read what the last run left in build/mutation"
    )
    parser.add_argument("--page", action="store_true", help="only write the page anew from the results")
    given = parser.parse_args(arguments)
    modules = settings()["module"]
    held = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name in [] if given.page else given.modules or modules:
        run = read if given.read else lambda name, module: mutate(name, module, given.processes, given.seconds)
        held[name] = run(name, modules[name])
        counts = {key: value for key, value in held[name].items() if key != "survivors"}
        print(f"{name}: {counts}", flush=True)
        RESULTS.parent.mkdir(exist_ok=True)
        ordered = {key: held[key] for key in modules if key in held}
        RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    from proof.mutation_page import page

    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
