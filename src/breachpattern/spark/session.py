"""Spark itself: whether it can run here, its session, and the settings that the work needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from breachpattern.errors import MissingDependency, UsageError

OLDEST_SPARK, OLDEST_JAVA = 4, 17
# What the work rests on, whatever the session of the caller says.
PINNED = {"spark.sql.session.timeZone": "UTC", "spark.sql.execution.arrow.useLargeVarTypes": "false"}
# Of a session of our own: quiet, and no bound on results, which are written by the driver.
OURS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.maxResultSize": "0",
}

# One process does everything: the two hundred parts of a cluster and a gigabyte of heap would only slow it down.
ON_THIS_MACHINE = {"spark.sql.shuffle.partitions": "16", "spark.driver.memory": "4g"}
HOW_TO_SET = (
    "Install the same version on every node, or set PYSPARK_PYTHON to the interpreter that has it before Spark starts."
)


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
    """Refuse where the Java that Spark would take is missing or too old, without which none starts on this machine.

    Raises
    ------
    MissingDependency
        Its message holds the install line.
    """
    home = os.environ.get("JAVA_HOME")
    # Spark looks at the path only where JAVA_HOME says nothing.
    java = shutil.which(str(Path(home) / "bin" / "java")) if home else shutil.which("java")
    version = None if java is None else _version_of(java)
    if java is None or (version is not None and version < OLDEST_JAVA):
        seen = "none is found" if java is None else f"this one is {version}"
        raise MissingDependency(
            f"Java {OLDEST_JAVA} or newer is needed to run Spark, and {seen}.",
            where=home or java,
            hint="Install it with: apt-get install default-jre-headless (Debian, Ubuntu), or set JAVA_HOME to yours.",
        )


def _version_of(java: str) -> int | None:
    """Return the version that a Java says it is, ``None`` where it says nothing that can be read."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    # Until 8 it was called 1.8.
    found = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(found[1]) if found else None


def check_session(session: Any) -> None:
    """Refuse a session that cannot do the work.

    Raises
    ------
    UsageError
        Where it is one of Spark Connect, or of a Spark before 4.
    """
    if ".connect." in f"{type(session).__module__}.":
        raise UsageError(
            "This session is of Spark Connect, which cannot give law and patterns to the workers.",
            hint="Take a classic session, one that has spark.sparkContext (on Databricks: dedicated access mode).",
        )
    if int(session.version.split(".")[0]) < OLDEST_SPARK:
        raise UsageError(
            f"Spark {OLDEST_SPARK} or newer is needed, and this session is of Spark {session.version}.",
            hint="docs/how-to/spark.md says which platforms have it.",
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
        Where PySpark or Java is missing, or Java is too old.
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
    here = ON_THIS_MACHINE if master.startswith("local") else {}
    for name, value in {**OURS, **here, **PINNED, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise UsageError(
            f"Spark does not start: {told(error)}.",
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

    try:
        answer = session.range(1, numPartitions=1).mapInArrow(ask, "python string, version string").first()
    except Exception as error:
        if not of_spark(error):
            raise
        # Without PySpark's own needs nothing of ours is asked.
        python = session.sparkContext.pythonExec
        raise UsageError(
            f"The workers of Spark run {python}, which cannot do the work: {told(error)}.",
            hint=HOW_TO_SET,
        ) from error
    if answer["version"] != own:
        seen = f"breachpattern {answer['version']}" if answer["version"] else "no breachpattern"
        raise UsageError(
            f"The workers of Spark run {answer['python']}, which has {seen}; the driver has {own}.",
            hint=HOW_TO_SET,
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


def told(error: BaseException) -> str:
    r"""Return the line of an error that says what went wrong, without a full stop.

    Of a worker's Python it is the last one, of anything else the first; of one of Java what Java says.

    Examples
    --------
    >>> told(ValueError("An exception was thrown.\nTraceback (most recent call last):\n  ...\nKeyError: 'x'\n"))
    "KeyError: 'x'"
    >>> told(ValueError("No such host.\n\tat org.apache.spark"))
    'No such host'
    """
    text, *_ = str(getattr(error, "java_exception", error)).split("JVM stacktrace:")
    lines = text.strip().splitlines() or [type(error).__name__]
    return lines[-1 if "Traceback (most recent call last)" in text else 0].strip().rstrip(".")
