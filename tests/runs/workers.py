"""Real worker processes, small work for them, and waiting for what they do."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rnn_core.paths import import_folder
from rnn_core.runs import queue
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store

PATIENCE = 60.0  # seconds until a test gives up waiting
SMALL = {
    "vocab_size": 50,
    "max_length": 8,
    "embedding_size": 2,
    "hidden_size": 2,
    "reviews": 64,
    "batch_size": 16,
    "epochs": 2,
    "threads": 1,
}
"""Settings with which a network trains in no time."""


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Raises AssertionError when patience is over."""
    give_up = time.monotonic() + patience
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"what had to happen within {patience:g} s did not")
        time.sleep(0.02)


def _begin(command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "rnn_core", *command],
            cwd=import_folder(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def start_worker(store: Store, run: Run) -> "subprocess.Popen[bytes]":
    """A worker as `queue.start_next` starts one, but one that can be signalled and waited for."""
    return _begin(["worker", run.id], store.folder(run.id) / queue.LOG)
