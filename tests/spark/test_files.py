from datetime import datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from breachpattern.ingest import Mapping
from breachpattern.ingest.sources import read_source
from breachpattern.spark.files import _source

NOON = datetime(2025, 7, 1, 12)
# What Parquet can hold and Spark refuses, or takes for something else.
BEYOND = {
    "nanoseconds": pa.array([NOON], pa.timestamp("ns")),
    "nanoseconds in a list": pa.array([[NOON]], pa.list_(pa.timestamp("ns"))),
    "a time of day": pa.array([time(23, 15)]),
    "a duration": pa.array([timedelta(days=1)], pa.duration("us")),
    "a short float": pa.array(np.ones(1, np.float16)),
    "a long decimal": pa.array([1]).cast(pa.decimal256(50, 0)),
}


@pytest.mark.spark
@pytest.mark.parametrize("what", BEYOND)
def test_a_file_of_types_that_spark_does_not_know_is_read_by_the_driver(spark, tmp_path, what):
    path = str(tmp_path / "incidents.parquet")
    pq.write_table(pa.table({"incident_id": ["C1"], "occurred_from": ["2025-03-01"], "x": BEYOND[what]}), path)
    source = _source(spark, path, "incidents", Mapping(), None)
    expected = read_source(path, "incidents", Mapping().table("incidents").layout(None))
    assert source.text(source.frame.toArrow()).data.to_pylist() == expected.data.to_pylist()
    assert source.file.sha256 == expected.sha256
