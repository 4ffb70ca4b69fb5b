"""Ctrl-C in the terminal ends the server, not the run."""

import os
import signal

import pytest
from playwright.sync_api import expect

from rnn_core.runs import queue
from rnn_core.runs.run import RUNNING
from rnn_core.runs.store import Store
from tests.runs.workers import PATIENCE, wait_until


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to no other group")
def test_a_run_outlives_the_server_which_says_so_and_how_to_stop_it(page, running):
    page.goto(f"{running.address}/train?data=verdict&epochs=1000&hidden_size=8&max_length=32&threads=1")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_text("tokens/s").first).to_be_visible()
    store = Store()
    [run] = store.runs()

    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    running.process.wait(PATIENCE)
    said = running.output.read_text()
    assert f"Run {run.id} goes on" in said
    assert "python -m rnn_core runs stop --all" in said

    step = store.get(run.id).optimizer_step
    wait_until(lambda: store.get(run.id).optimizer_step > step)
    assert store.get(run.id).state == RUNNING
    queue.stop_all(store)
    wait_until(lambda: not store.active())
    assert store.get(run.id).state == "stopped"
