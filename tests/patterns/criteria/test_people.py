"""Forces: one name, however it is typed, is one force."""

import pytest
from tests.patterns.given import calls, record_of


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (("Westmarch", "WESTMARCH", "Westmarch "), False),
        (("West  Mercia", "West Mercia", "west mercia"), False),
        (("Westmarch", "", "Westmarch"), False),
        (("Westmarch", "Northmarch", "Westmarch"), True),
    ],
)
def test_case_and_spacing_tell_no_forces_apart(names, held):
    rows = calls("2025-03-01", "2025-03-04", "2025-03-07", behaviours="follow;watch")
    rows = [row | {"force": name} for row, name in zip(rows, names, strict=True)]
    assert (record_of("cross_force", rows) is not None) is held
