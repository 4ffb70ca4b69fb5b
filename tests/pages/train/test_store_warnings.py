"""Train where runs can't be kept or read: a full disk, a locked store, spoilt files."""

import contextlib
import json
import shutil
import sqlite3
import subprocess

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.format import size
from pages.components.shared.histories import read_so_far
from rnn_core.errors import UnreadableRunError
from rnn_core.runs import database
from rnn_core.runs.run import FINISHED, INTERRUPTED
from rnn_core.runs.store import Store
from tests.faults.harness import filled, needs_mount, small_disk
from tests.pages.elements import labels, press, texts
from tests.pages.train.made import DEMONSTRATION, look, make_run, record_of
from tests.runs.workers import SMALL, wait_until

TINY = DEMONSTRATION.with_settings(**SMALL)
FIRST = record_of(1)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("verdict_only", "forked_workers")]


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


def said(page, kind="error"):
    return texts(page, kind).replace("\\", "")


def trouble():
    """Returns the words of `show_store_warnings` on a page of its own."""

    def script():
        from pages.components.train.disk import show_store_warnings
        from rnn_core.runs.store import Store

        show_store_warnings(Store())

    return said(AppTest.from_function(script).run(), "warning")


def test_only_trouble_with_the_disk_is_said(store, monkeypatch):
    """A folder that can't be made, or little room; where all is well nothing is left behind."""
    assert trouble() == ""
    assert not store.root.exists()
    store.root.parents[1].mkdir(parents=True, exist_ok=True)
    store.root.parent.write_text("a file where a folder should be")
    assert f"Nothing can be written in {store.root}" in trouble()
    store.root.parent.unlink()
    store.create(TINY)
    before = sorted(store.root.iterdir())
    assert trouble() == ""
    assert sorted(store.root.iterdir()) == before
    usage = shutil.disk_usage(store.root.parents[1])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=12_300_000))
    assert "has only **12.3 MB** left" in trouble()
    assert "Free some space" in trouble()


@needs_mount
def test_a_read_only_folder_is_looked_at_alone(disk, store, open_train):
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
    assert "can't be read or written" not in said(page.run())
    assert [kept.id for kept in store.runs.all()] == [run.id]


@needs_mount
def test_on_a_full_disk_a_run_waits_for_room(disk, store, open_train):
    """A small disk that is read-only is not called full."""
    run = interrupted_run(store)
    with filled(disk):
        with read_only(disk):
            assert "Read-only file system" in trouble()
            assert "left" not in trouble()
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


@contextlib.contextmanager
def locked(store):
    """The store's file in the hands of another program that writes and does not end."""
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_store_is_looked_at_until_it_is_free(store, open_train, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_TIMEOUT", 0.1)
    run = make_run(store, "failed", "It ended.", **SMALL)
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


def test_a_spoilt_store_is_said_and_the_app_stays_up(store, open_app, open_train):
    run = make_run(store, **SMALL)
    file = store.root / "runs.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
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


LOOK = look()
BELOW = {name: LOOK[name] for name in ("gradients", "norms", "gates")}
HALF_RIGHT = {"accuracy": 0.5, "loss": 0.7, "reviews": 2, "confusion": [[1, 0], [1, 0]], "mistakes": []}


def broken(name):
    """A finished run with a history and scores, of which a part will be spoilt."""
    records = [record_of(1), *(record_of(step, 0.1, "validation", inside=LOOK) for step in (2, 4))]
    return make_run(Store(), "finished", "Finished", HALF_RIGHT, records=records, name=name, **SMALL)


def spoil(column, run, change):
    """Change what the store has of a run, as a version that checked less would have let in."""
    store = Store()
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite")) as connection, connection:
        if column == "scores":
            connection.execute("UPDATE runs SET scores = ? WHERE id = ?", (json.dumps(change), run.id))
            return
        query = "SELECT number, record FROM metrics WHERE run = ? ORDER BY number DESC LIMIT 1"
        number, text = connection.execute(query, (run.id,)).fetchone()
        changed = json.dumps(json.loads(text) | change)
        connection.execute("UPDATE metrics SET record = ? WHERE number = ?", (changed, number))


@pytest.mark.parametrize(
    "change",
    [{"weights": {"cell.U": 1.0}}, {"below": [BELOW]}, {"below": [BELOW | {"gates": {"i": [0, 0]}}]}],
    ids=["another network", "layers that were not there", "a layer of another cell"],
)
def test_looks_into_several_networks_are_refused(change):
    run = broken("broken")
    spoil("record", run, {"inside": LOOK | change})
    with pytest.raises(UnreadableRunError, match="In its history"):
        read_so_far(Store(), run)


def test_a_run_of_such_a_history_is_named_and_deleted(open_app, open_train):
    """It is beside another run, whose curves are drawn, or shown itself."""
    good, bad = broken("good"), broken("bad")
    spoil("record", bad, {"gradient_norm": "x"})
    page = open_app("train", {"run": good.id}, runs_compared=[bad.id])
    assert ["bad** can't be read" in error.value for error in page.error] == [True]
    assert len(page.get("bidi_component")) >= 4  # the curves
    page = open_train(run=bad.id)
    [refused] = [error.value for error in page.error]
    assert "bad** can't be read" in refused
    assert "In its history" in refused
    press(page, "Delete this run")
    assert [run.name for run in Store().runs.all()] == ["good"]


def test_unreadable_scores_are_named_and_deleted(open_train):
    broken("good")
    spoil("scores", broken("broken"), {"confusion": "x"})
    page = open_train()
    [refused] = [error.value for error in page.error]
    assert "broken** can't be read" in refused
    press(page, "Delete")
    assert not page.error
    assert [run.name for run in Store().runs.all()] == ["good"]


def test_numbers_not_finite_or_not_kept_are_no_error(open_app, open_train):
    """A run whose mistakes were not kept is not said to have made none."""
    run = broken("half of two reviews right")
    spoil("record", run, {"inside": look(gradients={"h": [float("inf"), float("nan"), 0.5]})})
    page = open_app("train", {"run": run.id}, run_view="Inside")
    assert not page.error
    assert "It made no mistake" not in texts(page, "success")
    assert "This run has no list of the reviews that it got wrong." in texts(page, "info")
