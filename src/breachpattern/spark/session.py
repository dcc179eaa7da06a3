"""Spark itself: whether it can run here, its session, and the settings that the work needs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from breachpattern.errors import MissingDependency, UsageError

# What the work rests on, whatever the session of the caller says.
PINNED = {"spark.sql.session.timeZone": "UTC"}
# Of a session of our own: quiet, and no bound on results, which are written by the driver.
OURS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.maxResultSize": "0",
}


def check_installed() -> None:
    """Refuse where PySpark is not installed.

    Raises
    ------
    MissingDependency
        Its message holds the install line.
    """
    if find_spec("pyspark") is None:
        raise MissingDependency.for_extra("pyspark", "spark", "score on Spark")


def check_java() -> None:
    """Refuse where no Java is found, without which no Spark starts on this machine.

    Raises
    ------
    MissingDependency
        Its message holds the install line.
    """
    home = os.environ.get("JAVA_HOME")
    if (home and (Path(home) / "bin" / "java").exists()) or shutil.which("java"):
        return
    raise MissingDependency(
        "Java 17 or newer is needed to run Spark, and none is found.",
        where="JAVA_HOME" if home else None,
        hint="Install it with: apt-get install default-jre-headless (Debian, Ubuntu), or set JAVA_HOME to yours.",
    )


def start(master: str, settings: dict[str, str] | None = None) -> Any:
    """Return a Spark session of our own.

    Parameters
    ----------
    master : str
        Where Spark runs: ``local[2]``, ``yarn``, ``spark://host:7077``, ``k8s://…``.
    settings : dict of str to str, optional
        Further settings by name.

    Raises
    ------
    MissingDependency
        Where PySpark or Java is missing.
    UsageError
        Where Spark does not start there.
    """
    check_installed()
    check_java()
    from pyspark.sql import SparkSession

    # Workers would take the first python3 on the path, which knows nothing of this library.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("breachpattern")
    # A machine of few cores has no use for the two hundred parts of a cluster.
    few = {"spark.sql.shuffle.partitions": "8"} if master.startswith("local") else {}
    for name, value in {**OURS, **few, **PINNED, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise UsageError(
            f"Spark does not start: {first_line(error)}.",
            where=f"--master {master}",
            hint="Give local[2] for this machine, or the address of a cluster that this machine reaches.",
        ) from error


def check_workers(session: Any) -> None:
    """Refuse where the workers run a Python without this library: one small task asks.

    Raises
    ------
    UsageError
        Its message says which Python that is, and what would work.
    """
    from importlib.metadata import version

    own = version("breachpattern")

    def ask(batches: Iterator[Any]) -> Iterator[Any]:
        import sys
        from importlib.metadata import PackageNotFoundError, version

        import pyarrow

        for _ in batches:
            try:
                found = version("breachpattern")
            except PackageNotFoundError:
                found = ""
            yield pyarrow.RecordBatch.from_pydict({"python": [sys.executable], "version": [found]})

    answer = session.range(1, numPartitions=1).mapInArrow(ask, "python string, version string").first()
    if answer["version"] != own:
        seen = f"breachpattern {answer['version']}" if answer["version"] else "no breachpattern"
        raise UsageError(
            f"The workers of Spark run {answer['python']}, which has {seen}; the driver has {own}.",
            hint="Install the same version on every node, or set PYSPARK_PYTHON to the interpreter that has it "
            "before Spark starts.",
        )


@contextmanager
def pinned(session: Any) -> Iterator[None]:
    """Let a session have the settings that the work needs, then those it had."""
    before = {name: session.conf.get(name, None) for name in PINNED}
    try:
        for name, value in PINNED.items():
            session.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            session.conf.unset(name) if value is None else session.conf.set(name, value)


def running() -> Any:
    """Return the session of this process that runs already, ``None`` where there is none."""
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


def of_spark(error: BaseException) -> bool:
    """Return whether an error comes from Spark or from Java."""
    return type(error).__module__.split(".")[0] in ("pyspark", "py4j")


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says, without a full stop; of one of Java what Java says."""
    text = str(getattr(error, "java_exception", error)).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
