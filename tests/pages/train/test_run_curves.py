"""Curves, the look inside and the numbers of a run, of several, and of a network before the first."""

import dataclasses

import numpy as np
import pytest

from pages.components.shared import plotly_library
from rnn_core.config.words import recipe_in_words
from rnn_core.files import write_json
from rnn_core.paths import pretrained_folder
from tests.cell_files.sources import write
from tests.pages.elements import choose, given, is_chart, said, texts
from tests.pages.train.made import look, make_run, record_of, with_time

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def test_charts_of_a_long_run_are_small_to_send(open_train, store, at_work):
    """They are sent every second; with their code and the chart of the learning rate they were twice that."""
    rng = np.random.default_rng(0)
    records = [
        dataclasses.replace(with_time(step), loss=loss, accuracy=accuracy, gradient_norm=norm)
        for step, (loss, accuracy, norm) in enumerate(rng.random((560, 3)).tolist(), 1)
    ]
    store.records.append(at_work.id, records)
    charts = [part.proto for part in open_train(run=at_work.id).get("bidi_component") if is_chart(part)]
    assert len(charts) == 4
    assert sum(chart.ByteSize() for chart in charts) < 25_000


def looked_into(store, cell, name, **more):
    """A run that ended, with a look inside at its end."""
    records = [record_of(1), record_of(1, None, "validation", inside=look(cell, **more))]
    return make_run(store, records=records, name=name, cell=cell)


def test_the_view_inside_says_which_run_it_shows(open_train, store):
    """One of several is chosen, whose gates and weights are drawn; one without a look says so."""
    page = open_train(run=make_run(store).id)
    choose(page, "run_view", "Inside")
    assert "The network is first measured inside at the first evaluation" in texts(page, "info")
    lstm, gru = looked_into(store, "lstm", "second"), looked_into(store, "gru", "first")
    page = open_train(run=gru.id)
    choose(page, "run_view", "Inside")
    assert "Measured on 64 validation texts" in texts(page, "caption")
    assert "inside_of" not in page.session_state
    choose(page, "runs_beside", [lstm.id])
    choice = page.get_by_key("inside_of")
    assert choice.label == "The charts below show"
    assert ["first" in choice.options[0], "second" in choice.options[1]] == [True, True]
    first, second = choice.options

    def alts(of):
        return [chart["alt"] for chart in given(page, "figure") if chart["alt"].endswith(f", of {of}.")]

    assert (len(alts(first)), len(alts(second))) == (3, 0)
    choice.set_value(1).run()
    assert (len(alts(first)), len(alts(second))) == (0, 3)


def test_a_cell_that_shows_no_gates_has_no_chart(open_train, store):
    run = looked_into(store, write("leaky").version, "own")
    page = open_train(run=run.id)
    choose(page, "run_view", "Inside")
    charts = [chart["alt"].split(" ")[0] for chart in given(page, "figure")]
    assert charts == ["Gradient", "Norm", "The", "Norm"]


def test_of_a_stack_the_chosen_layer_is_shown(open_train, store):
    lower = {
        "gradients": {"h": [3.0, 2.0, 1.0]},
        "norms": {"h": [7.0, 8.0, 9.0]},
        "gates": {"r": [0.3, 0.4], "z": [0.3, 0.4]},
    }
    page = open_train(run=looked_into(store, "gru", "stack", below=[lower]).id)
    choose(page, "run_view", "Inside")

    def norms():
        [norms] = [one for one in given(page, "figure") if one["alt"].startswith("Norm of the state")]
        return norms["figure"]["data"][0]["y"]

    assert norms() == [1.0, 1.5, 2.0]
    choose(page, "inside_layer_2", "1")
    assert norms() == [7.0, 8.0, 9.0]


def test_numbers_stand_beside_the_curves(open_train, store, monkeypatch, tmp_path):
    """Where Plotly does not come with the package the curves are charts of Streamlit."""
    monkeypatch.setattr(plotly_library, "_plotly_js", lambda: tmp_path / "plotly.min.js")
    plotly_library._text.cache_clear()
    run = make_run(store, records=[record_of(step) for step in range(1, 40)])
    page = open_train(run=run.id)
    assert len(page.get("plotly_chart")) == 4
    choose(page, "run_view", "Numbers")
    [table] = [table.value for table in page.dataframe if "training loss" in table.value]
    assert table["training loss"].tolist() == pytest.approx([0.7])


def test_scores_of_other_recipes_do_not_compare_cells(open_train, store):
    one, other = make_run(store), make_run(store, cell="lstm", head_dropout=0.5)
    for run, accuracy in ((one, 0.85), (other, 0.75)):
        store.runs.update(run.id, validation_accuracy=accuracy)
    page = open_train(run=one.id)
    choose(page, "runs_beside", [other.id])
    assert "so these scores may not be compared as those of cells" in texts(page, "markdown")
    [table] = [part.value for part in page.dataframe if "Parameters" in part.value]
    assert list(table["Recipe"]) == [recipe_in_words(run.config) for run in (one, other)]


def test_the_first_picture_is_of_a_pretrained_network(open_train, store, make_model):
    """It learned from whole reviews; a damaged one is named, and gives way to another."""
    for name in ("elman", "gru", "reader"):
        folder = make_model(name, cell="elman" if name == "elman" else "gru")
        write_json(folder / "history.json", [record_of(1).to_dict()])
    assert "another network than the form: **GRU on verdict corpus · gru**" in said(open_train())
    for name in ("gru", "reader"):
        write_json(pretrained_folder() / name / "history.json", [1])
    page = open_train()
    assert "history.json" in texts(page, "error")
    assert "the charts show another network than the form: **Elman" in texts(page, "info")
