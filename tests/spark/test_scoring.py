import json
import os
import sys

import numpy as np
import pyarrow as pa
import pytest
from tests.spark.given import messy

from breachpattern.analysis import Analyser
from breachpattern.errors import InputError, MissingDependency, UsageError
from breachpattern.ingest import Mapping, read_extract
from breachpattern.law import Catalogue
from breachpattern.spark import score, scoring
from breachpattern.spark.frames import frame_of, source_of
from breachpattern.spark.outputs import rows_of

pytestmark = pytest.mark.spark
AS_OF = "2026-03-31"
# What the session of somebody else may say.
THEIRS = {
    "spark.sql.session.timeZone": "America/New_York",
    "spark.sql.execution.arrow.useLargeVarTypes": "true",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.caseSensitive": "true",
}
PATTERN = """id = "three_records"
title = "Three"
status = "experimental"
level = "medium"
unit = "order"
summary = "Three."
basis = "judgement"
headline = "{suspect}: {breaches} of {order}"
false_positives = ["none"]

[condition]
criterion = "breaches"
at_least = 1
"""
FILTER = """[[filter]]
id = "known"
reason = "Known to the unit already"
author = "A. Clerk"
expires = 2030-01-01
suspects = ["P0007"]
"""


def without_clock(summary):
    """The summary as it is written, without what differs between any two runs."""
    return json.dumps({name: value for name, value in summary.items() if name not in ("started", "finished")})


def numbered(table):
    return table.append_column("line", pa.array(np.arange(2, table.num_rows + 2)))


def dying(score_one, once):
    """Return a function of workers of which the first that gets there dies without a word."""

    def run(left, right):
        try:
            os.close(os.open(once, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return score_one(left, right)
        os._exit(1)

    return run


@pytest.fixture(scope="module")
def tables():
    return messy(incidents=600)


@pytest.fixture(scope="module")
def alone(tables):
    """What one machine finds."""
    return Analyser().analyse(read_extract(**tables), as_of=AS_OF)


@pytest.fixture(scope="module")
def death(tmp_path_factory):
    return tmp_path_factory.mktemp("worker") / "died"


@pytest.fixture(scope="module")
def found(spark, tables, death):
    """What Spark finds in a session of New York with settings of its own, with a worker that dies while it scores."""
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    scorer = scoring._scorer
    before = {name: spark.conf.get(name) for name in THEIRS}
    for name, value in THEIRS.items():
        spark.conf.set(name, value)
    frames = {name: spark.createDataFrame(numbered(table)).repartition(3) for name, table in tables.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "_scorer", lambda shared: dying(scorer(shared), str(death)))
        scored = score(**frames, as_of=AS_OF, row="line", rows_of_bucket=150)
    yield scored
    scored.unpersist()
    for name, value in before.items():
        spark.conf.set(name, value)


@pytest.mark.parametrize("name", ["breaches", "courses", "findings", "near_misses", "issues", "people_links"])
def test_every_table_is_that_of_one_machine(found, alone, name):
    expected = getattr(alone, name).to_arrow()
    there = getattr(found, name).toArrow()
    assert there.column_names == expected.column_names
    assert there.cast(expected.schema).to_pylist() == expected.to_pylist()
    assert expected.num_rows > 5


def test_every_finding_is_told_in_the_same_words(found, alone):
    lines = [line for part in alone._found.lines() for line in part.to_pylist()]
    assert found.lines.toArrow()["line"].to_pylist() == lines


def test_rejected_rows_and_the_summary_are_the_same(found, alone):
    for name, expected in alone.extract.rejected.items():
        assert found.rejected[name].toArrow().to_pylist() == expected.to_pylist()
    assert without_clock(found.summary) == without_clock(alone.summary)


def test_a_worker_died_and_its_bucket_was_scored_once(found, death):
    assert found.findings.count() == found.findings.select("finding_id").distinct().count()
    assert death.exists()


def test_the_session_has_its_own_settings_again(spark, found):
    assert {name: spark.conf.get(name) for name in THEIRS} == THEIRS


def test_the_extract_has_what_makes_it_hard(tables, alone):
    counts = alone.summary["issues"]["by_code"]
    assert {"rows_disagree", "unknown_reference", "occurs_in_future", "not_in_persons"} <= set(counts)
    rows = alone.summary["rows"]["incidents"]
    assert rows["duplicates"]
    assert rows["rejected"]
    assert alone.summary["people"]["links"]
    assert tables["incidents"]["suspect_id"].to_pylist().count("P0007") > 50


def test_rules_of_ones_own_and_rows_without_numbers(spark, tables, tmp_path):
    """Here Spark finds the components, orders considered are told, and rows are numbered by what they hold."""
    for name, text in (("pack/three.toml", PATTERN), ("held.toml", FILTER), ("law/ours.toml", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "law" / "ours.toml").write_text('[provision."pha1997.s2A"]\ntitle = "Ours"\n')
    law, packs, filters = Catalogue.load([tmp_path / "law"]), [tmp_path / "pack"], [tmp_path / "held.toml"]
    analyser = Analyser(law, packs, filters)
    given = {name: spark.createDataFrame(tables[name]) for name in ("incidents", "orders")}
    found = score(
        **given, analyser=analyser, as_of=AS_OF, include_not_breach=True, rows_of_bucket=200, links_on_driver=0
    )
    sources = {name: source_of(frame, name) for name, frame in given.items()}
    texts = {name: source.text(source.frame.toArrow()) for name, source in sources.items()}
    alone = analyser.analyse(read_extract(**texts), as_of=AS_OF)
    assert (
        found.findings.toArrow().to_pylist()
        == alone.findings.to_arrow().cast(found.findings.toArrow().schema).to_pylist()
    )
    expected = alone.suppressed.to_arrow()
    assert found.suppressed.columns == expected.column_names
    assert found.suppressed.toArrow().to_pylist() == expected.to_pylist() != []
    assert found.issues.toArrow().to_pylist() == alone.issues.to_arrow().to_pylist()
    assert without_clock(found.summary) == without_clock(alone.summary)
    assert found.breaches.where("status = 'not_breach'").count() > 0
    assert found.breaches.where("status <> 'not_breach'").count() == len(alone.breaches)
    found.unpersist()


def test_what_cannot_be_scored_is_refused_before_any_work(spark):
    frame = spark.createDataFrame(pa.table({"crime_no": ["1"]}))
    with pytest.raises(InputError, match="incidents: There is no column incident_id"):
        score(frame)
    with pytest.raises(UsageError, match="no data frame of Spark"):
        score([{"incident_id": "1"}])


def same(found, alone):
    for name in ("findings", "breaches", "issues"):
        assert getattr(found, name).toArrow().to_pylist() == getattr(alone, name).to_arrow().to_pylist()
    for name, expected in alone.extract.rejected.items():
        assert found.rejected[name].toArrow().to_pylist() == expected.to_pylist()
    assert without_clock(found.summary) == without_clock(alone.summary)


def test_nothing_at_all_is_scored_as_on_one_machine(spark, tables):
    nothing = {name: tables[name].slice(0, 0) for name in ("incidents", "orders")}
    found = score(**{name: frame_of(spark, table) for name, table in nothing.items()}, as_of=AS_OF)
    same(found, Analyser().analyse(read_extract(**nothing), as_of=AS_OF))
    found.unpersist()


def test_what_is_said_of_a_line_is_said_once_though_a_mapping_makes_two_records_of_it(spark):
    """Nobody is named, so that nothing but the line joins its records; and rows without an id are many."""
    numbers = range(24)
    rows = pa.table(
        {
            "one": [f"C{n}" if n % 3 else None for n in numbers],
            "two": [f"D{n}" if n % 4 else None for n in numbers],
            "occurred_from": ["2025-03-01" if n % 5 else "in May" for n in numbers],
            "line": pa.array([n + 2 for n in numbers], pa.int64()),
        }
    )
    wide = Mapping.parse('[[incidents.wide]]\nincident_id = ["one", "two"]')
    found = score(spark.createDataFrame(rows), mapping=wide, row="line", as_of=AS_OF, rows_of_bucket=6)
    same(found, Analyser().analyse(read_extract(rows.drop_columns(["line"]), mapping=wide), as_of=AS_OF))
    found.unpersist()


def test_rows_without_an_id_are_no_burden_of_one_task(spark):
    """They are rejected, and must be beside their repetitions alone."""
    rows = pa.table(
        {
            "incident_id": pa.nulls(40, pa.string()),
            "occurred_from": [f"2025-03-{n // 2 + 1:02d}" for n in range(40)],
            "line": pa.array(range(2, 42), pa.int64()),
        }
    )
    found = score(spark.createDataFrame(rows), row="line", as_of=AS_OF, rows_of_bucket=5)
    told = rows_of(found._frame, "counts").where("what = 'rows/incidents/rows_in'")
    counts = [row["count"] for row in told.collect()]
    assert len(counts) > 3
    assert max(counts) < 20
    same(found, Analyser().analyse(read_extract(rows.drop_columns(["line"])), as_of=AS_OF))
    found.unpersist()


def test_what_cannot_be_scored_leaves_nothing_in_memory(spark, tables):
    kept = spark._jsparkSession.sharedState().cacheManager().numCachedEntries
    before = kept()
    with pytest.raises(InputError, match="orders: There is no column order_id"):
        score(spark.createDataFrame(tables["incidents"]), spark.createDataFrame(pa.table({"x": ["1"]})), as_of=AS_OF)
    assert kept() == before


def test_a_library_that_linking_needs_is_missed_before_any_work(spark, tables, monkeypatch):
    def missing():
        raise MissingDependency.for_extra("splink", "link", "link people by probability")

    monkeypatch.setattr("breachpattern.linking.people.splink_engine.require", missing)
    monkeypatch.setattr(scoring, "check_workers", lambda session: pytest.fail("this is work"))
    given = {name: spark.createDataFrame(tables[name]) for name in ("incidents", "persons")}
    with pytest.raises(MissingDependency, match=r"pip install 'breachpattern\[link\]'"):
        score(**given, analyser=Analyser(link="probabilistic"), as_of=AS_OF)
