"""One writer at a time: a state is held while it is written, and what a killed writer left is put in order."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from breachpattern.errors import OutputError
from breachpattern.output.folder import real, sync
from breachpattern.output.summary import iso

MANIFEST = "state.json"
_FAR = 1 << 30  # a byte beyond the text: where locks are mandatory, the text can be read all the same
_held: dict[Path, int] = {}  # the thread that holds a place


@dataclass(frozen=True)
class Hold:
    """A state that is held: where it really stands, and whether an earlier state had to be put back there."""

    place: Path
    put_back: bool = False


@contextmanager
def hold(folder: str | Path, by: str = "a save") -> Iterator[Hold]:
    """Hold a state for writing; the hold ends with the block, or with the process however that ends.

    Parameters
    ----------
    folder : str or Path
        Where the state stands or shall stand.
    by : str
        What another process is told of who holds it.

    Raises
    ------
    OutputError
        Where somebody else holds it; the message says who. Where the place cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, hold(f"{folder}/state", "the night run") as held:
    ...     held.put_back
    False
    """
    place = real(Path(folder))
    if _held.get(place) == threading.get_ident():
        yield Hold(place)
        return
    path = place.with_name(f".{place.name}.lock")
    file = _locked(path, place)
    _held[place] = threading.get_ident()
    try:
        os.ftruncate(file, 0)
        os.write(file, f"{by}, process {os.getpid()}, since {iso(datetime.now(UTC))}".encode())
        yield Hold(place, _put_in_order(place))
    finally:
        del _held[place]
        if os.name != "nt":  # where an open file can be removed; nobody else has it by this name then
            path.unlink(missing_ok=True)
        os.close(file)
        with suppress(OSError):
            if os.name == "nt":
                path.unlink()


def interrupted(folder: Path) -> list[Path]:
    """Return the former states beside a place where none stands: a save was cut short between two steps."""
    place = real(folder)
    if place.is_dir() and any(place.iterdir()):
        return []
    return _left(place, "former")


def _locked(path: Path, place: Path) -> int:
    lock = _locker()
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise _unwritable(place, error) from error
        try:
            lock(file)
        except (BlockingIOError, PermissionError):
            who = _text(path) or "another process"
            os.close(file)
            raise OutputError(
                f"The state is in use: {who} holds it.",
                where=str(place),
                hint="One at a time may write to a state: wait until that has ended, or end it.",
            ) from None
        except OSError as error:
            os.close(file)
            raise _unwritable(place, error) from error
        # The one before may have removed the file between the opening and the lock.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file), path.stat()):
                return file
        os.close(file)


def _locker() -> Callable[[int], Any]:
    if os.name == "nt":
        import msvcrt

        def lock(file: int) -> None:
            os.lseek(file, _FAR, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            os.lseek(file, 0, os.SEEK_SET)

        return lock
    import fcntl

    return lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _unwritable(place: Path, error: OSError) -> OutputError:
    return OutputError(
        f"The state cannot be held for writing: {error.strerror or error}.",
        where=str(place),
        hint="Name a folder beside which you may write, on a file system that can lock files.",
    )


def _put_in_order(place: Path) -> bool:
    """Put back a former state where a killed writer left none, remove what it left half-written; tell the first."""
    former = interrupted(place)
    if len(former) > 1:
        raise OutputError(
            f"There is no state, and {len(former)} former ones stand beside it ({former[0].name}, …).",
            where=str(place),
            hint="Rename the right one to the name of the state, and move the others elsewhere.",
        )
    if former:
        if place.is_dir():
            place.rmdir()
        former[0].rename(place)
        sync(place.parent)
    stale = _left(place, "partial")
    if (place / MANIFEST).is_file():
        stale += _left(place, "former")
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return bool(former)


def _left(place: Path, what: str) -> list[Path]:
    name = re.compile(rf"\.{re.escape(place.name)}\.[0-9a-f]{{8}}\.{what}")
    if not place.parent.is_dir():
        return []
    return sorted(path for path in place.parent.iterdir() if name.fullmatch(path.name) and path.is_dir())
