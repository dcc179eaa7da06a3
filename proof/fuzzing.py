"""The log of fuzzing: one line of ``proof/results/fuzzing.jsonl`` for every run of ``make fuzz``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

LOG = Path(__file__).resolve().parent / "results" / "fuzzing.jsonl"


def add(day: str, seconds: float, runs: Mapping[str, int], crashes: Mapping[str, int], log: Path = LOG) -> None:
    """Add a run: its day, how long inputs were tried, inputs tried and crashes or hangs for each target."""
    line = {"date": day, "seconds": round(seconds, 1), "runs": dict(runs), "crashes": dict(crashes)}
    with log.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(line) + "\n")


def entries(log: Path = LOG) -> list[dict[str, Any]]:
    """Return every run of the log, the oldest first."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def table(log: Path = LOG) -> Iterator[str]:
    """Yield what was fuzzed as lines of Markdown: how long in all, and inputs and crashes for each target."""
    found = entries(log)
    if not found:
        yield "Nothing was fuzzed with coverage as the guide yet (`make fuzz`)."
        return
    runs: Counter[str] = Counter()
    crashes: Counter[str] = Counter()
    for entry in found:
        runs.update(entry["runs"])
        crashes.update(entry["crashes"])
    seconds = sum(entry["seconds"] for entry in found)
    days = " to ".join(sorted({found[0]["date"], found[-1]["date"]}))
    yield (
        f"With coverage as the guide (`make fuzz`, atheris): {seconds / 60:.0f} minutes in {len(found)} runs, {days}; "
        f"{runs.total()} inputs tried, {crashes.total()} crashes, hangs and lost rows. Every run, with its time, "
        "stands in [the log](../proof/results/fuzzing.jsonl)."
    )
    yield ""
    yield "| target | inputs tried | crashes, hangs, lost rows |"
    yield "|---|---|---|"
    for name in sorted(runs):
        yield f"| {name} | {runs[name]} | **{crashes[name]}** |"
