"""A run from its claim to its end, in a worker process or in the foreground.

Whatever ends it, the store says so afterwards and the run's folder holds what was learned until then.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch

from rnn_core.config.corpora import CorpusRef
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import load_corpus, prepare
from rnn_core.errors import CellError, ConfigError, DataError, RunError, StoreError, reason
from rnn_core.files import from_json, write_json
from rnn_core.machine import memory_in_use
from rnn_core.models.folder import HISTORY, SCORES, WEIGHTS, save_model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.threads import use_threads
from rnn_core.progress import RateLimit, duration
from rnn_core.runs import process
from rnn_core.runs.history import STOP, STOP_UNSCORED
from rnn_core.runs.queue import LOG, start_next, wait_for_turn
from rnn_core.runs.run import DIVERGED, FAILED, FINISHED, RUNNING, STOPPED
from rnn_core.runs.session import Session
from rnn_core.runs.store import Store
from rnn_core.tasks.classes import cross_entropies
from rnn_core.training.checkpoint import drop_checkpoints, has_checkpoint
from rnn_core.training.learner import make_optimizer
from rnn_core.training.records import Record
from rnn_core.training.trainer import Trainer
from rnn_core.writing.text import recorder

_SAY_EVERY = 0.5  # seconds
_STARTING = "Starting, step"

Announce = Callable[[str], None]
"""Takes a sentence about what goes on."""


def run_worker(run_id: str) -> None:
    """Train a run if it is its turn, then start the next one. The whole life of a worker process."""
    store = Store()
    process.lower_priority()
    try:
        with process.hold(store.folder(run_id)) as held, process.stop_on_signals() as stop:
            if held and store.turns.claim(run_id):
                for _ in execute(store, run_id, stop):
                    pass
    finally:
        start_next(store)


def wait_for_run(given: "SimpleQueue[str]") -> None:
    """The whole life of a worker process that is kept ready, once `listen` listens to its server."""
    process.lower_priority()
    # torch imports a third of itself only for an optimizer step.
    network = Classifier(ModelConfig(embedding_size=1, hidden_size=1), vocab_size=4)
    one = torch.ones(1, dtype=torch.int64)
    optimizer = make_optimizer(TrainingConfig(), network.parameters())
    cross_entropies(network(one.view(1, 1), one), one).sum().backward()
    optimizer.step()
    print(memory_in_use(), time.process_time(), flush=True)
    run_id, log = from_json(given.get(), list[str])
    process.write_into(Path(log))
    run_worker(run_id)


def run_in_foreground(store: Store, run_id: str, announce: Announce) -> Iterator[Record]:
    """Wait for the turn of a run made with `foreground=True`, then train it here, record by record.

    Closing the iterator, or Ctrl-C, stops it and keeps what was learned; Ctrl-C again gives up the
    test scores too, by a KeyboardInterrupt. How it ended is in the store. Raises RunError where another
    process has taken the run.
    """
    try:
        with process.hold(store.folder(run_id)) as held, process.stop_on_signals() as stop:
            if not held:
                raise RunError(f"Run {run_id} is trained by another process.")
            said = ""
            for position in wait_for_turn(store, run_id):
                if stop.is_set():
                    store.turns.leave(run_id, STOPPED, "Left the queue before it began.")
                    continue
                behind = position.behind.id if position.behind else "the queue"
                sentence = f"Waiting for run {behind}; {position.ahead} ahead of this one"
                if sentence != said:
                    announce(sentence)
                said = sentence
            if store.runs.get(run_id).state == RUNNING:
                yield from execute(store, run_id, stop, announce)
    finally:
        start_next(store)


def execute(
    store: Store, run_id: str, stop: threading.Event, announce: Announce = lambda sentence: None
) -> Iterator[Record]:
    """Train a claimed run, of which this process holds the lock, until it ends or `stop` is set."""
    folder, finish = store.folder(run_id), partial(store.runs.finish, run_id)
    try:
        yield from _Work(store, run_id, stop, announce).records()
    except KeyboardInterrupt:
        has_weights = (folder / WEIGHTS).exists()
        kept = "the weights saved last are kept" if has_weights else "it had no weights to keep yet"
        finish(STOPPED, f"Stopped at once; {kept}.")
        raise
    except (DataError, ConfigError, CellError) as error:
        finish(FAILED, str(error))
    except (OSError, StoreError) as error:
        can_go_on = has_checkpoint(folder)
        then = "resume it: it goes on from its last checkpoint" if can_go_on else "start it again"
        why = f"Its files could not be written ({reason(error)}). Make room on the disk, then {then}."
        finish(FAILED, why)
    except Exception as error:
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(traceback.format_exc())
        finish(FAILED, f"It failed: {reason(error)}. The details are in {LOG} of the run.")


class _Work:
    """A training from its reviews to its test scores."""

    def __init__(self, store: Store, run_id: str, stop: threading.Event, announce: Announce) -> None:
        self.store, self.run_id, self.stop, self.announce = store, run_id, stop, announce
        self.folder, self.run = store.folder(run_id), store.runs.get(run_id)
        self.texts = self.run.config.corpus.nouns.texts

    def say(self, sentence: str) -> None:
        """Say it in the store, and here."""
        self.store.runs.say(self.run_id, sentence)
        self.announce(sentence)

    def records(self) -> Iterator[Record]:
        """Train; each record is in the store soon after."""
        store, run_id, config = self.store, self.run_id, self.run.config
        # A run that goes on takes as many threads as before: with more or fewer it would round differently.
        threads = use_threads(self.run.threads or config.training.threads, processes=store.turns.at_once())
        store.runs.update(run_id, threads=threads)
        corpus = self._read_texts(config.corpus)
        if corpus is None:
            began = "went on" if has_checkpoint(self.folder) else "began"
            store.runs.finish(run_id, STOPPED, f"Stopped before the training {began}.")
            return
        self.say(f"{_STARTING} 2 of 3: encoding the {self.texts}, making the network")
        trainer = Trainer(config, corpus)
        trainer.write = recorder(config, trainer.vocabulary)
        store.runs.update(run_id, total_steps=trainer.total_steps)
        session = Session(store, run_id, trainer, self.stop)
        self.say(f"{_STARTING} 3 of 3: learning from the first batch")
        try:
            yield from session.records()
        except GeneratorExit:
            self.stop.set()
        self._keep(trainer, session)
        drop_checkpoints(self.folder)

    def _read_texts(self, corpus: CorpusRef) -> Corpus | None:
        """The texts, prepared first where they are not; None when the run was stopped meanwhile."""
        reading = f"{_STARTING} 1 of 3: reading the {self.texts}"
        self.say(reading)
        due = RateLimit(process.launcher.poll_every)
        for doing, done, total in prepare(corpus):
            if due():
                self.say(f"{reading}; {doing[0].lower()}{doing[1:]}, {done:,} of {total:,}")
                if self.store.commands.take(self.run_id, only=STOP):
                    self.stop.set()
                if self.stop.is_set():
                    return None
        return load_corpus(corpus)

    def _keep(self, trainer: Trainer, session: Session) -> None:
        """Save the result of a training, score it on the test texts, and end the run."""
        records, finish = self.store.records.all(self.run_id), partial(self.store.runs.finish, self.run_id)
        write_json(self.folder / HISTORY, [record.to_dict() for record in records])
        if trainer.outcome == "diverged":
            finish(DIVERGED, trainer.message)
            return
        save_model(self.folder, trainer.config, trainer.vocabulary, trainer.weights())
        scores = self._score(trainer) if session.is_scored else None
        if scores is not None:
            write_json(self.folder / SCORES, scores)
        if trainer.outcome == "running":
            state = STOPPED
            message = f"Stopped at optimizer step {trainer.optimizer_step:,}; what it learned is kept."
        else:
            state, message = FINISHED, trainer.message or "Finished"
        if scores is None:
            message = f"{message.rstrip('.')}. The scoring of the test {self.texts} was stopped."
        finish(state, message, scores)

    def _score(self, trainer: Trainer) -> dict[str, Any] | None:
        """The test scores, of a run that was stopped, too; None when the scoring is stopped (again)."""
        scoring, update = f"Scoring the test {self.texts}", partial(self.store.runs.update, self.run_id)
        update(message=scoring, ending=True)
        self.announce(scoring)
        poll_is_due, saying_is_due = RateLimit(process.launcher.poll_every), RateLimit(_SAY_EVERY)
        was_stopped = trainer.outcome == "running"
        began = time.monotonic()

        def keep_going(share: float) -> bool:
            if saying_is_due():
                elapsed = time.monotonic() - began
                if elapsed < _SAY_EVERY or not share:  # by the evaluations before, soon by its own pace
                    seconds = trainer.clock.scoring_seconds if trainer.clock.steps else 0.0
                else:
                    seconds = elapsed * (1 - share) / share
                update(message=f"{scoring}: {share:.0%} done, {duration(seconds)} left")
            is_commanded = poll_is_due() and bool(self.store.commands.take(self.run_id, only=STOP_UNSCORED))
            return not is_commanded and (was_stopped or not self.stop.is_set())

        scores = trainer.score_test(keep_going)
        return None if scores is None else scores.to_dict()
