"""The run folder: written whole or not at all, and never over anything that is not one of ours."""

from __future__ import annotations

import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from breachpattern.documents import parse_json
from breachpattern.errors import BreachpatternError, OutputError, UsageError
from breachpattern.interrupts import held_back

if sys.platform != "win32":
    import fcntl

SUMMARY = "summary.json"
# The review pack, which may be made of a run at any time: its folder, the page that leads into it, and what marks it.
PACK, PACK_ENTRY, PACK_MARK = "report", "report.html", "pack.json"
# What a killed writing of a pack leaves in its run.
_CUT_SHORT = re.compile(rf"\.{PACK}\.[0-9a-f]{{8}}\.(partial|former)|\.{re.escape(PACK_ENTRY)}\.partial")


def check_target(folder: Path, told_by: str = SUMMARY, *, holding: str | None = None) -> None:
    """Refuse a folder that cannot become a run folder.

    Parameters
    ----------
    folder : Path
        Where the outputs shall stand: new, empty, or a former run of this library and nothing else.
    told_by : str
        The file by which a former folder of the same sort is known.
    holding : str, optional
        What the summary of a former folder has to tell of for it to be replaced, such as ``measures``.

    Raises
    ------
    OutputError
        Where it is a file, or holds anything that a run did not write, or is a run of another sort.
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
    if holding is not None and holding not in parse_json((folder / told_by).read_text(encoding="utf-8")):
        raise OutputError(
            f"The folder is a former run that holds no {holding}, and would be lost.",
            where=str(folder),
            hint="Name another folder.",
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
        mark = parse_json((folder / PACK_MARK).read_text(encoding="utf-8"))
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
        summary = parse_json((folder / told_by).read_text(encoding="utf-8"))
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
    remove_left(folder)
    check_target(folder, told_by)
    swap_in(folder, fill)


def remove_left(folder: Path) -> None:
    """Put in order what a killed writer left beside a folder: half a folder goes, a former one comes back.

    Parameters
    ----------
    folder : Path
        Where the outputs should have stood.

    Notes
    -----
    A writer holds its half folder by a lock, which the system lets go of however the writer ends. Where the disk or
    the system knows no such locks nothing is touched.
    """
    folder = real(folder)
    name = re.compile(rf"\.{re.escape(folder.name)}\.([0-9a-f]{{8}})\.(?:partial|former)")
    beside = folder.parent.iterdir() if folder.parent.is_dir() else ()
    for mark in sorted({found[1] for path in beside if (found := name.fullmatch(path.name))}):
        partial, former = _beside(folder, mark)
        with suppress(OSError), _held(partial if partial.is_dir() else former) as over:
            if over and former.is_dir() and not folder.exists():
                former.rename(folder)
            if over:
                shutil.rmtree(partial, ignore_errors=True)
                shutil.rmtree(former, ignore_errors=True)


def _beside(folder: Path, mark: str) -> tuple[Path, Path]:
    return folder.with_name(f".{folder.name}.{mark}.partial"), folder.with_name(f".{folder.name}.{mark}.former")


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder, and tell whether nobody else does; where no lock can be had it counts as held by another."""
    if sys.platform == "win32":
        yield False
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        got = False
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            got = os.path.samestat(os.fstat(file), folder.stat())
        yield got
    finally:
        os.close(file)


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
    A process killed between the two renames leaves ``.NAME.*.former`` and no ``NAME``; see :func:`remove_left`.
    """
    folder = real(folder)
    partial, former = _beside(folder, uuid.uuid4().hex[:8])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        with _held(partial):
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
        raise OutputError.of_folder(folder, error) from error
    finally:
        with held_back():
            shutil.rmtree(partial, ignore_errors=True)
            if former.exists() and not folder.exists():
                former.rename(folder)
            shutil.rmtree(former, ignore_errors=True)


def write_new(path: Path, write: Callable[[Path], object], *, holds: str) -> None:
    """Let ``write`` write a hidden sibling, then give it its name: a file appears whole, and never over another.

    Parameters
    ----------
    path : Path
    write : callable
        Writes the file at the path that it is given.
    holds : str
        What a file that is there already may hold.

    Raises
    ------
    OutputError
        Where there is such a file, or it cannot be written.
    """
    if path.exists():
        raise OutputError(
            f"The file exists, and may hold {holds}.", where=str(path), hint="Name another file, or delete this one."
        )
    partial = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        write(partial)
        partial.rename(path)
    except OSError as error:
        # Arrow keeps the number and says it in words of its own, with the name of the hidden sibling.
        why = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(
            f"The file cannot be written: {why}.",
            where=str(path),
            hint="Name a file in a folder that is there, and that you may write to.",
        ) from error
    finally:
        with held_back(), suppress(OSError):
            partial.unlink(missing_ok=True)


def read_run(folder: Path) -> dict[str, Any]:
    """Return the summary of a run folder.

    Raises
    ------
    OutputError
        Where the folder is not a run of this library.
    """
    if not folder.exists():
        raise OutputError(
            "There is no such folder.",
            where=str(folder),
            hint="Check the path; `breachpattern score … --out DIR` writes one.",
        )
    if _written_by_a_run(folder) is None:
        raise OutputError(
            "This is not the output folder of a run (it has no summary.json that breachpattern wrote).",
            where=str(folder),
            hint="Give the folder that `breachpattern score … --out DIR` wrote.",
        )
    summary: dict[str, Any] = parse_json((folder / SUMMARY).read_text(encoding="utf-8"))
    return summary


@contextmanager
def as_written(folder: Path) -> Iterator[None]:
    """Say of a run that cannot be told that it is not as it was written; the cause stays with the error.

    Parameters
    ----------
    folder : Path
        The run that is read within the block.

    Raises
    ------
    OutputError
        In the place of whatever a changed file led to.
    """
    try:
        yield
    except (BreachpatternError, OSError, MemoryError):
        raise
    except Exception as error:
        raise OutputError(
            f"What the run holds cannot be told ({type(error).__name__}: {error}).",
            where=str(folder),
            hint="Its files were changed, or another version wrote them: score the extract again. --debug shows where.",
        ) from error


def read_scored(folder: Path) -> dict[str, Any]:
    """Return the summary of a run folder that holds findings.

    Raises
    ------
    OutputError
        Where the folder is not a run of this library.
    UsageError
        Where it is one of another kind: of an audit, or of a check, which scores nothing.
    """
    summary = read_run(folder)
    if "findings" not in summary:
        kind = "the measures of an audit" if "measures" in summary else "data problems only"
        raise UsageError(
            f"This folder holds {kind}, and no findings.",
            where=str(folder),
            hint="Give the folder that `breachpattern score … --out DIR` wrote.",
        )
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
                record = parse_json(line)
                identity = str(record["finding_id"])
                if identity == finding_id:
                    return dict(record)
                if finding_id and (identity.startswith(finding_id) or identity.startswith(f"F-{finding_id}")):
                    matches.append(line)
                if len(first_ids) < 3:
                    first_ids.append(identity)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputError(
            "The findings of this run cannot be read.", where=str(path), hint="Score the extract again."
        ) from error
    if len(matches) == 1:
        return dict(parse_json(matches[0]))
    if matches:
        ids = ", ".join(str(parse_json(line)["finding_id"]) for line in matches[:3])
        raise OutputError(
            f"{len(matches)} findings begin with {finding_id!r}: {ids}{' …' if len(matches) > 3 else ''}.",
            where=str(path),
            hint="Give more of the id.",
        )
    shown = f"Ids look like {', '.join(first_ids)}." if first_ids else "The run has no findings."
    raise OutputError(f"No finding has the id {finding_id!r}.", where=str(path), hint=shown)
