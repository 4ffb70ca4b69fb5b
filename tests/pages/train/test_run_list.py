"""The list of runs on the Train page, those that wait, and the network of one as a file."""

import pytest
import streamlit as st

from rnn_core.config.run import RunConfig
from rnn_core.runs import queue
from rnn_core.runs.run import FINISHED, QUEUED, RUNNING
from rnn_core.runs.transfer import export_run
from tests.cell_files.sources import write
from tests.export.made import NAMES, registered
from tests.own_cells.files import LEAKY
from tests.pages.elements import as_written, choose, click, press, put, texts
from tests.pages.train.made import SCORES, TINY, control, make_run, record_of
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


def test_the_list_keeps_its_place_when_a_run_ends(open_train, store, at_work):
    page = open_train(run=at_work.id)
    before = place(page, "runs_at_once")
    store.runs.finish(at_work.id, FINISHED, "", SCORES)
    page.run()
    assert "Test accuracy" in [metric.label for metric in page.metric]
    assert place(page, "runs_at_once") == before


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


def test_an_exported_run_is_taken_in_and_shown(open_train, store):
    """A file that is none is refused."""
    run = run_of(store)
    page = open_train(run=run.id)
    choose(page, "import_run_0", ("run.zip", export_run(store, run.id), "application/zip"))
    taken, _ = store.runs.all()
    assert taken.state == FINISHED
    assert page.session_state["run_shown"] == taken.id
    page.get_by_key("import_run_1").set_value(("none.zip", b"none", "application/zip")).run()
    assert "none.zip: This is no zip file of a run" in texts(page, "error").replace("\\", "").replace("*", "")
    assert len(store.runs.all()) == 2


def test_a_second_run_waits_its_turn_and_says_so(open_train, store, monkeypatch):
    """It begins when the list says that more runs train at once."""
    said = []  # a run that ends at once has the page run again, and AppTest forgets what was said before
    monkeypatch.setattr(st, "toast", said.append)
    page = open_train(**{**TINY, "epochs": "1000"})
    press(page, "Start training")
    wait_until(lambda: store.runs.all()[0].state == RUNNING)
    page.run()
    press(page, "Queue training")
    second, first = store.runs.all()
    assert (first.state, second.state) == (RUNNING, QUEUED)
    assert "Waiting its turn: 1 run is ahead" in texts(page, "info")
    wait_until(lambda: store.runs.get(first.id).optimizer_step > 0)
    page.run()
    assert "It begins in about" in texts(page, "info")
    press(page, "Take it out")
    assert "Taken out of the queue" in said.pop()
    assert store.runs.get(second.id).state == "stopped"
    press(page, "Queue training")
    choose(page, "runs_at_once", 2)
    third = store.runs.all()[0]
    wait_until(lambda: store.runs.get(third.id).state == RUNNING)
    queue.stop(store, third.id)
    page.get_by_key("run_shown").set_value(first.id).run()
    press(page, "Stop")
    assert "is kept and scored" in said.pop()
    wait_until(lambda: not store.runs.active())
    page.run()
    assert "what it learned is kept" in texts(page, "info")
    page.button(key=f"delete_{first.id}").click().run()
    assert {run.id for run in store.runs.all()} == {second.id, third.id}


@pytest.mark.parametrize("widget", ["name_{}", "runs_at_once"])
def test_what_is_open_keeps_its_place(open_train, store, at_work, widget):
    """When the reviews are ready."""
    page = open_train(run=at_work.id, data="imdb")
    assert "not ready on this machine" in texts(page, "markdown")
    before = place(page, widget.format(at_work.id))
    control(page, "data").set_value("verdict").run()
    assert "not ready on this machine" not in texts(page, "markdown")
    assert place(page, widget.format(at_work.id)) == before


def opened(page, run, place="list"):
    """The page with the popover of its export opened."""
    return put(page, **{f"export_{place}_open_{run.id}": True})


def downloads(page):
    return [button.proto.label.replace("\\", "") for button in page.get("download_button")]


def test_a_network_is_exported_in_two_places(open_train, store, settle):
    """Beside Edit and beside its results, under the name of its run."""
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


def popovers(page):
    return [part.proto.popover for part in page.get("popover") if part.proto.popover.label == "Export"]


def test_a_run_without_a_model_is_not_exported(open_train, store, at_work):
    """The button says why."""
    [button] = popovers(open_train(run=at_work.id))
    assert button.disabled
    assert button.help == "It has no model yet: it can be exported once it has ended."
    run = make_run(store, state="failed", message="It failed.")
    [button] = popovers(open_train(run=run.id))
    assert button.disabled
    assert button.help == "It has no model that could be exported: it ended without one."


def test_an_export_of_damaged_files_says_which(open_train, store):
    run = run_of(store)
    (store.folder(run.id) / "weights.safetensors").write_bytes(b"cut")
    page = opened(open_train(run=run.id), run)
    assert "weights.safetensors" in texts(page, "error").replace("\\", "")


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
