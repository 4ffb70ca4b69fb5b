"""Everything that differs between Linux, macOS and Windows: processes, priority, signals, locks."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import filelock

from rnn_core.errors import RunError
from rnn_core.machine import WORKER_NICE
from rnn_core.paths import child_environment, import_folder

_LOCK = "lock"
WATCHER = "watcher"
_PATIENCE = 5.0  # seconds; a lock may be held for a moment by someone who only looks at it
_LOOK_EVERY = 0.02  # seconds
_PARENT_EVERY = 0.2  # seconds

if sys.platform == "win32":
    _STOP_SIGNALS = (signal.SIGINT, signal.SIGBREAK)
    _ON_ITS_OWN: dict[str, Any] = {
        "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP
        | subprocess.CREATE_NO_WINDOW
        | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    }
else:
    import fcntl

    _STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    _ON_ITS_OWN: dict[str, Any] = {"start_new_session": True}


class Launcher:
    """Begins commands in processes of their own, and says how their workers behave beside the pages."""

    poll_every = 0.2
    """Seconds between two looks of a worker for commands."""
    niceness = WORKER_NICE

    def begin(self, command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
        """Start `python -m rnn_core COMMAND`, which outlives us, its output into `log`. Raises OSError."""
        with log.open("ab") as output:
            return _start(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)


launcher = Launcher()
"""Begins all that this process starts, and in a worker says how it behaves; another may stand here."""


def start_worker(run_id: str, log: Path, when_ended: Callable[[int], None]) -> None:
    """Start the worker of a run, as `start_command` does."""
    start_command(["worker", run_id], log, when_ended)


def start_command(command: Sequence[str], log: Path, when_ended: Callable[[int], None]) -> int:
    """Begin a command by the launcher; its number. If this process outlives it, `when_ended` gets its exit
    status, in a thread of its own. Raises OSError where it can't be started.
    """
    worker = launcher.begin(command, log)
    # Somebody has to wait for it, or it stays a zombie for as long as the server lives.
    threading.Thread(target=lambda: when_ended(worker.wait()), name=WATCHER, daemon=True).start()
    return worker.pid


def start_waiting(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a command with a pipe to it, which closes when we end, and one back. Raises OSError."""
    pipe = subprocess.PIPE
    return _start(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)


def _start(command: Sequence[str], **streams: Any) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "rnn_core", *command]
    return subprocess.Popen(words, cwd=import_folder(), env=child_environment(), **streams, **_ON_ITS_OWN)


def write_into(log: Path) -> None:
    """Sends all that this process writes from now on into this file, at its end."""
    with log.open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(output.fileno(), stream.fileno())


def lower_priority() -> None:
    """Let everything else go first, the pages above all. On Windows the start of the process says so."""
    if sys.platform != "win32":
        niceness = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(launcher.niceness, niceness))


def end_with(parent: int) -> None:
    """Let this process end as soon as the one that started it, of this number, has ended.

    joblib would let it finish its run and then wait for minutes. Windows does not say when a parent ends.
    """

    def end_after_it() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_EVERY)
        os._exit(1)

    threading.Thread(target=end_after_it, daemon=True).start()


@contextlib.contextmanager
def children_without_ctrl_c() -> Iterator[None]:
    """Let processes that are started in this block leave Ctrl-C to this one, which ends them.

    A terminal sends it to all of them, and one that still loads its libraries would end in a traceback. Here
    it arrives after the block. Windows has no such block.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def handling(handler: Callable[[int, FrameType | None], object], *numbers: int) -> Iterator[None]:
    """Let a function take these signals in this block, in the main thread."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, other in before.items():
            signal.signal(number, other)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Turn Ctrl-C and a request to end into an event, in the main thread; a second into KeyboardInterrupt."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def follow(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    with handling(follow, *_STOP_SIGNALS):
        yield stop


def hold(folder: Path, patience: float = _PATIENCE) -> contextlib.AbstractContextManager[bool]:
    """Hold the lock of a run's folder, which is freed however this process ends; False where another does."""
    return _locked(folder / _LOCK, patience)


@contextlib.contextmanager
def alone(lock: Path, refusal: str, patience: float = 0) -> Iterator[None]:
    """Hold a lock for as long as something takes. Raises RunError, in these words, where another has it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with _locked(lock, patience) as held:
        if not held:
            raise RunError(refusal)
        yield


@contextlib.contextmanager
def _locked(path: Path, patience: float) -> Iterator[bool]:
    try:
        held = filelock.FileLock(path, thread_local=False).acquire(timeout=patience)
    except filelock.Timeout:
        yield False
        return
    with held:
        yield True


def is_held(folder: Path) -> bool:
    """True if some process, this one included, holds the lock of a run's folder."""
    path = folder / _LOCK
    try:
        return path.exists() and _is_locked(path)
    except FileNotFoundError:  # the run was deleted between the two looks
        return False


def stays_held(folder: Path, patience: float = _PATIENCE) -> bool:
    """True if the lock is held for so long: a worker that has ended its run lets go a moment later."""
    give_up = time.monotonic() + patience
    while is_held(folder):
        if time.monotonic() >= give_up:
            return True
        time.sleep(_LOOK_EVERY)
    return False


if sys.platform == "win32":

    def _is_locked(path: Path) -> bool:
        try:
            filelock.FileLock(path).acquire(timeout=0.1).lock.release()
        except filelock.Timeout:
            return True
        return False

else:

    def _is_locked(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                # Shared, so that two who look at once don't take each other for a worker.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
