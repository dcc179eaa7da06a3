"""What the engine makes of the simulated force, held against its truth: `python -m benchmarks.bench_truth N SEED…`.

What a quiet town (no campaigns) is found to hold at high and critical level, finding by finding; how well incidents are
joined into campaigns, by kind of campaign and strength of course, and why pairs are missed; how often a volatile couple
is called clear; how many campaigns reach a high level, so that quiet is not bought with blindness, and how many of the
high findings are about one.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd

import breachpattern as bp

LEVELS = ("critical", "high")
STRENGTHS = {"arguable": ("arguable", "clear"), "clear": ("clear",)}
NOT_CONDUCT = ("custody", "failure")
PEOPLE = ("suspect_id", "victim_id")
SIZE = np.int64(2**31)


def analysed(incidents: int, seed: int, *, quiet_town: bool) -> tuple[bp.Simulation, Any]:
    """Return a simulated force and its analysis as of the end of the period, as `score` would make it."""
    force = bp.simulate(incidents, seed, quiet_town=quiet_town)
    return force, bp.Analyser().analyse(bp.read_extract(**force.tables()), as_of="2025-12-31")


def quiet(incidents: int, seed: int) -> pd.DataFrame:
    """Return the high and critical findings of a quiet town, with what truly stands behind each."""
    force, analysis = analysed(incidents, seed, quiet_town=True)
    findings = analysis.findings.to_frame()
    loud = findings[findings["level"].isin(LEVELS)].reset_index(drop=True)
    truth = force.truth["incidents"].to_pandas().set_index("incident_id")
    broken = set(force.truth["breaches"].to_pandas()["incident_id"])
    columns = loud[["incident_ids", "breach_incident_ids"]].fillna("")
    ids = [sorted(set(";".join(row).strip(";").split(";")) - {""}) for row in columns.to_numpy()]
    loud["processes"] = ["+".join(sorted(set(truth["process"].reindex(own).dropna()))) for own in ids]
    loud["units"] = [truth["unit"].reindex(own).nunique() for own in ids]
    loud["acts"] = [truth["act_id"].reindex(own).nunique() for own in ids]
    loud["breaches"] = [len(broken & set(own)) for own in ids]
    loud["behind"] = [_behind(row) for row in loud.to_dict("records")]
    return loud


def _behind(finding: dict[str, Any]) -> str:
    """Return in words what truly happened where a finding of a quiet town stands."""
    if finding["units"] > 1:
        return "several disputes of one person"
    if finding["breaches"]:
        return (
            "an order broken once after a one-off event" if finding["acts"] <= 2 else "a dispute, and an order broken"
        )
    if finding["acts"] <= 1:
        return "one act: several in one record, or beside an order of which the register lacks the end"
    return "a dispute that came back"


def joined(force: bp.Simulation, analysis: Any) -> pd.DataFrame:
    """Return pairs of incidents joined: truly (both of one campaign), by courses of a strength, and both; by kind.

    A pair of incidents counts as joined where any course of that strength holds both, of whatever unit. Each kind is
    judged on the pairs that touch its campaigns; `all` on every pair, those of everyday life among them.
    """
    truth = force.truth["incidents"].to_pandas()
    truth = truth[~truth["record"].isin(NOT_CONDUCT)].reset_index(drop=True)
    kind_of = force.truth["campaigns"].to_pandas().set_index("campaign_id")["kind"]
    kinds = truth["campaign_id"].map(kind_of).to_numpy(object)
    number = pd.Series(truth.index, index=truth["incident_id"])
    true = _pairs([group.to_numpy() for _, group in truth.groupby("campaign_id").groups.items()])
    courses = analysis.courses.to_frame()
    rows = []
    for strength, counted in STRENGTHS.items():
        lists = courses.loc[courses["strength"].isin(counted), "incident_ids"].str.split(";")
        found = _pairs([number.reindex(ids).dropna().astype(int).to_numpy() for ids in lists])
        both = np.intersect1d(found, true)
        for kind in [*sorted(kind_of.unique()), "all"]:
            hit, all_true, all_found = (_touching(pairs, kinds, kind) for pairs in (both, true, found))
            precision, recall = hit / max(all_found, 1), hit / max(all_true, 1)
            rows.append(
                (strength, kind, all_true, all_found, precision, recall, 2 * hit / max(all_true + all_found, 1))
            )
    return pd.DataFrame(rows, columns=["strength", "kind", "true_pairs", "found_pairs", "precision", "recall", "f1"])


def _touching(pairs: np.ndarray, kinds: np.ndarray, kind: str) -> int:
    """Return how many pairs have an incident of a kind of campaign."""
    if kind == "all":
        return len(pairs)
    return int(((kinds[pairs // SIZE] == kind) | (kinds[pairs % SIZE] == kind)).sum())


def _pairs(groups: list[np.ndarray]) -> np.ndarray:
    """Return the pairs within groups, each as one number, sorted and once."""
    parts = [np.empty(0, np.int64)]
    for group in groups:
        own = np.unique(group)
        left, right = np.triu_indices(len(own), 1)
        parts.append(own[left].astype(np.int64) * SIZE + own[right])
    return np.unique(np.concatenate(parts))


def missed(force: bp.Simulation, analysis: Any) -> pd.Series:
    """Return why pairs of one campaign are in no course from `arguable` on: shares of the pairs that are missed.

    The people on record are those of the extract's own person records, as truth knows who each is.
    """
    truth = force.truth["incidents"].to_pandas()
    truth = truth[~truth["record"].isin(NOT_CONDUCT)].reset_index(drop=True)
    human = force.truth["persons"].to_pandas().set_index("person_id")["human"]
    rows = force.incidents.to_pandas().drop_duplicates("incident_id").set_index("incident_id")
    who, whom = (rows[side].map(human).reindex(truth["incident_id"]).to_numpy(object) for side in PEOPLE)
    number = pd.Series(truth.index, index=truth["incident_id"])
    courses = analysis.courses.to_frame()
    lists = courses.loc[courses["strength"].isin(STRENGTHS["arguable"]), "incident_ids"].str.split(";")
    found = _pairs([number.reindex(ids).dropna().astype(int).to_numpy() for ids in lists])
    true = _pairs([group.to_numpy() for _, group in truth.groupby("campaign_id").groups.items()])
    lost = np.setdiff1d(true, found)
    one, other = lost // SIZE, lost % SIZE
    unknown = pd.isna(who[one]) | pd.isna(who[other])
    others = ~unknown & ((who[one] != who[other]) | (whom[one] != whom[other]))
    told = {
        "no known suspect": unknown,
        "another suspect or victim of the campaign": others,
        "same people": ~unknown & ~others,
    }
    return pd.Series({why: where.mean() for why, where in told.items()}, name="share of missed pairs")


def about_campaigns(force: bp.Simulation, analysis: Any) -> tuple[int, float]:
    """Return how many findings are high or critical, and what share of them holds an incident of a campaign."""
    campaign = force.truth["incidents"].to_pandas().set_index("incident_id")["campaign_id"].dropna()
    findings = analysis.findings.to_frame()
    loud = findings.loc[findings["level"].isin(LEVELS), ["incident_ids", "breach_incident_ids"]].fillna("")
    return len(loud), float(
        loud.agg(";".join, axis=1).map(lambda ids: any(i in campaign.index for i in ids.split(";"))).mean()
    )


def called_clear(force: bp.Simulation, analysis: Any) -> pd.DataFrame:
    """Return how many units of each process are called arguable or clear, of those with two acts or more on record.

    `volatile_couple, both ways` are the couples of whom acts in both directions are on record.
    """
    truth = force.truth["incidents"].to_pandas()
    unit = truth.set_index("incident_id")["unit"]
    courses = analysis.courses.to_frame()
    listed = courses.assign(incident=courses["incident_ids"].str.split(";")).explode("incident")
    listed["of"] = listed["incident"].map(unit)
    units = force.truth["units"].to_pandas().set_index("unit")["process"]
    acts = truth[truth["record"] == "act"].groupby("unit")
    several = acts.size()
    several = several.index[several >= 2]
    directions = acts["forward"].nunique()
    both_ways = directions.index[directions == 2]
    groups = {process: own.index for process, own in units[units.index.isin(several)].groupby(units)}
    groups["volatile_couple, both ways"] = groups["volatile_couple"].intersection(both_ways)
    rows = []
    for process, members in groups.items():
        here = listed[listed["of"].isin(members)]
        clear = here.loc[here["strength"] == "clear", "of"].nunique()
        arguable = here.loc[here["strength"].isin(["clear", "arguable"]), "of"].nunique()
        size = max(len(members), 1)
        rows.append({"process": process, "pairs": len(members), "arguable": arguable / size, "clear": clear / size})
    return pd.DataFrame(rows)


def reached(force: bp.Simulation, analysis: Any) -> pd.DataFrame:
    """Return what share of the campaigns with two acts or more on record has a finding from a level on.

    By kind, by acts on record, and of all; ``high`` counts critical ones too, ``medium`` those and high ones.
    """
    truth = force.truth["incidents"].to_pandas()
    findings = analysis.findings.to_frame()
    columns = findings[["incident_ids", "breach_incident_ids"]].fillna("")
    told = findings.assign(incident=columns.agg(";".join, axis=1).str.split(";")).explode("incident")
    told["campaign"] = told["incident"].map(truth.set_index("incident_id")["campaign_id"])
    rank = told["level"].map({level: i for i, level in enumerate(("medium", "high", "critical"), 1)}).fillna(0)
    best = rank.groupby(told["campaign"]).max()
    campaigns = force.truth["campaigns"].to_pandas().set_index("campaign_id")
    campaigns["acts"] = truth[truth["record"] == "act"].groupby("campaign_id")["act_id"].nunique()
    campaigns = campaigns[campaigns["acts"] >= 2]
    campaigns = campaigns.assign(best=best.reindex(campaigns.index).fillna(0))
    bands = pd.cut(
        campaigns["acts"], [1, 2, 4, 9, np.inf], labels=["2 acts", "3-4 acts", "5-9 acts", "10 acts or more"]
    )
    parts = [*campaigns.groupby("kind"), *campaigns.groupby(bands, observed=True), ("all", campaigns)]
    return pd.DataFrame(
        [(name, len(own), (own["best"] >= 2).mean(), (own["best"] >= 1).mean()) for name, own in parts],
        columns=["campaigns", "number", "high", "medium"],
    )


def main(incidents: int, seeds: list[int]) -> None:
    """Print everything for some seeds."""
    for seed in seeds:
        found = quiet(incidents, seed)
        per = len(found) / incidents * 100_000
        print(f"quiet town, {incidents:,} incidents, seed {seed}: {len(found)} high or critical, {per:.1f} in 100,000")
        print(found.groupby(["behind", "level", "pattern"]).size().to_string())
        print(found.groupby("behind").size().to_string())
        print(*found["headline"], sep="\n", flush=True)
        force, analysis = analysed(incidents, seed, quiet_town=False)
        print(f"campaigns, {incidents:,} incidents, seed {seed}")
        print(joined(force, analysis).round(3).to_string(index=False))
        print(missed(force, analysis).round(3).to_string())
        loud, share = about_campaigns(force, analysis)
        print(f"{loud} high or critical findings, {share:.1%} about a campaign")
        print(called_clear(force, analysis).round(3).to_string(index=False), flush=True)
        print(reached(force, analysis).round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(text) for text in sys.argv[2:]])
