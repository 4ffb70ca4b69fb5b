"""Runs that a benchmark starts in the app: when a worker is ready for one, its first tick, how all end."""

import time

from benchmarks.app.browser import Visitor
from rnn_core.runs import queue
from rnn_core.runs.store import Store

READY = 20.0  # seconds in which a worker has made itself ready for the next run
PATIENCE = 180.0  # seconds that a run may take to its first steps, and to its end once it is stopped
_FIRST_TICK = r"/optimizer step \d/.test(document.querySelector('.st-key-run_state')?.textContent)"
_PAUSE = 0.15  # seconds that a hand rests before it clicks


def first_tick(visitor: Visitor, address: str, store: Store) -> float:
    """Seconds from pressing Start, on the page Train at this address, to what it says of an optimizer step.

    No run is there before; the one that was started has been stopped after it.
    """
    visitor.go(address)
    visitor.wait_for("bench.cost() && bench.isAtRest()")
    time.sleep(READY)
    try:
        answer = visitor.click("start", 0, {"tick": _FIRST_TICK}, _PAUSE, part="button")
    finally:
        stop_all(store)
    visitor.leave()
    return answer["tick"] / 1e3


def stop_all(store: Store) -> None:
    """Stop the runs at work and wait for their end."""
    queue.stop_all(store)
    give_up = time.monotonic() + PATIENCE
    while store.runs.active() and time.monotonic() < give_up:
        time.sleep(0.1)
