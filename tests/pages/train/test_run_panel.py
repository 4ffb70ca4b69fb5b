"""The run that the Train page shows: which one, how it ended, and what to do then."""

from types import SimpleNamespace

import pytest

from pages.components.train import start
from rnn_core.config.presets import FAILURES
from rnn_core.config.words import recipe_in_words
from rnn_core.data.sources import load_corpus, recommended_config
from rnn_core.errors import StoreError
from rnn_core.runs import process
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.stored_runs import StoredRuns
from tests.pages.elements import click, labels, press, texts
from tests.pages.train.made import DEMONSTRATION, SCORES, TINY, make_run, record_of, setting
from tests.runs.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def test_a_run_started_here_ends_with_its_score_and_its_mistakes(open_train, store):
    page = open_train(**TINY)
    press(page, "Start training")
    [run] = store.runs.all()
    assert run.config.model.hidden_size == 2
    assert page.query_params["run"] == run.id
    wait_until(lambda: not store.runs.active())
    run = store.runs.get(run.id)
    assert run.state == FINISHED, run.message
    page.run()
    assert not page.exception
    score = f"{run.scores['accuracy']:.1%}"
    assert score in [metric.value for metric in page.metric]
    assert score in texts(page, "success")
    assert "Where it was surest, and wrong" in texts(page, "markdown")
    order = [
        part.proto.label if part.type == "page_link" else part.value
        for part in page.main
        if part.type in ("page_link", "subheader")
    ]
    assert order[order.index("Results") - 1] == "Watch this model read"
    assert page.session_state["runs_begun"] == [run.id]
    first = run.scores["mistakes"][0]["index"]
    click(page, f"mistake_{first}")
    assert page.session_state["review_text"] == load_corpus("verdict").text(first)


@pytest.mark.parametrize(
    ("state", "kind", "advice"),
    [("diverged", "warning", "The loss was nan."), ("failed", "error", "The disk is full.")],
)
def test_how_a_run_ended_is_said_with_what_to_do(open_train, store, state, kind, advice):
    make_run(store, state, advice)
    page = open_train()
    assert advice in texts(page, kind).replace("\\", "")
    assert ("Try it" in labels(page)) == (state == "diverged")
    assert ("learning rate 0.001" in texts(page, "warning")) == (state == "diverged")


def delete_at_the_next_look(monkeypatch, run_id):
    """As if someone else deleted the run between two looks of the page."""
    get = StoredRuns.get

    def get_after_it_was_deleted(runs, wanted):
        monkeypatch.setattr(StoredRuns, "get", get)
        Store().delete(run_id)
        return get(runs, wanted)

    monkeypatch.setattr(StoredRuns, "get", get_after_it_was_deleted)


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_run_that_is_deleted_while_it_is_shown_gives_way_to_the_next(open_train, store, monkeypatch, state):
    other, shown = make_run(store, "failed", "This one is still there."), store.create(DEMONSTRATION)
    if state == "failed":
        store.runs.finish(shown.id, state, "")
    delete_at_the_next_look(monkeypatch, shown.id)
    page = open_train(run=shown.id)
    assert page.query_params["run"] == other.id
    assert "This one is still there" in texts(page, "error")


def test_the_last_run_that_is_deleted_leaves_an_invitation_and_an_unknown_one_is_said_to_be(
    open_train, store, monkeypatch
):
    run = store.create(DEMONSTRATION)
    delete_at_the_next_look(monkeypatch, run.id)
    assert "Nothing was trained here yet" in texts(open_train(run=run.id), "info")
    assert "is not on this machine" in texts(open_train(run="../../etc"), "warning")


def test_a_run_with_curves_is_shown_before_a_newer_one_that_never_began(open_train, store):
    trained, _ = make_run(store, records=[record_of(1)]), make_run(store)
    assert open_train().query_params["run"] == trained.id


def test_a_store_that_fails_under_the_panel_is_said_in_words(open_train, store, monkeypatch):
    make_run(store, "failed")

    def fail(*_):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(StoredRuns, "get", fail)
    assert "The disk is full" in texts(open_train(), "error")


def test_the_closing_box_of_a_stopped_run_has_its_accuracy(open_train, store):
    run = make_run(store, "stopped", "Stopped at optimizer step 47; what it learned is kept.", SCORES)
    page = open_train(run=run.id)
    said = texts(page, "info").replace("\\", "")
    recipe = recipe_in_words(run.config)
    assert f"what it learned is kept. It is right on **87.5%** of 8 test reviews (recipe: {recipe})." in said
    assert f"Recipe: {recipe}." in [caption.value for caption in page.caption]


def test_a_failure_started_from_the_gallery_is_named_and_its_cure_trains_beside_it(
    open_train, store, monkeypatch
):
    monkeypatch.setattr(process, "start_worker", lambda *_: None)  # what it would record is written below
    page = open_train()
    press(page, "See it fail")
    click(page, "failure_exploding")
    [run] = store.runs.all()
    assert run.config == FAILURES["exploding"].config
    assert setting(page, "clip_norm") == 0.0
    store.records.append(run.id, [record_of(step, norm=1e6) for step in range(1, 40)])
    page.run()
    assert "Exploding gradients" in texts(page, "warning")
    click(page, f"cure_exploding_{run.id}")
    cured, _ = store.runs.all()
    assert cured.config == run.config.with_settings(learning_rate=0.01, clip_norm=1.0)
    assert page.query_params["run"] == cured.id
    assert page.get_by_key("runs_beside").value == [run.id]
    assert not store.runs.get(run.id).active


def test_a_press_that_streamlit_answers_twice_starts_one_run(monkeypatch):
    started = []
    monkeypatch.setattr(start, "start_run", lambda store, config: started.append(config))
    drawn = []
    monkeypatch.setattr(start.st, "button", lambda *_, on_click, **__: drawn.append(on_click))
    runs, turns = SimpleNamespace(active=lambda: []), SimpleNamespace(at_once=lambda: 1)
    store, config = SimpleNamespace(runs=runs, turns=turns), recommended_config("verdict")
    start.start_button(store, config)
    start.start_button(store, config)
    press, press_later = drawn
    press()
    press()
    assert len(started) == 1
    press_later()  # drawn again, it can be pressed again
    assert len(started) == 2
