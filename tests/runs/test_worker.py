"""Runs in worker processes, on the verdict corpus."""

import os
import signal
import sys
from functools import partial
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.models.model import Model
from rnn_core.runs import process, queue
from rnn_core.runs.history import PAUSE, RATE
from rnn_core.runs.worker import run_in_foreground, run_worker
from rnn_core.training.records import read_history
from rnn_core.training.trainer import Trainer
from tests.runs.workers import PATIENCE, at_work, current, start_worker, trained, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("forked_workers")]


@pytest.fixture
def endless(tiny):
    return tiny.with_settings(epochs=1_000)


def in_foreground(store, run, say=lambda sentence: None):
    """The records of a run that is trained here."""
    return run_in_foreground(store, run.id, say)


def is_training(store, run):
    return current(store, run).validation_accuracy is not None


def test_after_a_killed_worker_the_next_run_is_trained(store, tiny, endless, monkeypatch):
    workers, launcher = [], type(process.launcher)
    begin = launcher.begin
    monkeypatch.setattr(launcher, "begin", lambda *given: workers.append(begin(*given)) or workers[-1])
    killed, run = store.create(endless), store.create(tiny)
    queue.start_next(store)
    wait_until(lambda: current(store, killed).state == "running")
    workers[0].kill()
    wait_until(lambda: not store.runs.active())
    assert [current(store, one).state for one in (killed, run)] == ["interrupted", "finished"]


def test_after_a_run_the_next_one_is_trained(store, tiny):
    """Each has kept all that it learned."""
    runs = [store.create(tiny), store.create(tiny)]
    queue.start_next(store)
    wait_until(lambda: not store.runs.active())
    first, second = (current(store, run) for run in runs)
    assert first.ended <= second.started
    for run in (first, second):
        assert (run.state, run.progress) == ("finished", 1), run.message
        model, records = Model.load(store.folder(run.id)), store.records.all(run.id)
        assert (model.config, model.scores, model.scores["reviews"]) == (tiny, run.scores, 120)
        assert read_history(model.folder, tiny.model.cell) == records
        assert run.validation_accuracy == max(one.accuracy for one in records if one.kind == "validation")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
@pytest.mark.parametrize("end", ["stop", "terminate", "kill"])
def test_a_worker_leaves_a_model_however_it_ends(store, endless, end):
    run = store.create(endless)
    worker = start_worker(store, run)
    wait_until(lambda: is_training(store, run))
    if end == "stop":
        assert queue.stop(store, run.id)
    else:
        getattr(worker, end)()
    assert (worker.wait(PATIENCE) == 0) == (end != "kill")
    run = current(store, run)
    assert run.state == ("interrupted" if end == "kill" else "stopped"), run.message
    assert 0 < run.progress < 1
    steps = [one.optimizer_step for one in store.records.all(run.id) if one.kind == "training"]
    assert steps == list(range(1, len(steps) + 1))
    model = Model.load(store.folder(run.id))
    assert (model.config, model.scores.get("accuracy")) == (endless, run.scores.get("accuracy"))
    assert bool(model.scores) == (end != "kill")


def test_another_worker_leaves_a_run_alone(store, tiny, monkeypatch):
    run = store.create(tiny)
    monkeypatch.setattr(process, "hold", partial(process.hold, patience=0))
    with at_work(store, run):
        run_worker(run.id)
        assert (current(store, run).state, store.records.all(run.id)) == ("running", [])


def test_a_run_in_the_foreground_gives_its_records(store, tiny):
    run, sentences = store.create(tiny, foreground=True), []
    records = list(in_foreground(store, run, sentences.append))
    assert (records, current(store, run).state) == (store.records.all(run.id), "finished")
    assert sentences == [
        "Starting, step 1 of 3: reading the reviews",
        "Starting, step 2 of 3: encoding the reviews, making the network",
        "Starting, step 3 of 3: learning from the first batch",
        "Scoring the test reviews",
    ]


def test_a_run_says_that_it_trains_or_stops(store, endless):
    run = store.create(endless, foreground=True)
    said = []
    records = in_foreground(store, run, lambda sentence: said.append(current(store, run).message))

    def state():
        known = current(store, run)
        return known.message, known.is_ending

    next(records)
    assert state() == ("Training", False)
    queue.give_command(store, run.id, RATE, 0.001)
    queue.give_command(store, run.id, PAUSE)
    assert queue.stop(store, run.id)
    assert state() == ("Stopping", True)
    store.runs.set_paused(run.id, True, "Paused after optimizer step 1")  # as it does while the command comes
    store.runs.set_paused(run.id, False, "Training")
    assert state() == ("Stopping", True)
    for _ in records:
        assert state() == ("Stopping", True)
    assert said[-1] == "Scoring the test reviews"
    assert not queue.stop(store, run.id)
    assert state()[0].startswith("Stopped at optimizer step")


def once_scoring(act, *given):
    """Does this as soon as the scoring of the test reviews is announced."""

    def say(sentence):
        if sentence == "Scoring the test reviews":
            act(*given)

    return say


def press_ctrl_c(_store):
    os.kill(os.getpid(), signal.SIGINT)


UNSCORED = "The scoring of the test reviews was stopped."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to itself")
@pytest.mark.parametrize("stop", [queue.stop_all, press_ctrl_c])
def test_a_scoring_that_is_stopped_leaves_no_scores(store, tiny, stop):
    run = trained(store, tiny, once_scoring(stop, store))
    assert (run.state, run.scores, run.message) == ("finished", {}, f"Finished. {UNSCORED}")
    assert Model.load(store.folder(run.id)).scores == {}


@pytest.mark.parametrize("again", ["at once", "once it is scored"])
def test_a_second_stop_ends_a_run_without_a_score(store, endless, again):
    run = store.create(endless, foreground=True)
    records = in_foreground(store, run, once_scoring(queue.stop_all, store))
    next(records)
    queue.stop_all(store)
    if again == "at once":
        queue.stop_all(store)
    list(records)
    run = current(store, run)
    assert (run.state, run.scores) == ("stopped", {})
    assert run.message.endswith(f"what it learned is kept. {UNSCORED}")


def test_a_run_stopped_as_its_training_ended_is_scored(store, tiny):
    """The first stop was for the training."""
    stop = once_scoring(lambda: queue.stop(store, store.runs.active()[0].id))
    assert trained(store, tiny, stop).scores


def test_a_scoring_says_how_far_it_is(store, tiny, monkeypatch):
    said, now = [], [0.0]
    run = store.create(tiny, foreground=True)

    def score_slowly(trainer, keep_going):
        for share in (0.0, 0.25, 0.5):
            now[0] = 40 * share
            assert keep_going(share)
            said.append(current(store, run).message)

    monkeypatch.setattr(Trainer, "score_test", score_slowly)
    monkeypatch.setattr("rnn_core.runs.worker.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr("rnn_core.runs.worker._SAY_EVERY", 0.0)
    list(in_foreground(store, run))
    how_far = "25% done, 30 s left", "50% done, 20 s left"
    assert said[1:] == [f"Scoring the test reviews: {words}" for words in how_far]


def test_a_run_in_the_foreground_that_is_closed_is_kept(store, endless):
    run = store.create(endless, foreground=True)
    records = in_foreground(store, run)
    seen = [next(records), next(records)]
    records.close()
    assert (current(store, run).state, store.records.all(run.id)) == ("stopped", seen)
    assert Model.load(store.folder(run.id)).scores["reviews"] == 120


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to itself")
def test_ctrl_c_in_the_foreground_stops_and_keeps(store, endless):
    run = store.create(endless, foreground=True)
    for count, _ in enumerate(in_foreground(store, run)):
        if count == 2:
            press_ctrl_c(store)
    assert current(store, run).state == "stopped"
    assert current(store, run).scores


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signal to itself")
def test_ctrl_c_while_waiting_leaves_the_queue(store, tiny, monkeypatch):
    monkeypatch.setattr(queue, "_LOOK_EVERY", 0.01)
    first, second, sentences = store.create(tiny), store.create(tiny, foreground=True), []

    def interrupt(sentence):
        sentences.append(sentence)
        press_ctrl_c(store)

    with at_work(store, first):
        assert list(in_foreground(store, second, interrupt)) == []
    assert sentences == [f"Waiting for run {first.id}; 1 ahead of this one"]
    assert current(store, second).state == "stopped"


@pytest.mark.parametrize(
    ("moment", "kept"),
    [
        ("Starting, step 2 of 3: encoding the reviews, making the network", "it had no weights to keep yet"),
        ("Scoring the test reviews", "the weights saved last are kept"),
    ],
)
def test_a_run_stopped_at_once_says_what_is_kept(store, tiny, moment, kept):
    run = store.create(tiny, foreground=True)

    def interrupt(sentence):
        if sentence == moment:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(in_foreground(store, run, interrupt))
    assert current(store, run).message == f"Stopped at once; {kept}."
    assert (store.folder(run.id) / "weights.safetensors").exists() == ("saved" in kept)


def test_a_run_that_diverges_ends_with_what_was_seen(store, tiny):
    # Each step multiplies the weights by 1 - 100 * 10.
    wild = {"optimizer": "sgd", "learning_rate": 100.0, "weight_decay": 10.0, "schedule": "constant"}
    run = trained(store, tiny.with_settings(**wild, epochs=100))
    assert run.state == "diverged"
    assert "Diverged at optimizer step" in run.message
    assert read_history(store.folder(run.id), tiny.model.cell) == store.records.all(run.id) != []


def test_an_error_becomes_a_sentence(store, tiny, monkeypatch):
    monkeypatch.setattr("rnn_core.runs.worker.Trainer", Mock(side_effect=MemoryError("no room")))
    run = trained(store, tiny)
    assert (run.state, store.records.all(run.id)) == ("failed", [])
    assert "no room" in run.message
    assert "MemoryError" in (store.folder(run.id) / queue.LOG).read_text()


def test_missing_reviews_fail_the_run_in_words(store, tiny):
    run = trained(store, RunConfig.from_dict(tiny.to_dict() | {"data": "imdb"}))
    assert run.state == "failed"
    assert run.message.startswith("The IMDB reviews are not on this machine.")


@pytest.mark.parametrize(("began_with", "goes_on_with"), [(0, 2), (3, 3)])
def test_threads_are_shared_unless_a_run_goes_on(store, tiny, monkeypatch, began_with, goes_on_with):
    asked = []
    monkeypatch.setattr("rnn_core.nn.threads.os.cpu_count", lambda: 9)
    monkeypatch.setattr("rnn_core.nn.threads.torch.set_num_threads", asked.append)
    store.turns.set_at_once(4)
    run = store.create(tiny.with_settings(threads=0), foreground=True)
    store.runs.update(run.id, threads=began_with)
    list(in_foreground(store, run))
    assert (asked, current(store, run).threads) == ([goes_on_with], goes_on_with)
