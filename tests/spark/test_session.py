import importlib.util
import sys

import pytest

from breachpattern.errors import MissingDependency, UsageError
from breachpattern.spark import session as at


def test_without_pyspark_the_message_holds_the_install_line(monkeypatch):
    monkeypatch.setattr(at, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"Install it with: pip install 'breachpattern\[spark\]'"):
        at.start("local[1]")


def test_without_java_the_message_holds_the_install_line(monkeypatch, tmp_path):
    monkeypatch.setattr(at, "find_spec", lambda name: importlib.util.find_spec("json"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingDependency, match="apt-get install default-jre-headless"):
        at.start("local[1]")


def java_that_says(folder, text):
    (folder / "bin").mkdir()
    java = folder / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
    java.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ('openjdk version "11.0.2" 2019-01-15', "Java 17 or newer is needed to run Spark, and this one is 11"),
        ('java version "1.8.0_401"', "and this one is 8"),
    ],
)
def test_a_java_that_is_too_old_is_named(monkeypatch, tmp_path, version, said):
    monkeypatch.setenv("JAVA_HOME", java_that_says(tmp_path, version))
    with pytest.raises(MissingDependency, match=said):
        at.check_java()


@pytest.mark.parametrize("version", ['openjdk version "17.0.15" 2025-04-15', 'openjdk version "25" 2025-09-16', "?"])
def test_a_java_that_is_new_enough_or_tells_nothing_is_taken(monkeypatch, tmp_path, version):
    monkeypatch.setenv("JAVA_HOME", java_that_says(tmp_path, version))
    at.check_java()


def test_a_java_home_that_leads_nowhere_is_named_although_a_java_is_on_the_path(monkeypatch, tmp_path):
    """Spark asks JAVA_HOME first and looks nowhere else then."""
    java_that_says(tmp_path, 'openjdk version "17"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(MissingDependency, match="gone: Java 17 or newer is needed to run Spark, and none is found"):
        at.check_java()


@pytest.mark.parametrize(
    ("version", "module", "said"),
    [
        ("3.5.1", "pyspark.sql.session", "Spark 4 or newer is needed, and this session is of Spark 3.5.1"),
        ("4.1.0", "pyspark.sql.connect.session", "This session is of Spark Connect"),
    ],
)
def test_a_session_that_cannot_do_the_work_is_named(version, module, said):
    session = type("SparkSession", (), {"version": version, "__module__": module})()
    with pytest.raises(UsageError, match=said):
        at.check_session(session)


@pytest.mark.spark
def test_settings_are_pinned_for_the_work_and_then_as_they_were(spark):
    name = "spark.sql.session.timeZone"
    spark.conf.set(name, "America/New_York")
    with at.pinned(spark):
        assert spark.conf.get(name) == "UTC"
    assert spark.conf.get(name) == "America/New_York"
    spark.conf.set(name, "UTC")


@pytest.mark.spark
def test_workers_run_the_interpreter_of_the_driver(spark):
    at.check_workers(spark)


@pytest.mark.spark
def test_workers_without_this_library_are_named(spark, monkeypatch):
    monkeypatch.setattr("importlib.metadata.version", lambda name: "9.9.9")
    with pytest.raises(UsageError, match=r"has breachpattern .*; the driver has 9\.9\.9"):
        at.check_workers(spark)


@pytest.mark.spark
def test_workers_without_arrow_are_named(spark, monkeypatch, tmp_path):
    """Spark's own words for it are a hundred lines of Java and Python."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", str(bare))
    with pytest.raises(UsageError, match=f"The workers of Spark run {bare}, .*No module named 'pyarrow'"):
        at.check_workers(spark)
