"""What is done to a run at work, and what the page says of it: pause, one step, a learning rate, the end."""

import pytest

from rnn_core.runs import queue
from rnn_core.runs.history import HOLD, PAUSE, STEP
from rnn_core.runs.run import FINISHED
from rnn_core.training.schedule import planned_rates
from tests.pages.elements import figures, labels, press, texts
from tests.pages.train.made import DEMONSTRATION, TINY, with_time
from tests.runs.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


def open_rate(page, run):
    """The page with the control of the learning rate open."""
    page.session_state[f"rate_open_{run.id}"] = True
    return page.run()


def test_a_run_can_be_paused_stepped_and_given_another_learning_rate(open_train, store):
    page = open_train(**{**TINY, "epochs": "1000"})
    press(page, "Start training")
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)
    page.run()
    press(page, "Pause")
    assert "Asked to pause" in page.toast[0].value
    wait_until(lambda: store.runs.get(run.id).paused)
    page.run()
    assert {"Go on", "One optimizer step", "One epoch", "Stop"} <= labels(page)
    step = store.runs.get(run.id).optimizer_step
    press(page, "One optimizer step")
    wait_until(lambda: store.runs.get(run.id).optimizer_step == step + 1 and store.runs.get(run.id).paused)
    open_rate(page, run).number_input(key=f"rate_{run.id}").set_value(0.5).run()
    press(page, "Apply")
    press(page, "Go on")
    wait_until(lambda: store.runs.get(run.id).optimizer_step > step + 1)
    records = [record for record in store.records.all(run.id) if record.kind == "training"]
    rates = {record.optimizer_step: record.learning_rate for record in records}
    assert rates[step + 2] == pytest.approx(0.5)
    page.run()
    press(page, "Stop")
    wait_until(lambda: not store.runs.active())


def test_the_learning_rate_control_shows_the_rate_in_force_and_what_becomes_of_it(open_train, store):
    """In the warm-up the control showed 0.01, the highest of the plan, where 0.0004 was in force."""
    page = open_train(**{**TINY, "epochs": "1000", "learning_rate": "0.01", "schedule": "one-cycle"})
    press(page, "Start training")
    [run] = store.runs.all()
    wait_until(lambda: store.runs.get(run.id).optimizer_step > 0)
    queue.give_command(store, run.id, PAUSE)
    wait_until(lambda: store.runs.get(run.id).paused)
    assert f"rate_{run.id}" not in page.run().session_state  # it is drawn once it is opened
    open_rate(page, run)
    last = [record for record in store.records.all(run.id) if record.kind == "training"][-1]
    planned = planned_rates(run.config.training, store.runs.get(run.id).total_steps)
    in_force = planned[last.optimizer_step]
    assert in_force == pytest.approx(last.learning_rate, rel=0.1)
    assert in_force < 0.001
    assert f"In force: **{in_force:.3g}**" in texts(page, "markdown")
    rate = page.number_input(key=f"rate_{run.id}")
    assert rate.value is None
    assert rate.placeholder.startswith(f"{in_force:.3g}, in force")
    assert page.button(key=f"apply_rate_{run.id}").disabled  # nothing would change
    assert "times the highest" not in texts(page, "warning")

    before = [len(figure["data"]) for figure in figures(page)].count(3)
    rate.set_value(0.02).run()
    peak = 0.02 / in_force * 0.01
    assert f"peaks at {peak:.3g}" in texts(page, "warning").replace("\\", "")
    assert [len(figure["data"]) for figure in figures(page)].count(3) > before

    page.get_by_key(f"after_rate_{run.id}").set_value(HOLD).run()
    assert "times the highest" not in texts(page, "warning")
    press(page, "Apply")
    said = "From the next optimizer step on the learning rate is 0.02, and it stays there."
    assert page.toast[0].value == said
    assert page.number_input(key=f"rate_{run.id}").value is None  # empty again
    wait_until(lambda: bool(store.commands.taken(run.id)[1:]))
    since = f"from optimizer step {last.optimizer_step + 1:,} on"
    message = f"Training at a learning rate of 0.02 {since}; it stays there"
    wait_until(lambda: store.runs.get(run.id).message == message)
    page.run()
    assert "In force: **0.02**, and it stays there." in texts(page, "markdown")
    queue.give_command(store, run.id, STEP)
    wait_until(lambda: store.runs.get(run.id).optimizer_step > last.optimizer_step)
    after = [record for record in store.records.all(run.id) if record.kind == "training"]
    assert after[-1].learning_rate == 0.02


def progress(page):
    [bar] = page.get("progress")
    return bar.proto.text


def test_a_single_step_is_said_in_words_and_no_time_is_left_after_it_alone_or_while_it_pauses(
    open_train, store, at_work
):
    store.records.append(at_work.id, [with_time(1)])
    assert "left" not in progress(open_train(run=at_work.id))
    store.records.append(at_work.id, [with_time(step) for step in range(2, 10)])
    assert "**1 min 31 s left**" in progress(open_train(run=at_work.id))
    store.runs.set_paused(at_work.id, True, "Paused after optimizer step 9")
    said = progress(open_train(run=at_work.id))
    assert "optimizer step 9 of 564" in said
    assert "loss 0.700, **53.1%** right, learning rate 0.1" in said
    assert "left" not in said


def test_a_run_that_is_scored_says_how_long_that_takes_and_nothing_of_its_training(
    open_train, store, at_work
):
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


def test_after_the_last_optimizer_step_no_command_is_taken_and_no_rate_is_in_force(
    open_train, store, at_work
):
    store.records.append(at_work.id, [with_time(564)])
    page = open_train(run=at_work.id)
    for command in ("pause", "step", "epoch"):
        button = page.button(key=f"{command}_{at_work.id}")
        assert button.disabled
        assert button.help == "No optimizer step is left: the test reviews are being scored."
    with pytest.raises(KeyError):
        page.number_input(key=f"rate_{at_work.id}")
    assert "In force" not in texts(page, "markdown")


def test_an_interrupted_run_says_so_and_goes_on_by_its_button(open_train, store):
    run = store.create(DEMONSTRATION.with_settings(reviews=64, epochs=1, hidden_size=2))
    assert store.turns.claim(run.id)  # as a worker that was killed right after
    page = open_train(run=run.id)
    assert "was interrupted" in texts(page, "warning")
    press(page, "Resume")
    wait_until(lambda: store.runs.get(run.id).state == FINISHED)
