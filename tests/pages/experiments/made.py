"""Results of sweeps that nobody ran."""

from rnn_core.sweeps.results import Result, Results

_LIKE_ALL = {
    "outcome": "finished",
    "test_loss": 0.5,
    "training_accuracy": 0.9,
    "parameters": 1_000,
    "optimizer_steps": 8,
    "seconds": 2.0,
    "seconds_per_epoch": 1.0,
    "run": "261125-120000-abcd",
    "machine": "one",
    "made": "2026-11-25T12:00:00+00:00",
}


def result(case, seed, accuracy, **given):
    scores = {"validation_accuracy": accuracy, "test_accuracy": accuracy}
    return Result(case=dict(case), seed=seed, **scores, **_LIKE_ALL | given)


def begun(sweep, *results):
    """The results of a sweep, these ones at first."""
    file = Results(sweep.name)
    file.begin(sweep)
    for one in results:
        file.append(one)
    return file
