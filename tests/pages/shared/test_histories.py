"""Histories of runs: what of them is read again while they grow."""

import threading

import pytest

from pages.components.shared import histories
from rnn_core.data.sources import recommended_config
from rnn_core.runs.history import StoredRecords
from rnn_core.runs.store import Store
from tests.pages.train.made import record_of


@pytest.fixture
def make_run(store):
    def make(losses):
        run = store.create(recommended_config("verdict"))
        add(store, run, losses)
        return run

    return make


def add(store, run, losses, **more):
    store.records.append(run.id, [record_of(1, loss=loss, **more) for loss in losses])


def losses(known):
    return known.history.training["loss"].tolist()


def test_a_history_grows_by_what_is_new(store, make_run):
    run, shelf = make_run([3.0]), histories._Shelf()
    assert losses(shelf.read(store, run)) == [3.0]
    add(store, run, [2.0, 1.0])
    assert losses(shelf.read(store, run)) == [3.0, 2.0, 1.0]


def test_the_time_left_is_that_of_several_records(store, make_run):
    """The latest ones, of which no single one changes it."""
    run, shelf = make_run([]), histories._Shelf()
    shown = []
    for number in range(9):
        seconds_left = 300.0 if number in (0, 6) else 100.0 - number
        add(store, run, [0.7], seconds=float(number), seconds_left=seconds_left)
        shown.append(shelf.read(store, run).seconds_left)
    assert shown == [None, None, None, None, 96.0, 95.0, 94.0, 93.0, 92.0]


def test_runs_not_looked_at_for_long_are_read_again(store, make_run, monkeypatch):
    monkeypatch.setattr(histories, "_MOST_KEPT", 2)
    runs = [make_run([float(number)]) for number in range(3)]
    shelf = histories._Shelf()
    for run in (*runs[:2], runs[0], runs[2]):
        shelf.read(store, run)
    assert [run_id for _, run_id, _ in shelf._runs] == [runs[0].id, runs[2].id]
    assert losses(shelf.read(store, runs[1])) == [1.0]


def test_one_slow_look_keeps_nobody_waiting(store, make_run):
    slow, quick, shelf, waiting = make_run([1.0]), make_run([2.0]), histories._Shelf(), []

    class SlowRecords(StoredRecords):
        def since(self, run_id, row):
            other = threading.Thread(target=shelf.read, args=(store, quick))
            other.start()
            other.join(10)
            waiting.append(other.is_alive())
            return super().since(run_id, row)

    slow_store = Store()
    slow_store.records = SlowRecords(slow_store.database)
    shelf.read(slow_store, slow)
    assert waiting == [False]
