"""From results to words: the table of what must be reached, and the tables of the page."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.cases import CASES, HUGE, LARGE, MIDDLE

Results = dict[str, Any]
GB = 1e9
NOT_RUN = "not run"


@dataclass(frozen=True)
class Target:
    """One line of the table: what is measured, what it must reach, and what it is to reach.

    ``better`` is ``less`` or ``more``; ``shown`` formats a value. ``value`` returns ``None`` where it was not run.
    """

    words: str
    value: Callable[[Results], float | None]
    must: float
    aim: float | None
    shown: Callable[[float], str]
    better: str = "less"

    def met(self, value: float | None, bound: float | None) -> str:
        """Return ``yes``, ``no`` or that it was not run."""
        if bound is None:
            return ""
        if value is None:
            return NOT_RUN
        return "yes" if (value <= bound if self.better == "less" else value >= bound) else "no"


def times(results: Results, size: int, case: str) -> list[float]:
    """Return the wall times of a case at a size, in the order of the rounds."""
    return list(results["times"].get(str(size), {}).get(case, {}).get("wall", []))


def ratio(case: str, over: str, size: int) -> Callable[[Results], float | None]:
    """Return a function for the median of the ratios of two cases within each round."""

    def value(results: Results) -> float | None:
        pairs = list(zip(times(results, size, case), times(results, size, over), strict=False))
        return statistics.median(a / b for a, b in pairs) if pairs else None

    return value


def growth(case: str, small: int, large: int) -> Callable[[Results], float | None]:
    """Return a function for the exponent with which a case grows from one size to another."""

    def value(results: Results) -> float | None:
        first, second = times(results, small, case), times(results, large, case)
        if not first or not second:
            return None
        return math.log(statistics.median(second) / statistics.median(first)) / math.log(large / small)

    return value


def peak(case: str, size: int) -> Callable[[Results], float | None]:
    """Return a function for the peak memory of a case, in GB."""

    def value(results: Results) -> float | None:
        found = results["memory"].get(str(size), {}).get(case)
        return found["bytes"] / GB if found else None

    return value


def each_further_million(results: Results) -> float | None:
    """Return how many GB each million incidents beyond the first takes."""
    first, last = peak("score", LARGE)(results), peak("score", HUGE)(results)
    return None if first is None or last is None else (last - first) / ((HUGE - LARGE) / 1e6)


def checking(results: Results) -> float | None:
    """Return the seconds that checking a million rows takes, with their orders."""
    parts = results["times"].get(str(LARGE), {}).get("stages", {}).get("parts", [])
    return statistics.median(part["check"] for part in parts) if parts else None


def more_for_csv(results: Results) -> float | None:
    """Return by how much the whole takes longer from and to CSV, as a share."""
    value = ratio("score_csv", "score", LARGE)(results)
    return None if value is None else value - 1


def start(name: str) -> Callable[[Results], float | None]:
    """Return a function for the median seconds of a start."""
    return lambda results: statistics.median(results["starts"][name]) if results.get("starts") else None


def call(records: int, percentile: str) -> Callable[[Results], float | None]:
    """Return a function for the seconds of one call of ``assess`` on a million, for suspects with so many records."""

    def value(results: Results) -> float | None:
        found = results.get("calls", {}).get(str(LARGE), {}).get("assess", {}).get(str(records))
        return found[percentile] if found else None

    return value


def events_a_second(results: Results) -> float | None:
    """Return how many events a second the command answers on a million."""
    found = results.get("calls", {}).get(str(LARGE), {}).get("events")
    return found["events"] / found["seconds"] if found else None


def _times_over(value: float) -> str:
    return f"{value:.1f} x"


def _seconds(value: float) -> str:
    return f"{value:.2f} s"


def _gb(value: float) -> str:
    return f"{value:.2f} GB"


def _exponent(value: float) -> str:
    return f"{value:.2f}"


def _milliseconds(value: float) -> str:
    return f"{1000 * value:.2f} ms"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{100 * value:+.0f} %"


TARGETS = (
    Target("`score` of 1M incidents, Parquet in and out, over the floor L", ratio("score", "floor", LARGE),
           10, 6, _times_over),
    Target("faster than the literal reference at 1M", ratio("reference", "score", LARGE), 20, 40, _times_over, "more"),
    Target("faster than the literal reference at 100k", ratio("reference", "score", MIDDLE), 20, 40, _times_over,
           "more"),
    Target("faster than the analyst's pandas at 100k", ratio("pandas", "score", MIDDLE), 50, 100, _times_over, "more"),
    Target("growth exponent from 1M to 10M", growth("score", LARGE, HUGE), 1.2, 1.1, _exponent),
    Target("peak memory at 1M", peak("score", LARGE), 1.5, 1.0, _gb),
    Target("peak memory of each further million", each_further_million, 1.0, 0.6, _gb),
    Target("peak memory of 10M in buckets", peak("buckets", HUGE), 4.0, 2.5, _gb),
    Target("checking 1M rows", checking, 0.6, 0.4, _seconds),
    Target("CSV instead of Parquet at 1M", more_for_csv, 0.30, 0.15, _share),
    Target("`import breachpattern`", start("import"), 0.2, 0.1, _seconds),
    Target("`breachpattern --help`", start("help"), 0.5, 0.3, _seconds),
    Target("`assess`, a suspect with 200 records among 1M, median", call(200, "p50"), 2e-4, None, _milliseconds),
    Target("`assess`, the same, 99th percentile", call(200, "p99"), 1e-3, None, _milliseconds),
    Target("`assess`, a suspect with 5,000, 99th percentile", call(5_000, "p99"), 1e-2, None, _milliseconds),
    Target("`watch`, events a second among 1M", events_a_second, 2_000, None, _whole, "more"),
)  # fmt: skip


def targets(results: Results) -> str:
    """Return the table of what must be reached, with what was."""
    rows = []
    for target in TARGETS:
        value = target.value(results)
        said = NOT_RUN if value is None else f"**{target.shown(value)}**"
        rows.append(
            (target.words, said, target.shown(target.must), target.met(value, target.must),
             "" if target.aim is None else target.shown(target.aim), target.met(value, target.aim))
        )  # fmt: skip
    return markdown(("measure", "measured", "must", "met", "aim", "met"), rows)


def seconds_by_size(results: Results) -> str:
    """Return median, least and greatest seconds of each case at each size, with processor time and rounds."""
    rows = []
    for size, cases in sized(results["times"]):
        for case, found in cases.items():
            wall, cpu = found["wall"], found["cpu"]
            if not wall:
                continue
            over = ratio(case, "floor", size)(results)
            rows.append(
                (f"{size:,}", CASES[case].words, f"{statistics.median(wall):.2f}",
                 f"{min(wall):.2f} to {max(wall):.2f}", f"{statistics.median(cpu):.2f}", str(len(wall)),
                 "" if over is None else f"{over:.1f}")
            )  # fmt: skip
    return markdown(("incidents", "what", "median s", "range s", "processor s", "rounds", "over L"), rows)


def stages(results: Results) -> str:
    """Return where the time of ``score`` goes."""
    held = {
        size: cases["stages"]["parts"] for size, cases in sized(results["times"]) if "parts" in cases.get("stages", {})
    }
    names = list(dict.fromkeys(name for parts in held.values() for part in parts for name in part))
    rows = []
    for name in names:
        medians = [statistics.median(part.get(name, 0.0) for part in parts) for parts in held.values()]
        rows.append((name, *(f"{value:.2f}" for value in medians)))
    whole = [statistics.median(sum(part.values()) for part in parts) for parts in held.values()]
    rows.append(("together", *(f"{value:.2f}" for value in whole)))
    return markdown(("stage", *(f"{size:,}, median s" for size in held)), rows)


def memory(results: Results) -> str:
    """Return the peak memory of each case."""
    rows = [
        (f"{size:,}", CASES[case].words, f"{found['bytes'] / GB:.2f}", str(found["samples"]))
        for size, cases in sized(results["memory"])
        for case, found in cases.items()
    ]
    return markdown(("incidents", "what", "peak GB", "samples"), rows)


def exponents(results: Results) -> str:
    """Return how each case grows from one size to the next."""
    sizes = [size for size, _ in sized(results["times"])]
    rows = []
    for case in CASES.values():
        steps = [growth(case.id, a, b)(results) for a, b in pairwise(sizes)]
        if any(step is not None for step in steps):
            rows.append((case.words, *("" if step is None else f"{step:.2f}" for step in steps)))
    return markdown(("what", *(f"{a:,} to {b:,}" for a, b in pairwise(sizes))), rows)


def hot(results: Results) -> str:
    """Return the hot cases."""
    base = next((found["seconds"] / found["rows"] for found in results["hot"].values()), 1.0)
    rows = [
        (name, f"{found['rows']:,}", f"{found['seconds']:.2f}", f"{found['seconds'] / found['rows'] / base:.2f}",
         f"{found['bytes'] / GB:.2f}")
        for name, found in results["hot"].items()
    ]  # fmt: skip
    return markdown(("what", "rows", "s", "per row, the first being 1", "peak GB"), rows)


def calls(results: Results) -> str:
    """Return what one incident, an update and a stream of events take."""
    rows = []
    for size, found in sized(results.get("calls", {})):
        at = f"{size:,}"
        ready = found.get("ready", {"assess": {}})
        for asked, how in ((found["assess"], ""), (ready["assess"], ", after `prepare`")):
            for around, one in asked.items():
                words = f"`assess` of a suspect with about {int(around):,} records{how}, {one['calls']:,} calls"
                rows.append((at, words, f"{1000 * one['p50']:.2f} ms; 99 in 100 within {1000 * one['p99']:.2f} ms"))
        index, update, events = found["index"], found["update"], found["events"]
        whole, held = f"{index['seconds']:.1f} s", f"{index['bytes'] / GB:.2f} GB"
        first, next_one = f"{found['state_seconds']:.1f} s", f"{update['seconds']:.2f} s"
        rows.append((at, "an index of all, read, checked and built", f"{whole}; the process then holds {held}"))
        if "pairs" in ready:
            words = f"`prepare` of {ready['pairs']:,} pairs with twenty records or more"
            held = f"{ready['bytes'] / GB:.2f} GB"
            rows.append((at, words, f"{ready['seconds']:.1f} s; the process then holds {held}"))
        rows += [
            (at, f"`update` with {update['rows']:,} new records", f"{next_one}; the first one of all took {first}"),
            (at, f"`watch`, {events['events']:,} events kept", f"{events['events'] / events['seconds']:,.0f} a second"),
        ]
    return markdown(("records on file", "what", "takes"), rows)


def machine(results: Results) -> str:
    """Return the machine line, and whether anything else ran beside."""
    m = results["machine"]
    line = (
        f"{m['made'][:10]}, revision `{m['revision']}`: {m['processor']}, {m['cores']} cores, {m['memory_gb']:.0f} GB, "
        f"{m['system']}, Python {m['python']}, " + ", ".join(f"{name} {v}" for name, v in m["libraries"].items()) + "."
    )
    load = max(m["load_before"], *m["load_between"], 0.0) if m["load_between"] else m["load_before"]
    if m["load_before"] > QUIET:
        line += (
            f"\n\n**Provisional**: the machine was busy with other things (load {m['load_before']:.1f} when it began, "
            f"up to {load:.1f}). Times of a busy machine say little; ratios within a round say somewhat more."
        )
    return line


# A load average above this before the first case means that something else was running.
QUIET = 0.5


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the numbers of a column stand to the right where all of them are."""
    rows = [tuple(row) for row in rows]
    right = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(head))]
    lines = [head, tuple("---:" if r else "---" for r in right), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def sized(by_size: dict[str, Any]) -> list[tuple[int, Any]]:
    """Return what is kept by size, the smallest first."""
    return sorted((int(size), found) for size, found in by_size.items())


def _is_number(text: str) -> bool:
    return not text or text.replace(",", "").replace(".", "").lstrip("-").isdigit()
