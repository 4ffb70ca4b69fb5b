"""The rates in one formula are those that torch's schedules give a training, with and without changes."""

import numpy as np
import pytest
import torch

from rnn_core.config.training_settings import TrainingConfig
from rnn_core.training.optimization import LearningRate, make_optimizer, make_schedule
from rnn_core.training.schedule import Outlook, RateChange, changed_rates, planned_rates

SCHEDULES = ["constant", "cosine", "one-cycle"]
CHANGES = {
    "none": [],
    "in proportion": [RateChange(4, 0.02, False)],
    "held": [RateChange(4, 0.02, True)],
    "held at the rate in force": [RateChange(31, None, True)],
    "held, then in proportion": [RateChange(4, 0.02, True), RateChange(40, 0.001, False)],
    "in proportion, then held twice": [
        RateChange(0, 0.05, False),
        RateChange(20, 0.002, True),
        RateChange(50, 0.03, True),
    ],
}


def settings(schedule):
    return TrainingConfig(schedule=schedule, learning_rate=0.01, epochs=2)


def rates_of_torch(training, steps, changes=()):
    """Step by step, as the trainer takes them; the changes with the rates that were given."""
    optimizer = make_optimizer(training, [torch.nn.Parameter(torch.zeros(1))])
    rate = LearningRate(optimizer, make_schedule(training, optimizer, steps))
    by_place, rates, given = {change.after: change for change in changes}, [], []
    for step in range(steps):
        if change := by_place.get(step):
            change = change._replace(rate=change.rate or rate.now)
            given.append(change)
            (rate.hold if change.held else rate.scale_to)(change.rate)
        rates.append(rate.now)
        optimizer.step()
        rate.advance()
    return np.array(rates), given


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7, 10, 100, 940])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_plan_is_what_the_schedule_does(schedule, steps):
    training = settings(schedule)
    expected, _ = rates_of_torch(training, steps)
    np.testing.assert_allclose(planned_rates(training, steps), expected, rtol=1e-9)


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_changes_make_of_the_plan_what_they_make_of_the_training(schedule, changes):
    training = settings(schedule)
    expected, given = rates_of_torch(training, 100, changes)
    np.testing.assert_allclose(changed_rates(planned_rates(training, 100), given), expected, rtol=1e-9)


def test_a_rate_given_in_the_warm_up_is_not_the_peak_that_the_schedule_makes_of_it():
    """0.02 in place of 0.0004 drove a run to a peak many times that of its settings, unseen."""
    training = settings("one-cycle")
    now = Outlook(training, 940, 3)
    assert now.in_force == pytest.approx(0.0004, rel=0.01)
    assert now.peak == pytest.approx(0.01, rel=1e-4)
    scaled, held = now.after(0.02, held=False), now.after(0.02, held=True)
    assert scaled.in_force == held.in_force == held.peak == 0.02
    expected, _ = rates_of_torch(training, 940, [RateChange(3, 0.02, False)])
    assert scaled.peak == pytest.approx(expected.max())
    assert scaled.peak > 0.4
    assert f"{scaled.peak / 0.01:.0f} times the highest that the settings plan (0.01)" in scaled.warning
    assert now.warning == held.warning == ""
    assert now.after(0.2, held=True).warning  # so does a hold that is as high


def test_an_outlook_at_the_end_still_has_a_rate():
    for done in (939, 940):
        assert Outlook(settings("cosine"), 940, done).in_force > 0


def test_a_rate_given_after_the_last_step_changes_nothing():
    training = settings("cosine")
    optimizer = make_optimizer(training, [torch.nn.Parameter(torch.zeros(1))])
    rate = LearningRate(optimizer, make_schedule(training, optimizer, 3))
    for _ in range(3):
        optimizer.step()
        rate.advance()
    rate.scale_to(0.01)
    assert rate.now == 0
    rate.hold(0.02)
    rate.scale_to(0.01)
    assert rate.now == 0
