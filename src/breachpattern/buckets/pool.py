"""Worker processes: each a fresh Python that scores one bucket after the other until none is left.

They are started by themselves and not through :mod:`multiprocessing`: nothing is shared but files, so that it works
the same on every system, under threads, in notebooks and in scripts without a guard. A worker ends as soon as the
process that started it is gone.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from breachpattern.buckets.bucket import Setting
from breachpattern.buckets.worker import ANSWERS
from breachpattern.errors import ResourceError
from breachpattern.interrupts import held_back

# The collector of cycles finds nothing while modules are imported, and looks for it a tenth of that time.
_START = (
    "import gc, sys, pickle; gc.disable(); sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from breachpattern.buckets.worker import serve; serve()"
)
# One bucket at a time keeps one core busy; what libraries do beside would only take memory.
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_IO_THREADS": "1"}
# Within a bucket the allocators of numpy (glibc) and Arrow keep what they have: to give it back and be given it again,
# page by page, took about a twentieth of the time of a worker. It goes back between buckets.
_KEEP = {
    "MALLOC_MMAP_THRESHOLD_": f"{1 << 30}",
    "MALLOC_TRIM_THRESHOLD_": f"{1 << 30}",
    "MIMALLOC_PURGE_DELAY": "60000",
}
PATIENCE = 0.5  # seconds after which an interrupt is heard
GRACE = 10.0  # seconds for a process whose pipes are closed to be gone
Task = tuple[Path, Path]
Score = Callable[[Path, Path], None]


class Workers:
    """A pool of worker processes, and this process beside them.

    Parameters
    ----------
    count : int
        How many processes to start: they make themselves ready while this one reads.

    Raises
    ------
    ResourceError
        Where a worker is gone or its memory ran out.
    """

    def __init__(self, count: int) -> None:
        self._tasks = _Tasks()
        self._done: queue.SimpleQueue[Path | BaseException] = queue.SimpleQueue()
        self._begun = threading.Event()
        self._setting: Setting | None = None
        self._own: Score | None = None
        self._given = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []
        self.start(count)

    def start(self, count: int) -> None:
        """See that there are so many processes at least."""
        try:
            while len(self._processes) < count:
                self._processes.append(_started())
                self._threads.append(threading.Thread(target=self._drive, args=(self._processes[-1],), daemon=True))
                self._threads[-1].start()
        except BaseException:
            self.end()
            raise

    def begin(self, setting: Setting, own: Score | None) -> None:
        """Say how buckets are scored.

        Parameters
        ----------
        setting : Setting
            Of all buckets.
        own : callable, optional
            Scores a bucket in this process, given where its tables lie and where the results go; without it, this
            process only waits.
        """
        self._setting, self._own = setting, own
        self._begun.set()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """End every worker, whatever it does: what it has written is thrown away or was brought in before."""
        with held_back():
            self._tasks.close()
            self._begun.set()
            for process in self._processes:
                process.kill()
            for thread in self._threads:
                if thread.ident is not None:
                    thread.join()
            for process in self._processes:
                process.wait()
                for pipe in (process.stdin, process.stdout):
                    _close(pipe)

    def give(self, source: Path, target: Path) -> None:
        """Give a bucket to whoever is free first."""
        self._given += 1
        self._tasks.put((source, target))

    def finish(self, on_done: Callable[[Path], None]) -> None:
        """Wait until every bucket is scored; ``on_done`` is called with the folder of each one's results."""
        self._tasks.close()
        while self._given:
            task = self._tasks.take(wait=False) if self._own is not None else None
            if task is not None and self._own is not None:
                self._own(*task)
                self._done.put(task[1])
            self._told(on_done, wait=task is None)

    def poll(self, on_done: Callable[[Path], None]) -> None:
        """Tell of the buckets that were scored since; raise what went wrong."""
        self._told(on_done, wait=False)

    def _told(self, on_done: Callable[[Path], None], *, wait: bool) -> None:
        while self._given:
            try:
                told = self._done.get(timeout=PATIENCE) if wait else self._done.get_nowait()
            except queue.Empty:
                if wait:
                    continue
                return
            if isinstance(told, BaseException):
                raise told
            self._given -= 1
            on_done(told)
            wait = False

    def _drive(self, process: subprocess.Popen[bytes]) -> None:
        """Give one worker bucket after bucket, and pass on what it says."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(sys.path, process.stdin)
            process.stdin.flush()
            _skip_to_answers(process.stdout)
            self._begun.wait()
            if self._setting is None:
                return
            pickle.dump(self._setting, process.stdin)
            while (task := self._tasks.take()) is not None:
                pickle.dump(task, process.stdin)
                process.stdin.flush()
                error = pickle.load(process.stdout)
                self._done.put(task[1] if error is None else error)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._done.put(_gone(process))
        except BaseException as error:  # whatever it is, somebody waits for an answer
            process.kill()
            self._done.put(error)


class _Tasks:
    """Buckets that wait for somebody."""

    def __init__(self) -> None:
        self._waiting: deque[Task] = deque()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, task: Task) -> None:
        with self._changed:
            self._waiting.append(task)
            self._changed.notify()

    def close(self) -> None:
        """Say that no further ones come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, *, wait: bool = True) -> Task | None:
        """Return the next; ``None`` where there are no more, or none yet."""
        with self._changed:
            while wait and not self._waiting and not self._closed:
                self._changed.wait()
            return self._waiting.popleft() if self._waiting else None


def _started() -> subprocess.Popen[bytes]:
    # A Ctrl-C is for this process, which ends them.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        [sys.executable, "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**_ALONE, **_KEEP, **os.environ},
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe is not None:
            pipe.close()
    except OSError:
        pass  # what it still held is for nobody


def _skip_to_answers(pipe: IO[bytes]) -> None:
    """Read on to where answers begin: what starts with a Python may have printed something before."""
    for line in pipe:
        if line.endswith(ANSWERS):
            return
    raise EOFError


def _gone(process: subprocess.Popen[bytes]) -> ResourceError:
    try:
        code = process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        how = "gave no answer that can be read and was ended"
    else:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return ResourceError(
        f"A worker process {how} before its rows were scored; most often because the memory ran out.",
        hint=ResourceError.BOUND,
    )
