"""The Python of the page runs, word by word."""

import re
from pathlib import Path

import pytest
from tests.spark.given import messy
from tests.spark.test_scoring import PATTERN

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "spark.md"


@pytest.fixture
def databases(spark, tmp_path):
    """Tables of a lakehouse, and a place for results."""
    for name in ("police", "scoring"):
        spark.sql(f"create database {name} location '{tmp_path / name}'")
    tables = messy(incidents=60)
    for name in ("incidents", "orders"):
        spark.createDataFrame(tables[name]).write.saveAsTable(f"police.{name}")
    yield
    for name in ("police", "scoring"):
        spark.sql(f"drop database {name} cascade")


@pytest.mark.spark
def test_the_python_of_the_page_runs(spark, databases, tmp_path, monkeypatch):
    (tmp_path / "our-pack").mkdir()
    (tmp_path / "our-pack" / "three.toml").write_text(PATTERN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", "")
    score, start = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    named = {}
    exec(compile(start, str(PAGE), "exec"), named)
    assert named["spark"] is spark
    exec(compile(score.replace('"findings.jsonl"', repr(f"{tmp_path}/findings.jsonl")), str(PAGE), "exec"), named)
    lines = spark.read.text(f"{tmp_path}/findings.jsonl")
    assert lines.count() == spark.table("scoring.findings").count() > 0
    assert lines.first()[0].startswith('{"finding_id":')
    assert spark.table("scoring.issues").count() == named["found"].issues.count()
