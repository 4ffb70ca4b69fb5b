"""One run at a time, or as many as the store says: whose turn it is, and who begins it.

The process that ends a run starts the next one, so the queue moves on without a server. Where it was
killed, the process that started it does, or else the next call of `start_next`, from a page or a command.
"""

import contextlib
import heapq
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.errors import RunError, UnknownRunError
from rnn_core.runs import process, ready
from rnn_core.runs.history import RATES, RESUME, STOP, STOP_UNSCORED, rate_changes
from rnn_core.runs.run import FAILED, QUEUED, RUNNING, STOPPED, Run
from rnn_core.runs.store import Store
from rnn_core.training.schedule import Outlook

LOG = "worker.log"
_LOOK_EVERY = 0.25  # seconds
_LEAST_RATE = 1e-20  # a schedule ends below the least rate that a run may have as its highest


class QueuePosition(NamedTuple):
    """Place of a run in the queue."""

    ahead: int
    """Runs that come before it, those at work included."""
    behind: Run | None
    """The run right before it."""


def start_next(store: Store) -> list[Run]:
    """Start a worker for each run whose turn it is; those runs. Any number of processes may do so at once."""
    started = []
    while run := store.turns.launch_next():
        try:
            log, when_ended = store.folder(run.id) / LOG, partial(_move_on, store, run.id)
            if not ready.place.hand_over(run.id, log, when_ended):
                process.start_worker(run.id, log, when_ended)
            started.append(run)
        except OSError as error:
            store.turns.leave(run.id, FAILED, f"Its worker could not start: {error}.")
    return started


def _move_on(store: Store, run_id: str, status: int) -> None:
    """Start the next run in place of a worker that failed or was killed before it could do so."""
    if status != 0:
        store.turns.leave(run_id, FAILED, f"Its worker could not start. Its output is in {LOG} of the run.")
        start_next(store)


def position(store: Store, run_id: str) -> QueuePosition:
    """Return the place of a waiting run; nothing is ahead of one that does not wait."""
    runs = store.runs.active()
    ids = [run.id for run in runs]
    ahead = ids.index(run_id) if run_id in ids else 0
    return QueuePosition(ahead, runs[ahead - 1] if ahead else None)


def begins_in(
    active: Sequence[Run], run_id: str, at_once: int, seconds: Callable[[Run], float | None]
) -> float | None:
    """Seconds until a waiting run begins, by what those before it still take; None where that is unknown."""
    ends: list[float] = []  # of the runs at work at that moment, from now
    now = 0.0
    for run in active:
        while run.state != RUNNING and len(ends) >= at_once:  # as many as may, or more that have begun
            now = heapq.heappop(ends)
        if run.id == run_id:
            return now if math.isfinite(now) else None
        left = seconds(run)
        heapq.heappush(ends, now + (math.inf if left is None else left))
    return None


def wait_for_turn(store: Store, run_id: str) -> Iterator[QueuePosition]:
    """Claim a run of which this process holds the lock, saying where it stands until its turn has come."""
    while not store.turns.claim(run_id):
        if store.runs.get(run_id).state != QUEUED:
            return
        start_next(store)
        yield position(store, run_id)
        time.sleep(_LOOK_EVERY)


def stop(store: Store, run_id: str, *, unscored: bool = False) -> bool:
    """Ask a run to stop and keep what it learned, or take it out of the queue; False if it has ended.

    A run at work says at once that it was asked, and is scored before it ends; `unscored` spares it that.
    """
    begun = store.runs.get(run_id).started is not None
    when = "; what it learned before it was interrupted is kept." if begun else " before it began."
    if store.turns.leave(run_id, STOPPED, f"Taken out of the queue{when}"):
        return True
    store.runs.update(run_id, "state = ?", RUNNING, message="Stopping", ending=True)
    return give_command(store, run_id, STOP_UNSCORED if unscored else STOP)


def give_command(store: Store, run_id: str, command: str, value: float | None = None) -> bool:
    """Give a command to the run at work; False where it isn't. Raises ValueError for a rate that can't be."""
    if command in RATES:
        value = replace(TrainingConfig.settings()["learning_rate"], low=_LEAST_RATE).check(value)
    if store.runs.get(run_id).state != RUNNING:
        return False
    store.commands.give(run_id, command, value)
    return True


def outlook(store: Store, run: Run) -> Outlook:
    """The rates of a run that takes steps, with all that was commanded until now."""
    return Outlook(
        run.config.training, run.total_steps, run.optimizer_step, rate_changes(store.commands.taken(run.id))
    )


def resume(store: Store, run_id: str) -> None:
    """Let a run go on that pauses, is to, or was interrupted. Raises RunError for any other."""
    run = store.runs.get(run_id)
    if run.state == RUNNING and not (run.paused or store.commands.is_to_pause(run_id)):
        raise RunError(f"Run {run_id} is training: there is no pause that it could go on from.")
    if not give_command(store, run_id, RESUME):
        if gone := run.config.corpus.why_gone(run.config.identity):
            raise RunError(gone)
        store.turns.requeue(run_id)
        start_next(store)


def stop_all(store: Store) -> list[Run]:
    """Stop every active run, those that wait first; one that is ending already ends without a score."""
    stopped = []
    for run in reversed(store.runs.active()):
        with contextlib.suppress(UnknownRunError):  # deleted meanwhile
            if stop(store, run.id, unscored=run.is_ending):
                stopped.append(run)
    return stopped


def farewell(store: Store) -> str | None:
    """Return the sentences for a server that ends while runs go on; None where none does."""
    runs = store.runs.active()
    if not runs:
        return None
    at_work = [run for run in runs if run.state == RUNNING]
    waiting = len(runs) - len(at_work)
    sentences = [f"Run {run.id} goes on without the app." for run in at_work]
    if waiting:
        sentences.append(f"{waiting} {'run waits' if waiting == 1 else 'runs wait'} in the queue.")
    sentences.append("Stop with: python -m rnn_core runs stop --all")
    return " ".join(sentences)
