"""The Train page, and a run that looks as if it trained."""

import pytest

from rnn_core.config.presets import PRESETS
from rnn_core.runs import process


@pytest.fixture
def open_train(open_app):
    """A function that opens the page with a query string."""

    def open_page(**address):
        page = open_app("train", address)
        assert not page.exception
        return page

    return open_page


@pytest.fixture
def at_work(store):
    """A run that looks as if it trained: nobody trains it, but its lock is held."""
    run = store.create(PRESETS["demonstration"].config)
    with process.hold(store.folder(run.id)):
        assert store.turns.claim(run.id)
        store.runs.update(run.id, total_steps=564)
        yield run
        store.runs.finish(run.id, "stopped", "")
