"""The training loop: what it records, that it repeats, how it ends; its learning rates."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, OneCycleLR

from rnn_core.config.run import RunConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.errors import ConfigError
from rnn_core.tasks.classification import balanced
from rnn_core.training.learner import make_optimizer
from rnn_core.training.records import Record
from rnn_core.training.schedule import Outlook, RateChange, changed_rates, planned_rates
from rnn_core.training.trainer import Trainer, look_inside, train
from tests.training.made import SMALL, have_same_weights, small_trainer, without_clocks

slow = pytest.mark.slow  # it trains


@slow
def test_a_network_learns_what_can_be_learned(tiny_corpus):
    trainer = small_trainer(tiny_corpus, epochs=40, learning_rate=0.03)
    records = list(trainer)
    assert (trainer.outcome, trainer.kept_score) == ("finished", 1.0)
    assert trainer.score_test(lambda share: False) is None
    assert trainer.score_test().accuracy > 0.9
    assert records[0].loss > 0.5 > records[-1].loss


def test_train_gives_the_records_of_its_trainer(tiny_corpus):
    records = without_clocks(train(RunConfig().with_settings(**SMALL), tiny_corpus))
    assert records == without_clocks(small_trainer(tiny_corpus))
    assert records != without_clocks(small_trainer(tiny_corpus, seed=1))


@slow
def test_a_few_slow_steps_do_not_change_the_time_left(tiny_corpus, monkeypatch):
    """28 s, 1 min 49 s and 34 s were said within a few seconds, where the first step took long."""
    next(iter(small_trainer(tiny_corpus)))  # the first step of a process times its products
    now, trainer, guesses = 0.0, small_trainer(tiny_corpus, epochs=12), []
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    step = trainer.learner.clip

    def slow_step():
        nonlocal now
        now += 50.0 if trainer.optimizer_step in (0, 20) else 1.0
        return step()

    def slow_look(*args):
        nonlocal now
        now += 90.0 if trainer.clock.evaluations == 2 else 3.0
        return look_inside(*args)

    monkeypatch.setattr(trainer.learner, "clip", slow_step)
    monkeypatch.setattr("rnn_core.training.trainer.look_inside", slow_look)
    test = 3 * len(trainer.test.ids) / len(trainer.validation.ids)
    evaluations = 12 * min(trainer.config.training.evaluations_per_epoch, trainer.steps_per_epoch)
    for record in trainer:
        assert record.seconds == pytest.approx(now)
        left = trainer.total_steps - trainer.optimizer_step
        left += 3 * (evaluations - trainer.clock.evaluations) + test
        guesses.append(record.seconds_left / left)
    known = next(number for number, guess in enumerate(guesses) if guess == pytest.approx(1, abs=0.01))
    assert known < 10  # once an evaluation was timed
    assert guesses[known:] == pytest.approx([1] * len(guesses[known:]), rel=0.01)


@slow
@pytest.mark.parametrize("skips", [True, False])
def test_padding_has_a_side_only_where_it_is_read(tiny_corpus, skips):
    pre, post = (small_trainer(tiny_corpus, padding=side, skip_padding=skips) for side in ("pre", "post"))
    assert (without_clocks(pre) == without_clocks(post)) == skips
    assert have_same_weights(pre, post) == skips


@pytest.mark.parametrize("evaluations", [1, 4, 50])
def test_steps_and_evaluations_are_recorded(tiny_corpus, evaluations):
    """Where more evaluations than batches are asked for, one after each."""
    trainer = small_trainer(tiny_corpus, evaluations_per_epoch=evaluations)
    records = list(trainer)
    training = [r for r in records if r.kind == "training"]
    validation = [r for r in records if r.kind == "validation"]
    assert [r.optimizer_step for r in training] == list(range(1, trainer.total_steps + 1))
    assert len(validation) == 3 * min(evaluations, trainer.steps_per_epoch)
    assert validation[-1].epoch == 3.0
    assert all(r.gradient_norm > 0 and r.learning_rate > 0 for r in training)
    assert all(Record(**r.to_dict()) == r for r in records)


@slow
def test_a_loss_that_is_not_finite_ends_the_run(tiny_corpus):
    wild = {"optimizer": "sgd", "learning_rate": 100.0, "clip_norm": 0.0, "weight_decay": 10.0}
    trainer = small_trainer(tiny_corpus, cell="elman", schedule="constant", epochs=30, **wild)
    records = list(trainer)
    assert trainer.outcome == "diverged"
    assert trainer.message.startswith("Diverged at optimizer step")
    assert records[-1].optimizer_step == trainer.optimizer_step
    assert all(math.isfinite(record.loss) for record in records)


def test_weights_of_an_infinite_loss_are_not_kept(tiny_corpus):
    trainer = small_trainer(tiny_corpus, evaluations_per_epoch=1, keep="last")
    for record in trainer:
        if record.optimizer_step == trainer.steps_per_epoch - 1:
            trainer.change_rate(math.inf, held=True)
    assert trainer.outcome == "diverged"
    assert "validation reviews" in trainer.message
    assert trainer.learner.best is None


@slow
def test_early_stop_waits_for_its_patience(tiny_corpus):
    hardly = {"learning_rate": 1e-7, "weight_decay": 0.0, "schedule": "constant"}
    trainer = small_trainer(tiny_corpus, patience=2, epochs=10, **hardly)
    scores = [(r.accuracy, -r.loss) for r in trainer if r.kind == "validation"]
    assert trainer.outcome == "stopped early"
    assert "2 evaluations" in trainer.message
    assert scores.index(max(scores)) == len(scores) - 3


@slow
@pytest.mark.parametrize("keep", ["best", "last"])
def test_the_weights_asked_for_are_kept(tiny_corpus, keep):
    # With steps so large that the best are hardly the last.
    trainer = small_trainer(tiny_corpus, learning_rate=2.0, schedule="constant", keep=keep)
    expected = None
    for _ in trainer:
        best = trainer.learner.best
        is_best = best is not None and best.optimizer_step == trainer.optimizer_step
        if keep == "last" or is_best:
            expected = {name: w.clone() for name, w in trainer.classifier.state_dict().items()}
    for name, weights in trainer.weights().items():
        assert torch.equal(weights, expected[name])


def test_clipping_shortens_the_gradient(tiny_corpus):
    """The norm that is recorded is that before."""
    settings = {"optimizer": "sgd", "schedule": "constant", "weight_decay": 0.0, "learning_rate": 1.0}
    clipped, free = (small_trainer(tiny_corpus, clip_norm=norm, **settings) for norm in (1e-3, 0.0))
    before = {name: w.clone() for name, w in clipped.classifier.state_dict().items()}
    first, unclipped = next(iter(clipped)), next(iter(free))
    assert first.gradient_norm == unclipped.gradient_norm > 1e-3
    moved = torch.cat([(w - before[n]).flatten() for n, w in clipped.classifier.state_dict().items()])
    assert moved.norm().item() == pytest.approx(1e-3, rel=0.01)


def test_bounded_weights_stay_within_their_bounds(tiny_corpus):
    trainer = small_trainer(tiny_corpus, cell="indrnn", learning_rate=2.0, schedule="constant", epochs=1)
    list(trainer)
    assert trainer.classifier.cell.u.abs().max() <= 1


@pytest.fixture
def three_classes(make_corpus):
    """120 texts of which a word says the class; the third class is rare."""
    words = ("red", "green", "blue")
    labels = [0, 1, 0, 1, 2] * 24
    split = ["training"] * 90 + ["test"] * 30
    texts = [(f"the {words[of]} thing {n % 7}", of, split[n]) for n, of in enumerate(labels)]
    return replace(make_corpus(texts), classes=("r", "g", "b"))


def trainer_of(corpus, **settings):
    config = RunConfig(data="made", classes=corpus.classes)
    return Trainer(config.with_settings(**{**SMALL, **settings}), corpus)


def test_balanced_class_weights_raise_the_rare_class(three_classes):
    """They are off by default."""
    plain, weighted = trainer_of(three_classes), trainer_of(three_classes, class_weights="balanced")
    counts = np.bincount(weighted.training.labels, minlength=3)
    assert balanced(weighted.training.labels, 3).tolist() == pytest.approx(counts.sum() / (3 * counts))
    first = [next(iter(trainer)) for trainer in (plain, weighted)]
    assert first[0].loss == first[1].loss  # what is recorded is the loss without weights
    assert first[0].gradient_norm != first[1].gradient_norm


def test_a_corpus_of_other_classes_is_refused(three_classes):
    with pytest.raises(ConfigError, match="not the one that these settings are for"):
        small_trainer(three_classes)


SCHEDULES = ["constant", "cosine", "one-cycle"]
CHANGES = {
    "in proportion": [RateChange(4, 0.02, False)],
    "held": [RateChange(4, 0.02, True)],
    "held, then in proportion": [RateChange(4, 0.02, True), RateChange(40, 0.001, False)],
    "in proportion, then held twice": [
        RateChange(0, 0.05, False),
        RateChange(20, 0.002, True),
        RateChange(50, 0.03, True),
    ],
}


def planning(schedule):
    return TrainingConfig(schedule=schedule, learning_rate=0.01, epochs=2)


TORCH = {
    "constant": lambda optimizer, steps: LambdaLR(optimizer, lambda step: 1.0),
    "cosine": lambda optimizer, steps: CosineAnnealingLR(optimizer, T_max=steps),
    "one-cycle": lambda optimizer, steps: OneCycleLR(optimizer, 0.01, total_steps=steps),
}


def rates_of_torch(schedule, steps):
    """The rate of each step by torch's own schedule."""
    optimizer = make_optimizer(planning(schedule), [torch.nn.Parameter(torch.zeros(1))])
    stepping, rates = TORCH[schedule](optimizer, steps), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        stepping.step()
    return np.array(rates)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7, 10, 100, 940])
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_plan_is_that_of_torch(schedule, steps):
    expected = rates_of_torch(schedule, steps)
    np.testing.assert_allclose(planned_rates(planning(schedule), steps), expected, rtol=1e-9)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules_peak_at_the_rate_and_end_as_named(schedule):
    rates = planned_rates(planning(schedule), 100)
    assert rates.max() == pytest.approx(0.01, rel=0.02)
    assert (rates[-1] == rates[0]) == (schedule == "constant")
    assert (rates[0] < 0.001) == (schedule == "one-cycle")
    assert (rates[-1] < 0.001) == (schedule != "constant")


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_change_holds_its_rate_or_scales_the_plan(schedule, changes):
    planned = planned_rates(planning(schedule), 100)
    rates = changed_rates(planned, changes)
    ends = [*(change.after for change in changes[1:]), 100]
    assert rates[: changes[0].after].tolist() == planned[: changes[0].after].tolist()
    for change, end in zip(changes, ends, strict=True):
        here = slice(change.after, end)
        course = rates[here] if change.held else rates[here] / planned[here] * planned[change.after]
        np.testing.assert_allclose(course, change.rate, rtol=1e-9)


def test_a_rate_given_in_the_warm_up_is_not_the_peak():
    """0.02 in place of 0.0004 drove a run to a peak many times that of its settings, unseen."""
    training = planning("one-cycle")
    now = Outlook(training, 940, 3)
    assert now.current_rate == pytest.approx(0.0004, rel=0.01)
    assert now.peak == pytest.approx(0.01, rel=1e-4)
    scaled, held = now.with_rate(0.02, held=False), now.with_rate(0.02, held=True)
    assert scaled.current_rate == held.current_rate == held.peak == 0.02
    assert scaled.peak == pytest.approx(now.peak * 0.02 / now.current_rate)
    assert scaled.peak > 0.4
    assert f"{scaled.peak / 0.01:.0f} times the highest that the settings plan (0.01)" in scaled.warning
    assert now.warning == held.warning == ""
    assert now.with_rate(0.2, held=True).warning  # so does a hold that is as high


def test_after_the_last_step_no_rate_changes_anything(tiny_corpus):
    trainer = small_trainer(tiny_corpus, schedule="cosine")
    list(trainer)
    trainer.change_rate(0.01, held=True)
    assert not trainer.state().values["rate_changes"]
    for done in (939, 940):
        assert Outlook(planning("cosine"), 940, done).current_rate > 0
