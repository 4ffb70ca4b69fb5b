"""A sweep at work: one process holds its lock and does its runs, no matter who started it and who looks on;
and how long the rest of it takes, said before it begins and while it runs.

It outlives the page that started it. To stop it one leaves a file; no process is signalled by its number.
"""

import _thread
import contextlib
import heapq
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

from rnn_core.config.run import RunConfig
from rnn_core.errors import SweepError
from rnn_core.runs import process
from rnn_core.runs.at_work import STARTING, is_at_work, is_starting, sweep_folder
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Key, Sweep, key_of
from rnn_core.sweeps.work import check_runs, threads_of

LOG = "sweep.log"
_STOP = "stop"
_LOOK_EVERY = 0.3  # seconds
_NOTED_WITHIN = 2.0  # seconds: a process may begin before the one that started it notes its number
_FOLLOWED_WITHIN = 10.0  # seconds: those that train have ended by then

Measure = Callable[[Sequence[RunConfig]], Sequence[float | None]]
"""Seconds that a run of each takes; None where that is not known yet, infinity where it can't be."""


def seconds_left(sweep: Sweep, measure: Measure, workers: int = 1) -> float | None:
    """Seconds until all runs without a result have ended, `workers` at once.

    Each takes what ended ones of its case took; where there is none yet, what is measured of its settings,
    once for each case. None as long as one is not known. Raises SweepError where the file of results is
    damaged.
    """
    results = Results(sweep.name)
    took: dict[Key, list[float]] = defaultdict(list)
    for result in results.all():
        took[key_of(result.case)].append(result.seconds)
    missing = results.missing(sweep)
    unknown = {key_of(point.case): point.config for point in missing if key_of(point.case) not in took}
    of_case = {key: fmean(seconds) for key, seconds in took.items()}
    as_trained = [c.with_settings(threads=threads_of(c), seed=0) for c in unknown.values()]
    measured = measure(as_trained)  # all seeds take as long
    for key, seconds in zip(unknown, measured, strict=True):
        if seconds is None:
            return None
        of_case[key] = seconds
    ends = [0.0] * workers
    for point in missing:
        heapq.heapreplace(ends, ends[0] + of_case[key_of(point.case)])
    return max(ends)


def start(sweep: Sweep, workers: int = 1, address: str = "") -> None:
    """Let a process of its own do what is missing, on a cluster if that has an address.

    Raises SweepError where it can't be begun, OSError where its file or its process can't be.
    """
    if is_at_work(sweep.name):
        raise SweepError(f"The sweep {sweep.name} is at work already.")
    check_runs(sweep, address)
    Results(sweep.name).begin(sweep)
    folder = sweep_folder(sweep.name)
    folder.mkdir(parents=True, exist_ok=True)
    for of_last_time in (_STOP, LOG):
        (folder / of_last_time).unlink(missing_ok=True)
    starting = folder / STARTING
    starting.touch()
    is_noted = threading.Event()  # a process may end before its number is known
    where = ["--backend", "dask", "--address", address] if address else ["--workers", str(workers)]

    def has_ended(_status: int) -> None:
        is_noted.wait()
        if _was_started(sweep.name, number):  # and not another one since
            starting.unlink(missing_ok=True)

    try:
        number = process.start_command(["sweep", sweep.name, *where], folder / LOG, has_ended)
    except OSError:
        starting.unlink()
        raise
    try:
        starting.write_text(str(number))
    finally:  # or who waits for the end of the process would wait for ever
        is_noted.set()


def stop(name: str) -> None:
    """Ask a sweep to give up the runs at work; what has ended stays."""
    if is_at_work(name):
        (sweep_folder(name) / _STOP).touch()


def _was_started(name: str, *numbers: int) -> bool:
    """True if a process of one of these numbers is the one that was started, once its number is noted."""
    give_up = time.monotonic() + _NOTED_WITHIN
    with contextlib.suppress(FileNotFoundError):
        while not (noted := (sweep_folder(name) / STARTING).read_text()) and time.monotonic() < give_up:
            time.sleep(0.01)
        return noted in map(str, numbers)
    return False


def last_words(name: str) -> str:
    """Return the last line of the process, the reason where it failed; empty where it said nothing."""
    try:
        lines = (sweep_folder(name) / LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1] if lines else ""


@contextlib.contextmanager
def at_work(name: str) -> Iterator[None]:
    """This process is the one at work on a sweep, until the end of the block.

    Raises SweepError where another process is, and KeyboardInterrupt in the block when it is asked to stop.
    """
    folder = sweep_folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    with process.hold(folder, patience=1.0) as held:
        # A launcher may stand between this process and the one that started it.
        is_meant = _was_started(name, os.getpid(), os.getppid())
        if not held or (is_starting(name) and not is_meant):
            raise SweepError(f"The sweep {name} is at work already, in another process.")
        if not is_meant:  # else it may have been asked to stop already
            (folder / _STOP).unlink(missing_ok=True)
        (folder / STARTING).unlink(missing_ok=True)
        with _interrupted_by(folder / _STOP):
            yield


@contextlib.contextmanager
def _interrupted_by(file: Path) -> Iterator[None]:
    """Interrupt as Ctrl-C does once this file is there, again and again: Python loses one in a finalizer."""
    over = threading.Event()

    def watch() -> None:
        while not file.exists():
            if over.wait(_LOOK_EVERY):
                return
        file.unlink(missing_ok=True)
        while not over.is_set():
            _thread.interrupt_main()
            over.wait(_FOLLOWED_WITHIN)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
