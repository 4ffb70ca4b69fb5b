"""Runs that a benchmark starts in the app: how soon one is under way or done, and how all end."""

import time

from benchmarks.app.browser import Visitor
from rnn_core.runs import queue
from rnn_core.runs.store import Store

_READY = 20.0  # seconds in which a worker has made itself ready for the next run
PATIENCE = 300.0  # seconds that a run may take to its first steps, and to its end: a busy machine is slow
_FIRST_TICK = r"/optimizer step \d/.test(document.querySelector('.st-key-run_state')?.textContent)"
_PAUSE = 0.15  # seconds that a hand rests before it clicks


def seconds_from_start(visitor: Visitor, address: str, store: Store, until: str = _FIRST_TICK) -> float:
    """Seconds from pressing Start, on the page Train at this address, until this JavaScript expression holds:
    that the page says something of an optimizer step.

    No run is there before; the one that was started has been stopped after it.
    """
    visitor.go(address)
    visitor.wait_for("bench.cost() && bench.isAtRest()")
    time.sleep(_READY)
    try:
        answer = visitor.click("start", 0, {"held": until}, _PAUSE, part="button", patience=PATIENCE)
    finally:
        stop_all(store)
    visitor.leave()
    return answer["held"] / 1e3


def stop_all(store: Store) -> None:
    """Stop the runs at work and wait for their end."""
    queue.stop_all(store)
    give_up = time.monotonic() + PATIENCE
    while store.runs.active() and time.monotonic() < give_up:
        time.sleep(0.1)
