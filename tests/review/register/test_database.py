"""Two at once, a kill in the middle, a full disk, a lost database: nothing lost, and each said in a paragraph."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.review.register.given import found, tampered, worker

from breachpattern.analysis.runs import Run
from breachpattern.errors import RegisterError, UsageError
from breachpattern.review.register import Register
from breachpattern.review.register.refusals import told
from breachpattern.review.register.tables import DECISIONS

YES = ("confirmed", "course_of_conduct")
POSTGRESQL = [pytest.param("postgresql", marks=pytest.mark.postgres)]


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def begin(url: str, folder: Path, action: str, who: str) -> subprocess.Popen[str]:
    process = worker(url, folder, action, who)
    assert line(process) == "ready\n", process.communicate()[1]
    return process


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.further
def test_two_processes_at_once(url: str, folder: Path) -> None:
    """Both make the register, both decide: one is written, the other is told who decided, and what."""
    people = ("A. Reader", "B. Second")
    processes = [worker(url, folder, "decide", who) for who in people]
    for process in processes:
        assert line(process) == "ready\n", process.communicate()[1]
    for process in processes:
        go(process)
    said = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert said.count("1") == 1
    (other,) = [text for text in said if text != "1"]
    assert f"decided already: confirmed (course_of_conduct) by {people[said.index('1')]} on" in other
    with Register(url) as register:
        assert register.verify().decisions == 1
        assert register.verify().ok
    assert tampered(url, "select count(*) from review_log where kind = 'schema'") == [(1,)]


@pytest.mark.parametrize("turns", [pytest.param(1, marks=pytest.mark.further), pytest.param(8, marks=pytest.mark.slow)])
def test_whatever_was_confirmed_survives_a_kill(url: str, folder: Path, turns: int) -> None:
    """Two write as fast as they can; both are killed, again and again, at moments that nobody chose."""
    Register(url).close()
    run = Run.of(folder)
    confirmed: list[int] = []
    for turn in range(turns):
        processes = [begin(url, folder, "go_on", str((2 * turn + number) % 4)) for number in range(2)]
        for process in processes:
            go(process)
        said = [line(process) for process in processes for _ in range(2 + turn)]
        for process in processes:
            process.send_signal(signal.SIGKILL)
        rest = "".join(process.communicate(timeout=60)[0] for process in processes)
        confirmed += map(int, [*said, *(word for word in rest.splitlines(keepends=True) if word.endswith("\n"))])
        with Register(url) as register:
            assert register.verify().ok
    assert len(set(confirmed)) == len(confirmed) >= 4 * turns
    kept = {row[0] for row in tampered(url, "select id from review_decisions")}
    assert set(confirmed) <= kept
    with Register(url) as register:
        last = register.history(run.findings["finding_id"][0].as_py())[-1]
        register.decide(folder, last.finding_id, *YES, seen=last.id)
        assert register.verify().ok


def test_a_kill_in_the_middle_of_a_transaction_leaves_nothing_half_written(url: str, folder: Path) -> None:
    with Register(url) as register:
        before = register.verify()
        process = begin(url, folder, "stall", "A. Reader")
        go(process)
        assert line(process) == "in the middle\n"
        process.kill()
        process.communicate(timeout=60)
        assert register.verify() == before
        run = Run.of(folder)
        assert register.decide(run, found(run), *YES).id == 1
        assert register.verify().ok


@pytest.mark.further
def test_a_register_that_another_holds_says_so(url: str, first: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from breachpattern.review.register import database

    monkeypatch.setattr(database, "WAIT", 1)
    with Register(url) as register, Register(url) as other:
        with (
            other._database.writing(),
            pytest.raises(RegisterError, match=r"is in use: another process held it .* Nothing was written"),
        ):
            register.decide(first, found(first), *YES)
        assert register.decide(first, found(first), *YES).id == 1


def fill(register: Register, run: Run, kept: list[int]) -> None:
    """Decide with long texts that do not compress, until something stops it."""
    for _ in range(1_000):
        text = os.urandom(1_900).hex()
        kept.append(register.decide(run, found(run), *YES, seen=kept[-1], text=text).id)


def test_a_file_that_may_not_grow(tmp_path: Path, first: Run) -> None:
    """The limit on the size of a file stands for a disk that is full."""
    path, kept = tmp_path / "register.db", [0]

    with Register(f"sqlite:///{path}") as register:
        before, limits = register.verify(), resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 40_960, limits[1]))
        try:
            with pytest.raises(RegisterError, match=r"of the register is full, or fails\. Nothing was written"):
                fill(register, first, kept)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        after = register.verify()
        assert after.ok
        assert after.decisions == kept[-1] > 0
        assert after.entries == before.entries + kept[-1]
        register.decide(first, found(first), *YES, seen=kept[-1])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full(tmp_path: Path, folder: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", disk], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        url = f"sqlite:///{disk}/register.db"
        out, err = worker(url, folder, "go_on", "0").communicate("\n", timeout=120)
        assert "The disk of the register is full, or fails. Nothing was written" in " ".join(err.split())
        kept = [int(line) for line in out.splitlines() if line.isdecimal()]
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        with Register(url) as register:
            assert register.verify().ok
            assert register.verify().decisions == len(kept) > 0
            identity = Run.of(folder).findings["finding_id"][0].as_py()
            register.decide(folder, identity, *YES, seen=kept[-1])
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("url", POSTGRESQL, indirect=True)
def test_a_disk_of_postgresql_that_is_full(url: str, tmp_path: Path, first: Run) -> None:
    server = os.environ["BREACHPATTERN_TEST_POSTGRES"]
    disk = Path(server.rpartition("host=")[2]) / "small"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    kept = [0]
    try:
        shutil.chown(disk, "postgres")
        autocommit = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with autocommit.connect() as connection:
            connection.exec_driver_sql(f"create tablespace small location '{disk}'")
        with Register(f"{url}%20-cdefault_tablespace%3Dsmall") as register:
            with pytest.raises(RegisterError, match=r"of the register is full, or fails\. Nothing was written"):
                fill(register, first, kept)
            assert register.verify().ok
            assert register.verify().decisions == kept[-1] > 0
            subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
            register.decide(first, found(first), *YES, seen=kept[-1])
            assert register.verify().ok
        tampered(url, "drop table review_decisions, review_log, review_schema")
        with autocommit.connect() as connection:
            connection.exec_driver_sql("drop tablespace small")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_read_only_file_is_verified_but_not_read(tmp_path: Path, first: Run) -> None:
    path = tmp_path / "register.db"
    with Register(f"sqlite:///{path}") as register:
        register.decide(first, found(first), *YES)
    with Register(f"sqlite:///{path}?mode=ro", create=False) as register:
        assert register.verify().ok
        with pytest.raises(RegisterError, match=r"read-only for you\. Every look into it is logged"):
            register.review(first)


@pytest.mark.parametrize("url", POSTGRESQL, indirect=True)
def test_who_may_only_read_a_postgresql_verifies_it_but_does_not_look(url: str, first: Run) -> None:
    with Register(url) as register:
        register.decide(first, found(first), *YES)
    schema = url.rpartition("%3D")[2]
    for statement in (
        "drop role if exists looker",
        "create role looker login",
        f"grant usage on schema {schema} to looker",
        f"grant select on all tables in schema {schema} to looker",
    ):
        tampered(url, statement)
    with Register(url.replace("tester@", "looker@"), create=False) as register:
        assert register.verify().ok
        with pytest.raises(RegisterError, match="read-only for you"):
            register.review(first)
    tampered(url, "drop owned by looker")


def test_a_lost_file_is_never_an_empty_register(tmp_path: Path, first: Run) -> None:
    path = tmp_path / "register.db"
    with Register(f"sqlite:///{path}") as register:
        register.decide(first, found(first), *YES)
        path.unlink()
        with pytest.raises(RegisterError, match=r"not there any more.*put the database back from a copy"):
            register.review(first)
    assert not path.exists()


@pytest.mark.parametrize("url", POSTGRESQL, indirect=True)
def test_a_connection_that_broke_is_said_and_the_next_one_works(url: str, first: Run) -> None:
    with Register(url) as register:
        register.decide(first, found(first), *YES)
        tampered(
            os.environ["BREACHPATTERN_TEST_POSTGRES"],
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
            "and backend_type = 'client backend'",
        )
        assert register.verify().decisions == 1
    missing = os.environ["BREACHPATTERN_TEST_POSTGRES"].replace("host=", "host=/nowhere")
    with pytest.raises(RegisterError, match="cannot be reached"):
        Register(missing)


@pytest.mark.parametrize(
    ("address", "kind", "said"),
    [
        ("register.db", UsageError, "This is no address of a register"),
        ("mysql://me:secret@host/db", UsageError, r"cannot be kept in 'mysql'. SQLite for one person"),
        ("sqlite:////nowhere/at/all/register.db", RegisterError, "cannot be made: No such file or directory"),
    ],
)
def test_what_is_no_register_is_said(address: str, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        Register(address)
    assert "secret" not in str(caught.value)


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear all,\n" * 500)
    with pytest.raises(RegisterError, match="no SQLite database, or is damaged"):
        Register(f"sqlite:///{path}")
    assert path.read_bytes() == b"Dear all,\n" * 500


def test_two_that_follow_the_same_decision_cannot_both_stand(url: str, first: Run) -> None:
    """Whoever writes past the library and its locks is held by the database all the same."""
    with Register(url) as register:
        register.decide(first, found(first), *YES)
    columns = "finding_id, seen, decided_at, log_id, digest"
    with pytest.raises(RegisterError, match="in the same moment"), told(url):
        tampered(url, f"insert into review_decisions (id, {columns}) select 2, {columns} from review_decisions")


def test_what_people_wrote_stands_in_no_error(register: Register, first: Run) -> None:
    """Not even in the traceback that ``--debug`` shows."""
    import traceback

    register.decide(first, found(first), *YES)
    with pytest.raises(RegisterError) as caught, register._database.writing() as connection:
        connection.exec_driver_sql("select * from no_such_table")
    assert "not there any more" in str(caught.value)
    with pytest.raises(RegisterError) as caught, register._database.writing() as connection:
        connection.execute(sa.insert(DECISIONS), [{"id": 1, "text": found(first)}])
    assert found(first) not in "".join(traceback.format_exception(caught.value))


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b#c&é.db"
    with Register(f"sqlite:///{path}") as register:
        assert register.verify().ok
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_where_no_register_is_none_is_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="There is no register here"):
        Register(f"sqlite:///{tmp_path}/r.db", create=False)
    assert not (tmp_path / "r.db").exists()
    with Register(f"sqlite:///{tmp_path}/r.db") as register:
        assert register.begins
    assert (tmp_path / "r.db").stat().st_mode & 0o077 == 0
