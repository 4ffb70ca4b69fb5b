"""Runs in a folder of their own, with a network so small that it trains in no time."""

import shutil

import pytest

from rnn_core.runs.store import Store
from tests.runs.workers import TINY, trained


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    """Trainings are scored on 120 test reviews: they are about what becomes of runs, not of accuracy."""
    return small_verdict_cache


@pytest.fixture(scope="module")
def cache(own_verdict_cache):
    return own_verdict_cache


@pytest.fixture
def store(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", str(tmp_path / "artifacts"))
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    return Store()


@pytest.fixture
def tiny():
    return TINY


@pytest.fixture(scope="module")
def with_a_run(cache, tmp_path_factory):
    """The artifacts of a machine with one run, trained to its end."""
    folder = tmp_path_factory.mktemp("with-a-run")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
        environment.setenv("GATESCOPE_CACHE", str(cache))
        trained(Store(), TINY)
    return folder


@pytest.fixture
def finished(with_a_run, store, tmp_path):
    """A run that was trained to its end, in the store."""
    shutil.copytree(with_a_run, tmp_path / "artifacts")
    [run] = store.runs.all()
    return run
