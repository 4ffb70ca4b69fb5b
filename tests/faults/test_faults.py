"""The fault suite in a short form; `make faults` has the long one."""

import pytest

from tests.faults import faults
from tests.faults.harness import CONFIG, needs_mount, train_undisturbed, with_own_cell

SHORT = CONFIG.with_settings(vocab_size=200, max_length=20, epochs=12, reviews=320, evaluations_per_epoch=2)


@pytest.fixture(scope="session")
def verdict_cache(small_verdict_cache):
    """Trainings are scored on 120 test reviews: they are about what becomes of runs, not of accuracy."""
    return small_verdict_cache


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
@pytest.mark.parametrize(
    "fault", [faults.killed_worker, faults.clock_set_back, pytest.param(faults.full_disk, marks=needs_mount)]
)
def test_a_run_of_an_own_cell_loses_nothing(own_folders, own_verdict_cache, monkeypatch, fault):
    """It loses nothing, as that of a cell of ours, see tests/runs/test_resume.py."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(own_verdict_cache))
    config = with_own_cell(SHORT)
    fault(config, train_undisturbed(config)[0])
