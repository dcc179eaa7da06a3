import numpy as np
import pytest

from breachpattern.linking.people.contacts import SHARED_BY_MANY, canonical_phone, shared_by_many


@pytest.mark.parametrize(
    "text", ["07700 900123", "+447700900123", "0044 7700 900123", "+44 (0) 7700 900123", "447700900123"]
)
def test_one_phone_has_one_spelling(text):
    assert canonical_phone(text) == "447700900123"


@pytest.mark.parametrize("text", ["", "none", "999", "00000000000", "07777777777", "x" * 30])
def test_what_is_no_phone_is_none(text):
    assert canonical_phone(text) is None


def test_a_value_is_shared_by_many_only_if_they_are_different_people():
    size = SHARED_BY_MANY + 1
    assert shared_by_many(np.zeros(size, np.int64), np.arange(size)).all()
    assert not shared_by_many(np.zeros(size, np.int64), np.zeros(size, np.int64)).any()
    assert not shared_by_many(np.full(size, -1), np.arange(size)).any()
