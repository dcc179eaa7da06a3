"""What a worker process does: score buckets that lie in files until the process that started it has no more."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import shutil
import sys
import threading
import warnings
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from breachpattern.buckets.bucket import SCHEMAS, Progress, Setting, scored
from breachpattern.buckets.folder import OWNER, private
from breachpattern.errors import BreachpatternError, ResourceError, is_shortage
from breachpattern.memory import let_go

# Rows of one batch of a table in a file: few for lines of JSON, which are long.
BATCH, LINES = 65_536, 1_024
# Enough to be asked about everything once: an order and two acts, one of them recorded as its breach.
FEW = {
    "incidents": {
        "row": [2, 3],
        "incident_id": ["1", "2"],
        "occurred_from": ["2020-01-01T10:00", "2020-01-02T10:00"],
        "offence_text": ["harassment", "breach of restraining order"],
        "suspect_id": ["S", "S"],
        "victim_id": ["V", "V"],
    },
    "orders": {
        "row": [2],
        "order_id": ["1"],
        "kind": ["restraining"],
        "respondent_id": ["S"],
        "protected_id": ["V"],
        "made_on": ["2019-12-01"],
    },
}
# Seconds without a bucket after which a worker gives its memory back: the next one takes as much again.
IDLE = 0.2
ANSWERS = b"\0answers of breachpattern\0\n"  # what stands on standard output before is not ours


def serve() -> None:
    """Score bucket after bucket: settings and tasks come on standard input, answers go to standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write where the answers go
    answers.write(ANSWERS)
    answers.flush()
    warnings.simplefilter("ignore")
    pa.set_cpu_count(1)
    source = sys.stdin.buffer
    try:
        setting: Setting = pickle.load(source)
    except EOFError:
        return  # there was nothing to do
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, tasks), daemon=True).start()
    _make_ready(setting)
    while True:
        folders: tuple[Path, Path]
        try:
            folders = tasks.get(timeout=IDLE)
        except queue.Empty:
            let_go()
            folders = tasks.get()
        pickle.dump(_tried(*folders, setting), answers)
        answers.flush()


def _make_ready(setting: Setting) -> None:
    """Work out what every bucket asks for and is kept, such as the words of the law, while the extract is split."""
    with suppress(Exception):  # whatever is wrong with a setting, the first bucket tells
        deque(scored({table: pa.table(rows) for table, rows in FEW.items()}, setting)[1])
    gc.freeze()  # what is here now stays: nobody needs to look through it after each bucket
    gc.enable()


def _listen(source: IO[bytes], tasks: queue.SimpleQueue[Any]) -> None:
    try:
        while True:
            tasks.put(pickle.load(source))
    except BaseException:
        os._exit(1)  # whoever started this process is gone


def _tried(source: Path, target: Path, setting: Setting) -> BaseException | None:
    """Score one bucket; return what went wrong."""
    try:
        score_files(source, target, setting)
    except BreachpatternError as error:
        return error
    except Exception as error:
        if is_shortage(error):
            return ResourceError.of_memory("scoring a part of the extract")
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return RuntimeError(f"{type(error).__name__}: {error}")
        return error
    return None


def score_files(source: Path, target: Path, setting: Setting, *, on_progress: Progress | None = None) -> None:
    """Score the bucket whose tables lie in a folder, and put the results in another one in its place."""
    results, lines = scored(read_tables(source), setting, on_progress=on_progress)
    shutil.rmtree(source, ignore_errors=True)
    findings = results.pop("findings")
    write_tables(target, results)
    results.clear()
    schema, start = SCHEMAS["findings"], 0
    path = private(target / "findings.arrow")
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for part in lines:
            rows = findings.slice(start, len(part)).append_column(schema.field("line"), pa.chunked_array([part]))
            writer.write_table(rows.cast(schema), max_chunksize=LINES)
            start += len(part)


def read_tables(folder: Path) -> dict[str, pa.Table]:
    """Return the tables of a folder by name."""
    found = {}
    for path in sorted(folder.glob("*.arrow")):
        with pa.OSFile(str(path)) as file:
            found[path.stem] = pa.ipc.open_file(file).read_all()
    return found


def write_tables(folder: Path, tables: dict[str, pa.Table]) -> None:
    """Write tables to a folder, each to a file of its name."""
    folder.mkdir(OWNER, exist_ok=True)
    for name, table in tables.items():
        path = private(folder / f"{name}.arrow")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=BATCH)
