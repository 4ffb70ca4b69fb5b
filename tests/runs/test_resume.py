"""A run that was interrupted goes on, and ends as if nothing had happened: to the bit."""

import random
import signal
import sys
import threading
import time
from unittest.mock import Mock

import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import load_corpus
from rnn_core.errors import RunError
from rnn_core.runs import process, queue
from rnn_core.runs.history import EPOCH, HOLD, PAUSE, RATES, RESUME, STEP
from rnn_core.runs.session import Session
from rnn_core.runs.store import Store
from rnn_core.runs.worker import run_in_foreground
from rnn_core.training.checkpoint import CHECKPOINT, PREVIOUS
from rnn_core.training.device import Threads
from rnn_core.training.history import history
from rnn_core.training.records import ThreadEvent
from rnn_core.training.schedule import course_after_change
from rnn_core.training.trainer import Trainer
from tests.faults.harness import end_of
from tests.runs import workers
from tests.runs.workers import PATIENCE, SMALL, artifacts_in, current, start_worker, trained, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("forked_workers")]

# Everything that a checkpoint has to remember, in 6 epochs of 10 optimizer steps and an evaluation.
VARIED = RunConfig(data="verdict").with_settings(
    **SMALL | {"hidden_size": 8, "reviews": 160, "epochs": 6},
    evaluations_per_epoch=1,
    word_dropout=0.1,
    head_dropout=0.2,
    weight_averaging=0.9,
    schedule="one-cycle",
)


@pytest.fixture(scope="module")
def undisturbed(own_verdict_cache, tmp_path_factory):
    """End of a run to which nothing happens."""
    with artifacts_in(tmp_path_factory.mktemp("undisturbed"), own_verdict_cache):
        return end_of(Store(), trained(Store(), VARIED))


def kill_after(store, run, records, command=None):
    """Let it train until it is killed after so many records, and has been given a command on the way."""
    from tests.runs.forked import Forked  # it imports all that a worker imports

    log = store.folder(run.id) / queue.LOG
    killed = Forked(workers.train_and_be_killed, run.id, records, command, log=log)
    assert killed.wait(PATIENCE) == -signal.SIGKILL
    assert current(store, run).state == "interrupted"


def go_on(store, run):
    """Let a run go on to its end, in a worker of its own where it was interrupted."""
    queue.resume(store, run.id)
    wait_until(lambda: not current(store, run).active)


def test_a_resumed_run_makes_a_change_of_threads_again(store, monkeypatch):
    """One after the last checkpoint, at the same step, whatever a timing would find now."""
    monkeypatch.setattr(Threads, "_is_due", lambda threads, epoch: epoch == 1.2)
    run, corpus = store.create(VARIED), load_corpus("verdict")
    store.turns.claim(run.id)

    def go_on_in_this_process(found):
        """The records of a session with two threads, in which a timing finds this number faster."""
        monkeypatch.setattr(Threads, "_faster", lambda *_: found)
        torch.set_num_threads(2)
        try:
            trainer = Trainer(VARIED, corpus)
        finally:
            torch.set_num_threads(1)
        return Session(store, run.id, trainer, threading.Event()).records()

    interrupted = go_on_in_this_process(found=1)
    for _ in range(16):
        next(interrupted)
    list(go_on_in_this_process(found=2))
    interrupted.close()
    torch.set_num_threads(1)
    changes = history("", store.records.all(run.id)).thread_events
    assert changes == (ThreadEvent(epoch=1.2, before=2, threads=1),)


def killed_three_times(store, run):
    chance = random.Random(7)
    for kills in range(3):
        kill_after(store, run, 11 + chance.randrange(11))
        assert current(store, run).resumed == kills
        store.turns.requeue(run.id)
    assert start_worker(store, run).wait(PATIENCE) == 0
    assert current(store, run).resumed == 3


def killed_as_it_was_paused(store, run):
    store.commands.give(run.id, EPOCH)
    process_of_run = start_worker(store, run)
    wait_until(lambda: current(store, run).paused)
    paused_at = current(store, run).optimizer_step
    process_of_run.kill()
    process_of_run.wait(PATIENCE)
    assert not current(store, run).paused
    queue.resume(store, run.id)
    wait_until(lambda: current(store, run).resumed == 1)
    assert current(store, run).optimizer_step >= paused_at
    wait_until(lambda: not current(store, run).active)


def stopped_on_its_way_back(store, run):
    kill_after(store, run, records=15)
    store.turns.requeue(run.id)
    assert queue.stop(store, run.id)
    assert current(store, run).state == "stopped"
    assert "what it learned before it was interrupted is kept" in current(store, run).message
    go_on(store, run)


def torn(*names):
    """Killed, and half of these checkpoints lost: which costs time and nothing else."""

    def tear(store, run):
        kill_after(store, run, records=25)
        for name in names:
            path = store.folder(run.id) / name
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        go_on(store, run)

    return tear


def without_room_on_the_disk(store, run):
    with pytest.MonkeyPatch.context() as patched:
        for count, _ in enumerate(run_in_foreground(store, run.id, lambda sentence: None)):
            if count == 25:
                patched.setattr("os.fsync", Mock(side_effect=OSError(28, "No space left on device")))
    failed = current(store, run)
    assert (failed.state, "No space left on device" in failed.message) == ("failed", True)
    assert "it goes on from its last checkpoint" in failed.message
    go_on(store, run)


def paused_stepped_and_resumed(store, run):
    store.commands.give(run.id, PAUSE)  # else it may have ended before it is asked to
    queue.start_next(store)
    wait_until(lambda: current(store, run).message.startswith("Paused"))  # written after `paused`
    step = current(store, run).optimizer_step
    assert current(store, run).message == f"Paused after optimizer step {step:,}"
    queue.give_command(store, run.id, STEP)
    wait_until(lambda: current(store, run).optimizer_step > step and current(store, run).paused)
    assert current(store, run).optimizer_step == step + 1
    queue.give_command(store, run.id, EPOCH)
    wait_until(lambda: current(store, run).optimizer_step > step + 1 and current(store, run).paused)
    per_epoch = current(store, run).total_steps // VARIED.training.epochs
    assert current(store, run).optimizer_step == ((step + 1) // per_epoch + 1) * per_epoch
    assert store.records.all(run.id)[-1].kind == "validation"  # that of the epoch is made first
    go_on(store, run)
    assert [command.name for command in store.commands.taken(run.id)] == [PAUSE, STEP, EPOCH, RESUME]


@pytest.mark.parametrize(
    "happens",
    [
        killed_three_times,
        killed_as_it_was_paused,
        stopped_on_its_way_back,
        pytest.param(torn(CHECKPOINT), id="a torn checkpoint"),
        pytest.param(torn(CHECKPOINT, PREVIOUS), id="two torn checkpoints"),
        without_room_on_the_disk,
        paused_stepped_and_resumed,
    ],
)
def test_whatever_happens_a_run_ends_the_same(store, undisturbed, happens):
    run = store.create(VARIED, foreground=happens is without_room_on_the_disk)
    happens(store, run)
    assert end_of(store, run) == undisturbed
    wait_until(lambda: not list(store.folder(run.id).glob("checkpoint*")))  # deleted after the end is written
    with pytest.raises(RunError, match="is finished: only one that was interrupted can go on"):
        queue.resume(store, run.id)


@pytest.mark.parametrize("name", RATES)
def test_a_changed_rate_is_repeated_where_it_was_given(store, monkeypatch, name):
    run = store.create(VARIED)
    kill_after(store, run, records=18, command=(13, name, 0.05))  # its checkpoint is of record 11
    (command,) = store.commands.taken(run.id)
    assert command.records == 13
    go_on(store, run)
    rates = {r.optimizer_step: r.learning_rate for r in store.records.all(run.id) if r.learning_rate}
    assert rates[command.optimizer_step + 1] == pytest.approx(0.05)
    [event] = history("", store.records.all(run.id)).rate_events
    assert (event.rate, event.held) == (pytest.approx(0.05), name == HOLD)
    assert event.epoch * 10 == command.optimizer_step
    assert (rates[command.optimizer_step + 9] == rates[command.optimizer_step + 1]) == (name == HOLD)
    assert store.commands.taken(run.id) == [command]

    # The same again without an interruption: the command is given at the same place.
    monkeypatch.setattr(process.launcher, "poll_every", 0)
    whole, said = store.create(VARIED, foreground=True), set()
    for count, _ in enumerate(run_in_foreground(store, whole.id, lambda sentence: None), start=1):
        if count == command.records:
            store.commands.give(whole.id, name, 0.05)
        said.add(current(store, whole).message)
    since = f"from optimizer step {command.optimizer_step + 1} on; {course_after_change(name == HOLD)}"
    assert f"Training at a learning rate of 0.05 {since}" in said
    assert end_of(store, run) == end_of(store, whole)


def test_with_other_reviews_a_run_does_not_go_on(store):
    """They must be those that it learned from, which its settings draw."""
    run = store.create(VARIED)
    kill_after(store, run, records=15)
    vocabulary = store.folder(run.id) / "vocabulary.txt"
    first, second, *rest = vocabulary.read_text(encoding="utf-8").split("\n")
    vocabulary.write_text("\n".join([second, first, *rest]), encoding="utf-8", newline="\n")
    records = store.records.all(run.id)
    go_on(store, run)
    assert current(store, run).state == "failed"
    assert "no longer those that it learned from" in current(store, run).message
    assert store.records.all(run.id) == records


@pytest.mark.skipif(sys.platform == "win32", reason="Windows can't freeze a process")
def test_a_process_that_sleeps_is_no_interruption(store):
    """One that pauses is scored when it is stopped."""
    run = store.create(VARIED.with_settings(epochs=1_000))
    process_of_run = start_worker(store, run)
    wait_until(lambda: current(store, run).optimizer_step > 3)
    with store.database.writing():  # else it may stand still while it writes, and nobody else can
        process_of_run.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
    assert current(store, run).state == "running"
    with pytest.raises(RunError, match="running"):
        store.turns.requeue(run.id)
    step = current(store, run).optimizer_step
    process_of_run.send_signal(signal.SIGCONT)
    wait_until(lambda: current(store, run).optimizer_step > step)
    queue.give_command(store, run.id, PAUSE)
    wait_until(lambda: current(store, run).paused)
    queue.stop(store, run.id)
    assert process_of_run.wait(PATIENCE) == 0
    run = current(store, run)
    assert (run.state, run.paused, bool(run.scores)) == ("stopped", False, True)
