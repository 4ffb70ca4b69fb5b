"""Workers forked from a process that has imported everything, so that a start takes no time.

The imports of a worker take 3 s of processor time. Where a test is about what becomes of a run, and not about
how a process begins, its workers are forked. Real ones are those of the browser, of the tests that ask for a
`real_worker`, and of files that ask for nothing.
"""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rnn_core.cli import main
from rnn_core.paths import child_environment, import_folder
from rnn_core.runs import process
from tests.runs import workers

_begin_real, _start_real_worker = workers._begin, process.start_worker
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.runs.forked", "torch._dynamo"])  # an optimizer imports the latter


class ForkedWorker:
    """`python -m rnn_core COMMAND`, with the methods of `subprocess.Popen` that tests use."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        arguments = ([*command], log, child_environment())
        self._process = _FORKED.Process(target=_run, args=arguments, daemon=True)
        with pytest.MonkeyPatch.context() as patch:
            # A forked process runs the main module again, which after a test of pages may be one of these.
            patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
            self._process.start()
        self.pid = self._process.pid

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status; raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked worker", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Nothing if it has ended."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """At once, and it hears nothing."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def start_forked_worker(run_id: str, log: Path, when_ended: Callable[[int], None]) -> None:
    """As `rnn_core.runs.process.start_worker`."""
    worker = ForkedWorker(["worker", run_id], log)
    waits = threading.Thread(target=lambda: when_ended(worker.wait()), name=process.WATCHER, daemon=True)
    waits.start()


def _run(command: list[str], log: Path, environment: dict[str, str]) -> None:
    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(import_folder())
    main(command, prog_name="python -m rnn_core")


@contextlib.contextmanager
def forked_workers() -> Iterator[None]:
    """Whatever starts a worker gets a forked one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_begin", ForkedWorker)
        patch.setattr(process, "start_worker", start_forked_worker)
        yield


@contextlib.contextmanager
def real_workers() -> Iterator[None]:
    """Among forked workers, whatever starts a worker gets a real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_begin", _begin_real)
        patch.setattr(process, "start_worker", _start_real_worker)
        yield
