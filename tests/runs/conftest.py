"""Runs in a folder of their own, with a network so small that it trains in no time."""

import shutil

import pytest

from rnn_core.runs.store import Store
from tests.runs.workers import TINY, artifacts_in, trained


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    """Trainings are scored on 120 test reviews: they are about what becomes of runs, not of accuracy."""
    return small_verdict_cache


@pytest.fixture
def store(own_verdict_cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_CACHE", str(own_verdict_cache))
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    return Store()


@pytest.fixture
def tiny():
    return TINY


@pytest.fixture(scope="module")
def with_a_run(own_verdict_cache, tmp_path_factory):
    """The artifacts of a machine with one run, trained to its end."""
    with artifacts_in(tmp_path_factory.mktemp("with-a-run"), own_verdict_cache) as folder:
        trained(Store(), TINY)
    return folder


@pytest.fixture
def finished(with_a_run, store, tmp_path):
    """A run that was trained to its end, in the store."""
    shutil.copytree(with_a_run, tmp_path / "artifacts")
    [run] = store.runs.all()
    return run
