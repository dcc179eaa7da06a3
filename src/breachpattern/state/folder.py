"""The folder of a state: Arrow files and a manifest, written whole or not at all, read only as they were written."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc

from breachpattern.documents import parse_json
from breachpattern.errors import InputError, OutputError
from breachpattern.ingest.sources import digest_of
from breachpattern.output.folder import real, swap_in
from breachpattern.output.summary import iso, versions
from breachpattern.spans import NEVER
from breachpattern.state.groups import Same
from breachpattern.state.lock import MANIFEST, hold, interrupted
from breachpattern.state.records import NAMES

if TYPE_CHECKING:
    from breachpattern.state.state import State

FORMAT = 1
_ROWS = 1 << 16  # per batch of a file


def save(state: State, folder: Path) -> Path:
    """Write a state into a folder and return its path; see :meth:`State.save`."""
    tables = _tables(state)
    folder = folder.expanduser()
    check_target(folder)

    def fill(target: Path) -> None:
        target.chmod(0o700)
        files = {f"{name}.arrow": _write(table, target / f"{name}.arrow") for name, table in tables.items()}
        text = json.dumps(_manifest(state, files), indent=2, ensure_ascii=False)
        _private(target / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")

    with hold(folder):
        swap_in(folder, fill, durable=True)
    return folder


def load(folder: Path, memory_map: bool | None = None) -> State:
    """Return the state that a folder holds; see :meth:`State.load`."""
    from breachpattern.state.state import State, Wakes

    folder = folder.expanduser()
    manifest = _read_manifest(folder)
    mapped = os.name != "nt" if memory_map is None else memory_map
    tables = {}
    for name, entry in manifest["files"].items():
        tables[name.removesuffix(".arrow")] = _read(folder / name, entry, mapped)
    same, wakes = tables["same"], tables["wakes"]
    return State(
        rows={name: tables[name] for name in NAMES},
        results={name: tables[f"result_{name}"] for name in manifest["results"]},
        as_of=manifest["as_of_second"],
        made_with=manifest["made_with"],
        wakes=Wakes(*(np.array(wakes[name].to_numpy(), np.int64) for name in ("group", "at"))),
        same=Same(same["reference"].combine_chunks(), same["shown"].combine_chunks()),
        links=tables.get("links"),
        batches=tuple(manifest["batches"]),
        near=tuple(manifest["near"]),
        next_group=manifest["next_group"],
    )


def begun(folder: Path) -> bool:
    """Return whether a folder holds anything at all, or a save of it was cut short; else a state may begin there."""
    folder = folder.expanduser()
    return folder.is_file() or (folder.is_dir() and any(folder.iterdir())) or bool(interrupted(folder))


def _tables(state: State) -> dict[str, pa.Table]:
    tables = dict(state.rows) | {f"result_{name}": table for name, table in state.results.items()}
    tables["wakes"] = pa.table({"group": state.wakes.group, "at": state.wakes.at})
    tables["same"] = pa.table({"reference": state.same.references, "shown": state.same.shown})
    return tables if state.links is None else tables | {"links": state.links}


def _manifest(state: State, files: Mapping[str, Any]) -> dict[str, Any]:
    known = state.as_of > NEVER
    return {
        "what": "a state of breachpattern: personal data, keep it as you keep the extract",
        "format": FORMAT,
        "written": iso(datetime.now(UTC)),
        "versions": versions(),
        "made_with": dict(state.made_with),
        "as_of": iso(datetime.fromtimestamp(state.as_of, UTC)) if known else None,
        "as_of_second": state.as_of,
        "near": list(state.near),
        "next_group": state.next_group,
        "results": list(state.results),
        "batches": [dict(batch) for batch in state.batches],
        "files": dict(files),
    }


def _private(path: Path) -> Path:
    """Make an empty file that its owner alone may read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


def _write(table: pa.Table, path: Path) -> dict[str, Any]:
    """Write a table and return what tells whether it is read back as it was written."""
    _private(path)
    with pa.OSFile(str(path), "wb") as sink, ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.unify_dictionaries().combine_chunks(), max_chunksize=_ROWS)
    return {"rows": table.num_rows, "bytes": path.stat().st_size, "sha256": digest_of(path)}


def _read(path: Path, entry: Mapping[str, Any], mapped: bool) -> pa.Table:
    hint = "Take the state from a copy, or begin a new one from the extracts."
    try:
        size = path.stat().st_size
        if size != entry["bytes"]:
            raise InputError(
                f"The file has {size:,} bytes, and {entry['bytes']:,} were written.", where=str(path), hint=hint
            )
        if digest_of(path) != entry["sha256"]:
            raise InputError("The file is not as it was written: its SHA-256 is another.", where=str(path), hint=hint)
        with pa.memory_map(str(path)) if mapped else pa.OSFile(str(path)) as source:
            table = ipc.open_file(source).read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"A file of the state cannot be read: {error}.", where=str(path), hint=hint) from None
    if table.num_rows != entry["rows"]:
        raise InputError(
            f"The file has {table.num_rows:,} rows, and {entry['rows']:,} were written.", where=str(path), hint=hint
        )
    return table


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = parse_json(path.read_text(encoding="utf-8"))
        form = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError):
        former = interrupted(folder)
        if former:
            raise InputError(
                f"A save of this state is going on, or was cut short: the former state stands in {former[0].name}.",
                where=str(folder),
                hint="Try again; `breachpattern update --state DIR` puts a former state back.",
            ) from None
        raise InputError(
            f"This folder is no state: it has no {MANIFEST} that breachpattern wrote.",
            where=str(folder),
            hint="Give the folder that `breachpattern update --state DIR` or State.save wrote.",
        ) from None
    if form != FORMAT:
        by = manifest.get("versions", {}).get("breachpattern", "?")
        raise InputError(
            f"The state has format {form} (breachpattern {by}); this breachpattern "
            f"{versions()['breachpattern']} reads format {FORMAT}.",
            where=str(folder),
            hint="Use the version that wrote it, or begin a new state from the extracts under this one.",
        )
    missing = {"files", "results", "as_of_second", "made_with", "batches", "near", "next_group"} - set(manifest)
    if missing:
        raise InputError(
            f"{MANIFEST} is not as it was written: {', '.join(sorted(missing))} is missing.",
            where=str(folder),
            hint="Take the state from a copy, or begin a new one from the extracts.",
        )
    expected = {f"{name}.arrow" for name in (*NAMES, *(f"result_{name}" for name in _texts(manifest["results"])))}
    expected |= {"wakes.arrow", "same.arrow"}
    files = manifest["files"] if isinstance(manifest["files"], dict) else {}
    # What a manifest names is read: never by a path that leads out of the folder.
    if set(files) - {"links.arrow"} != expected or not all(_whole(entry) for entry in files.values()):
        raise InputError(
            f"{MANIFEST} is not as it was written: its list of files is another.",
            where=str(folder),
            hint="Take the state from a copy, or begin a new one from the extracts.",
        )
    return dict(manifest)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _whole(entry: Any) -> bool:
    return isinstance(entry, dict) and {"rows", "bytes", "sha256"} <= set(entry)


def check_target(folder: Path) -> None:
    """Refuse a folder that holds anything that no state wrote."""
    folder = real(folder)
    above = next((parent for parent in folder.parents if parent.exists()), folder)
    if folder.is_file() or not above.is_dir():
        raise OutputError("This is a file, not a folder.", where=str(folder), hint="Name another folder.")
    present = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if not present:
        return
    try:
        written = {MANIFEST, *parse_json((folder / MANIFEST).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        written = set()
    others = sorted(present - written)
    if others:
        raise OutputError(
            f"The folder holds what no state wrote ({', '.join(others[:3])}{' …' if len(others) > 3 else ''}).",
            where=str(folder),
            hint="Name a new folder, or move that elsewhere.",
        )
