"""Faults, done on purpose. Each returns when nothing was lost, and raises AssertionError else."""

import contextlib
import os
import signal
import subprocess
import time

from playwright.sync_api import sync_playwright

from benchmarks.app.browser import CHROMIUM_FLAGS
from rnn_core.paths import import_folder, own_cells_folder
from rnn_core.runs import process, queue
from rnn_core.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, RUNNING
from rnn_core.training.checkpoint import CHECKPOINT, PREVIOUS
from tests.browser.conftest import STREAMLIT, serve
from tests.chromium import CHROMIUM
from tests.faults.harness import (
    OWN_CELL,
    PATIENCE,
    SHOWN_WITHIN,
    end_of,
    filled,
    kill,
    own_artifacts,
    resume_and_wait,
    small_disk,
)
from tests.runs.workers import start_worker, wait_until


def killed_worker(config, expected, after=None):
    """SIGKILL so many seconds after the start, or at the first checkpoint; the result in a few words."""
    with own_artifacts() as store:
        run = store.create(config)
        worker = start_worker(store, run)
        if after is None:
            wait_until((store.folder(run.id) / CHECKPOINT).exists, PATIENCE)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(after)
        kill(worker)
        (own_cells_folder() / f"{OWN_CELL}.py").unlink()  # a run goes on with the source that it began with
        step = store.runs.get(run.id).optimizer_step
        if store.runs.get(run.id).state == FINISHED:
            assert after is not None, "it ended before it could be killed"
            assert end_of(store, run) == expected
            return "it had ended by then"
        if store.runs.get(run.id).state == QUEUED:  # killed before it had begun: it is still its turn
            queue.start_next(store)
            wait_until(lambda: store.runs.get(run.id).state == FINISHED, PATIENCE)
        else:
            wait_until(lambda: store.runs.get(run.id).state == INTERRUPTED, SHOWN_WITHIN)
            resume_and_wait(store, run)
        assert end_of(store, run) == expected, "it ended differently"
        return f"killed at optimizer step {step:,} of {expected.optimizer_step:,}"


def torn_checkpoint(config, expected):
    """The worker is killed and its newest checkpoint cut in half, as by a loss of power."""
    with own_artifacts() as store:
        run = store.create(config)
        worker = start_worker(store, run)
        path, before = (store.folder(run.id) / name for name in (CHECKPOINT, PREVIOUS))
        wait_until(lambda: path.exists() and before.exists(), PATIENCE)
        kill(worker)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        resume_and_wait(store, run)
        assert end_of(store, run) == expected, "it ended differently"
        return "it went on from the one before"


def full_disk(config, expected):
    """The disk fills up while a run trains; there is room again, and it goes on."""
    with small_disk(24) as disk, own_artifacts(disk) as store:
        run = store.create(config)
        worker = start_worker(store, run)
        wait_until((store.folder(run.id) / CHECKPOINT).exists, PATIENCE)
        with filled(disk):
            worker.wait(PATIENCE)
            ended = store.runs.get(run.id)  # the store is still readable
            assert ended.state in (FAILED, INTERRUPTED), ended.state
            assert store.records.all(run.id)
        resume_and_wait(store, run)
        assert end_of(store, run) == expected, "it ended differently"
        return f"{ended.state}: {ended.message}"


def two_servers_on_one_store(config, expected):
    """Many processes ask the queue at once for the next run; it is trained once."""
    with own_artifacts() as store:
        runs = [store.create(config), store.create(config)]
        ask = ["runs", "at-once", "1"]
        askers = [process.launcher.begin(ask, store.root / "asker.log") for _ in range(2)]
        for _ in range(20):
            queue.start_next(store)
        assert [asker.wait(PATIENCE) for asker in askers] == [0, 0]
        assert sum(run.state == RUNNING for run in store.runs.all()) <= 1
        for run in runs:
            wait_until(lambda run=run: store.runs.get(run.id).state == FINISHED, PATIENCE)
            assert end_of(store, run) == expected, "it ended differently"
        return "two runs, each trained once, one after the other"


def clock_set_back(config, expected):
    """Everything that the store remembers of the time lies a day ahead."""
    with own_artifacts() as store:
        run = store.create(config)
        worker = start_worker(store, run)
        wait_until((store.folder(run.id) / CHECKPOINT).exists, PATIENCE)
        kill(worker)
        with store.database.writing() as connection:
            connection.execute("UPDATE runs SET created = created + 86400, started = started + 86400")
            connection.execute("UPDATE runs SET launched = IFNULL(launched, ?) + 86400", (time.time(),))
        assert store.runs.get(run.id).state == INTERRUPTED
        resume_and_wait(store, run)
        assert end_of(store, run) == expected, "it ended differently"
        return "it went on"


def killed_server(config, expected, at):
    """SIGKILL to the server that started a run: it trains on, and a new server shows it to its end."""
    with own_artifacts() as store, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS).new_page()
        run = store.create(config)
        app = [*STREAMLIT, import_folder() / "app.py"]
        with serve(app, store.root, os.environ) as server:
            page.goto(f"{server.address}/train?run={run.id}")  # an open page lets the queue move on
            wait_until(lambda: store.runs.get(run.id).progress > at, PATIENCE)
            os.killpg(server.process.pid, signal.SIGKILL)
        step = store.runs.get(run.id).optimizer_step
        wait_until(lambda: store.runs.get(run.id).optimizer_step > step, PATIENCE)
        with serve(app, store.root, os.environ) as server:
            page.goto(f"{server.address}/train?run={run.id}")
            page.get_by_text("It is right on").first.wait_for(timeout=PATIENCE * 1e3)
        assert end_of(store, run) == expected, "it ended differently"
        return f"the run went on from optimizer step {step:,}"
