"""What the analyst's pandas and the SQL by hand say is the same, so that neither is fast by saying less."""

from pathlib import Path

import pandas as pd
from benchmarks.extracts import make

from benchmarks import pandas_way, sql_way

BY = ["incident_id", "order_id", "status"]


def test_pandas_and_sql_find_the_same_breaches_and_count_the_same(tmp_path: Path):
    paths = make(1_200, tmp_path / "extract", seed=3, orders_per_dyad=0.5)
    given = paths["incidents.parquet"], paths["orders.parquet"]
    told = pandas_way.score(*given, tmp_path / "pandas")
    one = pd.read_parquet(tmp_path / "pandas" / "breaches.parquet").sort_values(BY, ignore_index=True)
    other = pd.read_parquet(sql_way.score(*given, tmp_path / "sql")).sort_values(BY, ignore_index=True)
    assert one[BY].fillna("").values.tolist() == other[BY].fillna("").values.tolist()
    counts = ["prior_365d", "prior_breaches"]
    known = one["suspect_id"].notna() & one["victim_id"].notna()
    assert one.loc[known, counts].astype(int).equals(other.loc[known, counts].astype(int))
    assert set(one["status"]) == {"recorded", "unrecorded", "recorded_no_order"}
    assert other["prior_breaches"].max() > 0
    assert told["pattern"].nunique() >= 4


def test_what_was_reported_later_does_not_count(tmp_path: Path):
    late = {"reported_at": "2024-03-01"}
    rows = [
        {"incident_id": "I1", "occurred_from": "2024-01-10"} | late,
        {"incident_id": "I2", "occurred_from": "2024-01-12", "reported_at": "2024-01-12"},
        {"incident_id": "I3", "occurred_from": "2024-02-01", "reported_at": "2024-02-01", "offence_code": "008/31"},
    ]
    blank = {"offence_code": None, "suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "phone"}
    incidents = pd.DataFrame([blank | row for row in rows])
    for column in ("occurred_from", "reported_at"):
        incidents[column] = pd.to_datetime(incidents[column])
    made = pd.Timestamp("2024-01-01").date()
    orders = pd.DataFrame(
        [{"order_id": "O1", "kind": "non_molestation", "respondent_id": "P9", "protected_id": "V1", "made_on": made,
          "ends": made, "terms": "no_contact"}]
    )  # fmt: skip
    incidents.to_parquet(tmp_path / "incidents.parquet")
    orders.to_parquet(tmp_path / "orders.parquet")
    given = tmp_path / "incidents.parquet", tmp_path / "orders.parquet"
    found = pd.read_parquet(sql_way.score(*given, tmp_path / "sql"))
    assert found[["incident_id", "status", "prior_365d"]].values.tolist() == [["I3", "recorded_no_order", 1]]
    pandas_way.score(*given, tmp_path / "pandas")
    assert pd.read_parquet(tmp_path / "pandas" / "breaches.parquet")["prior_365d"].tolist() == [1]
