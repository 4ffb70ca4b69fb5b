"""What a run will cost, measured beside the pages: by one desk for all of them."""

import threading
import time
from concurrent.futures import Future

import streamlit as st

from pages.components.shared import cost
from rnn_core.config.run import RunConfig
from rnn_core.training.estimate import Estimate


def test_a_measurement_has_ended_once_the_caches_are_cleared(monkeypatch):
    begun = threading.Event()

    def slow(config, corpus):
        begun.set()
        time.sleep(0.3)

    monkeypatch.setattr(cost, "estimate", slow)
    at_work, waiting = cost._desk().ask(
        "a page", [(RunConfig().with_settings(seed=seed), None) for seed in (0, 1)]
    )
    assert begun.wait(10)
    st.cache_resource.clear()
    assert at_work.done()
    assert waiting.cancelled()


def test_a_worker_that_is_not_ready_begins_later_on_a_busy_machine(monkeypatch):
    monkeypatch.setattr(cost.ready, "begins_in", lambda: 4.0)
    measured = Future()
    measured.set_result(Estimate(parameters=1, optimizer_steps=1, seconds=90.0, share=0.25))
    assert cost._seconds(measured) == 106.0
