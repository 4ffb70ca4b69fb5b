from pathlib import Path

import pytest

from rnn_core.config import RunConfig
from rnn_core.data.sources import corpus_folder
from rnn_core.runs.disk import clear, disk_use
from rnn_core.runs.run import RunError
from rnn_core.runs.store import Store


@pytest.fixture
def own_cache(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with 30 bytes of prepared reviews of each source, and a 500-byte archive."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))
    for data in ("imdb", "verdict"):
        corpus_folder(data).mkdir(parents=True)
        (corpus_folder(data) / "reviews.arrow").write_bytes(b"r" * 30)
    (cache / "aclImdb_v1.tar.gz").write_bytes(b"a" * 500)
    return cache


def test_clearing_takes_prepared_reviews_and_leaves_the_archive_and_the_runs(
    store: Store, tiny: RunConfig, own_cache: Path
) -> None:
    run = store.create(tiny)
    store.finish(run.id, "finished", "")
    assert disk_use()._replace(runs=0) == (0, 60, 500, 0)
    assert clear(store) == 60
    assert disk_use()._replace(runs=0) == (0, 0, 500, 0)
    assert store.folder(run.id).exists()


def test_the_archive_goes_when_asked(store: Store, own_cache: Path) -> None:
    assert clear(store, archive=True) == 560
    assert list(own_cache.glob("*.gz")) == []


def test_reviews_whose_source_is_gone_are_kept(store: Store, own_cache: Path) -> None:
    (own_cache / "aclImdb_v1.tar.gz").unlink()
    clear(store)
    assert corpus_folder("imdb").exists()
    assert not corpus_folder("verdict").exists()


def test_nothing_is_cleared_under_an_active_run(store: Store, tiny: RunConfig, own_cache: Path) -> None:
    store.create(tiny)
    with pytest.raises(RunError, match="needs the prepared reviews"):
        clear(store)
    assert corpus_folder("verdict").exists()
