"""The fault suite in a short form; `make faults` has the long one."""

import pytest

from tests.faults import faults
from tests.faults.harness import CONFIG, needs_mount, train_undisturbed, with_own_cell

SHORT = CONFIG.with_settings(vocab_size=200, max_length=20, epochs=12, reviews=320, evaluations_per_epoch=2)


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers", "store")
@pytest.mark.parametrize(
    "fault", [faults.killed_worker, faults.clock_set_back, pytest.param(faults.full_disk, marks=needs_mount)]
)
def test_a_run_of_an_own_cell_loses_nothing(fault):
    """It loses nothing, as that of a cell of ours, see test_resume.py."""
    config = with_own_cell(SHORT)
    fault(config, train_undisturbed(config)[0])
