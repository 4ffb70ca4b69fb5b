"""A worker that is kept ready: it trains the run that it gets, and ends with its server."""

import io
import os
import subprocess
import sys

import psutil
import pytest

from rnn_core.data.sources import recommended_config
from rnn_core.paths import import_folder
from rnn_core.runs import process, queue, ready
from rnn_core.runs.store import Store
from tests.runs.workers import PATIENCE, SMALL, wait_until

_SERVER = """
import pathlib, sys, time
from rnn_core.runs import ready
ready.keep_ready()
print(ready._place._worker._process.pid, flush=True)
{then}
time.sleep(600)
"""
_HANDS_OVER = """
while not ready.memory_in_use():
    time.sleep(0.05)
print(ready.memory_in_use(), flush=True)
print(ready.hand_over(sys.argv[1], pathlib.Path(sys.argv[2]), lambda status: None), flush=True)
"""


@pytest.fixture
def config():
    return recommended_config("verdict").with_settings(**SMALL)


class _Waiting:
    """What stands in for a process that waits."""

    def __init__(self):
        read, write = os.pipe()
        self.stdin, self.stdout = os.fdopen(write, "wb"), io.BytesIO(b"300000000 2.5\n")
        self.given = os.fdopen(read, "rb")
        self.status = None

    def poll(self):
        return self.status

    def wait(self):
        return 0


@pytest.fixture
def waiting(monkeypatch):
    """Those that were started, none of which is a process."""
    started = []
    monkeypatch.setattr(process, "start_waiting", lambda command: started.append(_Waiting()) or started[-1])
    monkeypatch.setattr(ready, "_place", ready._Place())
    monkeypatch.delenv(ready.SWITCH, raising=False)
    return started


def test_one_worker_waits_at_a_time_and_gets_the_next_run(waiting, config, monkeypatch):
    store, cold = Store(), []
    monkeypatch.setattr(process, "start_worker", lambda run_id, log, when_ended: cold.append(run_id))
    store.turns.set_at_once(2)
    ready.keep_ready()
    ready.keep_ready()
    assert len(waiting) == 1
    first, second = store.create(config), store.create(config)
    queue.start_next(store)
    log = store.folder(first.id).absolute() / queue.LOG
    assert waiting[0].given.read().decode() == f'["{first.id}", "{log}"]\n'
    assert cold == [second.id]


def test_a_worker_with_other_folders_gets_no_run(waiting, tmp_path, monkeypatch):
    ready.keep_ready()
    waiting[0].status = -9
    assert not ready.hand_over("a", tmp_path / "log", lambda status: None)
    ready.keep_ready()
    monkeypatch.setenv("GATESCOPE_CACHE", str(tmp_path / "elsewhere"))
    assert not ready.hand_over("a", tmp_path / "log", lambda status: None)
    assert waiting[1].given.read() == b""  # its end, which lets it end
    assert ready.memory_in_use() == 0


def test_a_worker_that_ends_as_it_gets_its_run_gets_none(waiting, tmp_path):
    ready.keep_ready()
    waiting[0].given.close()
    assert not ready.hand_over("a", tmp_path / "log", lambda status: None)


def test_a_run_begins_at_once_by_a_worker_that_is_ready(waiting, tmp_path):
    """And by another one after its imports."""
    assert ready.start_up_seconds() == ready._USUAL_START
    ready.keep_ready()
    wait_until(lambda: ready.memory_in_use() == 300_000_000)
    wait_until(lambda: ready.start_up_seconds() == 0)
    assert ready.hand_over("a", tmp_path / "log", lambda status: None)
    assert ready.start_up_seconds() == 2.5


def test_no_worker_is_kept_ready_where_none_is_wanted(waiting, monkeypatch):
    monkeypatch.setenv(ready.SWITCH, "0")
    ready.keep_ready()
    assert not waiting


def _is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.usefixtures("with_corpus")
def test_only_a_worker_with_a_run_outlives_its_server(config):
    store, servers = Store(), []
    run = store.create(config)
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
    wait_until(lambda: not store.runs.get(run.id).active)
    assert store.runs.get(run.id).state == "finished"
    wait_until(lambda: _is_gone(waits) and _is_gone(int(trains)))
