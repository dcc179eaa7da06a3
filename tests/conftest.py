"""Examples of properties: drawn anew on every run of a developer, the same ones on every run of CI.

The default run is ``quick`` and draws a quarter of the examples. ``make test-slow`` draws all of them, and so does CI;
``--hypothesis-profile thorough`` draws ten times as many. No test fails because the machine is busy: speed is measured
in ``benchmarks``.
"""

import os

import pytest
from hypothesis import settings
from tests.drawing import FULL

for profile, count in {"quick": FULL // 4, "full": FULL, "thorough": 10 * FULL}.items():
    settings.register_profile(profile, deadline=None, max_examples=count, derandomize=bool(os.environ.get("CI")))
settings.load_profile("quick")


@pytest.fixture(scope="session")
def spark():
    """A Spark of this machine with two workers; a task may fail three times before its job does."""
    from breachpattern.spark.session import start

    session = start("local[2,4]", {"spark.sql.shuffle.partitions": "4"})
    yield session
    session.stop()
