"""How well rankings do on the simulated force: `python -m benchmarks.bench_ranking N SEED…`.

Each seed makes a force of N incidents. A classifier learns at the end of a year from the labels of a tenth of the
people; a year later everybody else is ranked by it, by the rules, and by what forces use today, on the same weekly
worklists, with the same draws of people for every interval. `--keep` keeps the results and writes docs/assessment.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import breachpattern as bp
from benchmarks import machine
from breachpattern.scoring import CourseOfConductClassifier
from breachpattern.scoring.assessment import (
    RankingAssessment,
    assess_ranking,
    attributes_of,
    connected_people,
    truth_labels,
    units_of,
)
from breachpattern.scoring.assessment.scorers import features_of
from breachpattern.scoring.estimators.frame import place

KEPT = Path(__file__).parent / "results" / "ranking.json"
LEARNT_ON, FIRST, LISTS = "2024-12-31", "2025-10-05", 13
SHARE = 0.1
RESAMPLES = 1000


def run(incidents: int, seed: int, *, lists: int = LISTS, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Return what one force says: the weekly lists of active dyads, and the whole of ten years in one order."""
    started = time.perf_counter()
    force = bp.simulate(incidents, seed)
    extract, analyser = bp.read_extract(**force.tables()), bp.Analyser()
    days = pd.date_range(FIRST, periods=lists, freq="7D").strftime("%Y-%m-%d").tolist()
    last = analyser.analyse(extract, as_of=days[-1])
    truth, people = truth_labels(last, force.truth, "dyad"), connected_people(last)
    model, learnt = learn(analyser.analyse(extract, as_of=LEARNT_ON), force.truth, people, seed)
    of_unit = people.reindex(truth.index.get_level_values("suspect_id")).to_numpy()
    others = truth[~np.isin(of_unit, learnt["people"])]

    def weekly() -> Iterator[bp.Analysis]:
        yield from (analyser.analyse(extract, as_of=day) for day in days[:-1])
        yield last

    found = assess_ranking(weekly(), others, {"classifier": model}, resamples=resamples, seed=seed)
    whole = assess_ranking(
        last, others, {"classifier": model}, active_days=None, resamples=min(resamples, 200), seed=seed
    )
    found.fairness(attributes_of(last), scorer="rule_rank")
    return {
        "seed": seed,
        "incidents": incidents,
        "about": {key: found.about[key] for key in ("as_of", "capacity", "active_days", "units", "true", "pool",
                                                    "pool_true", "people", "unlabelled", "resamples")},
        "whole_about": {key: whole.about[key] for key in ("units", "true")},
        "trained": model.training_ | {"units": learnt["units"], "share_of_people": SHARE},
        "measures": rows_of(found.to_frame()),
        "differences": rows_of(found.to_frame("differences")),
        "whole": rows_of(whole.to_frame().query("measure == 'average_precision'")),
        "whole_differences": rows_of(whole.to_frame("differences").query("measure == 'average_precision'")),
        "stability": rows_of(found.to_frame("stability").groupby("scorer", sort=False)[
            ["overlap", "rank_biased_overlap"]].mean().reset_index()),
        "calibration": rows_of(found.to_frame("calibration")),
        "behind": rows_of(behind(found, force.truth)),
        "rules": rows_of(rules_behind(found, last)),
        "fairness": rows_of(found.to_frame("fairness_suspect")),
        "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def learn(
    analysis: bp.Analysis, truth: Any, people: pd.Series, seed: int
) -> tuple[CourseOfConductClassifier, dict[str, Any]]:
    """Return a classifier that has the labels of a tenth of the people, as things were known then, and who they are."""
    units = units_of(analysis, "dyad")
    label = truth_labels(units, truth)
    mine = people.reindex(label.index.get_level_values("suspect_id")).to_numpy(dtype=object)
    everybody = np.unique(people.to_numpy(dtype=str))
    drawn = np.random.default_rng(seed).choice(everybody, round(len(everybody) * SHARE), replace=False)
    known = np.isin(mine, drawn)
    # Nobody else is in the frame, not even without a label: the test is passed by strangers.
    model = CourseOfConductClassifier().fit(
        features_of(units)[known],
        np.where(label[known], "confirmed", "rejected"),
        times=units.last_known[known],
        groups=mine[known],
    )
    return model, {"people": drawn.tolist(), "units": int(known.sum())}


def behind(found: RankingAssessment, truth: Any) -> pd.DataFrame:
    """Return what truly stood behind the units that each scorer showed: kinds of campaign and of everyday life."""
    persons = truth["persons"].to_pandas().set_index("person_id")["human"]
    dyads = (
        truth["dyads"].to_pandas().drop_duplicates(["suspect", "victim"]).set_index(["suspect", "victim"])["process"]
    )
    shown = found.to_frame("shown")
    pairs = pd.MultiIndex.from_tuples([(persons.get(s), persons.get(v)) for s, v in shown["unit"]])
    shown["process"] = dyads.reindex(pairs).fillna("no dyad of truth").to_numpy()
    counted = shown.groupby(["process", "true", "scorer"], sort=True).size().unstack(fill_value=0)  # noqa: PD010
    return counted.reset_index().rename_axis(columns=None)


def rules_behind(found: RankingAssessment, analysis: bp.Analysis) -> pd.DataFrame:
    """Return which pattern, at which level, put dyads on the lists of the rule rank, and how many of them were true.

    Findings are those at the end: what put a dyad on an earlier list may have been another.
    """
    shown = found.to_frame("shown").query("scorer == 'rule_rank'").set_index("unit")["true"]
    placed, findings = place(analysis, "dyad"), analysis.findings.to_frame()
    first = pd.Series(placed.finding).groupby(placed.unit).min()
    units = pd.Series(first.to_numpy(), index=placed.index.to_flat_index()[first.index])
    at = units.reindex(shown.index)
    named = findings[["level", "pattern"]].reindex(at.to_numpy()).fillna("none").assign(true=shown.to_numpy())
    counted = named.groupby(["level", "pattern"])["true"].agg(["size", "sum"]).reset_index()
    return counted.rename(columns={"size": "shown"}).sort_values(["shown", "pattern"], ascending=[False, True])


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as JSON-able rows, numbers to four places."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=4))
    return rows


def keep(results: dict[str, Any]) -> None:
    """Keep the results and write the page."""
    from benchmarks import ranking_page

    KEPT.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    ranking_page.ASSESSMENT.write(results)


def main(argv: list[str] | None = None) -> None:
    """Measure every seed, print the measures, and keep them at wish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench_ranking", description=__doc__)
    parser.add_argument("incidents", type=int)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--lists", type=int, default=LISTS, help=f"weekly worklists (default {LISTS})")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--keep", action="store_true", help="keep the results and write docs/assessment.md")
    parser.add_argument("--out", type=Path, help="write the results here, a seed at a time; what is there stays")
    asked = parser.parse_args(argv)
    results: dict[str, Any] = {"machine": machine.describe(), "runs": []}
    if KEPT.exists():
        results["why"] = json.loads(KEPT.read_text("utf-8"))["why"]
    if asked.out and asked.out.exists():
        results["runs"] = json.loads(asked.out.read_text("utf-8"))["runs"]
    for seed in asked.seeds:
        done = run(asked.incidents, seed, lists=asked.lists, resamples=asked.resamples)
        results["runs"] = [*(r for r in results["runs"] if r["seed"] != seed), done]
        print(f"{asked.incidents:,} incidents, seed {seed}: {done['seconds']:.0f} s", file=sys.stderr)
        print(pd.DataFrame(done["measures"]).to_string(index=False))
        print(pd.DataFrame(done["differences"]).to_string(index=False))
        print(pd.DataFrame(done["behind"]).to_string(index=False), flush=True)
        if asked.out:
            asked.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if asked.keep:
        keep(results)


if __name__ == "__main__":
    main()
