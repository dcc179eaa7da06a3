"""Write the measured parts of ``docs/assessment.md`` anew: ``python -m benchmarks.ranking_page``.

How: :mod:`benchmarks.page`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from benchmarks.page import ROOT, Page, Results

SCORERS = {
    "classifier": "classifier",
    "rule_rank": "rule rank",
    "recency_frequency_gravity": "recency, frequency, gravity",
    "count_in_a_year": "count in 365 days",
}
MEASURES = {
    "average_precision": "average precision",
    "precision_at_30": "precision at 30, last list",
    "recall_at_30": "recall at 30, last list",
    "worklist_precision": "precision of all lists",
    "worklist_recall": "recall of all lists",
    "brier": "Brier score",
}
# What is claimed, and what it is held against.
CLAIMS = (("rule_rank", "recency_frequency_gravity"), ("rule_rank", "count_in_a_year"), ("classifier", "rule_rank"))
# The pattern that stands high because of a deadline, whatever else is known.
DEADLINE = "limitation_clock"
CLAIMED = ("average_precision", "precision_at_30", "worklist_precision")


def made(results: Results) -> str:
    """Return what was run, and on what."""
    machine, runs = results["machine"], results["runs"]
    libraries = ", ".join(f"{name} {machine['libraries'][name]}" for name in ("numpy", "pandas", "scipy"))
    lines = [
        f"{runs[0]['incidents']:,} incidents each; revision {machine['revision']}, Python {machine['python']}, "
        f"{libraries}.",
        "",
        *_table(
            ["seed", "lists", "active at the end", "true", "on any list day", "true of those", "labels", "confirmed"],
            [
                [r["seed"], f"{len(r['about']['as_of'])}, {r['about']['as_of'][0]} to {r['about']['as_of'][-1]}",
                 *(f"{r['about'][k]:,}" for k in ("units", "true", "pool", "pool_true")),
                 f"{r['trained']['units']:,}", r["trained"]["labels"]["confirmed"]]
                for r in runs
            ],
        ),
    ]  # fmt: skip
    return "\n".join(lines)


def measures(results: Results) -> str:
    """Return every measure by seed and scorer."""
    rows = []
    for run in results["runs"]:
        found = {(m["measure"], m["scorer"]): m for m in run["measures"]}
        for measure, words in MEASURES.items():
            cells = [_value(found.get((measure, scorer))) for scorer in SCORERS]
            rows.append([run["seed"], words, *cells])
        whole = {m["scorer"]: m for m in run["whole"]}
        everything = f"average precision, all {run['whole_about']['units']:,} dyads of ten years"
        rows.append([run["seed"], everything, *(_value(whole.get(scorer)) for scorer in SCORERS)])
    return "\n".join(_table(["seed", "measure", *SCORERS.values()], rows))


def margins(results: Results) -> str:
    """Return what is claimed, by how much it holds and where it does not, by seed and over all."""
    rows = [
        [f"{SCORERS[one]} over {SCORERS[two]}", words, seed, *_margin(found)]
        for one, two in CLAIMS
        for words, by_seed in _claimed(results, one, two).items()
        for seed, found in [*by_seed.items(), ("all", _together(list(by_seed.values())))]
    ]
    return "\n".join(_table(["claim", "measure", "seed", "margin (95 % interval)", "holds"], rows))


def verdict(results: Results) -> str:
    """Return one sentence for each claim, all seeds together, and for every seed that says otherwise."""
    lines = []
    for one, two in CLAIMS:
        found = _claimed(results, one, two)
        said = [f"{words} {_margin(_together(list(seeds.values())))[1]}" for words, seeds in found.items()]
        others = [
            f"{words}, seed {seed} ({_margin(margin)[1]})"
            for words, seeds in found.items()
            for seed, margin in seeds.items()
            if margin["low"] <= 0
        ]
        lines.append(f"* **{SCORERS[one]} over {SCORERS[two]}**, all seeds together: {'; '.join(said)}.")
        lines[-1] += f" Alone do not show it: {'; '.join(others)}." if others else " Every seed shows it by itself."
    return "\n".join(lines)


def _claimed(results: Results, one: str, two: str) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return the margins of a claim by measure and seed."""
    found = {
        MEASURES[measure]: {run["seed"]: _difference(run["differences"], measure, one, two) for run in results["runs"]}
        for measure in CLAIMED
    }
    whole = {
        run["seed"]: _difference(run["whole_differences"], "average_precision", one, two) for run in results["runs"]
    }
    return found | {"average precision, all dyads": whole}


def _together(margins: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of independent margins, its ends from theirs (the method of variance estimates recovery)."""
    n = len(margins)
    mean = sum(m["difference"] for m in margins) / n
    down = math.sqrt(sum((m["difference"] - m["low"]) ** 2 for m in margins)) / n
    up = math.sqrt(sum((m["high"] - m["difference"]) ** 2 for m in margins)) / n
    return {"difference": mean, "low": mean - down, "high": mean + up}


def behind(results: Results) -> str:
    """Return what truly stood behind the dyads on the lists, all seeds together."""
    total: dict[tuple[bool, str], dict[str, int]] = {}
    for run in results["runs"]:
        for row in run["behind"]:
            counts = total.setdefault((not row["true"], row["process"]), dict.fromkeys(SCORERS, 0))
            for scorer in SCORERS:
                counts[scorer] += row.get(scorer, 0)
    rows = [
        [
            "everyday life, or fewer than two acts" if false else "course of conduct",
            process.replace("_", " "),
            *counts.values(),
        ]
        for (false, process), counts in sorted(total.items())
    ]
    return "\n".join(_table(["in truth", "kind", *SCORERS.values()], rows))


def rules(results: Results) -> str:
    """Return which patterns put dyads on the lists of the rule rank, and how many were true; all seeds together."""
    total: dict[tuple[str, str], list[int]] = {}
    for run in results["runs"]:
        for row in run["rules"]:
            counts = total.setdefault((row["level"], row["pattern"]), [0, 0])
            counts[0], counts[1] = counts[0] + row["shown"], counts[1] + row["sum"]
    ordered = sorted(total.items(), key=lambda item: (-item[1][0], item[0]))
    rows = [[level, f"`{pattern}`", n, true, f"{true / n:.2f}"] for (level, pattern), (n, true) in ordered]
    table = _table(["level", "first finding", "on the lists", "true", "share"], rows)
    return "\n".join([*table, "", _deadlines(total)])


def _deadlines(total: dict[tuple[str, str], list[int]]) -> str:
    """Return how much of the lists goes to a time limit that runs out, and what the rest is like."""
    places, true = (sum(counts[i] for counts in total.values()) for i in (0, 1))
    late, late_true = (sum(c[i] for (_, pattern), c in total.items() if pattern == DEADLINE) for i in (0, 1))
    by_deadline, by_others = late_true / max(late, 1), (true - late_true) / max(places - late, 1)
    return (
        f"Of {places:,} places, {late:,} went to a time limit that runs out (`{DEADLINE}`), "
        f"{by_deadline:.2f} of them true; of the others, {by_others:.2f} were."
    )


def why(results: Results) -> str:
    """Return what single columns and poorer classifiers do, beside the baselines, on one more force."""
    found = results["why"]
    rows = [
        [kind, SCORERS.get(row["name"], row["name"]), *(f"{row[k]:.3f}" for k in row if k != "name")]
        for kind, part in (("order", "baselines"), ("one column alone", "alone"), ("classifier", "models"))
        for row in found[part]
    ]
    about = f"{found['units']:,} active dyads, {found['true']:,} true"
    said = f"Seed {found['seed']}, {found['incidents']:,} incidents: {about}"
    return "\n".join(
        [f"{said}.", "", *_table(["", "", "average precision", "precision at 30", "precision at 100"], rows)]
    )


def calibration(results: Results) -> str:
    """Return how often it was true by the probability that the classifier gave."""
    rows = [
        [run["seed"], f"{c['predicted']:.3f}", f"{c['observed']:.3f} ({c['low']:.3f} to {c['high']:.3f})", c["units"]]
        for run in results["runs"]
        for c in run["calibration"]
    ]
    return "\n".join(_table(["seed", "given", "true (95 %)", "dyads"], rows))


def stability(results: Results) -> str:
    """Return how much of the top thirty stays in it from one week to the next."""
    rows = [
        [run["seed"], *(f"{found[s]['overlap']:.2f} / {found[s]['rank_biased_overlap']:.2f}" for s in SCORERS)]
        for run in results["runs"]
        for found in [{row["scorer"]: row for row in run["stability"]}]
    ]
    return "\n".join(_table(["seed", *SCORERS.values()], rows))


def fairness(results: Results) -> str:
    """Return how the rule rank's lists treat groups of suspects."""
    rows = [
        [
            run["seed"],
            f["group"],
            f["measure"].replace("_", " "),
            f"{f['count']:.0f}",
            _value(f),
            _value(f, "difference"),
        ]
        for run in results["runs"]
        for f in run["fairness"]
        if f["attribute"] == "sex" and f["value"] is not None
    ]
    return "\n".join(_table(["seed", "sex", "rate", "out of", "value", "difference from the largest group"], rows))


BLOCKS: dict[str, Callable[[Results], str]] = {
    "made": made,
    "verdict": verdict,
    "margins": margins,
    "measures": measures,
    "behind": behind,
    "rules": rules,
    "why": why,
    "calibration": calibration,
    "stability": stability,
    "fairness": fairness,
}


def _difference(rows: list[dict[str, Any]], measure: str, one: str, two: str) -> dict[str, Any]:
    return next(r for r in rows if (r["measure"], r["scorer"], r["beside"]) == (measure, one, two))


def _margin(found: dict[str, Any]) -> list[str]:
    holds = "yes" if found["low"] > 0 else "no" if found["high"] < 0 else "not shown"
    return [f"{found['difference']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})", holds]


def _value(found: dict[str, Any] | None, of: str = "value") -> str:
    prefix = "" if of == "value" else f"{of}_"
    if found is None or found[of] is None:
        return ""
    return f"{found[of]:.3f} ({found[prefix + 'low']:.3f} to {found[prefix + 'high']:.3f})"


def _table(heads: list[str], rows: list[list[Any]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


ASSESSMENT = Page(
    ROOT / "benchmarks" / "results" / "ranking.json",
    ROOT / "docs" / "assessment.md",
    BLOCKS,
)

if __name__ == "__main__":
    ASSESSMENT.write(ASSESSMENT.read())
