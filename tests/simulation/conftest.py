import pytest

from breachpattern import simulate

FORCE = {"incidents": 20_000, "seed": 5}


@pytest.fixture(scope="session")
def force():
    return simulate(**FORCE)


@pytest.fixture(scope="session")
def town():
    return simulate(8_000, 6, quiet_town=True)


@pytest.fixture(scope="session", params=["force", "town"])
def either(request):
    return request.getfixturevalue(request.param)
