from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from breachpattern.errors import InputError, UsageError
from breachpattern.ingest.frames import from_frame
from breachpattern.spark.frames import frame_of, in_pieces, source_of

MIDNIGHT, NOON = datetime(2025, 3, 1), datetime(2025, 3, 2, 12, 30)
# A column whose clock times are all midnight holds days, as it does where a frame is read on one machine.
TYPED = pa.table(
    {
        "incident_id": ["007", "8", None, "8"],
        "days": pa.array([MIDNIGHT, MIDNIGHT, None, MIDNIGHT], pa.timestamp("us")),
        "clock": pa.array([MIDNIGHT, NOON, None, NOON], pa.timestamp("us")),
        "instant": pa.array([MIDNIGHT.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC), None, None]),
        "day": pa.array([date(2025, 7, 1), None, None, None]),
        "act_count": pa.array([1, None, 50, 2], pa.int32()),
        "lat": [51.5, 52.0, None, -0.125],
        "domestic_abuse": [True, False, None, None],
        "breach_of": [["O1", "O2"], [], None, ["O3"]],
    }
)


def test_a_table_goes_to_spark_in_pieces_that_a_task_can_carry():
    """Each batch of rows is a task of its own, and a task of more than 128 MB is refused by a cluster."""
    table = pa.table({"n": range(100), "bytes": [bytes(1000)] * 100})
    pieces = in_pieces(table.slice(10), most=10_000)
    assert pieces.to_pylist() == table.slice(10).to_pylist()
    assert 5 < len(pieces.to_batches()) < 20
    assert max(batch.nbytes for batch in pieces.to_batches()) <= 11_000
    assert all(batch.num_rows for batch in pieces.to_batches())
    assert in_pieces(table.slice(0, 0)).num_rows == 0


@pytest.fixture
def typed(spark, tmp_path):
    """The table as Parquet holds it: Spark would take the clock times of a frame for instants of its session."""
    pq.write_table(TYPED.append_column("line", pa.array([5, 2, 4, 3])), tmp_path / "typed.parquet")
    return spark.read.parquet(str(tmp_path / "typed.parquet"))


@pytest.mark.spark
def test_cells_are_the_text_that_one_machine_reads(typed):
    source = source_of(typed.repartition(3), "incidents", row="line")
    text = source.text(source.frame.toArrow())
    expected = from_frame(TYPED, "incidents").data.take([1, 3, 2, 0])
    assert text.rows.tolist() == [2, 3, 4, 5]
    assert text.data.to_pylist() == expected.to_pylist()


@pytest.mark.spark
def test_a_zone_of_the_session_changes_no_cell(spark, typed):
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        source = source_of(typed, "incidents")
        there = source.text(source.frame.toArrow()).data
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    source = source_of(typed, "incidents")
    assert source.text(source.frame.toArrow()).data.equals(there)


@pytest.mark.spark
def test_rows_are_numbered_by_what_they_hold(spark):
    draw = np.random.default_rng(2)
    table = pa.table({"id": draw.integers(0, 300, 1000).astype(str), "x": draw.integers(0, 4, 1000).astype(str)})
    one = source_of(spark.createDataFrame(table), "incidents").frame.toArrow()
    other = source_of(
        spark.createDataFrame(table.take(draw.permutation(1000))).repartition(5), "incidents"
    ).frame.toArrow()
    assert sorted(one["row"].to_pylist()) == list(range(2, 1002))
    assert one.sort_by("row").to_pylist() == other.sort_by("row").to_pylist()


@pytest.mark.spark
def test_a_chunk_without_rows_loses_none(spark):
    parts = [pa.table({"x": pa.array(values, pa.int64())}) for values in ([1, 2], [], [3])]
    assert frame_of(spark, pa.concat_tables(parts)).count() == 3


@pytest.mark.spark
def test_what_is_no_frame_of_spark_is_refused(typed):
    with pytest.raises(UsageError, match="incidents: A Table is no data frame of Spark"):
        source_of(TYPED, "incidents")
    with pytest.raises(UsageError, match="no column 'page' to number the rows by"):
        source_of(typed, "incidents", row="page")
    with pytest.raises(UsageError, match="'act_count' has 3 different whole numbers for 4 rows"):
        source_of(typed, "incidents", row="act_count")
    with pytest.raises(UsageError, match="'day' is of the type date"):
        source_of(typed, "incidents", row="day")
    with pytest.raises(UsageError, match="'x' has 0 different whole numbers for 4 rows"):
        source_of(typed.selectExpr("'page' as x"), "incidents", row="x")
    with pytest.raises(InputError, match="Two columns are called 'a'"):
        source_of(typed.selectExpr("day as a", "lat as A"), "orders")
