import pickle

import pytest

from breachpattern import errors

FAMILY = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.BreachpatternError)]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_says_where_what_and_what_would_work_and_survives_pickling(kind):
    error = kind("The column is missing.", where="incidents.csv", hint="Add it.")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "incidents.csv: The column is missing. Add it."
    assert type(copy) is kind


def test_codes_are_distinct():
    assert len({kind.code for kind in FAMILY}) == len(FAMILY)
