"""The benchmark of sweeps runs real ones, and leaves nothing behind."""

import pytest

from benchmarks import sweep as benchmark
from benchmarks.sweep import measure_sweep
from rnn_core.config.run import RunConfig
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import all_results


@pytest.mark.slow
def test_a_sweep_is_measured_beside_its_own_run_and_two_workers_beside_one(with_corpus, monkeypatch):
    asked = []

    def here(sweep, store, workers):
        """All runs in this process: those of two are tested in tests/sweeps/test_engine.py."""
        asked.append((len(sweep), workers))
        return run_sweep(sweep, store)

    monkeypatch.setattr(benchmark, "run_sweep", here)
    base = RunConfig(data="verdict").with_settings(
        hidden_size=4, embedding_size=3, epochs=1, reviews=64, max_length=20, evaluations_per_epoch=1
    )
    one, beside, two = measure_sweep(base)
    assert asked == [(1, 1), (2, 2)]
    assert (one.unit, beside.unit, two.unit) == ("s", "%", "times")
    assert one.measured > 0
    assert beside.measured > 0
    assert two.measured > 0
    assert (beside.at_most, two.at_most) == (3.0, 1.15)
    assert all_results() == []
    assert Store().runs.all() == []
