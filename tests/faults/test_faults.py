"""The fault suite in a short form; `make faults` has the long one."""

import random

import pytest

from tests.faults import faults
from tests.faults.harness import CONFIG, can_mount, train_undisturbed, with_own_cell

pytestmark = pytest.mark.slow

SHORT = CONFIG.with_settings(
    vocab_size=200, max_length=20, hidden_size=8, epochs=10, reviews=800, evaluations_per_epoch=2
)


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    """Trainings are scored on 120 test reviews: they are about what becomes of runs, not of accuracy."""
    return small_verdict_cache


@pytest.fixture(scope="module")
def cache(own_verdict_cache):
    return own_verdict_cache


@pytest.fixture(scope="module")
def undisturbed(cache, forked_workers):
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_CACHE", str(cache))
        return train_undisturbed(SHORT)[0]


@pytest.fixture(autouse=True)
def one_cache(own_folders, cache, monkeypatch):
    """The reviews are prepared once."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))


def test_a_worker_of_an_own_cell_killed_at_any_moment(undisturbed):
    """It loses nothing, as that of a cell of ours, see tests/runs/test_resume.py."""
    config, chance = with_own_cell(SHORT), random.Random(12)
    expected, seconds = train_undisturbed(config)
    for _ in range(2):
        faults.killed_worker(config, expected, chance.uniform(0.3 * seconds, seconds))


def test_a_clock_that_is_set_back_loses_nothing(undisturbed):
    faults.clock_set_back(SHORT, undisturbed)


@pytest.mark.skipif(not can_mount(), reason="only root on Linux may mount a small disk")
def test_a_full_disk_loses_nothing(undisturbed):
    faults.full_disk(SHORT, undisturbed)
