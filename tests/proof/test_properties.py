"""The table of properties names tests that are there, and each property is drawn and not only exemplified."""

import pytest
from proof.properties import is_property, properties

POINTS = properties()


def test_the_twelve_points_are_there():
    assert list(POINTS) == list(range(1, 13))


@pytest.mark.parametrize("point", POINTS)
def test_every_test_that_is_named_exists_and_the_first_draws_its_own_cases(point):
    drawn = {test: is_property(test) for test in POINTS[point]}  # KeyError: a test that is gone
    assert drawn[POINTS[point][0]]


def test_a_test_that_is_gone_is_noticed():
    with pytest.raises(KeyError):
        is_property("tests/test_spans.py::test_that_nobody_wrote")
