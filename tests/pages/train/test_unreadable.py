"""A run that can't be read or drawn is shown as that run, with its error and its Delete; the page stays."""

import contextlib
import json
import sqlite3

import pytest

from rnn_core.runs.store import Store
from tests.pages.elements import labels, press, texts
from tests.pages.train.made import make_run, record_of
from tests.runs.workers import SMALL

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

LOOK = {"distance": [0, 1], "weights": {"cell.U": 1.0}, "still": 0.0, "padding": 0.0}
LOOK |= {
    "gradients": {"h": [0.5, 0.25]},
    "norms": {"h": [1.0, 1.0]},
    "gates": {"r": [0.0, 0.0], "z": [0.0, 0.0]},
}
SCORES = {"accuracy": 0.5, "loss": 0.7, "reviews": 2, "confusion": [[1, 0], [1, 0]], "mistakes": []}


def record(step, look=None):
    return record_of(step, 0.1, "validation" if look else "training", inside=look)


def broken(name):
    """A finished run with a history and scores, of which a part will be spoilt."""
    records = [record(1), record(2), record(2, LOOK), record(3), record(4, LOOK)]
    return make_run(Store(), "finished", "Finished", SCORES, records=records, name=name, **SMALL)


def spoil(column, run, change):
    """Change what the store has of a run, as a version that checked less would have let in."""
    store = Store()
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite")) as connection, connection:
        if column == "scores":
            connection.execute("UPDATE runs SET scores = ? WHERE id = ?", (json.dumps(change), run.id))
            return
        query = "SELECT number, record FROM metrics WHERE run = ? ORDER BY number DESC LIMIT 1"
        number, text = connection.execute(query, (run.id,)).fetchone()
        changed = json.dumps(json.loads(text) | change)
        connection.execute("UPDATE metrics SET record = ? WHERE number = ?", (changed, number))


BELOW = {name: LOOK[name] for name in ("gradients", "norms", "gates")}
HISTORIES = {
    "a gradient norm that is text": {"gradient_norm": "x"},
    "a look that is text": {"inside": "x"},
    "a look without its parts": {"inside": {"a": 1}},
    "an infinite accuracy": {"accuracy": float("inf")},
    "a look into another cell": {"inside": {**LOOK, "gates": {"slope": [0, 0]}}},
    "a look into a layer of another cell": {"inside": {**LOOK, "below": [BELOW | {"gates": {"i": [0, 0]}}]}},
    "a look into layers that were not there": {"inside": {**LOOK, "below": [BELOW]}},
    "a look into another network": {"inside": {**LOOK, "weights": {"cell.W": 1.0}}},
}


@pytest.mark.parametrize("change", HISTORIES.values(), ids=HISTORIES)
def test_a_history_that_cannot_be_drawn_is_named_and_its_run_can_be_deleted(open_app, change):
    run = broken("broken")
    spoil("record", run, change)
    page = open_app("train", {"run": run.id})
    [said] = [error.value for error in page.error]
    assert "broken** can't be read" in said
    assert "In its history" in said
    press(page, "Delete this run")
    assert not page.exception
    assert Store().runs.all() == []


def test_a_run_beside_that_cannot_be_drawn_is_named_and_the_others_are_drawn(open_app):
    good, bad = broken("good"), broken("bad")
    spoil("record", bad, {"gradient_norm": "x"})
    page = open_app("train", {"run": good.id}, runs_compared=[bad.id])
    assert ["bad** can't be read" in error.value for error in page.error] == [True]
    assert len(page.get("bidi_component")) >= 4  # the curves


@pytest.mark.parametrize("change", [{"accuracy": 0.5, "loss": 0.7, "reviews": 2}, {"confusion": "x"}, [1]])
def test_scores_that_cannot_be_drawn_are_named_and_their_run_can_be_deleted(open_app, change):
    broken("good")
    spoil("scores", broken("broken"), change)
    page = open_app("train")
    [said] = [error.value for error in page.error]
    assert "broken** can't be read" in said
    assert "Delete" in labels(page)
    press(page, "Delete")
    assert not page.exception
    assert not page.error
    assert [run.name for run in Store().runs.all()] == ["good"]


def test_a_look_with_numbers_that_are_not_finite_is_drawn(open_app):
    run = broken("exploding")
    spoil("record", run, {"inside": {**LOOK, "gradients": {"h": [float("inf"), float("nan")]}}})
    page = open_app("train", {"run": run.id}, run_view="Inside")
    assert not page.error


def test_a_run_whose_mistakes_were_not_kept_is_not_said_to_have_made_none(open_app):
    page = open_app("train", {"run": broken("half of two reviews right").id})
    assert "It made no mistake" not in texts(page, "success")
    assert "This run has no list of the reviews that it got wrong." in texts(page, "info")
