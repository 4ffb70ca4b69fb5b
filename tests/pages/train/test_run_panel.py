"""The run that the Train page shows: which one, what is done to it at work, how it ended, and what then."""

from itertools import pairwise

import pytest

from pages.components.train import run_panel, start
from rnn_core.config.presets import FAILURES
from rnn_core.config.words import recipe_in_words
from rnn_core.data.sources import load_corpus
from rnn_core.runs import process
from rnn_core.runs.history import EPOCH, HOLD, PAUSE, RESUME, STEP, STOP
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.training.history import WROTE
from rnn_core.training.schedule import planned_rates
from tests.pages.elements import click, figures, labels, press, put, texts
from tests.pages.train.made import DEMONSTRATION, SCORES, TINY, make_run, record_of, setting, with_time
from tests.runs.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def test_a_run_started_here_has_score_and_mistakes(open_train, store):
    page = open_train(**TINY)
    press(page, "Start training")
    [run] = store.runs.all()
    assert run.config.model.hidden_size == 2
    assert page.query_params["run"] == run.id
    wait_until(lambda: not store.runs.active())
    run = store.runs.get(run.id)
    assert run.state == FINISHED, run.message
    page.run()
    score = f"{run.scores['accuracy']:.1%}"
    assert score in [metric.value for metric in page.metric]
    assert score in texts(page, "success")
    assert "Where it was surest, and wrong" in texts(page, "markdown")
    parts = [part for part in page.main if part.type in ("page_link", "subheader")]
    [link] = [part for part, then in pairwise(parts) if getattr(then, "value", "") == "Results"]
    assert link.proto.label == "Watch this model read"
    assert page.session_state["runs_begun"] == [run.id]
    first = run.scores["mistakes"][0]["index"]
    click(page, f"mistake_{first}")
    assert page.session_state["review_text"] == load_corpus("verdict").text(first)


@pytest.mark.parametrize(
    ("state", "kind", "advice"),
    [("diverged", "warning", "The loss was nan."), ("failed", "error", "The disk is full.")],
)
def test_how_a_run_ended_is_said_with_what_to_do(open_train, store, state, kind, advice):
    make_run(store, state, advice, records=[record_of(1)])
    page = open_train()
    assert advice in texts(page, kind).replace("\\", "")
    assert ("Try it" in labels(page)) == (state == "diverged")
    assert ("learning rate 0.001" in texts(page, "warning")) == (state == "diverged")


def delete_at_the_next_look(monkeypatch, run_id):
    """Deletes the run as someone else would between two looks of the page."""
    get = StoredRuns.get

    def get_after_it_was_deleted(runs, wanted):
        monkeypatch.setattr(StoredRuns, "get", get)
        Store().delete(run_id)
        return get(runs, wanted)

    monkeypatch.setattr(StoredRuns, "get", get_after_it_was_deleted)


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_a_run_deleted_while_shown_gives_way(open_train, store, monkeypatch, state):
    other, shown = make_run(store, "failed", "This one is still there."), store.create(DEMONSTRATION)
    if state == "failed":
        store.runs.finish(shown.id, state, "")
    delete_at_the_next_look(monkeypatch, shown.id)
    page = open_train(run=shown.id)
    assert page.query_params["run"] == other.id
    assert "This one is still there" in texts(page, "error")


def test_without_a_run_there_is_an_invitation(open_train, store, monkeypatch):
    """There is none once the last one is deleted; of an unknown one it is said."""
    run = store.create(DEMONSTRATION)
    delete_at_the_next_look(monkeypatch, run.id)
    assert "Nothing was trained here yet" in texts(open_train(run=run.id), "info")
    assert "is not on this machine" in texts(open_train(run="../../etc"), "warning")


def test_a_run_with_curves_comes_before_one_without(open_train, store):
    trained, _ = make_run(store, records=[record_of(1)]), make_run(store)
    assert open_train().query_params["run"] == trained.id


def test_what_it_wrote_grows_the_newest_on_top(open_train, store):
    run = make_run(store, records=[record_of(1, loss=0.7, written="zq")])
    page = open_train(run=run.id)
    assert [block.value for block in page.code] == ["zq"]
    evaluation = record_of(188, kind="validation", loss=0.35, written="the </pre> film")
    store.records.append(run.id, [record_of(2), evaluation])
    page.run()
    assert [block.value for block in page.code] == ["the </pre> film", "zq"]
    whens = [one.value for one in page.caption if "Optimizer step" in one.value]
    assert "188, epoch 1\\: 0.35 on the validation reviews" in whens[0]
    assert "1, epoch 0.00532\\: 0.70 on its batch" in whens[1]
    put(page, run_view="Numbers")
    assert page.dataframe[0].value[WROTE].tolist() == ["the </pre> film"]


def test_the_box_of_a_stopped_run_has_its_accuracy(open_train, store):
    run = make_run(store, "stopped", "Stopped at optimizer step 47; what it learned is kept.", SCORES)
    page = open_train(run=run.id)
    said = texts(page, "info").replace("\\", "")
    recipe = recipe_in_words(run.config)
    assert f"what it learned is kept. It is right on **87.5%** of 8 test reviews (recipe: {recipe})." in said
    assert f"Recipe: {recipe}." in [caption.value for caption in page.caption]


def test_a_failure_of_the_gallery_is_named_and_cured(open_train, store, monkeypatch):
    """The cure trains beside it, and it ends."""
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


def test_a_press_answered_twice_starts_one_run(store, monkeypatch):
    started, drawn = [], []
    monkeypatch.setattr(start, "start_run", lambda store, config: started.append(config))
    monkeypatch.setattr(start.st, "button", lambda *_, on_click, **__: drawn.append(on_click))
    start.start_button(store, DEMONSTRATION)
    start.start_button(store, DEMONSTRATION)
    press, press_later = drawn
    press()
    press()
    assert len(started) == 1
    press_later()  # drawn again, it can be pressed again
    assert len(started) == 2


def test_a_run_at_work_is_commanded_and_given_a_rate(open_train, store, at_work):
    """The control shows the rate in force, not the highest of the plan, and what becomes of it."""
    store.records.append(at_work.id, [with_time(step) for step in range(1, 6)])
    page = open_train(run=at_work.id)
    press(page, "Pause")
    assert "Asked to pause" in page.toast[0].value
    store.runs.set_paused(at_work.id, True, "Paused")
    assert f"rate_{at_work.id}" not in page.run().session_state  # it is drawn once it is opened
    put(page, **{f"rate_open_{at_work.id}": True})
    in_force = planned_rates(DEMONSTRATION.training, 564)[5]
    assert in_force < 0.001
    assert f"In force: **{in_force:.3g}**" in texts(page, "markdown")
    rate = page.number_input(key=f"rate_{at_work.id}")
    assert rate.value is None
    assert rate.placeholder.startswith(f"{in_force:.3g}, in force")
    assert page.button(key=f"apply_rate_{at_work.id}").disabled  # nothing would change
    assert "times the highest" not in texts(page, "warning")

    before = [len(figure["data"]) for figure in figures(page)].count(3)
    rate.set_value(0.02).run()
    assert f"peaks at {0.02 / in_force * 0.01:.3g}" in texts(page, "warning").replace("\\", "")
    assert [len(figure["data"]) for figure in figures(page)].count(3) > before
    page.get_by_key(f"after_rate_{at_work.id}").set_value(HOLD).run()
    assert "times the highest" not in texts(page, "warning")
    press(page, "Apply")
    said = "From the next optimizer step on the learning rate is 0.02, and it stays there."
    assert page.toast[0].value == said
    assert page.number_input(key=f"rate_{at_work.id}").value is None  # empty again
    taken = store.commands.take(at_work.id, optimizer_step=5)
    assert "In force: **0.02**, and it stays there." in texts(page.run(), "markdown")
    for label in ("One optimizer step", "One epoch", "Go on", "Stop"):
        press(page, label)
    assert "is kept and scored first" in page.toast[0].value
    taken += store.commands.take(at_work.id)
    assert [command.name for command in taken] == [PAUSE, HOLD, STEP, EPOCH, RESUME, STOP]


def test_a_press_counts_if_the_page_begins_again(open_train, store, at_work, monkeypatch):
    """A tick asks for the whole page before the button is drawn."""
    page = open_train(run=at_work.id)
    monkeypatch.setattr(run_panel, "_show_run", lambda *_: run_panel.st.stop())
    press(page, "Stop")
    assert [command.name for command in store.commands.take(at_work.id)] == [STOP]


def progress(page):
    [bar] = page.get("progress")
    return bar.proto.text


def test_progress_is_said_in_words_without_guessing(open_train, store, at_work):
    """No time is left after a single step, or while it pauses."""
    store.records.append(at_work.id, [with_time(1)])
    assert "left" not in progress(open_train(run=at_work.id))
    store.records.append(at_work.id, [with_time(step) for step in range(2, 10)])
    assert "**1 min 31 s left**" in progress(open_train(run=at_work.id))
    store.runs.set_paused(at_work.id, True, "Paused after optimizer step 9")
    said = progress(open_train(run=at_work.id))
    assert "optimizer step 9 of 564" in said
    assert "loss 0.700, **53.1%** right, learning rate 0.1" in said
    assert "left" not in said


def test_a_run_that_is_scored_says_how_long_that_takes(open_train, store, at_work):
    """Nothing is said of its training, and it can be stopped alone."""
    store.records.append(at_work.id, [with_time(step) for step in range(1, 10)])
    store.runs.update(at_work.id, message="Scoring the test reviews: 40% done, 3 s left", ending=True)
    page = open_train(run=at_work.id)
    said = progress(page).replace("\\", "")
    assert said.endswith("Scoring the test reviews: 40% done, 3 s left. *Stop* ends it without a score.")
    stop = page.button(key=f"stop_{at_work.id}")
    assert stop.help == "What it has learned so far is kept; it ends without a score."
    stop.click().run()
    assert [command.name for command in store.commands.take(at_work.id)] == ["stop unscored"]
    assert page.button(key=f"pause_{at_work.id}").disabled


def test_after_the_last_step_no_command_is_taken(open_train, store, at_work):
    """No rate is in force then."""
    store.records.append(at_work.id, [with_time(564)])
    page = open_train(run=at_work.id)
    for command in ("pause", "step", "epoch"):
        button = page.button(key=f"{command}_{at_work.id}")
        assert button.disabled
        assert button.help == "No optimizer step is left: the test reviews are being scored."
    assert "In force" not in texts(put(page, **{f"rate_open_{at_work.id}": True}), "markdown")


def test_an_interrupted_run_goes_on_by_its_button(open_train, store):
    run = store.create(DEMONSTRATION.with_settings(reviews=64, epochs=1, hidden_size=2))
    assert store.turns.claim(run.id)  # as a worker that was killed right after
    page = open_train(run=run.id)
    assert "was interrupted" in texts(page, "warning")
    press(page, "Resume")
    wait_until(lambda: store.runs.get(run.id).state == FINISHED)
