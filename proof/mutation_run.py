"""A plugin of pytest that sets mutants in, one after another, and sees which test notices: ``-p proof.mutation_run``.

Tests are collected once. A child of the process runs them all and tells which lines each of them reaches; then every
mutant gets a child of its own, in which only the tests run that reach the changed statement, until one fails. First
come those that noticed most in this statement and in this function so far, then one of each test function, the fastest
first, then the rows of their tables that are left. Told by PROOF_MUTANTS: a pickle of mutants, the file to
which each result is added as a line of JSON, the seconds after which to stop, and how many children at a time.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from proof.mutants import ROOT, Mutant, set_in

KILLED, SURVIVED, NO_TESTS, DIED, ERROR = "killed", "survived", "no_tests", "died", "error"
# A child may use five times the processor seconds that its tests took, and so many more; and so much memory.
LONGEST, MEMORY = 20, 8 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Draw the examples of CI, and leave a failing one as it was found."""
    import tests.drawing  # noqa: F401  registers how many examples there are

    examples = {"max_examples": int(told)} if (told := os.environ.get("PROOF_EXAMPLES")) else {}
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", settings.get_profile("full"), database=None, phases=phases, **examples)
    settings.load_profile("mutants")


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the mutants in the place of the tests."""
    with Path(os.environ["PROOF_MUTANTS"]).open("rb") as file:
        asked = pickle.load(file)
    reach, took = _reached(session.items, asked["as_is"])
    if asked["warm"]:
        _warm()
    _run(session.items, reach, took, asked)
    return True


def _warm() -> None:
    """Load once what every child would load: code and tables that are read on first use."""
    from tests.facts import incident, order, timelines

    from breachpattern.patterns import load_packs

    load_packs()
    timelines([incident("I1", "2025-03-01T10:00")], [order("O1")])


def _run(items: list[Any], reach: list[dict[str, set[int]]], took: list[float], asked: dict[str, Any]) -> None:
    until = time.monotonic() + asked["seconds"] if asked["seconds"] else float("inf")
    noticed: dict[Any, Counter[int]] = defaultdict(Counter)
    rank = _ranks(items)
    running: dict[int, tuple[Mutant, Path, float, float]] = {}
    waiting = list(reversed(asked["mutants"]))
    with tempfile.TemporaryDirectory() as place, Path(asked["out"]).open("a", encoding="utf-8") as lines:
        while waiting or running:
            while waiting and len(running) < asked["processes"] and time.monotonic() < until:
                mutant = waiting.pop()
                near = _reaching(mutant, reach)
                here, there = noticed[mutant.file, mutant.first], noticed[mutant.file, mutant.function]
                near.sort(key=lambda n: (-here[n], -there[n], rank[n], took[n]))
                near = _within(near, took, asked["budget"])
                if not near:
                    _tell(lines, mutant, NO_TESTS, None)
                    continue
                answer = Path(place, str(len(waiting)))
                limit = 5 * sum(took[n] for n in near) + asked.get("longest", LONGEST)
                pid = _child(lambda m=mutant, n=near, a=answer, s=limit: _try(items, m, n, a, s))  # type: ignore[misc]
                running[pid] = mutant, answer, time.monotonic(), limit
            if not running:
                break
            for pid, status in _ended(running):
                mutant, answer, _, _ = running.pop(pid)
                found = answer.read_text() if answer.exists() else DIED if os.WIFSIGNALED(status) else ERROR
                if found.startswith(ERROR):
                    raise pytest.UsageError(f"{mutant.function}, {mutant.change}: {found}")
                if found.isdigit():
                    for around in (mutant.first, mutant.function):
                        noticed[mutant.file, around][int(found)] += 1
                    _tell(lines, mutant, KILLED, items[int(found)].nodeid)
                else:
                    _tell(lines, mutant, found, None)


def _ranks(items: list[Any]) -> list[int]:
    """Return how many tests of the same function come before each test."""
    seen: Counter[str] = Counter()
    out = []
    for item in items:
        name = item.nodeid.partition("[")[0]
        out.append(seen[name])
        seen[name] += 1
    return out


def _within(near: list[int], took: list[float], budget: float | None) -> list[int]:
    """Return the first tests, as many as take no longer than the budget together; one at least."""
    if budget is None:
        return near
    spent = list(accumulate(took[number] for number in near))
    return near[: max(1, bisect_right(spent, budget))]


def _tell(lines: Any, mutant: Mutant, result: str, by: str | None) -> None:
    lines.write(json.dumps([*mutant.key, result, by]) + "\n")
    lines.flush()


def _ended(running: dict[int, tuple[Mutant, Path, float, float]]) -> list[tuple[int, int]]:
    """Return the children that ended and how; one that took much longer than its tests is ended."""
    while True:
        ended = [told for pid in running if (told := os.waitpid(pid, os.WNOHANG))[0]]
        if ended:
            return ended
        for pid, (_, _, since, limit) in running.items():
            if time.monotonic() - since > 10 * limit:
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)


def _child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        work()
    finally:
        os._exit(0)  # neither pytest nor the interpreter is to tidy up in a child


def _try(items: list[Any], mutant: Mutant, near: list[int], answer: Path, limit: float) -> None:
    """Say which test notices a mutant. A child that dies says nothing, and that was noticed too."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        set_in(mutant)
        for number, following in zip(near, [*near[1:], None], strict=True):
            if _fails(items[number], None if following is None else items[following]):
                answer.write_text(str(number))
                return
        answer.write_text(SURVIVED)
    except BaseException:
        answer.write_text(f"{ERROR}: {traceback.format_exc()}")


def _fails(item: Any, after: Any) -> bool:
    return any(report.failed for report in runtestprotocol(item, nextitem=after, log=False))


def _reached(items: list[Any], as_is: Sequence[Mutant]) -> tuple[list[dict[str, set[int]]], list[float]]:
    """Return the lines of the files that each test reaches, and how many seconds it took.

    The functions are set in as they are first, as the mutants will be: no test may notice that.
    """
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place, "reached")
        os.waitpid(_child(lambda: _trace(items, as_is, answer)), 0)
        if not answer.exists():
            raise pytest.UsageError("The run without a mutant died.")
        reach, took, failing = pickle.loads(answer.read_bytes())
    if failing:
        raise pytest.UsageError(f"Without any mutant these fail: {', '.join(failing)}")
    return reach, took


def _trace(items: list[Any], as_is: Sequence[Mutant], answer: Path) -> None:
    files = {function.file for function in as_is}
    for function in as_is:
        set_in(function)
    wanted = {str(ROOT / file): file for file in files}
    reach, took, failing = [], [], []
    for item, after in zip(items, [*items[1:], None], strict=True):
        lines: dict[str, set[int]] = {file: set() for file in files}

        def inside(frame: Any, *_: Any, lines: dict[str, set[int]] = lines) -> Any:
            lines[wanted[frame.f_code.co_filename]].add(frame.f_lineno)
            return inside

        def enter(frame: Any, *_: Any, inside: Any = inside) -> Any:
            return inside(frame) if frame.f_code.co_filename in wanted else None

        began = time.process_time()
        sys.settrace(enter)
        try:
            if _fails(item, after):
                failing.append(item.nodeid)
        finally:
            sys.settrace(None)
        reach.append(lines)
        took.append(time.process_time() - began)
    answer.write_bytes(pickle.dumps((reach, took, failing)))


def _reaching(mutant: Mutant, reach: list[dict[str, set[int]]]) -> list[int]:
    """Return the tests that reach the changed statement."""
    lines = set(range(mutant.first, mutant.last + 1))
    return [number for number, reached in enumerate(reach) if not lines.isdisjoint(reached[mutant.file])]
