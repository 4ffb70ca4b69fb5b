"""The prepared texts: how much of the disk they take, and when they may be cleared."""

import contextlib
from pathlib import Path

import filelock
import pytest

from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.data.sources import prepare
from rnn_core.errors import RunError
from rnn_core.paths import cache_folder, own_corpora_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import STARTING, sweep_folder
from rnn_core.runs.disk import clear, disk_use
from tests.own import make_own

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
