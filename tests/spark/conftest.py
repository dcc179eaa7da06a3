import pytest


@pytest.fixture(scope="session")
def spark():
    """A Spark of this machine with two workers; a task may fail three times before its job does."""
    from breachpattern.spark.session import start

    session = start("local[2,4]", {"spark.sql.shuffle.partitions": "4", "spark.ui.showConsoleProgress": "false"})
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
