"""The list of runs on the Train page, and those that wait."""

import pytest
import streamlit as st

from rnn_core.runs.run import FINISHED, QUEUED, RUNNING
from rnn_core.runs.transfer import export_run
from rnn_core.runs.worker import run_in_foreground
from tests.pages.elements import choose, press, texts
from tests.pages.train.made import DEMONSTRATION, SCORES, TINY, control, make_run, record_of
from tests.runs.workers import wait_until

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


def test_the_list_of_runs_keeps_its_place_when_one_ends(open_train, store, at_work):
    page = open_train(run=at_work.id)
    before = place(page, "runs_at_once")
    store.runs.finish(at_work.id, FINISHED, "", SCORES)
    page.run()
    assert "Test accuracy" in [metric.label for metric in page.metric]
    assert place(page, "runs_at_once") == before


def test_a_run_is_named_starred_and_listed_first(open_train, store):
    older, _ = make_run(store), make_run(store)
    page = open_train(run=older.id)
    page.text_input(key=f"name_{older.id}").set_value("my <b>best</b>")
    page.text_area(key=f"note_{older.id}").set_value("To remember.")
    page.toggle(key=f"star_{older.id}").set_value(True)
    press(page, "Save")
    now = store.runs.get(older.id)
    assert (now.name, now.note) == ("my <b>best</b>", "To remember.")
    assert page.get_by_key("run_shown").options[0].startswith("★")


def test_an_exported_run_is_taken_in_and_shown_and_what_is_none_is_refused(open_train, store):
    config = DEMONSTRATION.with_settings(reviews=64, epochs=1, hidden_size=2)
    run = store.create(config, foreground=True)
    list(run_in_foreground(store, run.id, print))
    page = open_train(run=run.id)
    choose(page, "import_run_0", ("run.zip", export_run(store, run.id), "application/zip"))
    taken, _ = store.runs.all()
    assert taken.state == FINISHED
    assert page.session_state["run_shown"] == taken.id
    page.get_by_key("import_run_1").set_value(("none.zip", b"none", "application/zip")).run()
    assert "none.zip: This is no zip file of a run" in texts(page, "error").replace("\\", "").replace("*", "")
    assert len(store.runs.all()) == 2


def test_more_runs_train_at_once_when_the_list_says_so(open_train, store):
    runs = [store.create(DEMONSTRATION.with_settings(threads=1)) for _ in range(3)]
    page = open_train(run=runs[2].id)
    choose(page, "runs_at_once", 2)
    wait_until(lambda: [store.runs.get(run.id).state for run in runs] == [RUNNING, RUNNING, QUEUED])
    wait_until(lambda: all(store.runs.get(run.id).optimizer_step for run in runs[:2]))
    page.run()
    assert "2 runs are ahead" in texts(page, "info")
    assert "It begins in about" in texts(page, "info")


def test_a_table_lists_the_runs_with_the_course_of_each(open_train, store):
    make_run(store, records=[record_of(1, None, "validation", accuracy=share) for share in (0.75, 0.875)])
    [table] = [table.value for table in open_train().dataframe if "Course" in table.value]
    assert [list(course) for course in table["Course"]] == [[0.75, 0.875]]


def test_a_second_run_waits_its_turn_and_says_so(open_train, store, monkeypatch):
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
    page.get_by_key("run_shown").set_value(first.id).run()
    press(page, "Stop")
    assert "is kept and scored" in said.pop()
    wait_until(lambda: not store.runs.active())
    page.run()
    assert "what it learned is kept" in texts(page, "info")
    page.button(key=f"delete_{first.id}").click().run()
    assert [run.id for run in store.runs.all()] == [second.id]


@pytest.mark.parametrize("widget", ["name_{}", "runs_at_once"])
def test_what_was_opened_keeps_its_place_when_the_reviews_are_ready(open_train, store, at_work, widget):
    page = open_train(run=at_work.id, data="imdb")
    assert "not ready on this machine" in texts(page, "markdown")
    before = place(page, widget.format(at_work.id))
    control(page, "data").set_value("verdict").run()
    assert "not ready on this machine" not in texts(page, "markdown")
    assert place(page, widget.format(at_work.id)) == before
