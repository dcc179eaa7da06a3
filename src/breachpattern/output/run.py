"""The files of one run, put together."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.interrupts import held_back
from breachpattern.output.files import FORMATS, Rows, write_table
from breachpattern.output.folder import SUMMARY, write_whole
from breachpattern.output.provenance import setting_files
from breachpattern.output.secrets import clean

Piece: TypeAlias = bytes | memoryview | pa.Buffer
# Short pieces are gathered in it: it stays in the cache of a core, and is given to the system seldom enough.
BUFFER = 1 << 20


def write_run(
    folder: str | Path,
    tables: Mapping[str, pa.Table | Rows],
    summary: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
    *,
    lines: Iterable[Sequence[Piece]] | None = None,
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    format: str = "csv",
) -> Path:
    """Write a run folder, whole or not at all, and return its path.

    Parameters
    ----------
    folder : str or Path
        New, empty, or a former run, which is replaced.
    tables : mapping of str to pyarrow.Table or Rows
        By file name without ending, such as ``breaches`` or ``quarantine_orders``.
    summary : mapping or callable
        Becomes ``summary.json``; the names of the files are added, secrets are blotted out. A callable is asked for it
        when the tables are written: what they and the summary share is made once.
    lines : iterable of sequence of bytes-like, optional
        The text of ``findings.jsonl`` in pieces, some at a time: the whole findings, one JSON object in each line.
    documents : mapping of str to mapping, optional
        Further JSON files, by name without ending.
    format : {"csv", "parquet", "jsonl"}, default "csv"

    Raises
    ------
    UsageError
        Where the format is unknown.
    OutputError
        Where the folder is not ours to replace or cannot be written.
    """
    check_format(format)
    folder = Path(folder)

    # In JSON Lines the whole finding stands where the table's row would.
    left_out = "findings" if lines is not None and format == "jsonl" else None

    def fill(target: Path) -> None:
        with _thread() as beside:
            written = [
                beside.submit(write_table, table, target, name, format)
                for name, table in tables.items()
                if name != left_out
            ]
            if lines is not None:
                _write_lines(lines, target / "findings.jsonl")
            for one in written:
                one.result()
        for name, document in (documents or {}).items():
            _write_json(document, target / f"{name}.json")
        files = sorted([SUMMARY, *(path.name for path in target.iterdir())])
        told = summary() if callable(summary) else summary
        named = {"setting_files": setting_files(told["settings"])} if "settings" in told else {}
        _write_json({**told, **named, "files": files}, target / SUMMARY)

    write_whole(folder, fill)
    return folder


def _write_json(told: Mapping[str, Any], path: Path) -> None:
    path.write_text(json.dumps(clean(told), indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def check_format(format: str) -> None:
    """Refuse a format that is not known.

    Raises
    ------
    UsageError
    """
    if format not in FORMATS:
        raise UsageError(f"Unknown format {format!r}.", hint=f"Use one of: {', '.join(FORMATS)}.")


@contextmanager
def _thread() -> Iterator[ThreadPoolExecutor]:
    """Give a thread that works beside this one; what it has not begun when something goes wrong stays undone."""
    pool = ThreadPoolExecutor(1)
    try:
        yield pool
    finally:
        with held_back():  # what it still writes would stand in the way of removing it
            pool.shutdown(cancel_futures=True)


def _write_lines(lines: Iterable[Sequence[Piece]], path: Path) -> None:
    """Write lines while the next ones are made, which are never more than two parts ahead."""
    with path.open("wb", BUFFER) as file, _thread() as beside:
        waiting: deque[Future[None]] = deque()
        for pieces in lines:
            waiting.append(beside.submit(file.writelines, pieces))
            if len(waiting) > 2:
                waiting.popleft().result()
        for one in waiting:
            one.result()
