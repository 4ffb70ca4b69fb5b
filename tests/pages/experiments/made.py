"""Results of sweeps that nobody ran."""

from dataclasses import replace

from rnn_core.sweeps.results import Results
from tests.own import ended

RUN = "261125-120000-abcd"


def result(case, seed, accuracy, **given):
    """A run of 2 s, each epoch of which took 1 s."""
    usual = {"validation_accuracy": accuracy, "test_accuracy": accuracy, "parameters": 1_000, "run": RUN}
    return replace(ended(dict(case), seed), **{**usual, "seconds": 2.0, "seconds_per_epoch": 1.0, **given})


def begun(sweep, *results):
    """The results of a sweep, these ones at first."""
    file = Results(sweep.name)
    file.begin(sweep)
    for one in results:
        file.append(one)
    return file
