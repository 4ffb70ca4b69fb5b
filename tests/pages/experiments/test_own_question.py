"""A sweep of one's own on Experiments: its form, what it starts, and one on texts of one's own."""

import dataclasses
import shutil

import pytest

from pages.components.experiments.sweep_form import values_at_first
from pages.components.shared import settings
from rnn_core.data.own.catalogue import own_folder
from rnn_core.data.sources import bare_config
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.sweep import Sweep, grid, parse_factor
from rnn_core.symbols import KINDS
from tests.own import make_own
from tests.pages.elements import choose, click, said, texts
from tests.pages.experiments.made import begun, result

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only")]

RUNS = 2 * len(KINDS)
"""Number of runs of the form as it begins: every cell with two seeds."""


@pytest.fixture
def started(monkeypatch):
    """The sweeps that were started."""
    sweeps = []
    monkeypatch.setattr(coordinator, "start", lambda sweep, *_: sweeps.append(sweep))
    return sweeps


@pytest.fixture
def open_form(open_app):
    """A function that opens it with these factors, at an address."""

    def open_it(*factors, **query):
        app = open_app("experiments", query, own_question=True)
        return app.get_by_key("own_factors").set_value([*factors]).run() if factors else app

    return open_it


def values(app, factor):
    return app.get_by_key(f"own_values_{factor}").value


def test_a_factor_begins_with_its_sides_or_choices(open_form):
    app = open_form("truncation", "skip_padding", "learning_rate")
    shown = [values(app, name) for name in ("truncation", "skip_padding", "learning_rate")]
    assert shown == ["front, end", "on, off", "0.005, 0.01, 0.02"]
    app.get_by_key("own_factors").set_value(["cell", "head", "embedding_dropout"]).run()
    shown = [values(app, name) for name in ("cell", "head", "embedding_dropout")]
    assert shown == [
        ", ".join(usual.name for usual in KINDS.values()),
        "one logit, two logits",
        "0, 0.2, 0.4",
    ]
    assert app.button(key="start_own_sweep").label == f"Start {RUNS * 2 * 3} runs"


@pytest.mark.parametrize(("held", "shown"), [("", "none"), ("gru+lstm", "gru+lstm")])
def test_teachers_begin_with_those_of_train(monkeypatch, held, shown):
    """That there is none is a value, too."""
    monkeypatch.setattr(settings, "value", lambda name: held)
    assert values_at_first("teachers") == shown
    assert parse_factor(f"teachers={shown}") == ("teachers", [held])
    assert parse_factor("teachers=none,gru") == ("teachers", ["", "gru"])


def test_a_side_is_typed_as_screen_or_command_says(open_form, started):
    app = open_form("truncation")
    for typed in ("front, end", "pre, post", "Front,post"):
        app.get_by_key("own_values_truncation").set_value(typed).run()
        app.button(key="start_own_sweep").click().run()
        assert [case["truncation"] for case in started.pop().cases] == ["pre", "post"], typed


def test_other_settings_that_are_not_usual_are_named(open_form):
    app = open_form(data="verdict", head_dropout="0.3", optimizer="sgd", epochs="2")
    shown = said(app)
    for setting in ("verdict corpus", "dropout before the head 0.3", "optimizer SGD", "epochs 2"):
        assert setting in shown
    assert "word dropout" not in shown  # as by default
    app.get_by_key("own_factors").set_value(["head_dropout"]).run()
    assert "dropout before the head 0.3" not in said(app)


def test_a_sweep_that_was_started_is_the_one_picked(open_form, started, monkeypatch):
    """With room for all words of its texts."""
    monkeypatch.setattr(coordinator, "start", lambda sweep, *_: started.append(sweep) or begun(sweep))
    app = open_form("cell", "data", data="language-anbn")
    assert values(app, "data").startswith("language-")
    app.get_by_key("own_values_cell").set_value("gru, LSTM").run()
    app.get_by_key("own_values_data").set_value("language-anbn, language-parity").run()
    click(app, "start_own_sweep")
    [sweep] = started
    assert [*sweep.cases] == grid({"cell": ["gru", "lstm"], "data": ["language-anbn", "language-parity"]})
    assert list(sweep.seeds) == [0, 1]
    assert sweep.base.text.vocab_size >= bare_config("language-parity").text.vocab_size
    assert app.get_by_key("sweep_picked").value == "my-sweep"


def test_what_is_missing_is_started_and_no_other_sweep(open_form, started):
    """Counted with what else was begun under its name; where another sweep has the name, nothing is."""
    app = open_form()
    app.button(key="start_own_sweep").click().run()
    sweep = started.pop()
    results = begun(sweep, result({"cell": "gru"}, 0, 0.7))
    assert f"Start {RUNS - 1} runs" in app.run().button(key="start_own_sweep").label
    app.get_by_key("own_values_cell").set_value("gru").run()
    assert f"together they are {RUNS} runs" in said(app)
    app.button(key="start_own_sweep").click().run()
    assert len(results.missing(started[0])) == RUNS - 1
    for point in results.missing(sweep):
        results.append(result(point.case, point.seed, 0.7))
    assert "All runs of my-sweep have ended: they are shown above" in said(app.run())
    app.get_by_key("sweep_picked").set_value("distance").run()
    assert "All runs of my-sweep have ended: pick it above" in said(app)
    results.path.unlink()
    other = dataclasses.replace(sweep, base=sweep.base.with_settings(epochs=9))
    begun(other, result({"cell": "gru"}, 0, 0.7))
    assert "already a sweep called my-sweep" in said(app.run())
    assert "start_own_sweep" not in {button.key for button in app.button}


def test_impossible_values_are_said_and_not_started(open_form):
    app = open_form()
    refused = {"gru, granite": "must be one of", "": "Write a factor as", "gru, gru": "twice"}
    for typed, sentence in refused.items():
        choose(app, "own_values_cell", typed)
        assert sentence in said(app)
        assert "start_own_sweep" not in {button.key for button in app.button}, typed


def test_a_sweep_on_own_texts_is_shown_and_asked(open_form):
    """By measures in which classes count alike; it asks where sweeps run, since the picked one is whole."""
    make_own("tickets", ("printer", "invoice", "parcel"), [40, 24, 24])
    scores = {"elman": (0.5, 0.4, 0.3), "gru": (0.75, 0.65, 0.55)}
    sweep = Sweep(name="on-tickets", base=bare_config("tickets"), cases=grid({"cell": [*scores]}))
    for case, (share, balanced, f1) in zip(sweep.cases, scores.values(), strict=True):
        begun(sweep, result(case, 0, share, balanced_accuracy=balanced, macro_f1=f1))
    page = open_form(sweep="on-tickets", data="tickets")
    assert page.get_by_key("sweep_workers").value == 1
    assert "Holds for: tickets" in texts(page, "caption")
    assert "All other settings are those of the page Train: tickets, " in texts(page, "caption")
    shown = page.get_by_key("effect_measure")
    assert {"Balanced accuracy", "Macro F1"} <= set(shown.options)
    shown.set_value("balanced_accuracy").run()
    assert "65.0%" in texts(page, "markdown")
    shutil.rmtree(own_folder("tickets"))
    page = open_form(sweep="on-tickets")
    assert "of the test texts of tickets is 75.0%" in texts(page, "markdown")
    assert "baselines_tickets" not in {button.key for button in page.button}
