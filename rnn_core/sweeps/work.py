"""One run of a sweep, trained in this process or another: no store, no screen, its result a value.

And what must hold of all runs of a sweep before the first begins.
"""

import datetime
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.cell_files.declared import check_may_travel
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.data.corpus import Corpus
from rnn_core.data.probes.pairs import DEVELOPMENT
from rnn_core.data.sources import load_corpus
from rnn_core.errors import ConfigError, SweepError
from rnn_core.machine import describe_machine
from rnn_core.models.probing import RightShares, answer_of, ask_pairs
from rnn_core.nn.threads import use_threads
from rnn_core.sweeps.results import keeps_score
from rnn_core.sweeps.sweep import Sweep
from rnn_core.training.records import Record
from rnn_core.training.teachers import check_teachers
from rnn_core.training.trainer import Trainer


class Trained(NamedTuple):
    """The result of a training."""

    config: RunConfig
    outcome: str
    message: str
    records: list[Record]
    words: tuple[str, ...]
    weights: dict[str, NDArray[np.float32]]
    """The weights that are kept; none where the training diverged."""
    scores: dict[str, object]
    probes: RightShares | None
    """Shares on the development half; None without opinions of people, and where the training diverged."""
    validation_score: float | None
    """The score of its task, of the weights that are kept; None where the training diverged."""
    parameters: int
    total_steps: int
    machine: str
    made: str
    own_seconds: float
    """Seconds between the first look at the reviews and the last score."""


class LostWorkerError(Exception):
    """A worker went away with the run that it had, or with the last copy of the reviews."""


Train = Callable[[Sequence[RunConfig]], Iterator[Trained]]
"""Trains each, and gives each as soon as it has ended."""


def check_runs(sweep: Sweep, address: str = "") -> None:
    """Raise SweepError for a task, a teacher or a cell that its runs can't have, here or on a cluster."""
    if not keeps_score(sweep.base):
        raise SweepError(f"A sweep can't keep the scores of runs for {TASKS[sweep.base.task].label}.")
    for point in sweep.points():
        if point.config.teachers and address:
            raise SweepError(
                "Runs with teachers train on this machine alone: leave the cluster out, or the teachers."
            )
        try:
            if address:
                check_may_travel(point.config.model.cell)
            check_teachers(point.config)
        except ConfigError as error:
            raise SweepError(f"The run with seed {point.seed} can't begin. {error}") from error


def train_here(config: RunConfig, corpus: Corpus | None = None) -> Trained:
    """Train a run in this process; without a corpus on the one of this machine, opened once in a process."""
    began = time.perf_counter()
    use_threads(threads_of(config))
    trainer = Trainer(config, corpus if corpus is not None else _opened(config.corpus, config.corpus.folder))
    records = list(trainer)
    diverged = trainer.outcome == "diverged"
    scores = None if diverged else trainer.score_test()
    weights = {} if diverged else trainer.weights()
    probes = None
    if config.corpus.answers_probes and not diverged:
        answer = answer_of(trainer.kept(), trainer.vocabulary, config, trainer.device)
        probes = ask_pairs(answer, DEVELOPMENT).shares().all  # the half on which settings may be chosen
    return Trained(
        config=config,
        outcome=trainer.outcome,
        message=trainer.message,
        records=records,
        words=tuple(trainer.vocabulary.words),
        weights={name: weight.cpu().numpy() for name, weight in weights.items()},
        scores={} if scores is None else scores.to_dict(),
        probes=probes,
        validation_score=None if diverged else trainer.kept_score,
        parameters=trainer.task.parameters(config, len(trainer.vocabulary)),
        total_steps=trainer.total_steps,
        machine=str(describe_machine()),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        own_seconds=time.perf_counter() - began,
    )


def threads_of(config: RunConfig) -> int:
    """Threads of a run of a sweep: one unless its settings ask for more, since many run beside each other."""
    return config.training.threads or 1


@functools.lru_cache(maxsize=2)
def _opened(corpus: CorpusRef, _folder: Path) -> Corpus:
    """Once in a process, unless the folder of the corpora has become another one."""
    return load_corpus(corpus)
