import importlib.util

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
