"""Why a ranking does as it does: one column at a time, and classifiers that lack some.

``python -m benchmarks.ranking_why N SEED --keep`` adds it to the kept results and writes the page anew.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
import pandas as pd

import breachpattern as bp
from benchmarks import ranking_page
from benchmarks.bench_ranking import FIRST, LEARNT_ON, LISTS, SHARE
from breachpattern.scoring import CourseOfConductClassifier, pattern_frame
from breachpattern.scoring.assessment import BASELINES, connected_people, truth_labels, units_of
from breachpattern.scoring.assessment.assess import ACTIVE_DAYS
from breachpattern.scoring.assessment.measures import Ranked
from breachpattern.scoring.assessment.scorers import features_of
from breachpattern.spans import DAY

CAPACITIES = [30, 100]
MOST = 8
TIMES = (
    "occasions", "acts", "occasions_30d", "occasions_90d", "occasions_365d", "days_since_first", "days_since_last",
    "span_days", "rate", "gap_median", "gap_longest", "incidents",
)  # fmt: skip
# What was done, by whom and with what.
ACTS = (
    "means", "ex_partner", "around_victim", "behaviour", "new_behaviours", "stalking_behaviours", "channels", "place",
    "gravity", "fear_of", "serious_effect", "in_person", "occasions_v", "occasions_th", "occasions_st", "occasions_su",
    "occasions_m", "occasions_p", "occasions_c", "occasions_in",
)  # fmt: skip


def why(incidents: int, seed: int) -> dict[str, Any]:
    """Return what columns do alone and what classifiers do without some, on the active dyads of the last list."""
    force = bp.simulate(incidents, seed)
    extract, analyser = bp.read_extract(**force.tables()), bp.Analyser()
    until = pd.date_range(FIRST, periods=LISTS, freq="7D").strftime("%Y-%m-%d")[-1]
    early, late = (analyser.analyse(extract, as_of=day) for day in (LEARNT_ON, until))
    people = connected_people(late)
    everybody = np.unique(people.to_numpy(dtype=str))
    drawn = np.random.default_rng(seed).choice(everybody, round(len(everybody) * SHARE), replace=False)
    then, now = units_of(early, "dyad"), units_of(late, "dyad")
    group = [people.reindex(u.index.get_level_values("suspect_id")).to_numpy(dtype=object) for u in (then, now)]
    learnt = np.isin(group[0], drawn)
    tested = ~np.isin(group[1], drawn) & (now.last_known > late.as_of - ACTIVE_DAYS * DAY)
    frames = features_of(then)[learnt], features_of(now)[tested]
    label = (
        truth_labels(then, force.truth, "dyad").to_numpy()[learnt],
        truth_labels(now, force.truth, "dyad").to_numpy()[tested],
    )

    def row(name: str, score: Any) -> dict[str, Any]:
        counts = Ranked.of(score, label[1]).counts()
        precision = counts.at(CAPACITIES)[0][0]
        found = {"name": name, "average_precision": round(float(counts.average_precision()[0]), 4)}
        return found | {f"precision_at_{k}": round(float(p), 4) for k, p in zip(CAPACITIES, precision, strict=True)}

    def learns(columns: list[str]) -> Any:
        model = CourseOfConductClassifier().fit(
            frames[0][columns],
            np.where(label[0], "confirmed", "rejected"),
            times=then.last_known[learnt],
            groups=group[0][learnt],
        )
        return model.predict_proba(frames[1][columns])[:, 1]

    columns = list(frames[1].columns)
    ruled = set(pattern_frame(late, "dyad").columns)
    alone = [row(column, sign * frames[1][column].to_numpy()) for column in columns for sign in (1, -1)]
    alone = sorted(alone, key=lambda found: -found["average_precision"])[:MOST]
    models = {
        "all columns": columns,
        "without what was done, by whom and with what": [c for c in columns if not c.startswith(ACTS)],
        "without what the patterns found": [c for c in columns if c not in ruled],
        "only what the patterns found": [c for c in columns if c in ruled],
        "only counts and times": list(TIMES),
    }
    return {
        "incidents": incidents, "seed": seed, "units": int(tested.sum()), "true": int(label[1].sum()),
        "baselines": [row(name, scorer(now)[tested]) for name, scorer in BASELINES.items()],
        "alone": alone,
        "models": [row(f"{name} ({len(kept)})", learns(kept)) for name, kept in models.items()],
    }  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Print why, and keep it at wish."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranking_why", description=__doc__)
    parser.add_argument("incidents", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args(argv)
    found = why(asked.incidents, asked.seed)
    print(json.dumps(found, indent=1))
    if asked.keep:
        results = ranking_page.ASSESSMENT.read() | {"why": found}
        ranking_page.ASSESSMENT.kept.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        ranking_page.ASSESSMENT.write(results)


if __name__ == "__main__":
    main()
