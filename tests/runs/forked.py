"""Workers forked from a process that has imported everything, so that a start takes no time.

The imports of a worker take 3 s of processor time. Where a test is about what becomes of a run, and not about
how a process begins, its workers are forked, and so are the processes of its sweeps. Real ones are those of
the browser, of the tests that ask for a `real_worker`, and of files that ask for nothing.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from rnn_core.__main__ import run
from rnn_core.paths import child_environment, import_folder
from rnn_core.runs import process, session
from rnn_core.runs import worker as life_of_a_worker
from tests.runs import workers

_begin_real, _start_real = workers._begin, process.start_command
FORKED = multiprocessing.get_context("forkserver")
"""Its processes begin with all that a worker imports."""
FORKED.set_forkserver_preload(
    # An optimizer imports the second; the third is left out where there is no Dask.
    [
        "tests.runs.forked",
        "rnn_core.cli.runs",
        "rnn_core.cli.sweep",
        "rnn_core.runs.worker",
        "torch._dynamo",
        "distributed.cli.dask_worker",
    ]
)


# A test that waits for a process would wait long for one that lets everything else go first, and that looks
# for commands a few times a second.
_hurried = True
_HURRY = 0.05  # seconds


class Forked:
    """A call in a process of its own, with the methods of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        call: Callable[..., None],
        *arguments: object,
        log: Path,
        environment: Mapping[str, str] | None = None,
        has_children: bool = False,
    ) -> None:
        given = child_environment() if environment is None else dict(environment)
        # A daemon ends with the tests, but may have no children.
        self._process = FORKED.Process(
            target=_run, args=(call, arguments, log, given, _hurried), daemon=not has_children
        )
        with pytest.MonkeyPatch.context() as patch:
            # A forked process runs the main module again, which after a test of pages may be one of these.
            patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
            self._process.start()
        self.pid = self._process.pid

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status; raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return self._process.exitcode

    def poll(self) -> int | None:
        """Its exit status if it has ended."""
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


def forked_command(command: Sequence[str], log: Path, *, has_children: bool = False) -> Forked:
    """`python -m rnn_core COMMAND`."""
    return Forked(_rnn_core, *command, log=log, has_children=has_children)


def start_forked(command: Sequence[str], log: Path, when_ended: Callable[[int], None]) -> int:
    """As `rnn_core.runs.process.start_command`."""
    forked = forked_command(command, log)
    waits = threading.Thread(target=lambda: when_ended(forked.wait()), name=process.WATCHER, daemon=True)
    waits.start()
    return forked.pid


def forked_dask(words: Sequence[str], log: Path, environment: Mapping[str, str]) -> Forked:
    """`python -m dask WORDS`."""
    return Forked(_dask, *words, log=log, environment=environment)


def _rnn_core(*command: str) -> None:
    run(command)


def _dask(*words: str) -> None:
    from dask.cli import run_cli

    sys.argv = ["dask", *words]
    run_cli()


def _run(
    call: Callable[..., None],
    arguments: Sequence[object],
    log: Path,
    environment: Mapping[str, str],
    hurried: bool,
) -> None:
    os.setsid()
    with log.open("ab") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(import_folder())
    with pytest.MonkeyPatch.context() as patch:
        if hurried:
            patch.setattr(os, "setpriority", lambda *_arguments: None)
            patch.setattr(session, "_POLL_EVERY", _HURRY)
            patch.setattr(life_of_a_worker, "_POLL_EVERY", _HURRY)
        patch.setattr(process, "start_command", partial(_fork_once_more, hurried))
        call(*arguments)


def _fork_once_more(
    hurried: bool, command: Sequence[str], log: Path, _when_ended: Callable[[int], None]
) -> int:
    """As `rnn_core.runs.process.start_command` in a forked process, which ends before what it starts."""
    number = os.fork()
    if number == 0:
        try:
            _run(_rnn_core, command, log, child_environment(), hurried)
        except Exception:
            traceback.print_exc()  # into the log
        finally:
            os._exit(0)
    return number


@contextlib.contextmanager
def forked_workers(hurried: bool = True) -> Iterator[None]:
    """Whatever starts a worker, or a sweep, gets a forked one, which waits as a real one unless hurried."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "_hurried", hurried)
        patch.setattr(workers, "_begin", forked_command)
        patch.setattr(workers, "_begin_asker", lambda log: Forked(workers.start_next, log=log))
        patch.setattr(process, "start_command", start_forked)
        yield


@contextlib.contextmanager
def real_workers() -> Iterator[None]:
    """Among forked workers, whatever starts a worker gets a real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_begin", _begin_real)
        patch.setattr(process, "start_command", _start_real)
        yield
