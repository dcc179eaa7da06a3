"""What patterns ask of all rows is worked out once, and the same whoever asked before."""

import pytest
from tests.facts import timelines
from tests.patterns.given import calls

from breachpattern.patterns.context import Context


@pytest.mark.parametrize(
    "ask",
    [
        Context.conduct,
        lambda context: context.conduct("stalking"),
        lambda context: context.rule_requires("conduct_in_addition_to_notifiable"),
    ],
)
def test_a_criterion_cannot_change_what_the_next_one_is_told(ask):
    context = Context(timelines(calls("2025-03-01", "2025-03-02", offence_code="195/94")))
    before = ask(context).tolist()
    with pytest.raises(ValueError, match="read-only"):
        ask(context)[:] = ~ask(context)
    assert ask(context).tolist() == before
