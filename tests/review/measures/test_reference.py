from __future__ import annotations

from pathlib import Path

from breachpattern.review.measures.reference import filled

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "measures.md"


def test_the_page_says_what_the_definitions_say():
    text = PAGE.read_text(encoding="utf-8")
    assert filled(text) == text
