"""Runs on Train: their list, those that wait, curves, looks inside and numbers, and a network as a file."""

import dataclasses

import numpy as np
import pytest
import streamlit as st

from pages.components.shared import live_chart
from rnn_core.config.run import RunConfig
from rnn_core.errors import CellError
from rnn_core.files import write_json
from rnn_core.paths import pretrained_folder
from rnn_core.runs.run import FINISHED, QUEUED
from tests.cell_files.sources import PLAIN, checked, of, write
from tests.export.made import NAMES, registered
from tests.pages.elements import as_written, choose, click, given, is_chart, places, press, put, said, texts
from tests.pages.train.made import SCORES, TINY, control, look, make_run, record_of, with_time
from tests.runs.test_own import as_before
from tests.runs.workers import SMALL, trained, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def places_of(page):
    """Places of the widgets by key: Streamlit draws again what moved, and closes what was open in it."""
    return {getattr(part, "key", None): place for part, place in places(page._tree)}


def test_what_is_open_keeps_its_place(open_train, store, at_work):
    """It is looked at when the reviews are ready, and when the run ends."""
    page = open_train(run=at_work.id, data="imdb")
    assert "not ready on this machine" in texts(page, "markdown")
    before = places_of(page)
    control(page, "data").set_value("verdict").run()
    assert "not ready on this machine" not in texts(page, "markdown")
    after = places_of(page)
    assert [after[key] == before[key] for key in (f"name_{at_work.id}", "runs_at_once")] == [True] * 2
    store.runs.finish(at_work.id, FINISHED, "", SCORES)
    page.run()
    assert "Test accuracy" in [metric.label for metric in page.metric]
    assert places_of(page)["runs_at_once"] == before["runs_at_once"]


def test_a_run_is_named_starred_and_listed_first(open_train, store):
    """Each has its course in a table."""
    records = [record_of(1, None, "validation", accuracy=share) for share in (0.75, 0.875)]
    older, _ = make_run(store, records=records), make_run(store)
    page = open_train(run=older.id)
    page.text_input(key=f"name_{older.id}").set_value("my <b>best</b>")
    page.text_area(key=f"note_{older.id}").set_value("To remember.")
    page.toggle(key=f"star_{older.id}").set_value(True)
    press(page, "Save")
    now = store.runs.get(older.id)
    assert (now.name, now.note) == ("my <b>best</b>", "To remember.")
    assert page.get_by_key("run_shown").options[0].startswith("★")
    [table] = [table.value for table in page.dataframe if "Course" in table.value]
    assert sorted(list(course) for course in table["Course"]) == [[], [0.75, 0.875]]


def run_of(store, **settings):
    """A small run that was trained."""
    return trained(store, RunConfig(data="verdict").with_settings(**SMALL, **settings))


def test_a_file_that_is_no_run_is_not_taken_in(open_train, store):
    page = open_train()
    choose(page, "import_run_0", ("none.zip", b"none", "application/zip"))
    assert "none.zip: This is no zip file of a run" in texts(page, "error").replace("\\", "").replace("*", "")
    assert store.runs.all() == []


def test_a_second_run_waits_its_turn_and_says_so(open_train, store, at_work, monkeypatch):
    """It begins when the list says that more runs train at once."""
    toasts = []  # a run that ends at once has the page run again, and AppTest forgets what was said before
    monkeypatch.setattr(st, "toast", toasts.append)
    store.records.append(at_work.id, [with_time(step) for step in range(1, 10)])
    page = open_train(**TINY)
    press(page, "Queue training")
    second = store.runs.all()[0]
    assert second.state == QUEUED
    assert "Waiting its turn: 1 run is ahead" in texts(page, "info")
    assert "It begins in about" in texts(page, "info")
    press(page, "Take it out")
    assert "Taken out of the queue" in toasts.pop()
    assert store.runs.get(second.id).state == "stopped"
    press(page, "Queue training")
    choose(page, "runs_at_once", 2)
    third = store.runs.all()[0]
    wait_until(lambda: store.runs.get(third.id).state == FINISHED)
    page.get_by_key("run_shown").set_value(third.id).run()
    click(page, f"delete_{third.id}")
    assert {run.id for run in store.runs.all()} == {at_work.id, second.id}


def opened(page, run, place="list"):
    """The page with the popover of its export opened."""
    return put(page, **{f"export_{place}_open_{run.id}": True})


def downloads(page):
    return [button.proto.label.replace("\\", "") for button in page.get("download_button")]


def test_a_network_is_exported_in_two_places(open_train, store, settle):
    """The places are beside Edit and beside its results; the file has the name of its run; a damaged one is
    named.
    """
    run = run_of(store)
    store.runs.describe(run.id, name="the first", note="", starred=False)
    page = open_train(run=run.id)
    with registered(names=NAMES):
        for number, place in enumerate(("list", "results"), 1):
            assert f"export_{place}_format" not in page.session_state
            opened(page, run, place)
            page.get_by_key(f"export_{place}_format").set_value("names").run()
            click(page, f"export_{place}_make")
            settle(page)
            offered = f"Download gatescope-{run.id}.names, 10 bytes"  # and a line end
            assert downloads(page).count(offered) == number
    assert f"`python -m rnn_core export {run.id} --to names --out {run.id}.names`" in as_written(page)
    (store.folder(run.id) / "weights.safetensors").write_bytes(b"cut")
    page = opened(open_train(run=run.id), run)
    assert "weights.safetensors" in texts(page, "error").replace("\\", "")


def test_a_run_without_a_model_is_not_exported(open_train, store, at_work):
    """The button says why."""
    for run, why in (
        (at_work, "It has no model yet: it can be exported once it has ended."),
        (make_run(store, state="failed"), "It has no model that could be exported: it ended without one."),
    ):
        buttons = (part.proto.popover for part in open_train(run=run.id).get("popover"))
        [button] = [button for button in buttons if button.label == "Export"]
        assert (button.disabled, button.help) == (True, why)


def test_a_run_without_equations_is_exported_as_zip(open_train, store, read_as_equations):
    """One of before, whose code can't be read as equations; any other own cell goes into every format."""
    run = run_of(store, cell=checked("leaky").cell.text)
    page = opened(open_train(run=run.id), run)
    assert not page.button(key="export_list_make").disabled
    run = as_before(run, store, of(f"# as it was\n{PLAIN}"))
    st.cache_resource.clear()
    read_as_equations.refusal = CellError("leaky.py, line 3: it sorts.")
    page = opened(open_train(run=run.id), run)
    assert "it sorts" in texts(page, "info")
    assert "needs no equations" in as_written(page)
    assert "Export as zip" in downloads(page)


def test_a_model_that_is_gone_is_offered_no_longer(open_train, store):
    """A click does not run the page: it could take away the file before the browser has it."""
    run = run_of(store)
    page = opened(open_train(run=run.id), run)
    [button] = [one.proto for one in page.get("download_button") if one.proto.label == "Export as zip"]
    assert button.ignore_rerun
    (store.folder(run.id) / "weights.safetensors").unlink()
    assert "Export as zip" not in downloads(page.run())


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
    lower = {name: look()[name] for name in ("gradients", "gates")} | {"norms": {"h": [7.0, 8.0, 9.0]}}
    page = open_train(run=looked_into(store, "gru", "stack", below=[lower]).id)
    choose(page, "run_view", "Inside")

    def norms():
        [norms] = [one for one in given(page, "figure") if one["alt"].startswith("Norm of the state")]
        return norms["figure"]["data"][0]["y"]

    assert norms() == [1.0, 1.5, 2.0]
    choose(page, "inside_layer_2", "1")
    assert norms() == [7.0, 8.0, 9.0]


def test_numbers_stand_beside_the_curves(open_train, store, monkeypatch, tmp_path):
    """The curves are charts of Streamlit where Plotly does not come with the package."""
    monkeypatch.setattr(live_chart, "_PLOTLY_JS", tmp_path / "plotly.min.js")
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
