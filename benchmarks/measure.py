"""Interleaved rounds in processes that stay, memory in processes of their own, and how long a start takes."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES, Case, Paths, cpu_seconds
from benchmarks.extracts import make

SPAWN = multiprocessing.get_context("spawn")
SAMPLE_EVERY = 0.02
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
STARTS = 7
TINY = 500
Measured = dict[str, Any]


def _serve(cases: Sequence[str], pipe: Connection) -> None:
    """Run cases as they are asked for, until asked for none."""
    _warm_up(cases)
    pipe.send("ready")
    while (asked := pipe.recv()) is not None:
        case, paths = asked
        with _output() as out:
            gc.collect()
            wall, cpu = time.perf_counter(), cpu_seconds()
            parts = CASES[case].run(paths, out)
            pipe.send({"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu, "parts": parts})


def _warm_up(cases: Sequence[str]) -> None:
    """Run every case once on very little, so that nothing is imported while a clock runs."""
    with _output() as folder:
        paths = make(TINY, folder / "extract")
        for case in cases:
            CASES[case].run(paths, folder)


@contextlib.contextmanager
def _output() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _server(cases: Sequence[str]) -> Iterator[Connection]:
    here, there = SPAWN.Pipe()
    process = SPAWN.Process(target=_serve, args=(cases, there))
    process.start()
    there.close()
    try:
        here.recv()
        yield here
        here.send(None)
    finally:
        process.join(timeout=60)
        if process.is_alive():
            process.kill()


def rounds_of(cases: Sequence[Case], paths: Paths, rounds: int) -> Measured:
    """Run every case once a round, one after the other, and return all their times.

    The cases of one side share a process, so that what one side leaves in memory is no burden to another, and that
    process has run each of them on a tiny extract before.
    """
    found: Measured = {case.id: {"wall": [], "cpu": []} for case in cases}
    with contextlib.ExitStack() as stack:
        sides = {side: [case.id for case in cases if case.side == side] for side in {case.side for case in cases}}
        servers = {side: stack.enter_context(_server(ids)) for side, ids in sides.items()}
        for number in range(rounds):
            for case in cases:
                if number >= case.rounds:
                    continue
                servers[case.side].send((case.id, dict(paths)))
                told = servers[case.side].recv()
                print(f"  round {number + 1}: {case.words}: {told['wall']:.2f} s", file=sys.stderr, flush=True)
                found[case.id]["wall"].append(told["wall"])
                found[case.id]["cpu"].append(told["cpu"])
                if told["parts"]:
                    found[case.id].setdefault("parts", []).append(told["parts"])
    return found


def in_own_process(target: Callable[..., Any], *given: Any) -> Any:
    """Return what a function returns in a fresh process; fails where that process does."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=_answer, args=(there, target, given))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        raise RuntimeError(f"{target.__name__} ended without an answer") from None
    finally:
        process.join()


def _answer(pipe: Connection, target: Callable[..., Any], given: tuple[Any, ...]) -> None:
    pipe.send(target(*given))


def _once(case: str, paths: Paths) -> None:
    with _output() as out:
        CASES[case].run(paths, out)


def memory_of(case: Case, paths: Paths) -> Measured:
    """Return the peak of the proportional set size of a fresh process and all its children, in bytes, sampled."""
    process = SPAWN.Process(target=_once, args=(case.id, dict(paths)))
    process.start()
    peak, samples = 0, 0
    while process.is_alive():
        peak = max(peak, tree_bytes(process.pid))
        samples += 1
        process.join(timeout=SAMPLE_EVERY)
    if process.exitcode:
        raise RuntimeError(f"{case.id} ended with {process.exitcode}")
    return {"bytes": peak, "samples": samples}


def tree_bytes(pid: int | None) -> int:
    """Return the memory of a process and its children, with what they share counted once (Linux)."""
    total, left = 0, [pid]
    while left:
        folder = Path(f"/proc/{left.pop()}")
        with contextlib.suppress(OSError):
            total += 1024 * int(PSS.search((folder / "smaps_rollup").read_text())[1])  # type: ignore[index]
            for task in (folder / "task").iterdir():
                left += [int(child) for child in (task / "children").read_text().split()]
    return total


def starts() -> dict[str, list[float]]:
    """Return how long ``import breachpattern`` and ``breachpattern --help`` take, in fresh processes, interleaved."""
    ask = "import time; t = time.perf_counter(); import breachpattern; print(time.perf_counter() - t)"
    found: dict[str, list[float]] = {"import": [], "help": [], "python": []}
    for _ in range(STARTS):
        told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
        found["import"].append(float(told.stdout))
        for name, command in (("help", ["-m", "breachpattern", "--help"]), ("python", ["-c", "pass"])):
            begun = time.perf_counter()
            subprocess.run([sys.executable, *command], capture_output=True, check=True)
            found[name].append(time.perf_counter() - begun)
    return found
