"""The folder of a run in buckets: hidden, its owner's alone, and gone when the next run starts at the latest."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from breachpattern.errors import OutputError
from breachpattern.interrupts import held_back

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = "run.lock"
_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
OWNER, OWNER_FILE = 0o700, 0o600


@contextmanager
def folder_beside(out: Path) -> Iterator[Path]:
    """Make a hidden folder beside the outputs, where there is room for what they are made of.

    It goes at the end; a process that is killed cannot see to that (:func:`remove_left`).

    Parameters
    ----------
    out : Path
        Where the outputs shall stand.

    Raises
    ------
    OutputError
        Where it cannot be made, or there is no room for what is written to it.
    """
    out = out.expanduser().absolute()
    made: tuple[Path, int] | None = None
    try:
        with held_back():
            made = _made(out)
        yield made[0]
    except OSError as error:
        if error.errno is None or error.errno not in _NO_ROOM:
            raise
        raise OutputError(
            # Arrow keeps the number and says it in words of its own.
            f"There is no room for the rows of the run: {os.strerror(error.errno)}.",
            where=str(out.parent),
            hint="Meanwhile a hidden folder there takes about as much as the inputs and the outputs together: "
            "name an --out on a disk with more room.",
        ) from error
    finally:
        with held_back():
            if made is not None:
                _remove(*made)


def private(path: Path) -> Path:
    """Make a file, where there is none, that its owner alone may read."""
    path.touch(OWNER_FILE)
    return path


def _remove(folder: Path, lock: int) -> None:
    # An open file cannot be removed everywhere, an unlocked folder could be met by another run: either is harmless.
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
    shutil.rmtree(folder, ignore_errors=True)


def _made(out: Path) -> tuple[Path, int]:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return _locked(out)
    except OSError as error:
        raise OutputError.of_folder(out, error) from error


def _locked(out: Path) -> tuple[Path, int]:
    """Return a new folder and its lock, held."""
    while True:
        folder = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.buckets")
        folder.mkdir(OWNER)
        # Another run that starts at this moment may have found it before it was locked.
        try:
            lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, OWNER_FILE)
        except FileNotFoundError:
            continue
        except BaseException:
            folder.rmdir()
            raise
        if _hold(lock) is not False and _stands(folder / LOCK, lock):
            return folder, lock
        os.close(lock)


def remove_left(out: Path) -> None:
    """Remove the folders of runs that were killed: those whose lock nobody holds.

    The system lets go of a lock when its holder ends, however it ends, on whichever machine that shares the disk.

    Parameters
    ----------
    out : Path
        Where the outputs of those runs should have stood.
    """
    out = out.expanduser().absolute()
    name = re.compile(rf"\.{re.escape(out.name)}\.[0-9a-f]{{8}}\.buckets")
    for folder in out.parent.iterdir() if out.parent.is_dir() else ():
        if not name.fullmatch(folder.name):
            continue
        with suppress(OSError):
            folder.rmdir()  # killed before there was a lock: nothing is in it, or this does nothing
        with suppress(OSError):
            lock = os.open(folder / LOCK, os.O_RDWR)
            try:
                over = _hold(lock) is True
                if over:
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
            if over:
                shutil.rmtree(folder, ignore_errors=True)


def _hold(lock: int) -> bool | None:
    """Take a lock and return whether it is held now; ``None`` where the disk knows no locks."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return None
    return True


def _stands(path: Path, opened: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(opened), path.stat())
    return False
