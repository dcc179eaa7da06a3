"""Mutation testing of the rooms on which every answer rests: ``python -m proof.mutation`` (or ``make mutation``).

mutmut changes the code in one small place at a time (`mutants.py`), and the tests that `mutation.toml` names are run
until one notices (`mutation_run.py`). A change that no test notices is a survivor. The mutants of a module come in an
order drawn from a fixed seed, so that those that were run are a fair sample whenever a run is cut short. The figures go
to ``proof/results/mutation.json``, and from there to ``docs/mutation.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from proof.mutants import ROOT, Mutant, mutants_of

RESULTS = ROOT / "proof" / "results" / "mutation.json"
PAGE = ROOT / "docs" / "mutation.md"
SEED = 20_250_301
# The tests that the default run leaves out because others try the same are run too.
EVERY = "not slow and not spark and not postgres and not browser"


def settings() -> dict[str, Any]:
    """Return what is mutated, by which tests, and which survivors were judged to change nothing."""
    return tomllib.loads(Path(__file__).with_name("mutation.toml").read_text("utf-8"))


def mutate(name: str, module: dict[str, Any], given: argparse.Namespace, held: dict[str, Any] | None) -> dict[str, Any]:
    """Return how the mutants of a module fared: counts, and every survivor with the change that nobody noticed.

    Parameters
    ----------
    name, module : str, dict
        A module of `mutation.toml`.
    given : argparse.Namespace
        ``processes``, and ``seconds`` after which what has not been run is left; with ``survivors`` only those of
        ``held`` are run again.
    held : dict or None
        What the last run found.

    Raises
    ------
    SystemExit
        Where a test fails without any mutant, or survivors are asked for and the code is another by now.
    """
    found = [mutant for file in module["files"] for mutant in mutants_of(ROOT / "src" / "breachpattern" / file)]
    as_is, mutants = ([m for m in found if bool(m.change) == changed] for changed in (False, True))
    possible = len(mutants)
    random.Random(SEED).shuffle(mutants)
    if not given.survivors:
        return _counts(possible, Counter(), _run(name, module, as_is, mutants, given))
    left = Counter(_key(survivor) for survivor in (held or {}).get("survivors", ()))
    mutants = [mutant for mutant in mutants if left[mutant.key] > 0 and not left.subtract([mutant.key])]
    if held is None or possible != held["possible"] or left.total():
        raise SystemExit(f"{name} was changed since its last run. Run it whole: python -m proof.mutation {name}")
    results = _run(name, module, as_is, mutants, given)
    not_run = Counter(mutant.key for mutant in mutants) - Counter(key for key, *_ in results)
    results += [(key, "survived", None) for key in not_run.elements()]
    return _counts(possible, Counter({kind: held.get(kind, 0) for kind in ("killed", "died")}), results)


def _run(
    name: str, module: dict[str, Any], as_is: list[Mutant], mutants: list[Mutant], given: argparse.Namespace
) -> list[tuple[Any, str, str | None]]:
    place = ROOT / "build" / "mutation"
    place.mkdir(parents=True, exist_ok=True)
    asked, out = place / f"{name}.pickle", place / f"{name}.jsonl"
    if not given.resume:
        out.write_text("")
    already = Counter((file, function, tuple(change)) for file, function, change, *_ in _lines(out))
    mutants = [mutant for mutant in mutants if already[mutant.key] == 0 or already.subtract([mutant.key])]
    told = {"as_is": as_is, "mutants": mutants, "out": out, "seconds": given.seconds, "processes": given.processes}
    told["budget"], told["warm"] = given.budget, module.get("warm", True)
    asked.write_bytes(pickle.dumps(told))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=line"]
    command += ["-p", "proof.mutation_run", "--import-mode=importlib", "-m", EVERY]
    command += given.tests or module["tests"]
    # With CI set, hypothesis draws the same examples every time.
    surroundings = os.environ | {"CI": "1", "OMP_NUM_THREADS": "1", "PROOF_MUTANTS": str(asked)}
    surroundings |= {"PROOF_EXAMPLES": str(given.examples)} if given.examples else {}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 5):
        raise SystemExit(f"{name}: pytest ended with {done.returncode}.\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [((file, function, tuple(change)), kind, by) for file, function, change, kind, by in _lines(out)]


def _lines(path: Path) -> Iterable[Any]:
    return map(json.loads, path.read_text("utf-8").splitlines())


def _key(survivor: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return survivor["file"], survivor["function"], tuple(survivor["change"])


def _counts(possible: int, before: Counter[str], results: Iterable[tuple[Any, str, str | None]]) -> dict[str, Any]:
    """Return the counts of a run, with what was noticed before where only survivors were run, and its survivors."""
    kinds = before.copy()
    survivors = []
    for (file, function, change), kind, _ in results:
        kinds[kind] += 1
        if kind in ("survived", "no_tests"):
            met = kind == "survived"
            survivors.append({"file": file, "function": function, "change": list(change), "met_a_test": met})
    survivors.sort(key=lambda s: (s["file"], s["function"], s["change"]))
    counts = {kind: kinds[kind] for kind in ("killed", "died", "survived", "no_tests")}
    return {"possible": possible, "mutants": sum(counts.values()), **counts, "survivors": survivors}


def _held() -> dict[str, Any]:
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def main(arguments: Sequence[str] | None = None) -> None:
    """Mutate every module, or those that are named, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m proof.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="names in mutation.toml; all where none is given")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=int, help="leave a module after so long, and count what was run")
    parser.add_argument("--survivors", action="store_true", help="only run those again that survived the last run")
    parser.add_argument("--tests", nargs="+", help="with --survivors: only these tests, such as those just written")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was cut short, in build/mutation")
    parser.add_argument(
        "--examples", type=int, help="examples that hypothesis draws where a test does not say; as in CI"
    )
    parser.add_argument(
        "--budget", type=float, help="seconds of tests that a mutant meets at most, the likeliest first"
    )
    parser.add_argument("--page", action="store_true", help="only write the page anew from the results")
    given = parser.parse_args(arguments)
    modules = settings()["module"]
    for name in [] if given.page else given.modules or modules:
        found = mutate(name, modules[name], given, _held().get(name))
        print(f"{name}: { {key: value for key, value in found.items() if key != 'survivors'} }", flush=True)
        RESULTS.parent.mkdir(exist_ok=True)
        held = _held() | {name: found}
        ordered = {key: held[key] for key in modules if key in held}
        RESULTS.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    from proof import mutation_page, reliability

    PAGE.write_text(mutation_page.page(), encoding="utf-8")
    reliability.write_page()


if __name__ == "__main__":
    main()
