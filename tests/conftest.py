"""No test fails because the machine is busy: speed is measured in ``benchmarks``."""

import gc
import signal
import sys

import pytest
import tests.drawing  # noqa: F401  registers how many examples there are

# Where it is installed, jsonschema builds some forty grammars of addresses when it is imported; no schema here has one.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# The process that fuzzes imports a library that has a lock of its own.
collect_ignore = ["fuzz/child.py"]


def pytest_configure():
    """Hear interrupts, which are tested: whoever starts the tests in the background has them passed over."""
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """What is collected stays: nobody need look through millions of objects again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def spark():
    """A Spark of this machine with two workers; a task may fail three times before its job does."""
    from breachpattern.spark.session import start

    session = start("local[2,4]", {"spark.sql.shuffle.partitions": "4"})
    yield session
    session.stop()
