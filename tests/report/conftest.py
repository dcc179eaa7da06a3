import pytest
from tests.report.given import score


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A small run: breaches recorded and not, an order ladder, another victim. Not to be changed."""
    return score(tmp_path_factory.mktemp("report") / "run")
