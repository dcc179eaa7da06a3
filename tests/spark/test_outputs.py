from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from breachpattern.spark.frames import frame_of
from breachpattern.spark.outputs import ALIKE, TABLE, grouped, ranked

MANY = 400


@pytest.fixture
def alike(spark):
    """Findings of one level and score over a dozen years, two of a day, in no order, and an urgent one of old."""
    begin = datetime(2012, 1, 1, tzinfo=UTC)
    rows = [
        {"finding_id": f"F{n:03d}", "level": "low", "score": 0.0, "last_at": begin + timedelta(days=n // 2 * 22)}
        for n in range(MANY)
    ]
    rows = [*rows[1::2], *rows[::2]]
    rows.append({"finding_id": "F999", "level": "high", "score": 1.0, "last_at": datetime(1969, 5, 1, tzinfo=UTC)})
    table = pa.table({TABLE: ["findings"] * len(rows), "findings": rows, "place": range(len(rows))})
    return frame_of(spark, table)


@pytest.mark.spark
def test_findings_that_are_alike_are_ranked_many_at_a_time_and_as_if_all_at_once(alike):
    found = ranked(alike).select("finding_id", "rank").orderBy("rank").toArrow().to_pylist()
    expected = ["F999", *(f"F{n - k:03d}" for n in range(MANY - 1, 0, -2) for k in (1, 0))]
    assert [row["finding_id"] for row in found] == expected
    assert [row["rank"] for row in found] == list(range(1, MANY + 2))


@pytest.mark.spark
def test_no_group_of_findings_is_most_of_them(alike):
    sizes = [row["count"] for row in grouped(alike.select("findings.*")).groupBy(*ALIKE).count().collect()]
    assert sum(sizes) == MANY + 1
    assert max(sizes) < MANY / 50
