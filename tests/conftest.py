"""No test fails because the machine is busy: speed is measured in ``benchmarks``."""

import pytest
import tests.drawing  # noqa: F401  registers how many examples there are


@pytest.fixture(scope="session")
def spark():
    """A Spark of this machine with two workers; a task may fail three times before its job does."""
    from breachpattern.spark.session import start

    session = start("local[2,4]", {"spark.sql.shuffle.partitions": "4"})
    yield session
    session.stop()
