"""What the rest of a sweep takes, by what ended runs took and what was measured."""

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.sweeps.remaining import seconds_left
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from tests.sweeps.test_results import result

SWEEP = Sweep(
    name="try", base=RunConfig(data="verdict"), cases=[{"max_length": 25}, {"max_length": 50}], seeds=[0, 1]
)


def measure(configs):
    return [float(config.text.max_length) for config in configs]


@pytest.mark.parametrize(("workers", "seconds"), [(1, 150.0), (2, 100.0), (3, 75.0), (4, 50.0), (64, 50.0)])
def test_runs_at_once_share_the_time_as_far_as_they_have_work(workers, seconds):
    assert seconds_left(SWEEP, measure, workers) == seconds


def test_a_case_of_which_a_run_has_ended_takes_what_that_took():
    results = Results("try")
    results.begin(SWEEP)
    results.append(result(25, 0, seconds=7.0))
    assert seconds_left(SWEEP, measure) == 7 + 2 * 50


def test_where_one_case_is_not_measured_yet_nothing_is_said():
    assert seconds_left(SWEEP, lambda configs: [1.0, None]) is None
