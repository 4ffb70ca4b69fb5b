"""Runs and settings that the tests of the Train page share."""

from pages.components.shared.settings import control_key
from rnn_core.config.presets import PRESETS
from rnn_core.training.records import Record
from tests.runs.workers import SMALL

TINY = {"data": "verdict", "evaluations_per_epoch": "1"} | {name: str(value) for name, value in SMALL.items()}
DEMONSTRATION = PRESETS["demonstration"].config
SCORES = {"accuracy": 0.875, "loss": 0.3, "reviews": 8, "confusion": [[4, 0], [1, 3]], "mistakes": []}


def record_of(step, norm=0.5, kind="training", **more):
    values = {"epoch": step / 188, "loss": 0.7, "accuracy": 0.5, "seconds": step, "learning_rate": 0.1}
    return Record(kind=kind, optimizer_step=step, gradient_norm=norm, **values | more)


def with_time(step):
    return record_of(step, accuracy=0.53125, seconds_left=100.0 - step)


def look(cell="gru", **more):
    """The sight inside a network at an evaluation."""
    known = {"elman": (["slope"], "h"), "gru": ("rz", "h"), "lstm": ("ifo", "hc"), "coupled": ("io", "hc")}
    gates, states = known.get(cell, ("", "h"))
    return {
        "distance": [0, 1, 2],
        "gradients": {letter: [1.0, 1e-5, 1e-20] for letter in states},
        "norms": {letter: [1.0, 1.5, 2.0] for letter in states},
        "gates": {letter: [0.1, 0.2] for letter in gates},
        "weights": {"cell.W": 2.0},
        "still": 0.0,
        "padding": 0.0,
    } | more


def make_run(store, state="stopped", message="", scores=None, *, records=(), name="", **settings):
    """A run of the demonstration, with these settings, that has ended."""
    run = store.create(DEMONSTRATION.with_settings(**settings), name)
    store.records.append(run.id, list(records))
    store.runs.finish(run.id, state, message, scores)
    return run


def control(page, name):
    return page.get_by_key(control_key(name))


def setting(page, name):
    return page.session_state[control_key(name)]
