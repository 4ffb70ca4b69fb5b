"""What Train says and does where runs can't be kept: a full disk, a locked store, a spoilt file."""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.format import size
from rnn_core.runs import database
from rnn_core.runs.run import FINISHED, INTERRUPTED
from rnn_core.training.checkpoint import CHECKPOINT, PREVIOUS, load_checkpoint
from tests.faults.harness import can_mount, kill, small_disk
from tests.pages.elements import labels, press, texts
from tests.pages.train.made import DEMONSTRATION, record_of
from tests.runs.workers import SMALL, start_worker, wait_until

TINY = DEMONSTRATION.with_settings(**SMALL)
FIRST = record_of(1)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]
needs_mount = pytest.mark.skipif(not can_mount(), reason="only root on Linux may mount a small disk")


@pytest.fixture
def disk(monkeypatch):
    """A disk of 2 MB, on which everything is kept."""
    with small_disk(2) as folder:
        monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(folder))
        yield folder


def interrupted_run(store):
    """A run as it is when its worker was killed right after the first optimizer step."""
    run = store.create(TINY)
    assert store.turns.claim(run.id)
    store.records.append(run.id, [FIRST])
    return run


@contextlib.contextmanager
def read_only(disk):
    with contextlib.ExitStack() as then:
        then.callback(subprocess.run, ["mount", "-o", "remount,rw", disk], check=True)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        yield


@contextlib.contextmanager
def filled(disk):
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    try:
        yield
    finally:
        filler.unlink()


def said(page, kind="error"):
    return texts(page, kind).replace("\\", "")


def trouble():
    """What `show_store_warnings` says on a page of its own."""

    def script():
        from pages.components.train.disk import show_store_warnings
        from rnn_core.runs.store import Store

        show_store_warnings(Store())

    page = AppTest.from_function(script).run()
    assert not page.exception
    return said(page, "warning")


def test_where_all_is_well_nothing_is_said_and_nothing_is_left_behind(store):
    assert trouble() == ""
    assert not store.root.exists()
    store.create(TINY)
    before = sorted(store.root.iterdir())
    assert trouble() == ""
    assert sorted(store.root.iterdir()) == before


def test_a_disk_with_little_room_is_said_with_what_to_do(store, monkeypatch):
    usage = shutil.disk_usage(store.root.parents[1])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=12_300_000))
    assert "has only **12.3 MB** left" in trouble()
    assert "Free some space" in trouble()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("rights", [0o555, 0o000])
def test_a_folder_of_somebody_else_is_said_with_what_to_do(store, rights):
    store.create(TINY)
    store.root.chmod(rights)
    try:
        assert f"Nothing can be written in {store.root} (Permission denied)" in trouble()
    finally:
        store.root.chmod(0o755)


def test_a_folder_that_can_not_be_made_is_said_in_words(store):
    store.root.parent.parent.mkdir(parents=True, exist_ok=True)
    store.root.parent.write_text("a file where a folder should be")
    assert f"Nothing can be written in {store.root}" in trouble()
    store.root.parent.unlink()


@needs_mount
def test_a_read_only_folder_is_looked_at_and_refuses_the_rest_in_words(disk, store, open_train):
    run = interrupted_run(store)
    with read_only(disk):
        page = open_train(run=run.id)
        assert f"Nothing can be written in {store.root} (Read-only file system)" in said(page, "warning")
        assert "was interrupted" in said(page, "warning")
        assert page.selectbox(key="run_shown").value == run.id
        for button in ("Start training", "Resume", "Save"):
            press(page, button)
            assert f"The runs in {store.root}" in said(page), button
            assert "can't be read or written" in said(page), button
        press(page, "Delete this run")
        assert "could not be deleted: Read-only file system" in said(page)
    page.run()
    assert not page.exception
    assert "can't be read or written" not in said(page)
    assert [kept.id for kept in store.runs.all()] == [run.id]


@needs_mount
def test_on_a_full_disk_the_run_is_shown_and_goes_on_once_there_is_room(disk, store, open_train):
    run = interrupted_run(store)
    with filled(disk):
        page = open_train(run=run.id)
        assert f"has only **{size(0)}** left" in said(page, "warning")
        assert "was interrupted" in said(page, "warning")
        for button in ("Start training", "Resume"):
            press(page, button)
            assert "Check that the disk is not full" in said(page), button
        assert [kept.state for kept in store.runs.all()] == [INTERRUPTED]
        assert store.records.all(run.id) == [FIRST]
    press(page, "Resume")
    wait_until(lambda: not store.runs.get(run.id).active)
    assert store.runs.get(run.id).state == FINISHED, store.runs.get(run.id).message
    assert len(store.runs.all()) == 1


@needs_mount
def test_a_disk_that_is_small_but_read_only_is_not_called_full(disk, store):
    store.create(TINY)
    with filled(disk), read_only(disk):
        assert "Read-only file system" in trouble()
        assert "left" not in trouble()


@contextlib.contextmanager
def locked(store):
    """The store's file in the hands of another program that writes and does not end."""
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_store_is_read_and_refuses_the_rest_in_words_until_it_is_free(
    store, open_train, monkeypatch
):
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 0.1)
    run = store.create(TINY)
    store.runs.finish(run.id, "failed", "It ended.")
    with locked(store):
        page = open_train(run=run.id)
        assert "failed. It ended" in said(page)
        for button in ("Start training", "Resume", "Save", "Delete this run"):
            press(page, button)
            assert "Another program is writing to it" in said(page), button
            assert "failed. It ended" in said(page), button
    page.text_input(key=f"name_{run.id}").set_value("free again")
    press(page, "Save")
    assert store.runs.get(run.id).name == "free again"
    assert "locked" not in said(page)


@pytest.mark.parametrize("content", [b"no database at all, " * 100, None])
def test_a_spoilt_store_is_said_in_words_and_the_app_stays_up(store, open_app, open_train, content):
    run = store.create(TINY)
    store.runs.finish(run.id, "stopped", "")
    file = store.root / "runs.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if content is None else content)
    page = open_train(data="verdict")
    assert f"The runs in {file} can't be read" in said(page)
    assert "Move this file away" in said(page)
    assert "Start training" not in labels(page)
    home = open_app()
    assert f"The runs in {file} can't be read" in said(home, "warning")
    file.write_bytes(whole)
    page.run()
    assert not page.error
    assert page.selectbox(key="run_shown").value == run.id


def test_with_a_checkpoint_cut_in_half_its_button_lets_the_run_go_on_from_the_one_before(store, open_train):
    run = store.create(TINY.with_settings(epochs=1_000))
    worker = start_worker(store, run)
    older = store.folder(run.id) / PREVIOUS
    wait_until(lambda: older.exists() and store.runs.get(run.id).optimizer_step > 20)
    kill(worker)
    newest = store.folder(run.id) / CHECKPOINT
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    count = load_checkpoint(store.folder(run.id)).values["records"]
    before = store.records.all(run.id)
    assert 0 < count < len(before)
    page = open_train(run=run.id)
    assert "was interrupted" in said(page, "warning")
    press(page, "Resume")
    wait_until(lambda: len(store.records.all(run.id)) > len(before))
    now = store.runs.get(run.id)
    assert now.resumed == 1
    assert store.records.all(run.id)[:count] == before[:count]  # clocks and all: not trained again
    page.run()
    assert not page.exception
    assert not page.error
    press(page, "Stop")
