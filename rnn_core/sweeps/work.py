"""One run of a sweep, trained in this process or another: no store, no screen, its result a value.

And what must hold of all runs of a sweep before the first begins.
"""

import datetime
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.baselines.ngram_scores import ngrams_of
from rnn_core.baselines.ngrams import ORDERS
from rnn_core.cell_files.declared import check_may_travel
from rnn_core.config.corpora import CorpusRef
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import TASKS
from rnn_core.data.corpus import Corpus
from rnn_core.data.probes.pairs import DEVELOPMENT
from rnn_core.data.sources import load_corpus
from rnn_core.errors import ConfigError, SweepError
from rnn_core.inspection.memory import bits_by_memory, positions_to_ask
from rnn_core.machine import describe_machine
from rnn_core.models.probing import answer_of, ask_pairs
from rnn_core.nn.threads import use_threads
from rnn_core.sweeps.results import Result, keeps_score
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import Evaluated
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.training.records import Record
from rnn_core.training.teachers import check_teachers
from rnn_core.training.trainer import Trainer

_SCORED = 2_000_000
"""Some symbols of exact test texts on which a run is scored: all those of IMDB take as long as a training."""


class Trained(NamedTuple):
    """The result of a training."""

    config: RunConfig
    result: Result
    """The line of the run in the results, but for its case and its id, which the sweep and the store know."""
    message: str
    records: list[Record]
    words: tuple[str, ...]
    weights: dict[str, NDArray[np.float32]]
    """The weights that are kept; none where the training diverged."""
    scores: dict[str, Any]
    total_steps: int
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
    corpus = corpus if corpus is not None else _opened(config.corpus, config.corpus.folder)
    trainer = Trainer(config, corpus)
    records = list(trainer)
    diverged = trainer.outcome == "diverged"
    scores = {} if diverged else _scored(trainer, corpus).to_dict()
    weights = {} if diverged else trainer.weights()
    return Trained(
        config=config,
        result=_result(trainer, corpus, records, scores),
        message=trainer.message,
        records=records,
        words=tuple(trainer.vocabulary.words),
        weights={name: weight.cpu().numpy() for name, weight in weights.items()},
        scores=scores,
        total_steps=trainer.total_steps,
        own_seconds=time.perf_counter() - began,
    )


def _scored(trainer: Trainer, corpus: Corpus) -> Evaluated:
    """Score the kept weights on the test texts; of many exact ones on every n-th, the same for all runs."""
    texts, config = trainer.test, trainer.config
    if config.tokens.exact and (every := len(texts.ids) // _SCORED) > 1:
        texts = trainer.task.encode(corpus, texts.indices[::every], trainer.vocabulary, config.text)
    return trainer.task.evaluate(trainer.kept(), texts)


def _result(trainer: Trainer, corpus: Corpus, records: Sequence[Record], scores: Mapping[str, Any]) -> Result:
    config, task, vocabulary = trainer.config, trainer.task, trainer.vocabulary
    has_ended, probes = trainer.outcome != "diverged", None
    if config.corpus.answers_probes and has_ended:
        answer = answer_of(trainer.kept(), vocabulary, config)
        probes = ask_pairs(answer, DEVELOPMENT).shares().all  # the half on which settings may be chosen
    steps = [record for record in records if record.kind == "training"]
    recent = [record.fields["accuracy"] for record in steps[-50:] if "accuracy" in record.fields]
    seconds = records[-1].seconds if records else 0.0
    epochs = steps[-1].epoch if steps else 0.0
    score = task.score.field
    known: dict[str, Any] = {f"test_{name}": scores.get(name) for name in ("accuracy", "loss", score)}
    known[f"validation_{score}"] = trainer.kept_score if has_ended else None
    if has_ended and config.tokens.exact:
        known |= _by_memory(trainer, corpus)
    if task.needs_further(scores):  # of some, such as the share of <unk>, results have no column
        further = task.further_scores(scores)
        known |= {name: value for name, value in further.items() if name in Result.__slots__}
    return Result(
        case={},
        seed=config.training.seed,
        outcome=trainer.outcome,
        training_accuracy=sum(recent) / len(recent) if recent and has_ended else None,
        parameters=task.parameters(config, len(vocabulary)),
        optimizer_steps=steps[-1].optimizer_step if steps else 0,
        seconds=round(seconds, 2),
        seconds_per_epoch=round(seconds / epochs, 2) if epochs else 0.0,
        run="",
        machine=str(describe_machine()),
        made=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        sentences_right=probes.sentences_right if probes else None,
        pairs_right=probes.pairs_right if probes else None,
        **known,
    )


def _by_memory(trainer: Trainer, corpus: Corpus) -> dict[str, Any]:
    """Return the bits at positions of the test texts, by what is seen before: the network's, the n-grams'."""
    texts, config = trainer.test, trainer.config
    places = positions_to_ask(texts)
    if not len(places):
        return {}
    seen = bits_by_memory(trainer.kept(), texts.ids, places, UNK_ID)
    contexts = texts.ids[places[:, None] + np.arange(1 - ORDERS, 1)]  # (P, 7), the last one is asked
    begins = np.arange(len(places) + 1) * ORDERS
    counted = ngrams_of(config, corpus, trainer.vocabulary).bits(contexts.reshape(-1), begins)
    return {
        "bits_by_memory": tuple(seen.tolist()),
        "bits_by_counting": tuple(counted[ORDERS - 1 :: ORDERS].mean(axis=0).tolist()),
    }


def threads_of(config: RunConfig) -> int:
    """Threads of a run of a sweep: one unless its settings ask for more, since many run beside each other."""
    return config.training.threads or 1


@functools.lru_cache(maxsize=2)
def _opened(corpus: CorpusRef, _folder: Path) -> Corpus:
    """Once in a process, unless the folder of the corpora has become another one."""
    return load_corpus(corpus)
