"""Runs that a benchmark starts in the app: when a worker is ready for one, and how all of them end."""

import time

from rnn_core.runs import queue
from rnn_core.runs.store import Store

READY = 20.0  # seconds in which a worker has made itself ready for the next run
PATIENCE = 180.0  # seconds that a run may take to its first steps, and to its end once it is stopped


def stop_all(store: Store) -> None:
    """Stop the runs at work and wait for their end."""
    queue.stop_all(store)
    give_up = time.monotonic() + PATIENCE
    while store.runs.active() and time.monotonic() < give_up:
        time.sleep(0.1)
