"""Fixtures that the tests of sweeps share: few reviews to score, and the committed results."""

import pytest

from rnn_core.sweeps.results import Results


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    """Score 120 test reviews: trainings are about what becomes of runs, not of accuracy."""
    return small_verdict_cache


@pytest.fixture
def committed(monkeypatch, own_folders):
    """A function that gives the committed runs of a question."""
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    return lambda name: Results(name).table()
