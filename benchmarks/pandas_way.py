"""What an analyst writes: pandas, one merge for the orders, then ``groupby.apply`` over pairs and over suspects.

Written as somebody would who knows pandas and is given the task in words: the order join is one merge, what is the
same for all rows is done in whole columns, and what looks back in time (*as it was known then*) is a function of one
pair's history, applied to each. Pairs with one record, most of them, are left out of that. It answers less than the
engine does: no service or awareness, no windows of time, no occasions, a gap of 90 days in place of the strength rule,
six patterns in place of 23, no evidence, no law.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from benchmarks.ways import AS_OF, BREACH_CODES, DEFAULT_TERMS, acts_within_terms

GAP, YEAR = pd.Timedelta(days=90), pd.Timedelta(days=365)
PAIR = ["suspect_id", "victim_id"]
VIOLENT = ("assault", "strangulation", "sexual", "threat", "coercion")


def score(incidents_path: Path, orders_path: Path, out: Path) -> pd.DataFrame:
    """Read, judge and write an extract; return the findings."""
    incidents, orders = read(incidents_path, orders_path)
    found = breaches(incidents, orders)
    found = found.merge(history(incidents, found), on="incident_id", how="left")
    runs = courses(incidents, found)
    told = findings(found, runs)
    out.mkdir(parents=True, exist_ok=True)
    found.to_parquet(out / "breaches.parquet")
    runs.to_parquet(out / "courses.parquet")
    told.to_parquet(out / "findings.parquet")
    return told


def read(incidents_path: Path, orders_path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read both files, drop what has no id or no time, what is there twice, and what was not known yet."""
    incidents, orders = pd.read_parquet(incidents_path), pd.read_parquet(orders_path)
    incidents = incidents.drop_duplicates("incident_id").dropna(subset=["incident_id", "occurred_from"])
    incidents["known"] = incidents["reported_at"].fillna(incidents["occurred_from"])
    incidents = incidents[incidents["known"] < pd.Timestamp(AS_OF) + pd.Timedelta(days=1)]
    incidents["acts"] = incidents["behaviours"].fillna("").str.split(";")
    orders["starts"] = pd.to_datetime(orders["made_on"])
    orders["stops"] = pd.to_datetime(orders["ends"]) + pd.Timedelta(days=1)
    orders["terms"] = orders["terms"].fillna("").replace("", ";".join(DEFAULT_TERMS)).str.split(";")
    return incidents, orders


def breaches(incidents: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the breaches: recorded, unrecorded, and recorded with no order that fits."""
    forbidden = acts_within_terms()
    columns = ["order_id", "kind", "respondent_id", "protected_id", "starts", "stops", "terms"]
    joined = incidents.merge(orders[columns], left_on=PAIR, right_on=["respondent_id", "protected_id"])
    live = joined[(joined["occurred_from"] >= joined["starts"]) & (joined["occurred_from"] < joined["stops"])].copy()
    barred = live["terms"].map(lambda terms: {act for term in terms for act in forbidden[term]})
    within = [not acts.isdisjoint(done) for acts, done in zip(barred, live["acts"], strict=True)]
    says = live["offence_code"].map(BREACH_CODES).eq(live["kind"])
    live["status"] = pd.Series(within, live.index).map({True: "unrecorded", False: ""}).mask(says, "recorded")
    live = live[live["status"] != ""]
    coded = incidents[incidents["offence_code"].isin(list(BREACH_CODES))]
    told = live.loc[live["status"] == "recorded", "incident_id"]
    none = coded[~coded["incident_id"].isin(told)].assign(status="recorded_no_order", order_id=None)
    keep = ["incident_id", "order_id", *PAIR, "occurred_from", "known", "status", "acts"]
    return pd.concat([live[keep], none[keep]]).sort_values(["occurred_from", "incident_id"], ignore_index=True)


def history(incidents: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return, for each breach incident, what came before between the two people as it was known then."""
    known = incidents.dropna(subset=PAIR)
    wanted = known.merge(found[PAIR].drop_duplicates(), on=PAIR)
    wanted = wanted.assign(is_breach=wanted["incident_id"].isin(found["incident_id"]))
    out = wanted.sort_values("occurred_from").groupby(PAIR)[wanted.columns.tolist()].apply(_before)
    return out.reset_index(drop=True)


def _before(pair: pd.DataFrame) -> pd.DataFrame:
    asked = pair[pair["is_breach"]]
    rows = []
    for one in asked.itertuples():
        earlier = pair[(pair["occurred_from"] < one.occurred_from) & (pair["known"] <= one.known)]
        recent = earlier["occurred_from"] >= one.occurred_from - YEAR
        rows.append((one.incident_id, int(recent.sum()), int(earlier["is_breach"].sum())))
    return pd.DataFrame(rows, columns=["incident_id", "prior_365d", "prior_breaches"])


def courses(incidents: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return runs of a pair's records of which none is further than the gap from the next."""
    known = incidents.dropna(subset=PAIR).sort_values([*PAIR, "occurred_from"])
    known = known[known.duplicated(PAIR, keep=False)]
    known = known.assign(is_breach=known["incident_id"].isin(found["incident_id"]))
    out = known.groupby(PAIR)[["occurred_from", "known", "acts", "channel", "is_breach"]].apply(_runs)
    return out.reset_index(PAIR).reset_index(drop=True)


def _runs(pair: pd.DataFrame) -> pd.DataFrame:
    run = (pair["occurred_from"].diff() > GAP).cumsum()
    rows = []
    for _, part in pair.groupby(run):
        if len(part) < 2:
            continue
        times = part.set_index("occurred_from")["is_breach"].astype(int)
        densest = int(times.rolling("30D").count().max())
        kinds = part["acts"].explode().value_counts()
        rows.append(
            {
                "occasions": len(part),
                "breaches": int(part["is_breach"].sum()),
                "first_at": part["occurred_from"].iloc[0],
                "last_at": part["occurred_from"].iloc[-1],
                "longest_gap": part["occurred_from"].diff().max(),
                "densest_month": densest,
                "violent": bool(kinds.index.isin(VIOLENT).any()),
                "clear": len(part) >= 3 and bool((kinds >= 2).any()),
            }
        )
    return pd.DataFrame(rows)


def findings(found: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return six patterns as one table, graded."""
    parts = []
    for pattern, status, least in (("repeat_breach", None, 2), ("unrecorded_breach", "unrecorded", 1)):
        mine = found if status is None else found[found["status"] == status]
        per_order = mine.dropna(subset=["order_id"]).groupby("order_id")
        table = per_order.agg(suspect_id=("suspect_id", "first"), victim_id=("victim_id", "first"),
                              count=("incident_id", "nunique"), last_at=("occurred_from", "max"))  # fmt: skip
        parts.append(table[table["count"] >= least].reset_index().assign(pattern=pattern))
    bare = found[found["status"] == "recorded_no_order"]
    parts.append(bare[[*PAIR, "occurred_from"]].rename(columns={"occurred_from": "last_at"}).assign(
        pattern="breach_without_order", count=1))  # fmt: skip
    with_breach = runs[runs["breaches"] > 0].assign(pattern="breach_in_course")
    parts.append(with_breach.rename(columns={"occasions": "count"})[[*PAIR, "count", "last_at", "pattern"]])
    rising = runs[(runs["occasions"] >= 5) & (runs["densest_month"] * 2 >= runs["occasions"])]
    parts.append(
        rising.rename(columns={"occasions": "count"})[[*PAIR, "count", "last_at"]].assign(pattern="escalation")
    )
    serial = runs.groupby("suspect_id")[["victim_id", "last_at"]].apply(
        lambda mine: pd.Series({"count": mine["victim_id"].nunique(), "last_at": mine["last_at"].max()})
    )
    parts.append(serial[serial["count"] >= 2].reset_index().assign(pattern="serial_victims"))
    told = pd.concat([part for part in parts if len(part)], ignore_index=True)
    clear = runs.loc[runs["clear"], PAIR].drop_duplicates().assign(clear=True)
    told = told.merge(clear, on=PAIR, how="left")
    told["level"] = told["clear"].eq(True).map({True: "high", False: "medium"})
    return told.sort_values(["level", "last_at"], ascending=[True, False], ignore_index=True)
