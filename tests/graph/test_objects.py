import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.graph.objects import objects_of, spelt


def spelling(text, kind=None):
    return spelt(pa.array([text], pa.string()), kind)[0].as_py()


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("07700 900142", "phone:07700900142"),
        ("07700-900142", "phone:07700900142"),
        ("+447700900142", "phone:07700900142"),
        ("0044 (0)7700 900142", "phone:07700900142"),
        ("ab12 cde", "vehicle:AB12CDE"),
        ("P 123 ABC", "vehicle:P123ABC"),
        ("@Some_Body", "account:some_body"),
        ("a.person@example.org", "account:a.person@example.org"),
        ("12 Long Row", "address:12 long row"),
        ("the flat, ZZ2 3AB", "address:the flat, zz2 3ab"),
        ("Number withheld", None),
        ("00000000000", None),
        ("  ", None),
        ("@", None),
        ("--", None),
        (None, None),
    ],
)
def test_one_object_has_one_spelling(written, one):
    assert spelling(written) == one


def test_a_column_says_what_it_holds():
    assert spelling("A 1", "vehicle") == "vehicle:A1"
    assert spelling("+44 7700 900142", "phone") == "phone:07700900142"


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_a_masked_label_never_holds_the_whole(text):
    found = spelling(text)
    if found is not None:
        things = objects_of(pa.array([found]))
        whole = things.text[0].as_py()
        shown = things.label(0, clear=False)
        assert shown.partition(" …")[2] != whole
        assert len(shown.partition(" …")[2]) <= 4
        assert things.label(0, clear=True) == f"{shown.split(' ')[0]} {whole}"


def test_an_address_is_not_shown_at_all():
    assert objects_of(pa.array(["address:12 long row"])).label(0, clear=False) == "address"
