"""An entry laid over another: nothing is lost that it does not speak of."""

from hypothesis import given
from hypothesis import strategies as st

from breachpattern.law.overlay import changes, overlay

TABLES = st.dictionaries(st.sampled_from(["title", "labels", "note", "max_days"]), st.integers(0, 2))


@given(TABLES, TABLES)
def test_what_is_said_stands_and_what_is_not_said_stays(earlier, own):
    merged = overlay(earlier, own)
    assert merged == {key: own.get(key, earlier.get(key)) for key in {*earlier, *own}}
    assert overlay(earlier, own | {"whole": True}) == own
    assert (changes(earlier, merged) == "changes nothing") is (merged == earlier)


def test_what_a_whole_entry_drops_is_told():
    assert changes({"title": "A", "labels": ["a"]}, {"title": "A"}) == "drops labels"
