"""Headlines: one plain sentence for everyone, whatever is missing."""

import re

import pytest
from hypothesis import given, settings
from tests.facts import incident, order
from tests.patterns.given import calls, extracts, findings, record_of

from breachpattern.patterns.wording import span_text

FORBIDDEN = re.compile(r"\b([Gg]uilty|[Pp]rove[ns]|[Oo]ffender|[Pp]erpetrator|None|nan)\b|_")


@settings(max_examples=15, deadline=None)
@given(extracts())
def test_headlines_are_one_plain_sentence_without_a_verdict(extract):
    for finding in findings(*extract):
        assert "\n" not in finding.headline
        assert len(finding.headline) < 320
        assert not FORBIDDEN.search(finding.headline), finding.headline


def test_counts_agree_with_their_nouns():
    rows = calls("2025-03-01", "2025-03-05", "2025-03-09")
    rows[0]["offence_code"] = "008/31"
    told = record_of("breach_in_course", rows, [order("O1")])["headline"]
    assert told == (
        "P1 towards V1: 3 occasions between 1 Mar and 9 Mar 2025, among them 3 breaches of a restraining order on "
        "conviction (1 recorded as a breach), indicate a course of conduct (clear)"
    )


def test_unnamed_people_are_said_to_be_unnamed():
    row = incident("I1", "2025-03-01", suspect_id="", victim_id="", offence_code="008/31", kind="crime")
    told = record_of("breach_without_order", [row])["headline"]
    assert told.startswith("A suspect not named towards a person not named")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2025-12-31", "2026-01-01", "between 31 Dec 2025 and 1 Jan 2026"),
        ("2025-01-05", "2025-01-05", "on 5 Jan 2025"),
        ("2025-01-05", "2025-02-06", "between 5 Jan and 6 Feb 2025"),
    ],
)
def test_spans_name_the_year_once_where_it_is_one(first, last, said):
    import numpy as np

    days = np.array([first, last], dtype="M8[D]").astype(np.int64).tolist()
    assert span_text(*days) == said
