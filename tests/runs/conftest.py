"""Runs in a folder of their own, with a network so small that it trains in no time."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.runs.store import Store
from tests.runs.workers import SMALL


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
    return RunConfig(data="verdict").with_settings(**SMALL, evaluations_per_epoch=1)
