"""The list of runs and their folders, of one moment for all who look, whatever is deleted, killed or full.

And the prepared texts: how much of the disk they take, and when they may be cleared.
"""

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import filelock
import pytest

from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.run import RunConfig
from rnn_core.data.sources import prepare
from rnn_core.errors import RunError, StoreError, UnknownRunError
from rnn_core.paths import cache_folder, own_corpora_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import STARTING, sweep_folder
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.store import Store
from rnn_core.runs.stored_runs import StoredRuns
from rnn_core.training.records import Record
from tests.own import make_own
from tests.refusals import refusals
from tests.runs.workers import append_often


def record(step, kind="training", **values):
    numbers = {"loss": 0.7, "accuracy": 0.5, "epoch": step / 10, "seconds": step / 2} | values
    return Record(kind=kind, optimizer_step=step, **numbers)


@pytest.fixture
def run(store, tiny):
    return store.create(tiny, "first\ttry ")


def described(store, run, name="", note=""):
    store.runs.describe(run.id, name=name, note=note, starred=True)


NO_RUN = "260214-153012-k3fq"
IDS = ["..", "../pretrained", "/etc", "", ".", "a/b", "a\\b", f"{NO_RUN}\n", "runs.sqlite"]


def test_a_run_comes_back_as_it_was_put_in(store, run, tiny):
    assert store.runs.get(run.id) == run
    assert (run.name, run.state, run.config) == ("first try", "queued", tiny)
    assert RunConfig.from_json((store.folder(run.id) / "config.json").read_text()) == tiny
    described(store, run, " a\tname ", "one\ntwo\x00")
    run = store.runs.get(run.id)
    assert (run.name, run.note, run.starred) == ("a name", "one\ntwo", True)


test_what_no_run_can_have_is_refused = refusals(
    RunError,
    {
        "no such run": (lambda store: store.runs.get(NO_RUN), NO_RUN),
        "a long note": (
            lambda store, run: described(store, run, note="x" * 3_000),
            "at most 2,000 characters",
        ),
        "a long name": (
            lambda store, run: described(store, run, "x" * 5_000),
            "at most 80 characters, got 5,000",
        ),
    },
)


@pytest.mark.parametrize("run_id", IDS)
def test_an_id_cannot_leave_the_runs_folder(store, run_id):
    for act in (store.runs.get, store.folder, store.delete):
        with pytest.raises(UnknownRunError, match="not the id of a run"):
            act(run_id)


def test_records_are_read_on_from_where_one_stopped(store, run, tiny):
    other = store.create(tiny)
    store.records.append(run.id, [record(1), record(2, loss=float("inf"))])
    store.records.append(other.id, [record(1)])
    first = store.records.since(run.id, 0)
    store.runs.update(run.id, total_steps=8)
    assert (run.progress, store.runs.get(run.id).progress) == (0, 0.25)
    store.records.append(run.id, [record(3)])
    then = store.records.since(run.id, first.row)
    assert (first.records, then.records) == ([record(1), record(2, loss=None)], [record(3)])
    assert store.records.since(run.id, then.row) == ([], then.row)


@pytest.mark.slow
def test_two_that_append_at_once_lose_nothing(store, run, tmp_path):
    from tests.runs.forked import Forked  # it imports all that a worker imports

    writers = [Forked(append_often, run.id, mark, log=tmp_path / "log") for mark in (0.25, 0.75)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    records = store.records.all(run.id)
    for mark in (0.25, 0.75):
        steps = [record.optimizer_step for record in records if record.accuracy == mark]
        assert steps == list(range(100))


def test_threads_that_open_a_store_at_once_get_in(store, tiny):
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(lambda _: Store().create(tiny), range(8)))) == 8
    newest = store.create(tiny)
    assert (len(store.runs.all()), store.runs.all()[0]) == (9, newest)


def is_gone(store, run):
    return not store.folder(run.id).exists() and store.runs.all() == store.records.all(run.id) == []


def test_a_run_at_work_is_not_deleted(store, run):
    """Once its lock is free it is interrupted."""
    with process.hold(store.folder(run.id)):
        assert store.turns.claim(run.id)
        assert store.runs.get(run.id).state == "running"
        with pytest.raises(RunError, match="still at work"):
            store.delete(run.id)
    assert store.folder(run.id).exists()
    assert (store.runs.get(run.id).state, store.runs.get(run.id).active) == ("interrupted", False)


def test_a_run_that_has_just_ended_is_deleted_soon(store, run):
    store.records.append(run.id, [record(1)])
    with contextlib.ExitStack() as worker:
        worker.enter_context(process.hold(store.folder(run.id)))
        store.turns.claim(run.id)
        store.runs.finish(run.id, "finished", "Done")
        ends = threading.Timer(0.1, worker.pop_all().close)
        ends.start()
        store.delete(run.id)
    ends.join()
    assert is_gone(store, run)


def test_looking_at_a_lock_does_not_disturb_others(store, run):
    folder = store.folder(run.id)
    with process.hold(folder):
        assert process.is_held(folder)
    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(lambda _: any(process.is_held(folder) for _ in range(200)), range(4)))


@pytest.fixture
def foreign(store, tiny):
    """A run that waits, with a setting that this version does not know."""
    run = store.create(tiny)
    config = tiny.to_dict() | {"optics": {"lens": 3}}
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite")) as connection, connection:
        connection.execute("UPDATE runs SET config = ? WHERE id = ?", (json.dumps(config), run.id))
    return run


def test_a_run_that_cannot_be_read_hides_no_other(store, foreign, run):
    """Nor does it block the queue."""
    assert [run.id for run in store.runs.all()] == [run.id]
    assert [run.id for run in store.runs.active()] == [run.id]
    assert store.turns.launch_next().id == run.id
    assert store.turns.claim(run.id)


def test_a_run_that_cannot_be_read_is_deleted(store, foreign):
    with pytest.raises(StoreError, match=f"'optics'.* `python -m rnn_core runs delete {foreign.id}`"):
        store.runs.get(foreign.id)
    with process.hold(store.folder(foreign.id)), pytest.raises(RunError, match="still at work"):
        store.delete(foreign.id)
    assert store.folder(foreign.id).exists()
    store.delete(foreign.id)
    assert is_gone(store, foreign)
    with pytest.raises(UnknownRunError):
        store.runs.get(foreign.id)


def test_a_run_deleted_between_two_looks_is_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda path: True)
    assert not process.is_held(tmp_path / "gone")


def at_the_next_look(monkeypatch, act):
    """Acts like another process between the look at the list and the one at the locks."""
    look = process.is_held

    def another_acts(folder):
        monkeypatch.setattr(process, "is_held", look)
        act()
        return look(folder)

    monkeypatch.setattr(process, "is_held", another_acts)


@pytest.mark.parametrize("look", [StoredRuns.all, StoredRuns.active])
def test_a_run_deleted_while_listed_is_left_out(store, run, tiny, monkeypatch, look):
    goes = store.create(tiny, foreground=True)
    at_the_next_look(monkeypatch, lambda: store.delete(goes.id))
    assert [run.id for run in look(store.runs)] == [run.id]
    assert [run.id for run in look(store.runs)] == [run.id]


def test_a_run_deleted_while_it_is_read_is_unknown(store, tiny, monkeypatch):
    run = store.create(tiny, foreground=True)
    at_the_next_look(monkeypatch, lambda: store.delete(run.id))
    with pytest.raises(UnknownRunError, match=run.id):
        store.runs.get(run.id)


def test_the_runs_of_a_list_are_of_one_moment(store, run, tiny, monkeypatch):
    second = store.create(tiny, foreground=True)

    def both_end():
        store.runs.finish(run.id, "stopped", "")
        store.runs.finish(second.id, "finished", "")

    at_the_next_look(monkeypatch, both_end)
    assert {run.id: run.state for run in store.runs.all()} == {run.id: "stopped", second.id: "finished"}


def test_a_run_that_two_processes_delete_is_deleted(store, run, monkeypatch):
    remove = shutil.rmtree

    def with_another(folder):
        (folder / "config.json").unlink()
        monkeypatch.setattr(shutil, "rmtree", remove)
        raise FileNotFoundError(2, "No such file or directory", str(folder / "config.json"))

    monkeypatch.setattr(shutil, "rmtree", with_another)
    store.delete(run.id)
    assert is_gone(store, run)


def test_a_run_that_begins_while_it_is_deleted_stays(store, run, monkeypatch):
    monkeypatch.setattr(process, "is_held", lambda folder: not store.turns.claim(run.id))
    with pytest.raises(RunError, match="still at work"):
        store.delete(run.id)
    assert store.folder(run.id).exists()


@pytest.mark.parametrize(("place", "writes"), [(Path, "write_text"), (shutil, "copyfile")])
def test_a_run_that_finds_no_room_leaves_nothing(store, tiny, tmp_path, monkeypatch, place, writes):
    full = Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    (tmp_path / "trained").mkdir()
    (tmp_path / "trained" / "weights").touch()
    with monkeypatch.context() as on_a_full_disk:
        on_a_full_disk.setattr(place, writes, full)
        with pytest.raises((OSError, StoreError), match="No space left"):
            store.take_in(tmp_path / "trained", tiny, [], {}, {})
    assert store.runs.all() == [path for path in store.root.iterdir() if path.is_dir()] == []


def test_deleting_frees_a_full_disk_before_it_writes(store, run, monkeypatch):
    store.runs.finish(run.id, "stopped", "")
    monkeypatch.setattr(store.database, "writing", Mock(side_effect=StoreError("The disk is full.")))
    with pytest.raises(StoreError):
        store.delete(run.id)
    assert not store.folder(run.id).exists()


def test_a_file_that_is_no_store_of_ours_is_left_alone(store, run):
    path = store.root / "runs.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer Gatescope"):
        store.runs.all()
    for file in store.root.glob("runs.sqlite*"):
        file.unlink()
    path.write_text("this is not a database, whatever its name says" * 50)
    with pytest.raises(StoreError, match=r"runs\.sqlite can't be read or written"):
        Store().runs.all()


def test_where_nothing_can_be_written_runs_are_read(store, run):
    store.records.append(run.id, [record(1)])
    (store.root / "runs.sqlite-shm").mkdir()  # where SQLite wants to write: as on a full disk
    assert store.records.all(run.id) == [record(1)]
    assert [known.id for known in store.runs.all()] == [run.id]
    with pytest.raises(StoreError, match="can't be read or written"):
        store.records.append(run.id, [record(2)])
    (store.root / "runs.sqlite-shm").rmdir()
    store.records.append(run.id, [record(2)])
    assert store.runs.get(run.id).optimizer_step == 2


def test_an_older_store_is_brought_forward(store, run):
    evaluations = [record(n, "validation", accuracy=accuracy) for n, accuracy in enumerate((0.625, 0.75))]
    store.records.append(run.id, evaluations)
    run = store.runs.get(run.id)
    later = {"runs": "threads ending paused resumed starred note", "metrics": "validation_accuracy"}
    later["commands"] = "value records optimizer_step"
    with contextlib.closing(sqlite3.connect(store.root / "runs.sqlite")) as connection, connection:
        connection.execute("DROP TABLE settings")
        connection.execute("DROP INDEX evaluations")
        for table, columns in later.items():
            for column in columns.split():
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute("PRAGMA user_version = 1")
    assert store.runs.get(run.id) == run
    store.commands.give(run.id, "rate", 0.1)
    assert [command.value for command in store.commands.take(run.id)] == [0.1]
    assert store.records.validation_curves() == {run.id: [0.625, 0.75]}
    assert store.turns.at_once() == 1


ARCHIVE = "aclImdb_v1.tar.gz"


@pytest.fixture
def own_cache(store, tmp_path, monkeypatch):
    """A cache with 30 bytes of prepared reviews of each source, and a 500-byte archive."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))
    for data in ("imdb", "verdict"):
        corpus_named(data).folder.mkdir(parents=True)
        (corpus_named(data).folder / "reviews.arrow").write_bytes(b"r" * 30)
    (cache / ARCHIVE).write_bytes(b"a" * 500)
    return cache


def test_clearing_takes_the_prepared_texts_alone(store, tiny, own_cache):
    run = store.create(tiny)
    store.runs.finish(run.id, "finished", "")
    assert disk_use()._replace(runs=0) == (0, 0, 60, 500, 0)
    assert clear(store) == 60
    assert disk_use()._replace(runs=0) == (0, 0, 0, 500, 0)
    assert store.folder(run.id).exists()


def test_no_clearing_takes_texts_of_ones_own(store, own_cache):
    make_own("tickets", ("late", "broken"), [5, 5])
    files = [path for path in own_corpora_folder().rglob("*") if path.is_file()]
    assert disk_use().own_texts == sum(path.stat().st_size for path in files) > 0
    assert clear(store, archive=True) == 560
    assert all(path.exists() for path in files)


def test_reviews_whose_source_is_gone_are_kept(store, own_cache):
    (own_cache / ARCHIVE).unlink()
    clear(store)
    assert corpus_named("imdb").folder.exists()
    assert not corpus_named("verdict").folder.exists()


def test_nothing_is_cleared_that_is_in_use(store, own_cache, tiny):
    part, folder = own_cache / f"{ARCHIVE}.part", sweep_folder("lengths")
    part.write_bytes(b"p" * 7)
    folder.mkdir(parents=True)

    def refused(said):
        with pytest.raises(RunError, match=said):
            clear(store, archive=True)

    run = store.create(tiny)
    refused(f"Run {run.id} needs the prepared texts")
    store.runs.finish(run.id, "finished", "")
    with process.hold(folder):
        refused("The sweep lengths needs the prepared texts")
    (folder / STARTING).touch()
    refused("The sweep lengths needs the prepared texts")
    (folder / STARTING).unlink()
    with contextlib.closing(prepare("verdict", again=True)) as preparation:
        next(preparation)
        refused("being prepared: wait until they are, or cancel it")
    with filelock.FileLock(cache_folder() / f"{ARCHIVE}.lock"):
        refused("being downloaded: wait until they are, or cancel it")
    assert part.exists()
    assert disk_use().archive == 507
    assert clear(store, archive=True) >= 537
    assert not part.exists()
    assert not corpus_named("verdict").folder.exists()


def test_the_archive_goes_when_asked_and_no_lock(store, own_cache):
    assert clear(store, archive=True) == 560
    left = sorted(path.name for path in own_cache.rglob("*") if path.is_file())
    folders = [corpus_named(data).folder.name for data in shipped_names()]
    assert left == [f"{ARCHIVE}.lock", *sorted(f"{name}.lock" for name in folders)]


def test_a_file_renamed_while_measured_is_no_harm(store, own_cache, monkeypatch):
    half_written = own_cache / "weights.half"
    half_written.write_bytes(b"w")
    look = Path.stat

    def look_and_rename(path, **options):
        found = look(path, **options)
        if path == half_written:
            path.rename(own_cache / "weights")
        return found

    monkeypatch.setattr(Path, "stat", look_and_rename)
    assert disk_use().prepared == 60
