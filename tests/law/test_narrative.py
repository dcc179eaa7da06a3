"""Which free texts speak of a broken order, and which only look like it."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to

from breachpattern.law import Catalogue
from breachpattern.law.narrative import BESIDE, CUES

NARRATIVE = Catalogue.load().narrative

SPEAKS = [
    "Suspect has breached his non-molestation order by texting the victim.",
    "Male in breach of restraining order, sent 20 texts.",
    "SUSP BREACHED NMO AGAIN",
    "He broke his bail conditions and came to the house.",
    "Victim states the order was breached on Tuesday.",
    "Restraining order breached: suspect outside the address.",
    "Ex-partner contravened the terms of his current restraining order.",
    "He failed to comply with the stalking protection order.",
    "Suspect is not complying with his bail conditions.",
    "Despite the restraining order he texted her twice.",
    "Suspect attended the address although he has a non molestation order against him.",
    "Whilst subject to a DVPO he turned up at her work.",
    "Order served in March. He has breached it: the restraining order was broken by a letter.",
    "Called police. Feels unsafe. Suspect breached court order.",
    "In violation of the injunction he phoned her mother.",
    "No injuries; breach of undertaking reported.",
]
DOES_NOT = [
    "",
    "Suspect texted the victim twice.",
    "No breach of the restraining order was disclosed.",
    "There was no evidence of a breach of bail.",
    "He has not breached the order.",
    "Victim fears he would breach the restraining order.",
    "Warned that if he breaches the order he will be arrested.",
    "Breach of the peace outside the pub, order was restored.",
    "He broke her window with a stone.",
    "Broke up with him in May; ordered a taxi home.",
    "Restraining order served on the suspect at court.",
    "Suspect is subject to a restraining order not to contact the victim.",
    "She complained about a late order of flowers.",
    "Despite the rain he walked home.",
    "Definitely no restraining order on file.",
    "Data breach at the council; suspect unknown.",
    "Victim applied for a non-molestation order.",
]


@pytest.mark.parametrize("text", SPEAKS)
def test_what_speaks_of_a_broken_order(text):
    assert NARRATIVE.speaks_of_breach(text)
    assert NARRATIVE.speaks_of_breach(text.upper())


@pytest.mark.parametrize("text", DOES_NOT)
def test_what_only_looks_like_it(text):
    assert not NARRATIVE.speaks_of_breach(text)


@settings(max_examples=up_to(60), deadline=None)
@given(st.lists(st.sampled_from([*SPEAKS, *DOES_NOT]), max_size=5))
def test_a_text_speaks_of_it_where_one_of_its_sentences_does(parts):
    text = "\n".join(parts)
    assert NARRATIVE.speaks_of_breach(text) == any(map(NARRATIVE.speaks_of_breach, parts))


@given(st.text(max_size=300))
def test_any_text_is_read(text):
    spoke = NARRATIVE.speaks_of_breach(text)
    assert not spoke or re.search(NARRATIVE.pattern, text)


def test_the_pattern_is_one_that_a_linear_engine_reads_and_misses_no_mention():
    texts = pa.array([*SPEAKS, *DOES_NOT, None])
    hit = pc.match_substring_regex(texts, NARRATIVE.pattern).to_pylist()
    assert all(hit[: len(SPEAKS)])


@pytest.mark.parametrize(
    "text", ["breach " * 60_000, "not breached the order " * 20_000, "a" * 400_000, "( " * 200_000]
)
def test_work_is_bounded_whatever_the_text_is(text, monkeypatch):
    looked, running = [], NARRATIVE._wording.running
    monkeypatch.setattr(NARRATIVE._wording, "running", lambda part: looked.append(len(part)) or running(part))
    assert not NARRATIVE.speaks_of_breach(text)
    assert len(looked) <= 2 * CUES
    assert max(looked, default=0) <= BESIDE
