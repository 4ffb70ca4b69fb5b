"""Runs in folders of their own, trained by real workers, to be killed and compared."""

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from rnn_core.data.sources import recommended_config
from rnn_core.runs import process, queue
from rnn_core.runs.store import Store
from rnn_core.training.records import Record
from tests.cell_files.sources import checked
from tests.runs.workers import start_worker, wait_until

PATIENCE = 600.0  # seconds
SHOWN_WITHIN = 10.0  # seconds in which an interruption must be seen

# Dropout, averaged weights, one-cycle, several evaluations an epoch: all that a checkpoint has to remember.
SIZES = {"vocab_size": 1_000, "max_length": 120, "hidden_size": 32, "reviews": 1_600, "epochs": 8}
DROPOUTS = {"word_dropout": 0.1, "head_dropout": 0.2, "embedding_dropout": 0.1}
CONFIG = recommended_config("verdict").with_settings(
    **SIZES, **DROPOUTS, evaluations_per_epoch=3, weight_averaging=0.99, schedule="one-cycle", threads=1
)


OWN_CELL = "mine"


def with_own_cell(config):
    """These settings with the cell of the user's own that every store of the suite has."""
    with own_artifacts():
        return config.with_settings(cell=OWN_CELL)


class Ended(NamedTuple):
    """Results of a run that must not depend on whether it was interrupted."""

    state: str
    message: str
    optimizer_step: int
    validation_accuracy: float | None
    scores: dict[str, object]
    history: list[Record]
    weights: bytes


@contextlib.contextmanager
def own_artifacts(root=None):
    """A store of its own, for this process and all that it starts, with an own cell of a checked file."""
    with tempfile.TemporaryDirectory(dir=root) as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", folder)
        checked(OWN_CELL)
        try:
            yield Store()
        finally:
            # Each watcher looks at the store once more when its worker has ended: not while this is removed.
            for thread in threading.enumerate():
                if thread.name == process.WATCHER:
                    thread.join(30)


def end_of(store, run):
    """The end of a run."""
    run = store.runs.get(run.id)
    return Ended(
        run.state,
        run.message,
        run.optimizer_step,
        run.validation_accuracy,
        dict(run.scores),
        [
            dataclasses.replace(record, seconds=0, seconds_left=None, tokens_per_second=None)
            for record in store.records.all(run.id)
        ],
        (store.folder(run.id) / "weights.safetensors").read_bytes(),
    )


def train_undisturbed(config):
    """The end when nothing happens, and the seconds from the worker's start to it."""
    with own_artifacts() as store:
        run = store.create(config)
        began = time.monotonic()
        if start_worker(store, run).wait(PATIENCE) != 0:
            raise AssertionError((store.folder(run.id) / queue.LOG).read_text())
        return end_of(store, run), time.monotonic() - began


def kill(worker):
    """Kill as the system does: at once, and the process can do nothing about it."""
    worker.send_signal(signal.SIGKILL)
    worker.wait(PATIENCE)


def resume_and_wait(store, run):
    """Let it go on through the queue, to its end."""
    queue.resume(store, run.id)
    wait_until(lambda: not store.runs.get(run.id).active, PATIENCE)


def can_mount():
    """True if this user may mount a small disk."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


needs_mount = pytest.mark.skipif(not can_mount(), reason="only root on Linux may mount a small disk")


@contextlib.contextmanager
def small_disk(megabytes):
    """A disk of so many megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def filled(disk):
    """The disk has no room while this lasts."""
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    try:
        yield
    finally:
        filler.unlink()
