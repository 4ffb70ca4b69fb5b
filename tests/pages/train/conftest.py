"""The Train page, and a run that looks as if it trained."""

import pytest

from tests.pages.train.made import DEMONSTRATION
from tests.runs import workers


@pytest.fixture
def open_train(open_app):
    """A function that opens the page with a query string."""

    return lambda **address: open_app("train", address)


@pytest.fixture
def at_work(store):
    """A run that looks as if it trained: nobody trains it, but its lock is held."""
    run = store.create(DEMONSTRATION)
    with workers.at_work(store, run):
        store.runs.update(run.id, total_steps=564)
        yield run
        store.runs.finish(run.id, "stopped", "")
