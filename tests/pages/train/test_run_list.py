"""The list of runs on the Train page, those that wait, and the network of one as a file."""

import pytest
import streamlit as st

from rnn_core.config.run import RunConfig
from rnn_core.runs.run import FINISHED, QUEUED
from tests.cell_files.sources import write
from tests.export.made import NAMES, registered
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, choose, click, press, put, texts
from tests.pages.train.made import SCORES, TINY, control, make_run, record_of, with_time
from tests.runs.workers import SMALL, trained, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def place(page, key):
    """Where a widget stands in the page: Streamlit draws again what moved, and closes what was open in it."""

    def below(block, path):
        for number, part in block.children.items():
            if getattr(part, "key", None) == key:
                yield (*path, number)
            if hasattr(part, "children"):
                yield from below(part, (*path, number))

    [found] = below(page._tree, ())
    return found


def test_what_is_open_keeps_its_place(open_train, store, at_work):
    """When the reviews are ready, and when the run ends."""
    page = open_train(run=at_work.id, data="imdb")
    assert "not ready on this machine" in texts(page, "markdown")
    before = place(page, f"name_{at_work.id}"), place(page, "runs_at_once")
    control(page, "data").set_value("verdict").run()
    assert "not ready on this machine" not in texts(page, "markdown")
    assert (place(page, f"name_{at_work.id}"), place(page, "runs_at_once")) == before
    store.runs.finish(at_work.id, FINISHED, "", SCORES)
    page.run()
    assert "Test accuracy" in [metric.label for metric in page.metric]
    assert place(page, "runs_at_once") == before[1]


def test_a_run_is_named_starred_and_listed_first(open_train, store):
    """In a table each has its course."""
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
    said = []  # a run that ends at once has the page run again, and AppTest forgets what was said before
    monkeypatch.setattr(st, "toast", said.append)
    store.records.append(at_work.id, [with_time(step) for step in range(1, 10)])
    page = open_train(**TINY)
    press(page, "Queue training")
    second = store.runs.all()[0]
    assert second.state == QUEUED
    assert "Waiting its turn: 1 run is ahead" in texts(page, "info")
    assert "It begins in about" in texts(page, "info")
    press(page, "Take it out")
    assert "Taken out of the queue" in said.pop()
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
    """Beside Edit and beside its results, under the name of its run; a damaged file is named."""
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


def popovers(page):
    return [part.proto.popover for part in page.get("popover") if part.proto.popover.label == "Export"]


def test_a_run_without_a_model_is_not_exported(open_train, store, at_work):
    """The button says why."""
    for run, why in (
        (at_work, "It has no model yet: it can be exported once it has ended."),
        (make_run(store, state="failed"), "It has no model that could be exported: it ended without one."),
    ):
        [button] = popovers(open_train(run=run.id))
        assert (button.disabled, button.help) == (True, why)


def test_an_own_cell_is_exported_without_its_code(open_train, store, monkeypatch):
    """It is in no page in one file, and its zip needs none of its code."""
    write("leaky", LEAKY)
    run = run_of(store, cell="leaky")
    page = opened(open_train(run=run.id), run)
    button = page.button(key="export_list_make")
    assert button.disabled
    assert "cell of your own" in button.help
    page.get_by_key("export_list_format").set_value("zip").run()
    assert not page.button(key="export_list_make").disabled
    st.cache_resource.clear()  # as in another server, which never read it
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    page = opened(open_train(run=run.id), run)
    assert "needs none of its code" in as_written(page)
    assert "Export as zip" in downloads(page)
