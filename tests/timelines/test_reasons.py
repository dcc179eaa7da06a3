from breachpattern.patterns.caveats import DOUBTS
from breachpattern.timelines.reasons import BREACH_REASONS


def test_no_reason_holds_the_mark_that_parts_reasons_in_the_output():
    assert not [reason for reason in BREACH_REASONS if ";" in reason]


def test_every_doubt_about_a_breach_is_one_of_its_reasons():
    assert set(DOUBTS) <= set(BREACH_REASONS)
