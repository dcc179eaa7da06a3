"""The page of the mutants, written from the last results: what was killed, and every change that no test noticed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "mutation.json"
HEAD = """# Mutation testing

Written by `make mutation` from its last run; not by hand. The code on which every answer rests is changed in one small
place at a time (another operator, another constant, an argument left out), and the tests that
[proof/mutation.toml](../proof/mutation.toml) names for the module are run, those that reach the changed statement and
until one fails. A change that some test notices is *killed*. *Run* says how many of the possible ones were run; where
it was not all, they are a sample in an order drawn from a fixed seed, and the share has a 95% interval (Wilson).

*Changes nothing* counts survivors that were looked at and cannot be noticed: the changed code gives the same answers.
Which, and why, stands in [proof/equivalents.toml](../proof/equivalents.toml). All other survivors are listed below:
each of them is a test that nobody has written yet. Module-level tables and functions under decorators are not changed
by the tool.
"""
# Of the normal distribution, both sides of 95%.
_Z = 1.959964


def sums() -> dict[str, dict[str, int]]:
    """Return the counts of each module, survivors that change nothing apart from the others."""
    equal, out = equivalents(), {}
    for name, module in _results().items():
        if not module["mutants"]:
            continue
        same = sum(told(survivor) in equal for survivor in module["survivors"])
        left = module["survived"] + module["no_tests"] - same
        killed = module["killed"] + module.get("died", 0)
        counts = {"possible": module["possible"], "mutants": module["mutants"], "killed": killed}
        out[name] = counts | {"equal": same, "survived": left}
    return out


def told(survivor: dict[str, Any]) -> str:
    """Return a survivor as one line: where it is, and what the code became."""
    return f"{survivor['function']}: {_side(survivor, '+')}"


def equivalents() -> dict[str, str]:
    """Return why each survivor that was judged to change nothing does so."""
    held = tomllib.loads((HERE / "equivalents.toml").read_text("utf-8"))
    return {line: group["reason"] for group in held["equal"] for line in group["survivors"]}


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_table(), "", "## Survivors", "", *_survivors()]) + "\n"


def _results() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return found


def _table() -> Iterator[str]:
    yield "| module | possible | run | killed | of all | changes nothing | survived | killed of those that could be |"
    yield "|---|---|---|---|---|---|---|---|"
    counts = sums()
    whole = {key: sum(count[key] for count in counts.values()) for key in next(iter(counts.values()))}
    for name, count in (counts | {"together": whole}).items():
        share = count["killed"] / max(count["killed"] + count["survived"], 1)
        cells = [
            count["possible"],
            count["mutants"],
            count["killed"],
            share_of(count["killed"], count["mutants"], count["possible"]),
        ]
        cells += [count["equal"], count["survived"], f"{share:.1%}"]
        yield f"| {name} | {' | '.join(map(str, cells))} |"


def share_of(killed: int, run: int, possible: int) -> str:
    """Return the share of killed mutants, with its interval where not all that are possible were run.

    Examples
    --------
    >>> share_of(9, 10, 10), share_of(90, 100, 200)
    ('90.0%', '90.0% (82.6% to 94.5%)')
    """
    share = killed / max(run, 1)
    if run == possible:
        return f"{share:.1%}"
    middle = (share + _Z**2 / (2 * run)) / (1 + _Z**2 / run)
    reach = _Z / (1 + _Z**2 / run) * sqrt(share * (1 - share) / run + _Z**2 / (4 * run**2))
    return f"{share:.1%} ({middle - reach:.1%} to {middle + reach:.1%})"


def _survivors() -> Iterator[str]:
    equal = equivalents()
    for name, module in _results().items():
        left = [survivor for survivor in module["survivors"] if told(survivor) not in equal]
        if not left:
            continue
        yield from (f"### {name}", "", "| function | was | became |", "|---|---|---|")
        for survivor in left:
            where = f"`{survivor['function']}`" + ("" if survivor["met_a_test"] else " (met no test)")
            yield f"| {where} | {_code(survivor, '-')} | {_code(survivor, '+')} |"
        yield ""


def _code(survivor: dict[str, Any], side: str) -> str:
    text = _side(survivor, side).replace("|", "\\|")
    return f"`{text}`" if text else "nothing"


def _side(survivor: dict[str, Any], side: str) -> str:
    return " ".join(line[1:].strip() for line in survivor["change"] if line.startswith(side))
