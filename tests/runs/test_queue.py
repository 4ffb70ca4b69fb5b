"""The queue, and a worker that is kept ready and ends with its server."""

import dataclasses
import io
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest

from rnn_core.errors import RunError
from rnn_core.paths import import_folder
from rnn_core.runs import process, queue, ready
from rnn_core.runs.store import Store
from rnn_core.runs.stored_runs import StoredRuns
from tests.runs.workers import PATIENCE, at_work, current, wait_until


@pytest.fixture
def launched(monkeypatch):
    """The runs that were given a worker; none is really started."""
    ids = []
    monkeypatch.setattr(process, "start_worker", lambda run_id, log, when_ended: ids.append(run_id))
    return ids


def test_of_two_claims_at_once_one_wins(store, tiny):
    """The one that waits for longer."""
    runs, both = [store.create(tiny), store.create(tiny)], threading.Barrier(2, timeout=30)

    def claim(run):
        with process.hold(store.folder(run.id)):
            both.wait()
            claimed = Store().turns.claim(run.id)
            both.wait()
        return claimed

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(claim, runs)) == [True, False]


def test_a_run_in_the_foreground_waits_for_its_turn(store, tiny):
    first = store.create(tiny)
    second = store.create(tiny, foreground=True)
    with process.hold(store.folder(second.id)):
        with at_work(store, first):
            turn = queue.wait_for_turn(store, second.id)
            place = next(turn)
            assert (place.ahead, place.behind.id) == (1, first.id)
            store.runs.finish(first.id, "finished", "")
        assert (list(turn), current(store, second).state) == ([], "running")


@pytest.mark.parametrize(("reason", "said"), [("no program", "no such program"), ("no memory", "worker.log")])
def test_a_worker_that_cannot_start_fails_its_run(store, tiny, monkeypatch, reason, said):
    """The run says so in words, and the next one gets its turn."""
    bad, good = store.create(tiny), store.create(tiny)
    launched = []

    def start(run_id, log, when_ended):
        launched.append(run_id)
        if run_id != bad.id:
            return
        if reason == "no program":
            raise FileNotFoundError("no such program")
        when_ended(1)

    monkeypatch.setattr(process, "start_worker", start)
    queue.start_next(store)
    assert (launched, current(store, bad).state) == ([bad.id, good.id], "failed")
    assert said in current(store, bad).message


def test_a_run_that_is_stopped_leaves_or_is_commanded(store, tiny):
    """A waiting one leaves, the one at work gets a command, once."""
    first, second, third = (store.create(tiny) for _ in range(3))
    assert queue.stop(store, second.id)
    assert not queue.stop(store, second.id)
    assert [run.id for run in store.runs.active()] == [first.id, third.id]
    assert queue.position(store, third.id).ahead == 1
    with at_work(store, first):
        assert {run.id for run in queue.stop_all(store)} == {first.id, third.id}
        assert [command.name for command in store.commands.take(first.id)] == ["stop"]
        assert (store.commands.take(first.id), current(store, third).state) == ([], "stopped")


def test_a_run_killed_as_it_ended_trains_again(store, tiny):
    run = store.create(tiny)
    with at_work(store, run):
        queue.stop(store, run.id)
        store.runs.say(run.id, "Training")
        assert (current(store, run).is_ending, current(store, run).message) == (True, "Stopping")
    store.turns.requeue(run.id)
    with at_work(store, run):
        store.runs.say(run.id, "Training")
        assert (current(store, run).is_ending, current(store, run).message) == (False, "Training")


def test_a_run_deleted_while_stopped_is_left_out(store, tiny, monkeypatch):
    stays, goes = store.create(tiny), store.create(tiny)
    monkeypatch.setattr(StoredRuns, "active", lambda _: [stays, goes])
    store.delete(goes.id)
    assert [run.id for run in queue.stop_all(store)] == [stays.id]


@pytest.mark.parametrize("pace", ["pause", "step", "epoch"])
def test_only_a_run_that_is_to_pause_goes_on(store, tiny, pace):
    run = store.create(tiny)
    with at_work(store, run):
        with pytest.raises(RunError, match="is training: there is no pause"):
            queue.resume(store, run.id)
        queue.give_command(store, run.id, pace)
        queue.resume(store, run.id)
        assert [command.name for command in store.commands.take(run.id)] == [pace, "resume"]
        with pytest.raises(RunError, match="there is no pause"):
            queue.resume(store, run.id)
        store.runs.set_paused(run.id, True, "Paused")
        queue.resume(store, run.id)


def test_the_farewell_names_the_run_that_goes_on(store, tiny):
    assert queue.farewell(store) is None
    run = store.create(tiny)
    store.create(tiny)
    goes_on = f"Run {run.id} goes on without the app. 1 run waits in the queue. Stop with: "
    with at_work(store, run):
        assert queue.farewell(store) == f"{goes_on}python -m rnn_core runs stop --all"


def test_as_many_runs_start_as_may_train_at_once(store, tiny, launched):
    """The oldest, however many start the next."""
    runs = [store.create(tiny) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: queue.start_next(Store()), range(8)))
    assert launched == [runs[0].id]
    store.turns.set_at_once(2)
    queue.start_next(store)
    assert launched == [runs[0].id, runs[1].id]
    with at_work(store, *runs[:2]):
        with process.hold(store.folder(runs[2].id)):
            assert not store.turns.claim(runs[2].id)
        store.turns.set_at_once(3)
        queue.start_next(store)
        assert launched[2:] == [runs[2].id]
        assert [run.id for run in store.runs.active()] == [run.id for run in runs]


@pytest.mark.parametrize(
    ("at_once", "running", "seconds", "expected"),
    [
        (1, 0, (10, 30, 5, 1), [0, 10, 40, 45]),
        (2, 0, (10, 30, 5, 1), [0, 0, 10, 15]),
        (4, 0, (10, 30, 5, 1), [0, 0, 0, 0]),
        (1, 2, (100, 80, 1), [0, 0, 100]),  # where more train than may now, all but one must end first
        (2, 2, (100, 80, 1), [0, 0, 80]),
        (1, 0, (None, 3, 1), [0, None, None]),  # behind a run of which nothing is known nothing is said
        (2, 0, (None, 3, 1), [0, 0, 3]),
    ],
)
def test_a_run_begins_when_there_is_room_for_it(store, tiny, at_once, running, seconds, expected):
    runs = [store.create(tiny) for _ in seconds]
    runs[:running] = [dataclasses.replace(run, state="running") for run in runs[:running]]
    left = {run.id: each for run, each in zip(runs, seconds, strict=True)}
    found = [queue.begins_in(runs, run.id, at_once, lambda other: left[other.id]) for run in runs]
    assert found == expected


_SERVER = """
import pathlib, sys, time
from rnn_core.runs import ready
ready.place.keep_ready()
print(ready.place._worker._process.pid, flush=True)
{then}
time.sleep(600)
"""
_HANDS_OVER = """
while not ready.place.memory_in_use():
    time.sleep(0.05)
print(ready.place.memory_in_use(), flush=True)
print(ready.place.hand_over(sys.argv[1], pathlib.Path(sys.argv[2]), lambda status: None), flush=True)
"""


@pytest.fixture
def waiting(monkeypatch):
    """The workers that were started, none of which is a process."""
    started = []

    def start_waiting(command):
        given, stdin = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
        streams = {"stdin": stdin, "stdout": io.BytesIO(b"300000000 2.5\n"), "given": given}
        started.append(Mock(**streams, **{"poll.return_value": None, "wait.return_value": 0}))
        return started[-1]

    monkeypatch.setattr(process, "start_waiting", start_waiting)
    monkeypatch.setattr(ready, "place", ready.WaitingPlace())
    monkeypatch.delenv(ready.SWITCH, raising=False)
    return started


def test_one_worker_waits_and_gets_the_next_run(store, tiny, launched, waiting, monkeypatch):
    """None waits where none is wanted."""
    store.turns.set_at_once(2)
    with monkeypatch.context() as unwanted:
        unwanted.setenv(ready.SWITCH, "0")
        ready.place.keep_ready()
    assert not waiting
    ready.place.keep_ready()
    ready.place.keep_ready()
    assert len(waiting) == 1
    first, second = store.create(tiny), store.create(tiny)
    queue.start_next(store)
    log = store.folder(first.id).absolute() / queue.LOG
    assert (waiting[0].given.read().decode(), launched) == (f'["{first.id}", "{log}"]\n', [second.id])


def hand_over():
    return ready.place.hand_over("a", Path("log"), lambda status: None)


def test_a_worker_that_ended_or_finds_others_gets_no_run(waiting, tmp_path, monkeypatch):
    ready.place.keep_ready()
    waiting[0].poll.return_value = -9
    assert not hand_over()
    ready.place.keep_ready()
    waiting[1].given.close()  # it ends in this moment
    assert not hand_over()
    ready.place.keep_ready()
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "elsewhere"))
    assert not hand_over()
    assert (waiting[2].given.read(), ready.place.memory_in_use()) == (b"", 0)


def test_a_run_begins_at_once_by_a_ready_worker(waiting):
    """And by another one after its imports."""
    assert ready.place.start_up_seconds() == ready._USUAL_START
    ready.place.keep_ready()
    wait_until(lambda: ready.place.memory_in_use() == 300_000_000)
    wait_until(lambda: ready.place.start_up_seconds() == 0)
    assert hand_over()
    assert ready.place.start_up_seconds() == 2.5


def _is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_only_a_worker_with_a_run_outlives_its_server(store, tiny):
    run, servers = store.create(tiny), []
    for then, *words in ([""], [_HANDS_OVER, run.id, str(store.folder(run.id) / queue.LOG)]):
        command = [sys.executable, "-c", _SERVER.format(then=then), *words]
        servers.append(subprocess.Popen(command, cwd=import_folder(), stdout=subprocess.PIPE, text=True))
    idle, handing = servers
    try:
        waits = int(idle.stdout.readline())
        trains, memory, given = (handing.stdout.readline().strip() for _ in range(3))
        assert int(memory) > 50e6
        assert given == "True"
    finally:
        for server in servers:
            server.kill()
            server.wait(PATIENCE)
    wait_until(lambda: not current(store, run).active)
    assert current(store, run).state == "finished"
    wait_until(lambda: _is_gone(waits) and _is_gone(int(trains)))
