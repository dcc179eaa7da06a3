"""Old decisions go, what is left of them proves that they were there, and that nothing else went."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.review.register.given import found, tampered

from breachpattern.analysis.runs import Run
from breachpattern.errors import UsageError
from breachpattern.review.register import Register, log
from breachpattern.review.register.tables import PURGED


@pytest.fixture
def old(url: str, first: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """A finding decided twice, in 2020 and in 2022, and another in 2020."""
    with Register(url, who="A. Reader") as register:
        monkeypatch.setattr(log, "now", lambda: "2020-06-30T22:59:59Z")
        one = register.decide(first, found(first), "confirmed", "other", text="a secret of hers")
        register.decide(first, found(first, "unrecorded_breach"), "rejected", "unconnected")
        monkeypatch.setattr(log, "now", lambda: "2022-06-30T12:00:00Z")
        register.decide(first, found(first), "rejected", "unconnected", corrects=one.id)
    return url


def test_a_dry_run_says_what_would_go_and_changes_nothing(old: str) -> None:
    with Register(old) as register:
        before = register.verify()
        what = register.purge("2020-07-01", dry_run=True)
        assert [number for number, _ in what.decisions] == [1, 2]
        assert (what.standing, what.entry) == (1, None)
        assert register.verify() == before


def test_a_purge_empties_and_the_chain_holds(old: str, first: Run) -> None:
    with Register(old, who="Records") as register:
        head = register.verify().head
        what = register.purge(date(2020, 7, 1))
        after = register.verify(head)
        assert (after.ok, after.decisions, after.purged) == (True, 3, 2)
        # What is still there stands; what lost its last decision is asked again.
        assert register.statuses([found(first), found(first, "unrecorded_breach")]) == {
            found(first): "rejected",
            found(first, "unrecorded_breach"): "unreviewed",
        }
        assert register.decide(first, found(first, "unrecorded_breach"), "unsure", "needs_specialist").id == 4
        assert register.purge("2020-07-01").entry is None
        assert register.verify().ok
    columns = ", ".join(PURGED)
    assert tampered(old, f"select {columns} from review_decisions where id < 3") == [(None,) * len(PURGED)] * 2
    ((actor, kind, counts),) = tampered(old, f"select actor, kind, counts from review_log where id = {what.entry}")
    assert (actor, kind, counts) == ("Records", "purge", '{"decisions":2,"standing":1}')


def test_the_day_begins_in_london(old: str) -> None:
    """23:59:59 of 30 June in London is before 1 July, and not before 30 June."""
    with Register(old) as register:
        assert not register.purge("2020-06-30", dry_run=True).decisions
        assert register.purge("2020-07-01", dry_run=True).before == "2020-06-30T23:00:00Z"


def test_nothing_of_it_stays_in_the_file(tmp_path: Path, first: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "register.db"
    monkeypatch.setattr(log, "now", lambda: "2020-01-01T00:00:00Z")
    with Register(f"sqlite:///{path}") as register:
        register.decide(first, found(first), "confirmed", "other", text="a secret of hers")
        assert b"a secret of hers" in path.read_bytes()
        register.purge("2021-01-01")
        assert b"a secret of hers" not in path.read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        "update review_decisions set purged_in = (select max(id) from review_log), salt = null where id = 3",
        "update review_decisions set purged_in = null where id = 1",
        "delete from review_decisions where id = 1",
    ],
)
def test_more_than_was_purged_shows(old: str, statement: str) -> None:
    with Register(old) as register:
        register.purge("2020-07-01")
        tampered(old, statement)
        assert not register.verify().ok


@pytest.mark.parametrize(("before", "said"), [("soon", "not a date"), ("2999-01-01", "still to come")])
def test_a_day_that_is_none_is_refused(register: Register, before: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        register.purge(before)
