"""A tampered register: whatever is changed, taken out, put in or cut off, the first broken link is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.review.register.given import found, tampered

from breachpattern.analysis.runs import Run
from breachpattern.errors import RegisterError, UsageError
from breachpattern.review.register import Register

YES = ("confirmed", "course_of_conduct")
NO = ("rejected", "unconnected")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, first: Run) -> Path:
    return Path(use(f"sqlite:///{tmp_path_factory.mktemp('registers')}/used.db", first).removeprefix("sqlite:///"))


@pytest.fixture
def used(url: str, first: Run, template: Path) -> str:
    """A register with three decisions and some looks."""
    if not url.startswith("sqlite"):
        return use(url, first)
    shutil.copy(template, url.removeprefix("sqlite:///"))
    return url


def use(url: str, first: Run) -> str:
    with Register(url, who="A. Reader") as register:
        one = register.decide(first, found(first), *YES, text="as it was said")
        register.review(first)
        register.decide(first, found(first), *NO, corrects=one.id)
        register.decide(first, found(first, "unrecorded_breach"), *YES)
        register.labels()
        assert register.verify().ok
    return url


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update review_log set actor = 'Somebody' where id = 2", "Entry 2 of the log (decide,"),
        ("update review_log set counts = replace(counts, '1', '2') where id = 2", "is not as it was written"),
        ("update review_log set at = '2020-01-01T00:00:00Z' where id = 3", "Entry 3 of the log (load,"),
        ("delete from review_log where id = 3", "Entry 3 of the log is missing (entry 4 stands in its place)"),
        ("update review_decisions set verdict = 'rejected' where id = 1", "Decision 1 ("),
        ("update review_decisions set text = 'another' where id = 1", "is not as it was written"),
        ("update review_decisions set reviewer = 'B. Second' where id = 3", "Decision 3 ("),
        ("update review_decisions set finding_id = 'F-1' where id = 3", "Decision 3 ("),
        ("update review_decisions set decided_at = '2020-01-01T00:00:00Z' where id = 2", "Decision 2 ("),
        ("delete from review_decisions where id = 2", "Decision 2 is missing (decision 3 stands in its place)"),
        ("delete from review_decisions where id = 3", "The decisions that entry 5 of the log wrote are not those"),
        ("update review_decisions set purged_in = 6, salt = null where id = 3", "that entry 6 of the log emptied"),
        (
            "update review_decisions set digest = (select digest from review_decisions where id = 1) where id = 2",
            "Decision 2 (",
        ),
    ],
)
def test_tampering_is_detected(used: str, statement: str, broken: str) -> None:
    tampered(used, statement)
    with Register(used) as register:
        found_ = register.verify()
    assert found_.broken is not None
    assert broken in found_.broken


def test_a_decision_slipped_in_is_detected(used: str) -> None:
    columns = "finding_id, verdict, reason, text, reviewer, decided_at, log_id, digest, salt"
    tampered(
        used,
        f"insert into review_decisions (id, seen, {columns}) "
        f"select 4, 99, {columns} from review_decisions where id = 3",
    )
    with Register(used) as register:
        assert "Decision 4" in str(register.verify().broken)


def test_what_was_cut_off_shows_against_a_head_that_was_noted(used: str) -> None:
    with Register(used) as register:
        head = register.verify().head
        assert register.verify(head[:12]).ok
    tampered(used, "delete from review_log where id = 6")
    with Register(used) as register:
        assert register.verify().ok  # a chain cannot know of links beyond its end
        assert "is not in the log: it was cut off or written anew" in str(register.verify(head).broken)


@pytest.mark.parametrize(
    "statement",
    [
        "update review_log set actor = 'Somebody'",
        "delete from review_log",
        "delete from review_decisions",
        "update review_decisions set verdict = 'rejected'",
        "update review_decisions set purged_in = 1",
        "update review_decisions set purged_in = 1, salt = null, digest = 'x'",
    ],
)
def test_the_database_itself_refuses_changes(used: str, statement: str) -> None:
    import sqlalchemy as sa

    engine = sa.create_engine(used, poolclass=sa.pool.NullPool)
    with (
        engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match=r"append-only|never changed|never deleted"),
    ):
        connection.execute(sa.text(statement))
    with Register(used) as register:
        assert register.verify().ok


def test_verifying_writes_nothing(used: str) -> None:
    with Register(used, create=False) as register:
        assert register.verify() == register.verify()


def test_a_guard_that_refuses_is_told_in_words() -> None:
    from breachpattern.review.register.refusals import refusal

    error = refusal(Exception("the log of the register is append-only"), "sqlite:///r.db")
    assert isinstance(error, RegisterError)
    assert "A correction is a decision of its own" in str(error)


@pytest.mark.parametrize("head", ["", "3", "0123456", "not hexadecimal"])
def test_a_head_too_short_to_prove_anything_is_refused(register, head):
    with pytest.raises(UsageError, match="eight"):
        register.verify(head)
