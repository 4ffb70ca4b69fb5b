from pathlib import Path

import filelock
import pytest

from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.data.sources import prepare
from rnn_core.errors import RunError
from rnn_core.paths import own_corpora_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import STARTING, sweep_folder
from rnn_core.runs.disk import clear, disk_use
from tests.own import make_own


@pytest.fixture
def own_cache(store, tmp_path, monkeypatch):
    """A cache with 30 bytes of prepared reviews of each source, and a 500-byte archive."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))
    for data in ("imdb", "verdict"):
        corpus_named(data).folder.mkdir(parents=True)
        (corpus_named(data).folder / "reviews.arrow").write_bytes(b"r" * 30)
    (cache / "aclImdb_v1.tar.gz").write_bytes(b"a" * 500)
    return cache


def test_clearing_takes_prepared_reviews_and_leaves_the_archive_and_the_runs(store, tiny, own_cache):
    run = store.create(tiny)
    store.runs.finish(run.id, "finished", "")
    assert disk_use()._replace(runs=0) == (0, 0, 60, 500, 0)
    assert clear(store) == 60
    assert disk_use()._replace(runs=0) == (0, 0, 0, 500, 0)
    assert store.folder(run.id).exists()


def test_texts_of_ones_own_are_counted_and_no_clearing_takes_them(store, own_cache):
    make_own("tickets", ("late", "broken"), [5, 5])
    files = [path for path in own_corpora_folder().rglob("*") if path.is_file()]
    assert disk_use().own_texts == sum(path.stat().st_size for path in files) > 0
    assert clear(store, archive=True) == 560
    assert all(path.exists() for path in files)


def test_reviews_whose_source_is_gone_are_kept(store, own_cache):
    (own_cache / "aclImdb_v1.tar.gz").unlink()
    clear(store)
    assert corpus_named("imdb").folder.exists()
    assert not corpus_named("verdict").folder.exists()


def test_nothing_is_cleared_under_an_active_run(store, tiny, own_cache):
    store.create(tiny)
    with pytest.raises(RunError, match="needs the prepared texts"):
        clear(store)
    assert corpus_named("verdict").folder.exists()


def test_nothing_is_cleared_under_a_sweep_at_work(store, own_cache):
    folder = sweep_folder("lengths")
    folder.mkdir(parents=True)
    with process.hold(folder), pytest.raises(RunError, match="The sweep lengths needs the prepared texts"):
        clear(store)
    (folder / STARTING).touch()
    with pytest.raises(RunError, match="The sweep lengths needs the prepared texts"):
        clear(store)
    assert corpus_named("verdict").folder.exists()
    (folder / STARTING).unlink()
    assert clear(store) == 60


def test_nothing_is_cleared_while_reviews_are_prepared(store, own_cache):
    preparation = prepare("verdict", again=True)
    next(preparation)
    with pytest.raises(RunError, match="being prepared: wait until they are, or cancel it"):
        clear(store)
    preparation.close()
    assert clear(store) >= 30
    assert not corpus_named("verdict").folder.exists()


def test_nothing_is_cleared_while_the_archive_is_downloaded(store, own_cache):
    part = own_cache / "aclImdb_v1.tar.gz.part"
    part.write_bytes(b"p" * 7)
    with filelock.FileLock(own_cache / "aclImdb_v1.tar.gz.lock"):
        with pytest.raises(RunError, match="being downloaded: wait until they are, or cancel it"):
            clear(store, archive=True)
        assert disk_use()._replace(runs=0) == (0, 0, 60, 507, 0)
    assert clear(store, archive=True) == 567
    assert not part.exists()


def test_the_archive_goes_when_asked_and_no_lock_is_deleted(store, own_cache):
    assert clear(store, archive=True) == 560
    left = sorted(path.name for path in own_cache.rglob("*") if path.is_file())
    folders = [corpus_named(data).folder.name for data in shipped_names()]
    assert left == ["aclImdb_v1.tar.gz.lock", *sorted(f"{name}.lock" for name in folders)]


def test_a_file_that_is_renamed_while_it_is_measured_does_no_harm(store, own_cache, monkeypatch):
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
