"""Ctrl-C in the terminal ends the server, not the run."""

import os
import signal

import pytest

from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from tests.browser.wire import start_button, visit
from tests.runs.workers import PATIENCE, wait_until

TRAIN = "train?data=verdict&epochs=1000&hidden_size=8&max_length=32&threads=1"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to no other group")
def test_a_run_outlives_the_server_which_says_so_and_how_to_stop_it_and_ends_without_an_error(running):
    host = f"127.0.0.1:{running.port}"
    visit(running.port, TRAIN, host=host, origin=running.address, press=start_button(running.port, TRAIN))
    store = Store()
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)

    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    assert running.process.wait(PATIENCE) == 0
    said = running.output.read_text()
    assert "Aborted" not in said
    assert f"Run {run.id} goes on" in said
    assert "python -m rnn_core runs stop --all" in said

    step = store.runs.get(run.id).optimizer_step
    wait_until(lambda: store.runs.get(run.id).optimizer_step > step)
    assert store.runs.get(run.id).state == RUNNING
    queue.stop_all(store)
    wait_until(lambda: not store.runs.active())
    assert store.runs.get(run.id).state == "stopped"
