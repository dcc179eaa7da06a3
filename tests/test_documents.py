import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.documents import DEEPEST, Unreadable, parse_json, parse_toml

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
DOCUMENTS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)


@given(DOCUMENTS)
def test_json_is_read_back_as_it_was(document):
    assert parse_json(json.dumps(document)) == document
    assert parse_json(json.dumps(document, ensure_ascii=False).encode()) == document


@given(st.text(alphabet='[]{}",:\\ud8aeE.+-0123nulltrue \n', max_size=60) | st.binary(max_size=60))
def test_whatever_is_no_json_is_refused_in_words(text):
    with suppress(Unreadable):  # anything else would end the test
        assert json.dumps(parse_json(text), ensure_ascii=False).encode()


@given(st.text(alphabet="[]{}\"'=.,#ab01-_:\\uxT \n", max_size=80))
def test_whatever_is_no_toml_is_refused_in_words(text):
    with suppress(Unreadable):
        assert isinstance(parse_toml(text), dict)


@pytest.mark.parametrize("depth", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 500, 100_000])
def test_depth_is_bounded_at_the_same_place_in_both(depth):
    nested = "[" * depth + "]" * depth
    if depth <= DEEPEST:
        assert parse_json(nested) is not None
    else:
        with pytest.raises(Unreadable, match="nested too deeply"):
            parse_json(nested)
    if depth < DEEPEST:
        assert parse_toml(f"a = {nested}")
    else:
        with pytest.raises(Unreadable, match="nested too deeply"):
            parse_toml(f"a = {nested}")


def test_sentences_with_many_stops_are_no_keys():
    assert parse_toml("a = '''" + "One. Two. Three. " * 12 + "'''")
