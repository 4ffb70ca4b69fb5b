"""A worker that is kept ready: it has imported all that a training needs, and waits for a run.

It is no `processes.asking.Process`: such a process ends with the server that asks it, and a worker that has a
run outlives its server. It gets its run by its standard input, which the operating system closes once the
server has ended, killed or not; without a run it ends then, too. With a run it lives on, like any worker.
"""

import contextlib
import math
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from rnn_core.files import to_json
from rnn_core.paths import child_environment
from rnn_core.runs import process

SWITCH = "GATESCOPE_READY_WORKER"
"""An environment variable: 0 where no worker is to be kept ready."""
_USUAL_START = 4.0  # processor seconds that the imports of a worker take, until it is known


class ReadyWorker:
    """A worker that waits for its run, as the server sees it."""

    def __init__(self) -> None:
        """Start it. Raises OSError where it can't be started."""
        self.memory = 0
        """Bytes that it takes; 0 until it is ready, and on systems that don't say it."""
        self.took = math.nan
        """Processor seconds until it was ready; no number before that."""
        self._folders = child_environment()
        self._process = process.start_waiting(["worker"])
        self._when_ended: Callable[[int], None] = lambda status: None
        threading.Thread(target=self._wait, name=process.WATCHER, daemon=True).start()

    def _wait(self) -> None:
        """Once it is ready it says what it takes and took; then somebody has to wait for its end."""
        assert self._process.stdout is not None
        try:
            with self._process.stdout as said:
                if words := said.readline().split():
                    self.memory, self.took = int(words[0]), float(words[1])
        finally:
            self._when_ended(self._process.wait())

    @property
    def waits(self) -> bool:
        """True if it is there, and would find the folders that this server has now."""
        return self._process.poll() is None and self._folders == child_environment()

    def start_run(self, run_id: str, log: Path, when_ended: Callable[[int], None]) -> bool:
        """Give it its run; False where it has ended meanwhile."""
        assert self._process.stdin is not None
        self._when_ended = when_ended
        try:
            with self._process.stdin as pipe:
                pipe.write(f"{to_json([run_id, str(log.absolute())])}\n".encode())
        except OSError:
            self._when_ended = lambda status: None
            return False
        return True

    def dismiss(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()


class WaitingPlace:
    """The place of the server for one worker that waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: ReadyWorker | None = None
        self._cold = _USUAL_START

    def keep_ready(self) -> None:
        """Start a worker for the next run, unless one waits already or the user wants none."""
        # On Windows numpy looks at standard input while it loads, and waits for who reads it (numpy #24290).
        if os.environ.get(SWITCH) != "0" and sys.platform != "win32":
            with self._lock, contextlib.suppress(OSError):
                self._worker = self._waiting() or ReadyWorker()

    def hand_over(self, run_id: str, log: Path, when_ended: Callable[[int], None]) -> bool:
        """Give a run to the worker that waits, if any; `when_ended` gets its exit status, in a thread."""
        with self._lock:
            worker, self._worker = self._waiting(), None
        return worker is not None and worker.start_run(run_id, log, when_ended)

    def memory_in_use(self) -> int:
        """Bytes of the worker that waits; 0 where there is none, or it is not ready yet."""
        with self._lock:
            worker = self._waiting()
            return worker.memory if worker else 0

    def start_up_seconds(self) -> float:
        """Processor seconds until the next run can read its texts; none where a worker is ready."""
        with self._lock:
            worker = self._waiting()
            if worker is None or math.isnan(worker.took):
                return self._cold
            self._cold = worker.took
            return 0.0

    def _waiting(self) -> ReadyWorker | None:
        """The worker, if it waits; else it may end."""
        if self._worker is not None and not self._worker.waits:
            self._worker.dismiss()
            self._worker = None
        return self._worker


place = WaitingPlace()
"""The place of this server."""


def listen() -> "SimpleQueue[str]":
    """Returns, in the worker, what its server writes; the process ends as soon as the server has."""
    given: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        line = sys.stdin.readline()
        if not line:
            os._exit(0)
        given.put(line)

    threading.Thread(target=read, name="listens to the server", daemon=True).start()
    return given
