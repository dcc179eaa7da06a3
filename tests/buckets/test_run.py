import contextlib
import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.buckets.given import at_once, contents, in_buckets, messy
from tests.drawing import first, up_to

from breachpattern.analysis import Analyser
from breachpattern.buckets import folder as folder_room
from breachpattern.buckets import pool
from breachpattern.buckets.bucket import score_bucket
from breachpattern.buckets.folder import folder_beside
from breachpattern.buckets.worker import ANSWERS, read_tables
from breachpattern.errors import InputError, OutputError, ResourceError
from breachpattern.ingest import streams
from breachpattern.ingest.sources import Layout
from breachpattern.patterns import Outcome, criterion
from breachpattern.patterns.registry import forget

pytestmark = pytest.mark.filterwarnings("ignore::breachpattern.law.CatalogueStaleWarning")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


# A smaller seed is no simpler extract, so nothing is shrunk.
@settings(max_examples=up_to(4), deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(
    seed=st.integers(0, 1 << 20),
    people=st.sampled_from([20, 60, 150]),
    buckets=st.integers(2, 7),
    format=st.sampled_from(["csv", "parquet", "jsonl"]),
    everything=st.booleans(),
    left_out=st.sets(st.sampled_from(["orders", "persons", "associations"]), max_size=2),
    link=st.sampled_from(["exact", "exact", "off"]),
    memory=st.sampled_from([None, "1GB"]),
)
def test_any_number_of_buckets_gives_the_same_bytes(
    tmp_path_factory, seed, people, buckets, format, everything, left_out, link, memory
):
    tmp_path = tmp_path_factory.mktemp("run")
    tables = {name: rows for name, rows in messy(seed, people=people).items() if name not in left_out}
    analyser, how = Analyser(link=link), {"format": format, "include_not_breach": everything}
    whole = at_once(analyser, tables, tmp_path / "whole", **how)
    parted = in_buckets(analyser, tables, tmp_path / "parted", buckets, memory=memory, **how)
    assert parted.keys() == whole.keys()
    assert [name for name in whole if parted[name] != whole[name]] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parted", "whole"]


@pytest.mark.further
def test_worker_processes_give_the_same_bytes_within_a_bound_of_memory(tmp_path):
    tables = messy(5, people=60)
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    Analyser().score(**tables, out=tmp_path / "parted", as_of="2025-06-30", workers=2, memory="700MB")
    assert contents(tmp_path / "parted") == whole


@pytest.mark.parametrize(("room", "most"), [(0, 0), (20_000, 3)])
def test_results_of_this_process_are_held_only_while_there_is_room_for_them(tmp_path, monkeypatch, room, most):
    tables, held = messy(5, people=20), []
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    monkeypatch.setattr("breachpattern.buckets.run.HELD", room)
    monkeypatch.setattr(
        "breachpattern.buckets.run.score_bucket", lambda *a, **k: held.append(1) or score_bucket(*a, **k)
    )
    assert in_buckets(Analyser(), tables, tmp_path / "parted", 4) == whole
    assert min(most, 1) <= len(held) <= most


@pytest.mark.parametrize("name", first(1, ["i.csv", "i.csv.gz", "i.parquet"]))
def test_incidents_that_are_read_part_by_part_give_the_same_bytes(tmp_path, monkeypatch, name):
    monkeypatch.setattr(streams, "BATCH", 17)
    tables: dict[str, object] = dict(messy(11, people=20))
    rows = pa.Table.from_pylist(messy(11, people=20)["incidents"])
    tables["incidents"] = tmp_path / name
    if name.endswith(".parquet"):
        parquet.write_table(rows, tmp_path / name)
    else:
        with (gzip.open if name.endswith(".gz") else open)(tmp_path / name, "wb") as file:
            csv.write_csv(rows, file)
    assert streams.open_stream(tmp_path / name, Layout()) is not None
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    assert in_buckets(Analyser(), tables, tmp_path / "parted", 4, memory="1GB") == whole


def test_decisions_and_mappings_reach_the_buckets(tmp_path):
    tables = messy(7, people=20)
    tables["incidents"] = [{f"my {key}": value for key, value in row.items()} for row in tables["incidents"]]
    wide = '[incidents]\nleave_out = {"my kind" = ["custody"]}\n[incidents.columns]\n'
    wide += "\n".join(f'{name} = "my {name}"' for name in ("incident_id", "occurred_from", "suspect_id", "victim_id"))
    (tmp_path / "own.toml").write_text(wide, encoding="utf-8")
    (tmp_path / "decisions.csv").write_text("person_id,other_id,verdict\nP01,P09,same\nP02,P03,different\n")
    analyser = Analyser(link_decisions=tmp_path / "decisions.csv")
    whole = at_once(analyser, tables, tmp_path / "whole", mapping=tmp_path / "own.toml")
    assert in_buckets(analyser, tables, tmp_path / "parted", 4, mapping=tmp_path / "own.toml") == whole


@pytest.mark.parametrize("in_parts", first(1, [True, False]))
def test_a_run_lays_down_for_its_owner_alone_and_no_free_text_or_name(tmp_path, monkeypatch, in_parts):
    tables: dict[str, object] = dict(messy(11, people=20))
    told = [row | {"narrative": f"HUSH{n % 7}" if n % 3 else ""} for n, row in enumerate(tables["incidents"])]
    # Rows that differ in what is told, and nowhere else, are not the same row twice.
    tables["incidents"] = rows = told + [row | {"narrative": "HUSH-other"} for row in told[:9]] + told[:9]
    if in_parts:
        monkeypatch.setattr(streams, "BATCH", 17)
        tables["incidents"] = tmp_path / "i.csv"
        csv.write_csv(pa.Table.from_pylist(rows), tmp_path / "i.csv")
    laid, modes = [], set()

    def seen(source: Path) -> dict[str, pa.Table]:
        laid.extend(path.read_bytes() for path in source.parent.rglob("*.arrow"))
        modes.update(path.stat().st_mode & 0o777 for path in (source.parent, *source.parent.rglob("*.arrow")))
        return read_tables(source)

    for room in ("run", "worker"):
        monkeypatch.setattr(f"breachpattern.buckets.{room}.read_tables", seen)
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    assert in_buckets(Analyser(), tables, tmp_path / "parted", 4, **({"memory": "1GB"} if in_parts else {})) == whole
    written = b"".join(laid)
    assert b"P01" in written
    assert [text for text in (b"HUSH", b"Vale", b"Reed", b"surname", b"date_of_birth") if text in written] == []
    assert os.name == "nt" or modes == {0o700, 0o600}


@pytest.mark.further
@POSIX
def test_what_a_killed_run_left_goes_when_the_next_one_starts(tmp_path):
    process = _scoring(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert len(list(tmp_path.glob(".run.*.buckets"))) == 1
    of_others = [tmp_path / name for name in (".run.0a0a0a0a.buckets", ".other.0a0a0a0a.buckets", ".run.mine.buckets")]
    (tmp_path / ".run.0b0b0b0b.buckets").mkdir()  # of one that was killed before it had a lock
    for folder in of_others:
        folder.mkdir()
        (folder / "kept").touch()
    with folder_beside(tmp_path / "run") as living:
        Analyser().score(**messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=1)
        left = {path.name for path in tmp_path.glob(".*.buckets")}
        assert left == {living.name, *(folder.name for folder in of_others)}
    assert not living.exists()


def test_a_worker_that_is_killed_ends_the_run_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "_START", "import sys, pickle, os; pickle.load(sys.stdin.buffer); os.abort()")
    with pytest.raises(ResourceError, match=r"worker process .* --memory .*Spark"):
        Analyser().score(**messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=2, memory="1GB")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.further
def test_an_error_in_a_worker_is_told_as_it_is(tmp_path, monkeypatch):
    broken = (
        "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); import breachpattern.buckets.worker as w; "
    )
    broken += "from breachpattern.errors import InputError\ndef fail(*_): raise InputError('Odd.')\n"
    monkeypatch.setattr(pool, "_START", broken + "w.score_files = fail; w.serve()")
    with pytest.raises(Exception, match="Odd"):
        Analyser().score(**messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=2, memory="1GB")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.further
def test_what_else_a_starting_python_prints_is_no_answer(tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    # More than a pipe holds, and no end of a line.
    (tmp_path / "own" / "sitecustomize.py").write_text("print('hello ' * 40_000, end='', flush=True)\n")
    tables = messy(5, people=60)
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    Analyser().score(**tables, out=tmp_path / "parted", as_of="2025-06-30", workers=2, memory="1GB")
    assert contents(tmp_path / "parted") == whole


@pytest.mark.further
def test_an_answer_that_cannot_be_read_ends_the_run(tmp_path, monkeypatch):
    start = (
        "import sys, pickle; sys.path[:] = pickle.load(sys.stdin.buffer); import breachpattern.buckets.worker as w; "
    )
    start += "\nclass Odd(Exception): pass\ndef fail(*_): raise Odd\nw.score_files = fail; w.serve()"
    monkeypatch.setattr(pool, "_START", start)
    with pytest.raises(AttributeError, match="Odd"):
        Analyser().score(**messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=2, memory="1GB")
    # A worker that answers nonsense and lives on.
    start = "import sys, pickle; pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(%r); sys.stdout.flush(); "
    start += "sys.stdin.read()"
    monkeypatch.setattr(pool, "_START", start % (ANSWERS + b"nonsense"))
    monkeypatch.setattr(pool, "GRACE", 0.01)
    with pytest.raises(ResourceError, match="no answer that can be read"):
        Analyser().score(**messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=2, memory="1GB")
    assert list(tmp_path.iterdir()) == []


@POSIX
@pytest.mark.parametrize("number", first(1, [signal.SIGINT, signal.SIGTERM]))
def test_an_interrupt_leaves_nothing_and_nobody_behind(tmp_path, number):
    process = _scoring(tmp_path)
    workers = _children(process.pid)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.decode() == "breachpattern: interrupted; nothing was written.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["incidents.csv"]
    assert not any(map(_lives, workers))


def _scoring(folder: Path) -> subprocess.Popen[bytes]:
    """Start a run of many rows and wait until it lays them down."""
    source = folder / "incidents.csv"
    rows = (f"I{n},2025-03-01T10:00,P{n % 9000},V{n % 7000},follow" for n in range(40_000))
    source.write_text("incident_id,occurred_from,suspect_id,victim_id,behaviours\n" + "\n".join(rows))
    command = [sys.executable, "-c", "import sys; from breachpattern.cli import main; sys.exit(main(sys.argv[1:]))"]
    options = ["score", str(source), "--out", str(folder / "run"), "--workers", "2", "--quiet"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, start_new_session=True)
    while process.poll() is None and not list(folder.glob(".run.*.buckets/rows-*")):
        time.sleep(0.01)
    return process


def _children(pid: int) -> list[int]:
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in told.stdout.split()]


def _lives(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


@pytest.mark.further
@POSIX
def test_a_worker_ends_when_whoever_started_it_is_gone(tmp_path):
    start = "import sys; from breachpattern.buckets.pool import Workers; "
    start += "w = Workers(1); "
    start += "print(w._processes[0].pid, flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    process.kill()
    process.communicate()
    for _ in range(600):
        if not _lives(worker):
            return
        time.sleep(0.05)
    raise AssertionError("the worker lives on")


@POSIX
@pytest.mark.further
@pytest.mark.skipif(int(pa.__version__.split(".")[0]) < 20, reason="Arrow 18 was seen to abort where memory ends")
def test_too_little_memory_ends_in_one_sentence(tmp_path):
    import resource

    limited = (
        "import resource, sys; import breachpattern.analysis, breachpattern.buckets.run, breachpattern.cli.app; "
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize(); "
        "resource.setrlimit(resource.RLIMIT_AS, (used + (60 << 20),) * 2); "
        "from breachpattern.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    if not Path("/proc/self/statm").exists() or not hasattr(resource, "RLIMIT_AS"):
        pytest.skip("no way to know and bound the memory of a process here")
    source = tmp_path / "incidents.csv"
    rows = (f"I{n},2025-03-01T10:00,P{n % 9000},V{n % 7000},follow" for n in range(300_000))
    source.write_text("incident_id,occurred_from,suspect_id,victim_id,behaviours\n" + "\n".join(rows))
    options = ["score", str(source), "--out", str(tmp_path / "run"), "--workers", "1", "--quiet"]
    done = subprocess.run([sys.executable, "-c", limited, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("breachpattern: the memory ran out")
    assert "--memory" in done.stderr
    assert "Spark" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["incidents.csv"]


@pytest.mark.further
def test_no_more_processes_start_than_there_are_buckets(tmp_path, monkeypatch):
    started = []

    def counted() -> subprocess.Popen[bytes]:
        started.append(process := start())
        return process

    start = pool._started
    monkeypatch.setattr(pool, "_started", counted)
    one = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    Analyser().score(one, out=tmp_path / "alone", as_of="2025-12-31", workers=500)
    assert started == []
    three = [
        row | {"incident_id": f"I{n}", "suspect_id": f"P{n}", "victim_id": f"V{n}"} for n in range(3) for row in one
    ]
    Analyser().score(three, out=tmp_path / "three", as_of="2025-12-31", workers=500)
    assert len(started) == 2


def test_criteria_of_ones_own_are_known_to_this_process_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "_START", "raise SystemExit('nobody should start this')")
    monkeypatch.setattr("breachpattern.buckets.scale.BYTES_PER_PROCESS", 100)

    @criterion("odd_day", params={})
    def odd_day(population):
        """Hold where the subject is odd."""
        return Outcome(population.subject % 2 == 1)

    try:
        tables = messy(9, people=20)
        whole = at_once(Analyser(), tables, tmp_path / "whole")
        Analyser().score(**tables, out=tmp_path / "parted", as_of="2025-06-30", workers=2, memory="1KB")
    finally:
        forget("odd_day")
    assert contents(tmp_path / "parted") == whole


def test_progress_tells_rows_of_whatever_takes_longest(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "BATCH", 17)
    monkeypatch.setattr("breachpattern.buckets.merge.LINES", 5)
    tables: dict[str, object] = dict(messy(11, people=20))
    rows = len(messy(11, people=20)["incidents"])
    tables["incidents"] = tmp_path / "i.parquet"
    parquet.write_table(pa.Table.from_pylist(messy(11, people=20)["incidents"]), tables["incidents"])
    told: dict[str, list[tuple[int, int | None]]] = {}
    run = in_buckets(
        Analyser(), tables, tmp_path / "run", 4, memory="1GB",
        on_progress=lambda stage, done, total: told.setdefault(stage, []).append((done, total)),
    )  # fmt: skip
    everything = rows + len(tables["orders"])
    found = run["findings.jsonl"].count(b"\n")
    assert found > 5
    for stage, total in (("reading incidents", rows), ("splitting", everything), ("writing findings", found)):
        done = [one for one, of in told[stage] if of == total]
        assert len(done) > 2
        assert done == sorted(done)
        assert done[-1] == (rows if stage == "splitting" else total)
    assert not {stage for stage in told if stage.startswith("reading")} ^ {f"reading {table}" for table in tables}


@pytest.mark.further
def test_progress_is_told_by_the_calling_thread_and_ends_with_every_row(tmp_path):
    told = []

    def hear(stage: str, done: int, total: int | None) -> None:
        told.append((stage, done, total, threading.get_ident()))

    tables = messy(4, people=90)
    Analyser().score(**tables, out=tmp_path / "run", as_of="2025-06-30", workers=2, on_progress=hear)
    scoring = [(done, total) for stage, done, total, _ in told if stage == "scoring"]
    assert scoring[0][0] == 0
    assert scoring[-1][0] == scoring[-1][1] == len(tables["incidents"]) + len(tables["orders"])
    assert [done for done, _ in scoring] == sorted(done for done, _ in scoring)
    assert {thread for *_, thread in told} == {threading.get_ident()}


@pytest.mark.further
@pytest.mark.parametrize("when", ["while it works", "while it tidies up"])
def test_nobody_writes_into_a_folder_any_more_when_it_goes_and_it_goes_whole(tmp_path, monkeypatch, when):
    pools, alive = [], []

    class Kept(pool.Workers):
        def __init__(self, count: int) -> None:
            super().__init__(count)
            pools.append(self)

    def removed(path: Path, **more: object) -> None:
        if path.name.endswith(".buckets"):
            alive.extend(process.poll() for one in pools for process in one._processes)
            if when == "while it tidies up":
                signal.raise_signal(signal.SIGINT)
        remove(path, **more)

    def hear(stage: str, done: int, total: int | None) -> None:
        if stage == "scoring" and when == "while it works":
            raise KeyboardInterrupt

    remove = folder_room.shutil.rmtree
    monkeypatch.setattr(pool, "Workers", Kept)
    monkeypatch.setattr(folder_room.shutil, "rmtree", removed)
    with pytest.raises(KeyboardInterrupt):
        Analyser().score(
            **messy(3), out=tmp_path / "run", as_of="2025-06-30", workers=2, memory="1GB", on_progress=hear
        )
    assert alive
    assert None not in alive
    assert [path.name for path in tmp_path.iterdir()] == (["run"] if when == "while it tidies up" else [])


@pytest.mark.parametrize("memory", [None, "1GB"])
@pytest.mark.parametrize("left", [(), ("orders",), ("persons",)])
def test_an_extract_without_a_row_is_scored_in_buckets_too(tmp_path, memory, left):
    head = "incident_id,occurred_from,suspect_id,victim_id\n"
    (tmp_path / "i.csv").write_text(head)
    tables = {name: rows for name, rows in messy(3, people=5).items() if name in left}
    whole = at_once(Analyser(), {"incidents": tmp_path / "i.csv"} | tables, tmp_path / "whole")
    parted = in_buckets(
        Analyser(),
        {"incidents": tmp_path / "i.csv"} | tables,
        tmp_path / "parted",
        3,
        **({"memory": memory} if memory else {}),
    )
    assert parted == whole


@pytest.mark.parametrize("place", ["write_tables", "read_tables"])
def test_a_full_disk_beside_the_outputs_says_what_needs_room_there(tmp_path, monkeypatch, place):
    def full(*_args: object) -> None:
        raise OSError(28, "Error writing bytes to file. Detail: [errno 28] No space left on device")

    monkeypatch.setattr(f"breachpattern.buckets.run.{place}", full)
    with pytest.raises(
        OutputError, match=r"No space left on device\. .*as the inputs and the outputs together"
    ) as told:
        in_buckets(Analyser(), messy(3), tmp_path / "run", 3)
    assert str(told.value).startswith(f"{tmp_path}: ")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_may_be_written_beside_the_outputs_that_is_said(tmp_path, monkeypatch):
    def refused(*_args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder_room, "_locked", refused)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        in_buckets(Analyser(), messy(3), tmp_path / "run", 3)


def test_an_input_that_cannot_be_read_again_is_not_called_an_output(tmp_path, monkeypatch):
    monkeypatch.setattr(streams, "BATCH", 17)
    parquet.write_table(pa.Table.from_pylist(messy(11, people=20)["incidents"]), tmp_path / "i.parquet")

    def gone(stage: str, done: int, total: int | None) -> None:
        if stage == "finding who is connected":
            (tmp_path / "i.parquet").unlink()

    with pytest.raises(FileNotFoundError):
        in_buckets(
            Analyser(), {"incidents": tmp_path / "i.parquet"}, tmp_path / "run", 3, memory="1GB", on_progress=gone
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["longer", "another"])
def test_a_file_that_changes_between_its_readings_is_refused(tmp_path, monkeypatch, change):
    monkeypatch.setattr(streams, "BATCH", 17)
    rows = messy(11, people=20)["incidents"]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "i.parquet")

    def changed(stage: str, done: int, total: int | None) -> None:
        if stage == "finding who is connected":
            others = [*rows, *rows] if change == "longer" else rows[::-1]
            parquet.write_table(pa.Table.from_pylist(others), tmp_path / "i.parquet")

    with pytest.raises(InputError, match=r"i\.parquet: The file changed while it was read"):
        in_buckets(
            Analyser(), {"incidents": tmp_path / "i.parquet"}, tmp_path / "run", 3, memory="1GB", on_progress=changed
        )
    assert [path.name for path in tmp_path.iterdir()] == ["i.parquet"]


@pytest.mark.further
@POSIX
def test_more_buckets_than_files_may_be_open_are_no_matter(tmp_path):
    import resource

    own = {"occurred_from": "2025-03-01", "behaviours": "follow"}
    rows = [own | {"incident_id": f"I{n}", "suspect_id": f"P{n}", "victim_id": f"V{n}"} for n in range(60)]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "i.parquet")
    tables = {"incidents": tmp_path / "i.parquet"}
    whole = at_once(Analyser(), tables, tmp_path / "whole")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not Path("/proc/self/fd").is_dir() or hard < 512:
        pytest.skip("no way to know how many files are open, or to open more")
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 8, hard))
    try:
        parted = in_buckets(Analyser(), tables, tmp_path / "parted", 30, memory="1GB")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert parted == whole
