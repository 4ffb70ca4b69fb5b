"""Real worker processes, small work for them, and waiting for what they do."""

import contextlib
import os
import signal
import time

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.runs import process, queue
from rnn_core.runs.store import Store
from rnn_core.runs.worker import execute, run_in_foreground
from rnn_core.training.records import Record

PATIENCE = 60.0  # seconds until a test gives up waiting
SMALL = {"vocab_size": 50, "max_length": 8, "embedding_size": 2, "hidden_size": 2}
SMALL |= {"reviews": 64, "batch_size": 16, "epochs": 2, "threads": 1}
"""Settings with which a network trains in no time."""
TINY = RunConfig(data="verdict").with_settings(**SMALL, evaluations_per_epoch=1)


def wait_until(condition, patience=PATIENCE):
    """Raises AssertionError when patience is over."""
    give_up = time.monotonic() + patience
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"what had to happen within {patience:g} s did not")
        time.sleep(0.02)


def current(store, run):
    """The run as it is now."""
    return store.runs.get(run.id)


def trained(store, config, announce=print):
    """A run of these settings, trained here to its end."""
    run = store.create(config, foreground=True)
    list(run_in_foreground(store, run.id, announce))
    return store.runs.get(run.id)


@contextlib.contextmanager
def artifacts_in(folder, cache):
    """The runs of this machine lie in this folder and its corpora in this cache, until it ends."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
        environment.setenv("GATESCOPE_CACHE", str(cache))
        yield folder


@contextlib.contextmanager
def at_work(store, *runs):
    """These runs are at work, as far as anybody sees."""
    with contextlib.ExitStack() as held:
        for run in runs:
            held.enter_context(process.hold(store.folder(run.id)))
            assert store.turns.claim(run.id)
        yield


def start_worker(store, run):
    """A worker as `queue.start_next` starts one, but one that can be signalled and waited for."""
    return process.launcher.begin(["worker", run.id], store.folder(run.id) / queue.LOG)


def train_and_be_killed(run_id, after, command=None):
    """Trains like a worker that is killed after so many records; after fewer it may get a command."""
    process.launcher.poll_every = 0  # it takes the command before the next record
    store = Store()
    with process.hold(store.folder(run_id)), process.stop_on_signals() as stop:
        store.turns.claim(run_id)
        for count, _ in enumerate(execute(store, run_id, stop), start=1):
            if command is not None and count == command[0]:
                store.commands.give(run_id, *command[1:])
            if count == after:
                os.kill(os.getpid(), signal.SIGKILL)


def append_often(run_id, accuracy):
    """A hundred records with this accuracy."""
    numbers = {"epoch": 0.0, "loss": 0.7, "accuracy": accuracy, "seconds": 0.0}
    for step in range(100):
        Store().records.append(run_id, [Record(kind="training", optimizer_step=step, **numbers)])
