import pytest
from tests.test_import import modules_after

from breachpattern import scoring


@pytest.mark.parametrize("name", scoring.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name):
    assert getattr(scoring, name).__doc__
    assert name in dir(scoring)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'featureframe'"):
        _ = scoring.featureframe


@pytest.mark.further
def test_importing_the_room_loads_no_heavy_library_and_a_frame_needs_no_scikit_learn():
    assert not {"pandas", "numpy", "sklearn"} & modules_after("import breachpattern.scoring")
    assert "sklearn" not in modules_after("from breachpattern.scoring import feature_frame")
