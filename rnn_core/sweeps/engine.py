"""Running a sweep: joblib or a cluster trains its runs, the caller keeps the results.

Only the process that iterates `run_sweep` writes; with one worker here it is also the one that trains. A run
whose process was killed is done again from its start.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from joblib import Parallel, delayed

from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError
from rnn_core.progress import Progress
from rnn_core.runs.process import children_without_ctrl_c, end_with
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import on_cluster
from rnn_core.sweeps.kept_runs import keep, take_up
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.work import LostWorkerError, Train, Trained, check_runs, train_here

MOST_LOST = 3
"""The times that processes may be killed before the sweep gives up; what has ended is kept."""


class EndedRun(NamedTuple):
    """One more run of a sweep that has ended, and how far the sweep is."""

    result: Result
    progress: Progress
    own_seconds: float
    """Seconds of the run alone, where it was trained: from its reviews to its last score."""


class LostWorkError(RunError):
    """The processes of a sweep were killed again and again."""


def run_sweep(sweep: Sweep, store: Store, *, workers: int = 1, address: str = "") -> Iterator[EndedRun]:
    """Do the runs that have no result yet, so many at once; each as soon as it has ended.

    With the address of a Dask scheduler its workers do them, a run each. Raises ClusterError where it can't
    be used, SweepError where a sweep of this name has other settings or a run can't have its teachers, before
    anything is trained. Closing the iterator, or Ctrl-C, gives up the runs at work; the same call continues.
    """
    check_runs(sweep, address)
    results, lost = Results(sweep.name), 0
    with _trainers(sweep, workers, address) as train:
        results.begin(sweep)
        take_up(store, results, sweep)
        missing = {point.config: point for point in results.missing(sweep)}
        while missing:
            try:
                for trained in train(list(missing)):
                    result = results.append(keep(store, sweep, missing[trained.config], trained))
                    del missing[trained.config]
                    done = Progress("Training", len(sweep) - len(missing), len(sweep))
                    yield EndedRun(result, done, trained.own_seconds)
            except (BrokenProcessPool, LostWorkerError) as error:
                if isinstance(error, BrokenProcessPool) and error.__cause__ is not None:
                    raise  # what a process sent can't be read: it was not killed
                lost += 1
                if lost > MOST_LOST:
                    raise LostWorkError(
                        f"Processes of the sweep {sweep.name} were killed {lost} times, perhaps because "
                        "memory ran out. Close other programs or take fewer workers, and start it again: "
                        "what has ended is kept."
                    ) from error


@contextlib.contextmanager
def _trainers(sweep: Sweep, workers: int, address: str) -> Iterator[Train]:
    """Processes of this machine, or the workers of a cluster."""
    if address:
        with on_cluster(address, sweep.corpora) as there:
            yield there
        return

    def train(configs: Sequence[RunConfig]) -> Iterator[Trained]:
        # A new one each time: one that lost a process may still be handed what the others had at hand.
        here = Parallel(
            n_jobs=workers,
            pre_dispatch=workers,
            batch_size=1,
            return_as="generator_unordered",
            initializer=end_with,
            initargs=(os.getpid(),),
        )
        try:
            with children_without_ctrl_c():
                trained = here(delayed(train_here)(config) for config in configs)
            yield from trained
        except RuntimeError as error:
            # loky waits for a thread that it has not started, where it is interrupted as it begins.
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            raise

    yield train
