"""A launcher that forks from a process that has imported everything, so that a start takes no time.

The imports of a worker take 3 s of processor time. Where a test is about what becomes of a run, and not about
how a process begins, its workers are forked, and so are the processes of its sweeps. Real ones are those of
the browser, and of files that ask for nothing.
"""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import traceback
import types
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pytest

from rnn_core.__main__ import run
from rnn_core.paths import child_environment, import_folder
from rnn_core.processes.answering import serve
from rnn_core.runs import process

FORKED = multiprocessing.get_context("forkserver")
"""Its processes begin with all that a worker imports."""
FORKED.set_forkserver_preload(
    # An optimizer imports the second; the third is left out where there is no Dask.
    [
        "tests.runs.forked",
        "rnn_core.cli.runs",
        "rnn_core.cli.sweep",
        "rnn_core.runs.worker",
        "rnn_core.own_cells.child",
        "torch._dynamo",
        "distributed.cli.dask_worker",
    ]
)


class Forking(process.Launcher):
    """Forks what it begins; hurried, its workers behave as if nobody looked at a page."""

    def __init__(self, *, hurried=True):
        if hurried:
            self.poll_every, self.niceness = 0.05, -20

    def begin(self, command, log):
        return Forked(run, command, log=log)


class _Popen:
    """A forked process with the methods of `subprocess.Popen` that are used of it."""

    _asking = contextlib.nullcontext()

    def poll(self):
        """The exit status of the process if it has ended."""
        with self._asking:
            return self._process.exitcode

    def wait(self, timeout=None):
        """The exit status of the process; raises subprocess.TimeoutExpired."""
        with self._asking:
            self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return status

    def send_signal(self, number):
        """Nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        """End it at once, without a word."""
        self.send_signal(signal.SIGKILL)

    def terminate(self):
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class Forked(_Popen):
    """A call in a process of its own."""

    def __init__(self, call, *arguments, log, environment=None, has_children=False):
        given = child_environment() if environment is None else dict(environment)
        like = process.launcher if isinstance(process.launcher, Forking) else Forking()
        # A daemon ends with the tests, but may have no children.
        asked = call, arguments, log, given, like
        self._process = FORKED.Process(target=_run, args=asked, daemon=not has_children)
        _start(self._process)
        self.pid = self._process.pid


class ForkedAnswering(_Popen):
    """A process that answers, which is forked."""

    def __init__(self, command, *, env, **pipes_without_buffer):
        taken, self.stdin = _pipe(os.O_WRONLY)
        given, self.stdout = _pipe(os.O_RDONLY)
        printed, self.stderr = _pipe(os.O_RDONLY)
        theirs = [taken, given, printed]
        asked = theirs, command[-1], dict(env), Path.cwd()
        self._process = FORKED.Process(target=_answer, args=asked, daemon=True)
        self._asking = threading.Lock()  # its status can be read once
        _start(self._process)
        self.pid = self._process.pid
        for end in theirs:
            end.close()


def _pipe(ours):
    """The end of a pipe for another process, as what may be sent to it, and ours, which we read or write."""
    reading, writing = os.pipe()
    if ours == os.O_RDONLY:
        return Connection(writing, readable=False), os.fdopen(reading, "rb", 0)
    return Connection(reading, writable=False), os.fdopen(writing, "wb", 0)


def _answer(ends, terms, environment, folder):
    for place, end in enumerate(ends):
        os.dup2(end.fileno(), place)
        end.close()
    # Those of the process that forks may be files, as a test's output is kept in one.
    sys.stdout, sys.stderr = (os.fdopen(place, "w", 1, closefd=False) for place in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    serve(terms)


def _start(process):
    """A forked process runs the main module again, which after a test of pages may be one of these."""
    with _starting, pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
        process.start()


_starting = threading.Lock()


def _run(call, arguments, log, environment, launcher):
    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(import_folder())
    process.launcher = _ForkingAgain(launcher)
    call(*arguments)


class _ForkingAgain(process.Launcher):
    """Begins what a forked process starts, which `multiprocessing` would end with it."""

    def __init__(self, like):
        self.poll_every, self.niceness = like.poll_every, like.niceness

    def begin(self, command, log):
        number = os.fork()
        if number == 0:
            try:
                _run(run, [command], log, child_environment(), self)
            except Exception:
                traceback.print_exc()  # into the log
            finally:
                os._exit(0)
        return _Child(number)


class _Child(NamedTuple):
    pid: int

    def wait(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
