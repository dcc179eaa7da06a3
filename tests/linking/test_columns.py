import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts import incident, timelines

from breachpattern.linking.columns import code, dictionary, exploded
from breachpattern.spans import as_of_second
from breachpattern.vocabulary import BEHAVIOURS

texts = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "B", "é", "0042", "42", "NA", "null"])))


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.uint32(), pa.int64()])
def test_codes_of_dictionaries_of_every_width_are_the_same(kind):
    column = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], kind), pa.array(["a", "b"]))
    assert code(pa.chunked_array([column]), pa.array(["a", "b"])).tolist() == [1, -1, 0]


@given(texts, texts)
def test_codes_point_back_to_the_text_and_unknown_is_minus_one(first, second):
    columns = [pa.chunked_array([pa.array(x, pa.string())]) for x in (first, second)]
    ids = dictionary(*columns)
    assert ids.to_pylist() == sorted({t for t in first + second if t is not None})
    for values, column in zip((first, second), columns, strict=True):
        assert [ids[int(c)].as_py() if c >= 0 else None for c in code(column, ids)] == values
        assert code(column.dictionary_encode(), ids).tolist() == code(column, ids).tolist()


@given(st.lists(st.lists(st.sampled_from(["a", "b", "zz"]), max_size=3), max_size=5))
def test_lists_in_cells_become_pairs_of_known_ids(cells):
    column = pa.chunked_array([pa.array([";".join(c) or None for c in cells], pa.string())])
    rows, codes = exploded(column, pa.array(["a", "b"]))
    expected = [(i, "ab".index(t)) for i, c in enumerate(cells) for t in c if t in "ab"]
    assert list(zip(rows.tolist(), codes.tolist(), strict=True)) == expected


def done(**values):
    found = timelines([incident("I1", "2025-03-01T10:00", **values)]).columns
    return set(BEHAVIOURS.codes(int(found.behaviours[0]))), set(BEHAVIOURS.codes(int(found.possible[0])))


def test_an_offence_says_what_was_done_where_its_words_imply_it():
    assert "assault" in done(offence_code="105/01")[0]
    assert done(offence_code="195/94")[0] == set()
    assert "contact" in done(offence_code="195/94")[1]


def test_the_channel_adds_what_it_shows_and_guesses_are_kept_apart():
    assert done(channel="text") == (set(), {"contact"})
    assert "third_party_contact" in done(channel="third_party", behaviours="contact")[0]
    assert "approach" in done(channel="in_person", behaviours="contact")[0]
    assert done(channel="in_person") == (set(), set())


def test_rows_not_yet_known_are_counted_and_left_out():
    rows = [incident("I1", "2025-03-01"), incident("I2", "2025-03-02", reported_at="2025-09-01")]
    found = timelines(rows, as_of="2025-06-30").columns
    assert (len(found), found.not_yet_known) == (1, 1)


@pytest.mark.parametrize(
    ("as_of", "recorded"), [("2018-03-25", "2018-03-02"), ("2018-04-30", "2018-04-10"), (None, "2018-04-10")]
)
def test_a_record_made_later_decides_nothing_before(as_of, recorded):
    rows = [incident("I1", "2018-03-01T10:00", reported_at="2018-03-02", recorded_at="2018-04-10")]
    assert timelines(rows, as_of=as_of).columns.recorded[0] == as_of_second(recorded)
