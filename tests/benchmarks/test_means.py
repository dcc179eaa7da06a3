"""Engine and reference read a number, an account, a registration mark or a house in the same texts."""

import pyarrow as pa
from benchmarks.reference.means import spelt
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.linking import objects

PARTS = [
    "07700", "900142", "+44", "0044", "44", "(0)", "00", "0", "7777777", "12", "3", "AB12", "CDE", "ab12 cde", "A1",
    "AIZ", "KZ", "@", "jo", "smith", "_", ".", "-", "/", " ", "\t", ",", "é", "½", "Long", "Row", "ZZ1", "1AA",
    "missed", "calls", "e-mail", "women", "s", "none", "no", "n/a", "nfa", "of no fixed abode", "tel", "mob:",
    "WhatsApp:", "white van", "example.org",
]  # fmt: skip
WORDS = st.sampled_from(objects.NO_OBJECT)
TEXTS = st.lists(
    st.one_of(st.sampled_from(PARTS), st.sampled_from(PARTS).map(lambda part: part + " "), WORDS), max_size=6
)


@given(st.lists(TEXTS.map("".join), max_size=50))
@settings(max_examples=up_to(100))
def test_one_spelling(texts):
    assert [spelt(text) for text in texts] == objects.spelt(pa.array(texts, pa.string())).to_pylist()
