"""What the register promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from tests.review.register.given import INCIDENTS, ORDER, analyse, found

from breachpattern.analysis.runs import Run
from breachpattern.errors import RegisterError, UsageError
from breachpattern.review.register import DecidedMeanwhile, Register

YES = ("confirmed", "course_of_conduct")
NO = ("rejected", "lawful_contact")


def test_a_decision_keeps_what_it_rested_on(register: Register, first: Run) -> None:
    decision = register.decide(first, found(first), *YES, text="  seen with the log  ", reviewer="B. Second")
    assert decision.id == 1
    assert (decision.verdict, decision.reason) == YES
    assert (decision.text, decision.reviewer) == ("seen with the log", "B. Second")
    assert (decision.pattern, decision.level) == ("repeat_breach", "medium")
    assert decision.rests_on()["incidents"] == "I1;I4"
    assert decision.rests_on()["orders"] == "O1"
    assert decision.course_id.startswith("C-")
    assert (decision.package_version, decision.catalogue_version) == (
        first.versions["breachpattern"],
        first.versions["catalogue"],
    )
    assert decision.patterns_version == first.versions["patterns"]
    assert decision.as_of == first.as_of
    assert register.history(decision.finding_id) == [decision]


def test_an_unchanged_finding_is_not_asked_again(register: Register, first: Run) -> None:
    identity = found(first)
    before = len(register.review(first).to_do)
    register.decide(first, identity, *YES)
    review = register.review(Run.of(analyse(list(reversed(INCIDENTS[:2])))))
    assert len(review.to_do) == before - 1
    assert identity not in {row["finding_id"] for row in review.to_do}
    assert review.counts()["confirmed"] == 1


def test_a_finding_that_grew_comes_back_with_the_difference(register: Register, first: Run, later: Run) -> None:
    register.decide(first, found(first), *NO)
    identity = found(later)
    (row,) = [row for row in register.review(later).findings if row["finding_id"] == identity]
    assert row["status"] == "changed"
    assert row["goes_on_from"] == found(first) != identity
    assert row["difference"] == "incidents new: I7; breaches new: I7 > O1 (unrecorded, yes, contact)"
    assert (row["verdict"], row["reviewer"]) == ("rejected", "A. Reader")
    assert len(register.review(later).withdrawn) == 0
    decision = register.decide(later, identity, *YES)
    assert decision.goes_on_from == found(first)
    assert register.statuses(later)[identity] == "confirmed"
    # What it grew from is answered for; going back to the first run, it stands as it was decided.
    assert len(register.review(later).withdrawn) == 0
    assert register.statuses(first)[found(first)] == "rejected"


def test_the_same_id_with_other_breaches_is_changed(register: Register, first: Run) -> None:
    register.decide(first, found(first), *YES)
    run = Run.of(analyse(INCIDENTS[:2], [ORDER | {"made_on": "2025-03-01"}]))
    (row,) = [row for row in register.review(run).findings if row["finding_id"] == found(run)]
    assert row["status"] == "changed"
    assert row["finding_id"] == found(first)
    assert row["difference"] == (
        "breaches new: I1 > O1 (unrecorded, possible, contact); breaches gone: I1 > O1 (unrecorded, yes, contact)"
    )


def at_level(run: Run, level: str) -> Run:
    from dataclasses import replace

    column = pa.array([level] * run.findings.num_rows, pa.string())
    return replace(run, findings=run.findings.set_column(run.findings.column_names.index("level"), "level", column))


def test_a_rejected_finding_that_rises_is_asked_again_and_a_confirmed_one_is_not(
    register: Register, first: Run
) -> None:
    identity = found(first)
    register.decide(first, identity, *NO)
    for level, status in (("low", "rejected"), ("medium", "rejected"), ("high", "changed"), ("critical", "changed")):
        run = at_level(first, level)
        (row,) = [row for row in register.review(run).findings if row["finding_id"] == identity]
        assert row["status"] == status, level
    assert row["difference"] == "level medium, now critical"
    register.decide(run, identity, *NO, seen=1)
    assert register.statuses(run)[identity] == "rejected"
    register.decide(first, identity, *YES, seen=2)
    assert register.statuses(run)[identity] == "confirmed"


@pytest.mark.parametrize(
    ("incidents", "orders", "as_of", "why", "because"),
    [
        (INCIDENTS[1:2], [ORDER], "2025-04-01", "record", "not in the extract any more: I1"),
        (INCIDENTS[:2], [], "2025-04-01", "record", "I1 > O1: unrecorded, yes, contact, now no breach"),
    ],
)
def test_a_withdrawn_finding_says_what_changed(register, first, incidents, orders, as_of, why, because) -> None:
    register.decide(first, found(first), *YES)
    (row,) = register.review(Run.of(analyse(incidents, orders, as_of))).withdrawn
    assert (row["finding_id"], row["verdict"], row["why"]) == (found(first), "confirmed", why)
    assert because in row["because"]


def test_a_rule_that_changed_is_named(register: Register, first: Run) -> None:
    from dataclasses import replace

    register.decide(first, found(first), *YES)
    gone = replace(first, findings=first.findings.slice(0, 0), versions={**first.versions, "patterns": "core-other"})
    (row,) = register.review(gone).withdrawn
    assert row["why"] == "rule"
    assert row["because"] == f"patterns {first.versions['patterns']}, now core-other (pattern repeat_breach)"


def test_a_filter_that_suppresses_is_named(register: Register, tmp_path) -> None:
    import breachpattern as bp

    analysis = analyse(INCIDENTS[:2])
    identity = found(Run.of(analysis))
    register.decide(analysis, identity, *NO)
    filters = tmp_path / "quiet.toml"
    filters.write_text(
        '[[filter]]\nid = "known"\nreason = "an agreed arrangement"\nauthor = "A. Reader"\n'
        'expires = 2030-01-01\npatterns = ["repeat_breach"]\n'
    )
    quiet = bp.Analyser(filters=[filters]).analyse(bp.read_extract(INCIDENTS[:2], [ORDER]), "2025-04-01")
    folder = quiet.write(tmp_path / "run")
    for run in (quiet, folder):
        (row,) = register.review(run).withdrawn
        assert row["why"] == "filter"
        assert row["because"].startswith("the filter known suppresses it: an agreed arrangement")


def test_a_decision_that_was_not_seen_is_not_overwritten(register: Register, url: str, first: Run) -> None:
    identity = found(first)
    with Register(url, who="B. Second") as other:
        one = other.decide(first, identity, *NO)
    with pytest.raises(
        DecidedMeanwhile, match=r"decided already: rejected \(lawful_contact\) by B. Second on .* \(decision 1\)"
    ):
        register.decide(first, identity, *YES)
    two = register.decide(first, identity, *YES, seen=one.id)
    assert (two.seen, two.corrects) == (one.id, None)
    three = register.decide(first, identity, "unsure", "needs_specialist", corrects=two.id)
    assert (three.seen, three.corrects) == (two.id, two.id)
    assert [d.verdict for d in register.history(identity)] == ["rejected", "confirmed", "unsure"]
    assert register.statuses([identity, "F-unknown"]) == {identity: "unsure", "F-unknown": "unreviewed"}
    with pytest.raises(RegisterError, match="Decision 77 is none on this finding"):
        register.decide(first, identity, *NO, seen=three.id, corrects=77)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"verdict": "guilty"}, "'guilty' is no verdict"),
        ({"reason": "lawful_contact"}, "'lawful_contact' does not go with confirmed"),
        ({"reason": "nonsense"}, "'nonsense' is no reason"),
        ({"reason": ""}, "No reason is given"),
        ({"reason": "other"}, "needs a text"),
        ({"text": "a\x00b"}, "control characters"),
        ({"text": "x" * 5000}, "too many"),
        ({"reviewer": "  "}, "Nobody is named"),
    ],
)
def test_what_is_no_decision_is_refused_and_nothing_written(register: Register, first: Run, given, said) -> None:
    with pytest.raises(UsageError, match=said):
        register.decide(first, found(first), **{"verdict": YES[0], "reason": YES[1]} | given)
    assert register.verify().decisions == 0


def test_an_id_may_be_shortened_but_not_guessed(register: Register, first: Run) -> None:
    identity = found(first)
    assert register.decide(first, identity[2:10], *YES).finding_id == identity
    with pytest.raises(UsageError, match="findings of this run have an id that begins with 'F-'"):
        register.decide(first, "F-", *YES)
    with pytest.raises(UsageError, match="No finding of this run has"):
        register.decide(first, "F-zz", *YES)


def test_verdicts_become_labels(register: Register, first: Run) -> None:
    one, two, three = (row["finding_id"] for row in first.findings.slice(0, 3).to_pylist())
    last = register.decide(first, one, *NO, reviewer="B. Second")
    register.decide(first, one, *YES, corrects=last.id)
    register.decide(first, two, *NO)
    register.decide(first, three, "unsure", "needs_specialist")
    frame = register.labels().set_index("finding_id")
    assert list(frame.columns) == ["course_id", "verdict", "decided_at", "reviewers"]
    assert frame.loc[one, "verdict"] == 1.0
    assert frame.loc[two, "verdict"] == 0.0
    assert math.isnan(frame.loc[three, "verdict"])
    assert frame.loc[one, "reviewers"] == 2
    assert str(frame["decided_at"].dt.tz) == "UTC"


def test_labels_of_an_empty_register_have_their_types(register: Register) -> None:
    assert register.labels().dtypes.astype(str).to_dict()["verdict"] == "float64"


def test_the_log_counts_and_names_nobody(register: Register, url: str, first: Run, caplog) -> None:
    from tests.review.register.given import tampered

    caplog.set_level("DEBUG", logger="breachpattern")
    register.decide(first, found(first), *YES, text="her words")
    register.review(first)
    register.labels()
    rows = tampered(url, "select actor, kind, counts from review_log order by id")
    assert [(actor, kind) for actor, kind, _ in rows] == [
        ("A. Reader", kind) for kind in ("schema", "decide", "load", "query")
    ]
    assert rows[1][2] == '{"decisions":1}'
    told = caplog.text + str(rows)
    for word in ("her words", "P1", "V1", "I1"):
        assert word not in told


@pytest.mark.postgres
def test_a_register_moves_from_one_database_to_the_other_with_its_hashes(tmp_path, first: Run) -> None:
    """What is hashed depends on no database: rows copied over verify there."""
    import os

    import sqlalchemy as sa

    from breachpattern.review.register.tables import DECISIONS, LOG

    server = os.environ["BREACHPATTERN_TEST_POSTGRES"]
    here = sa.create_engine(f"sqlite:///{tmp_path}/r.db", poolclass=sa.pool.NullPool)
    with Register(f"sqlite:///{tmp_path}/r.db", who="A. Reader") as register:
        register.decide(first, found(first), "confirmed", "other", text="“quoted”, £5, naïve\nand a second line")
        head = register.verify().head
    there = sa.create_engine(server, poolclass=sa.pool.NullPool)
    schema = "moved"
    with there.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    url = f"{server}&options=-csearch_path%3D{schema}"
    Register(url, who="x").close()
    there = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with here.connect() as source, there.begin() as target:
        target.execute(sa.text("set session_replication_role = replica"))
        target.execute(sa.delete(LOG))
        for table in (LOG, DECISIONS):
            target.execute(sa.insert(table), [dict(row) for row in source.execute(sa.select(table)).mappings()])
    with Register(url, who="x") as register:
        assert register.verify().ok
        assert register.verify().head == head
    with there.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
