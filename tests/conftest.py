"""Examples of properties: drawn anew on every run of a developer, the same ones on every run of CI.

No test fails because the machine is busy: speed is measured in ``benchmarks``. The default run draws half as many
examples as hypothesis would, to stay short; ``--hypothesis-profile thorough`` draws ten times as many.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("work", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=500)
settings.load_profile("ci" if os.environ.get("CI") else "work")


@pytest.fixture(scope="session")
def spark():
    """A Spark of this machine with two workers; a task may fail three times before its job does."""
    from breachpattern.spark.session import start

    session = start("local[2,4]", {"spark.sql.shuffle.partitions": "4"})
    yield session
    session.stop()
