"""The run folder: written whole or not at all, and never over anything that is not one of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from breachpattern.errors import OutputError

SUMMARY = "summary.json"
# The review pack, which may be made of a run at any time: its folder, the page that leads into it, and what marks it.
PACK, PACK_ENTRY, PACK_MARK = "report", "report.html", "pack.json"
# What a killed writing of a pack leaves in its run.
_CUT_SHORT = re.compile(rf"\.{PACK}\.[0-9a-f]{{8}}\.(partial|former)|\.{re.escape(PACK_ENTRY)}\.partial")


def check_target(folder: Path, told_by: str = SUMMARY) -> None:
    """Refuse a folder that cannot become a run folder.

    Parameters
    ----------
    folder : Path
        Where the outputs shall stand: new, empty, or a former run of this library and nothing else.
    told_by : str
        The file by which a former folder of the same sort is known.

    Raises
    ------
    OutputError
        Where it is a file, or holds anything that a run did not write.
    """
    above = next((parent for parent in folder.absolute().parents if parent.exists()), folder)
    if not folder.exists() and not above.is_dir():
        raise OutputError(
            f"{above.name} is a file, so no folder can be made in it.", where=str(folder), hint="Name another folder."
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError("This is a file, not a folder.", where=str(folder), hint="Name another folder.")
    present = {path.name for path in folder.iterdir()}
    if not present:
        return
    written = _written_by_a_run(folder, told_by)
    if written is None:
        raise OutputError(
            "The folder is not empty and is not a run of breachpattern, so nothing is written over it.",
            where=str(folder),
            hint="Name a new folder, or empty this one yourself.",
        )
    others = sorted(present - written - {PACK, PACK_ENTRY}) + (written_beside(folder / PACK) if PACK in present else [])
    others = [name for name in others if not _CUT_SHORT.fullmatch(name)]
    if others:
        shown = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        raise OutputError(
            f"The folder is a former run, but also holds what no run wrote ({shown}).",
            where=str(folder),
            hint="Move that elsewhere, or name a new folder.",
        )


def written_beside(folder: Path) -> list[str]:
    """Return what stands in a folder that is to be a review pack and that no pack of this library wrote.

    Parameters
    ----------
    folder : Path
        An existing folder; its own name is returned where it is no pack at all.
    """
    try:
        mark = json.loads((folder / PACK_MARK).read_text(encoding="utf-8"))
        written = {PACK_MARK, *mark["files"]} if "breachpattern" in mark else set()
    except (OSError, ValueError, TypeError, KeyError):
        written = set()
    if not written:
        return [folder.name]
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return sorted(present - written)


def _written_by_a_run(folder: Path, told_by: str = SUMMARY) -> set[str] | None:
    """Return the files that a former run wrote, or None where the folder is no run."""
    try:
        summary = json.loads((folder / told_by).read_text(encoding="utf-8"))
        if "breachpattern" not in summary["versions"]:
            return None
        return {told_by, *map(str, summary["files"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_whole(folder: Path, fill: Callable[[Path], None], told_by: str = SUMMARY) -> None:
    """Let ``fill`` write into a hidden sibling, then put that in the place of ``folder``.

    Parameters
    ----------
    folder : Path
        The run folder; see :func:`check_target`.
    fill : callable
        Writes every file into the folder that it is given.
    told_by : str
        The file among them by which such a folder is known.

    Raises
    ------
    OutputError
        Where the folder may not be replaced or cannot be written. Whatever happens, an interrupt included,
        nothing half-written stays and a former run stays as it was.
    """
    folder = folder.expanduser().absolute()
    check_target(folder, told_by)
    swap_in(folder, fill)


def real(folder: Path) -> Path:
    """Return where a folder really stands: a link to it stays a link."""
    return Path(os.path.realpath(folder.expanduser()))


def sync(path: Path) -> None:
    """Let what was written to a file, or the names in a folder, be on the disk when this returns."""
    if path.is_dir() and os.name == "nt":
        return  # there a folder cannot be opened, and its names need no such care
    file = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def swap_in(folder: Path, fill: Callable[[Path], None], *, durable: bool = False) -> None:
    """Let ``fill`` write into a hidden sibling, then put that in the place of ``folder``, whatever stands there.

    Parameters
    ----------
    folder : Path
    fill : callable
        Writes every file into the folder that it is given.
    durable : bool, default False
        Have everything on the disk before anything is replaced, for what nobody can make again.

    Raises
    ------
    OutputError
        Where the folder cannot be written; what stood there before stays.

    Notes
    -----
    A process killed between the two renames leaves ``.NAME.*.former`` and no ``NAME``.
    """
    folder = real(folder)
    mark = uuid.uuid4().hex[:8]
    partial = folder.with_name(f".{folder.name}.{mark}.partial")
    former = folder.with_name(f".{folder.name}.{mark}.former")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        fill(partial)
        if durable:
            for path in (*partial.iterdir(), partial, partial.parent):
                sync(path)
        if folder.exists():
            folder.rename(former)
        partial.rename(folder)
        if durable:
            sync(folder.parent)
    except OSError as error:
        raise OutputError(
            f"The outputs cannot be written: {error.strerror or error}.",
            where=str(folder),
            hint="Name a folder that you may write to, with room on its disk.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if former.exists() and not folder.exists():
            former.rename(folder)
        shutil.rmtree(former, ignore_errors=True)


def read_run(folder: Path) -> dict[str, Any]:
    """Return the summary of a run folder.

    Raises
    ------
    OutputError
        Where the folder is not a run of this library.
    """
    if _written_by_a_run(folder) is None:
        raise OutputError(
            "This is not the output folder of a run (it has no summary.json that breachpattern wrote).",
            where=str(folder),
            hint="Give the folder that `breachpattern score … --out DIR` wrote.",
        )
    summary: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return summary


def find_record(folder: Path, finding_id: str) -> dict[str, Any]:
    """Return the record of a finding from ``findings.jsonl``, by its id or the start of it.

    Raises
    ------
    OutputError
        Where no finding, or more than one, has an id that begins so.
    """
    path = folder / "findings.jsonl"
    matches: list[str] = []
    first_ids: list[str] = []
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                # Reading every line whole takes seconds; one that does not hold the text cannot be meant.
                if len(first_ids) == 3 and finding_id not in line:
                    continue
                identity = str(json.loads(line)["finding_id"])
                if identity == finding_id:
                    return dict(json.loads(line))
                if finding_id and (identity.startswith(finding_id) or identity.startswith(f"F-{finding_id}")):
                    matches.append(line)
                if len(first_ids) < 3:
                    first_ids.append(identity)
    except (OSError, ValueError, KeyError) as error:
        raise OutputError(
            "The findings of this run cannot be read.", where=str(path), hint="Score the extract again."
        ) from error
    if len(matches) == 1:
        return dict(json.loads(matches[0]))
    if matches:
        ids = ", ".join(str(json.loads(line)["finding_id"]) for line in matches[:3])
        raise OutputError(
            f"{len(matches)} findings begin with {finding_id!r}: {ids}{' …' if len(matches) > 3 else ''}.",
            where=str(path),
            hint="Give more of the id.",
        )
    shown = f"Ids look like {', '.join(first_ids)}." if first_ids else "The run has no findings."
    raise OutputError(f"No finding has the id {finding_id!r}.", where=str(path), hint=shown)
