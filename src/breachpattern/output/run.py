"""The files of one run, put together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.output.files import FORMATS, Rows, write_table
from breachpattern.output.folder import SUMMARY, write_whole
from breachpattern.output.secrets import clean


def write_run(
    folder: str | Path,
    tables: Mapping[str, pa.Table | Rows],
    summary: Mapping[str, Any],
    *,
    lines: Iterable[pa.Array | pa.Buffer] | None = None,
    format: str = "csv",
) -> Path:
    """Write a run folder, whole or not at all, and return its path.

    Parameters
    ----------
    folder : str or Path
        New, empty, or a former run, which is replaced.
    tables : mapping of str to pyarrow.Table or Rows
        By file name without ending, such as ``breaches`` or ``quarantine_orders``.
    summary : mapping
        Becomes ``summary.json``; the names of the files are added, secrets are blotted out.
    lines : iterable of pyarrow.Array or pyarrow.Buffer, optional
        The whole findings, one JSON object each, without line breaks, for ``findings.jsonl``; or that text itself.
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

    def fill(target: Path) -> None:
        for name, table in tables.items():
            # In JSON Lines the whole finding stands where the table's row would.
            if not (lines is not None and format == "jsonl" and name == "findings"):
                write_table(table, target, name, format)
        pa.default_memory_pool().release_unused()
        if lines is not None:
            _write_lines(lines, target / "findings.jsonl")
        files = sorted([SUMMARY, *(path.name for path in target.iterdir())])
        text = json.dumps(clean({**summary, "files": files}), indent=2, ensure_ascii=False)
        (target / SUMMARY).write_text(text + "\n", encoding="utf-8")

    write_whole(folder, fill)
    return folder


def check_format(format: str) -> None:
    """Refuse a format that is not known.

    Raises
    ------
    UsageError
    """
    if format not in FORMATS:
        raise UsageError(f"Unknown format {format!r}.", hint=f"Use one of: {', '.join(FORMATS)}.")


def _write_lines(lines: Iterable[pa.Array | pa.Buffer], path: Path) -> None:
    import pyarrow.compute as pc

    with path.open("wb") as file:
        for chunk in lines:
            if isinstance(chunk, pa.Buffer):
                file.write(chunk)
                continue
            # The lines lie one after the other in one buffer, which is written as it is.
            _, offsets, text = pc.binary_join_element_wise(chunk, "", "\n").buffers()
            if len(chunk):
                file.write(text[: np.frombuffer(offsets, np.int32)[len(chunk)].item()])
