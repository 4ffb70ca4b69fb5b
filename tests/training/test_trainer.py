"""The training loop: what it records, that it repeats, how it ends."""

import dataclasses
import itertools
import math
import os
import time

import numpy as np
import pytest
import torch

from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError
from rnn_core.nn.classifier import count_parameters
from rnn_core.tasks.classification import balanced
from rnn_core.training import estimate as estimates
from rnn_core.training.device import choose_device
from rnn_core.training.estimate import estimate
from rnn_core.training.records import Record
from rnn_core.training.trainer import Trainer, train
from tests.training.made import SMALL, have_same_weights, small_trainer, without_clocks

pytestmark = pytest.mark.slow  # it trains


def test_a_network_learns_what_can_be_learned(tiny_corpus):
    trainer = small_trainer(tiny_corpus, epochs=40, learning_rate=0.03)
    records = list(trainer)
    assert trainer.outcome == "finished"
    assert trainer.kept_score == 1.0
    assert trainer.score_test().accuracy > 0.9
    assert records[0].loss > 0.5 > records[-1].loss


RECIPE = {"bigrams": 50, "bidirectional": True, "label_smoothing": 0.1, "embedding_dropout": 0.2}
COUNTED = {"counted_bigrams": 50, "bigram_dropout": 0.3, "adversarial": 0.5, "snippets": 10, "composed": 10}


@pytest.mark.parametrize("settings", [{"cell": "elman"}, {"cell": "gru"}, {"cell": "lstm"}, RECIPE, COUNTED])
def test_a_run_repeats_to_the_bit(tiny_corpus, settings):
    settings = {**settings, "word_dropout": 0.2, "head_dropout": 0.3, "weight_averaging": 0.9}
    one, two = (small_trainer(tiny_corpus, **settings) for _ in range(2))
    assert without_clocks(one) == without_clocks(two)
    assert have_same_weights(one, two)


def test_time_gone_and_time_left_add_up_once_an_evaluation_was_timed(tiny_corpus, monkeypatch):
    next(iter(small_trainer(tiny_corpus)))  # the first step of a process times its products
    monkeypatch.setattr(time, "perf_counter", itertools.count().__next__)  # each step or evaluation: 1 s
    trainer = small_trainer(tiny_corpus)
    records = list(trainer)
    first = next(i for i, record in enumerate(records) if record.kind == "validation")
    whole = trainer.total_steps + 3 * 4 + len(trainer.test.ids) / len(trainer.validation.ids)
    sums = [record.seconds + record.seconds_left for record in records]
    assert sums[first:] == pytest.approx([whole] * (len(records) - first))
    assert all(trainer.total_steps < guess < whole for guess in sums[:first])


def test_the_time_left_stands_whatever_a_few_steps_and_evaluations_take(tiny_corpus, monkeypatch):
    """28 s, 1 min 49 s and 34 s were said within a few seconds, where the first step took long."""
    next(iter(small_trainer(tiny_corpus)))  # the first step of a process times its products
    now, trainer, guesses = 0.0, small_trainer(tiny_corpus, epochs=12), []
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    step, evaluate = trainer.learner.clip, trainer._look_inside

    def slow_step():
        nonlocal now
        now += 50.0 if trainer.optimizer_step in (0, 20) else 1.0
        return step()

    def slow_evaluation(classifier):
        nonlocal now
        now += 90.0 if trainer.clock.evaluations == 2 else 3.0
        return evaluate(classifier)

    monkeypatch.setattr(trainer.learner, "clip", slow_step)
    monkeypatch.setattr(trainer, "_look_inside", slow_evaluation)
    test = 3 * len(trainer.test.ids) / len(trainer.validation.ids)
    evaluations = 12 * min(trainer.config.training.evaluations_per_epoch, trainer.steps_per_epoch)
    for record in trainer:
        left = trainer.total_steps - trainer.optimizer_step
        left += 3 * (evaluations - trainer.clock.evaluations) + test
        guesses.append(record.seconds_left / left)
    known = next(number for number, guess in enumerate(guesses) if guess == pytest.approx(1, abs=0.01))
    assert known < 10  # once an evaluation was timed
    assert guesses[known:] == pytest.approx([1] * len(guesses[known:]), rel=0.01)


def test_a_validation_loss_that_is_not_finite_ends_the_run_before_its_weights_are_kept(tiny_corpus):
    trainer = small_trainer(tiny_corpus, evaluations_per_epoch=1, keep="last")
    for record in trainer:
        if record.optimizer_step == trainer.steps_per_epoch - 1:
            trainer.learner.optimizer.param_groups[0]["lr"] = math.inf
    assert trainer.outcome == "diverged"
    assert "validation reviews" in trainer.message
    assert trainer.best is None


def test_scoring_the_test_reviews_can_be_stopped(tiny_corpus):
    trainer = small_trainer(tiny_corpus, epochs=1)
    list(trainer)
    assert trainer.score_test(lambda share: False) is None
    assert trainer.score_test().accuracy >= 0


def test_train_gives_the_records_of_its_trainer_and_another_seed_is_another_run(tiny_corpus):
    records = without_clocks(train(RunConfig().with_settings(**SMALL), tiny_corpus))
    assert records == without_clocks(small_trainer(tiny_corpus))
    assert records != without_clocks(small_trainer(tiny_corpus, seed=1))


@pytest.mark.parametrize("skips", [True, False])
def test_padding_side_makes_a_difference_only_where_padding_is_read(tiny_corpus, skips):
    pre, post = (small_trainer(tiny_corpus, padding=side, skip_padding=skips) for side in ("pre", "post"))
    assert (without_clocks(pre) == without_clocks(post)) == skips
    assert have_same_weights(pre, post) == skips


def test_records_count_optimizer_steps_and_evaluations(tiny_corpus):
    trainer = small_trainer(tiny_corpus, evaluations_per_epoch=4)
    records = list(trainer)
    training = [r for r in records if r.kind == "training"]
    validation = [r for r in records if r.kind == "validation"]
    assert [r.optimizer_step for r in training] == list(range(1, trainer.total_steps + 1))
    assert len(validation) == 3 * 4
    assert validation[-1].epoch == 3.0
    assert all(r.gradient_norm > 0 and r.learning_rate > 0 for r in training)
    assert all(Record.from_dict(r.to_dict()) == r for r in records)


def test_more_evaluations_than_batches_means_one_after_each(tiny_corpus):
    trainer = small_trainer(tiny_corpus, evaluations_per_epoch=50, epochs=1)
    kinds = [record.kind for record in trainer]
    assert kinds == ["training", "validation"] * trainer.total_steps


def test_closing_the_iterator_stops_the_training(tiny_corpus):
    trainer = small_trainer(tiny_corpus)
    records = iter(trainer)
    assert next(records).optimizer_step == 1
    records.close()
    assert trainer.optimizer_step == 1
    assert trainer.outcome == "running"


def test_a_loss_that_is_not_finite_ends_the_run_with_what_was_seen(tiny_corpus):
    wild = {"optimizer": "sgd", "learning_rate": 100.0, "clip_norm": 0.0, "weight_decay": 10.0}
    trainer = small_trainer(tiny_corpus, cell="elman", schedule="constant", epochs=30, **wild)
    records = list(trainer)
    assert trainer.outcome == "diverged"
    assert trainer.message.startswith("Diverged at optimizer step")
    assert records[-1].optimizer_step == trainer.optimizer_step
    assert all(math.isfinite(record.loss) for record in records)


def test_early_stop_waits_for_its_patience(tiny_corpus):
    trainer = small_trainer(
        tiny_corpus, patience=2, learning_rate=1e-7, weight_decay=0.0, schedule="constant", epochs=10
    )
    scores = [(r.accuracy, -r.loss) for r in trainer if r.kind == "validation"]
    assert trainer.outcome == "stopped early"
    assert "2 evaluations" in trainer.message
    assert scores.index(max(scores)) == len(scores) - 3


def test_the_weights_kept_are_those_of_the_best_evaluation(tiny_corpus):
    trainer = small_trainer(tiny_corpus, learning_rate=0.1, schedule="constant", epochs=6)
    kept_at_best = None
    for _ in trainer:
        if trainer.best is not None and trainer.best.optimizer_step == trainer.optimizer_step:
            kept_at_best = {name: w.clone() for name, w in trainer.classifier.state_dict().items()}
    for name, weights in trainer.weights().items():
        assert torch.equal(weights, kept_at_best[name])


def test_the_last_weights_are_kept_when_asked(tiny_corpus):
    trainer = small_trainer(tiny_corpus, keep="last")
    list(trainer)
    for name, weights in trainer.weights().items():
        assert torch.equal(weights, trainer.classifier.state_dict()[name])


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
def test_schedules_peak_at_the_learning_rate_and_end_as_named(tiny_corpus, schedule):
    trainer = small_trainer(tiny_corpus, schedule=schedule, learning_rate=0.01)
    rates = [record.learning_rate for record in trainer if record.kind == "training"]
    assert max(rates) == pytest.approx(0.01, rel=0.02)
    assert (rates[-1] == rates[0]) == (schedule == "constant")
    assert (rates[0] < 0.001) == (schedule == "one-cycle")
    assert (rates[-1] < 0.001) == (schedule != "constant")


def test_clipping_shortens_the_gradient_and_records_its_norm_before(tiny_corpus):
    settings = {"optimizer": "sgd", "schedule": "constant", "weight_decay": 0.0, "learning_rate": 1.0}
    clipped, free = (small_trainer(tiny_corpus, clip_norm=norm, **settings) for norm in (1e-3, 0.0))
    before = {name: w.clone() for name, w in clipped.classifier.state_dict().items()}
    first, unclipped = next(iter(clipped)), next(iter(free))
    assert first.gradient_norm == unclipped.gradient_norm > 1e-3
    moved = torch.cat([(w - before[n]).flatten() for n, w in clipped.classifier.state_dict().items()])
    assert moved.norm().item() == pytest.approx(1e-3, rel=0.01)


def test_averaged_weights_lag_behind(tiny_corpus):
    trainer = small_trainer(tiny_corpus, weight_averaging=0.99, keep="last")
    list(trainer)
    averaged, current = trainer.weights(), trainer.classifier.state_dict()
    assert any(not torch.equal(averaged[name], current[name]) for name in current)


def test_an_estimate_counts_parameters_and_steps_and_has_a_duration(tiny_corpus):
    config = RunConfig().with_settings(**SMALL)
    guess, trainer = estimate(config, tiny_corpus), small_trainer(tiny_corpus)
    assert guess.optimizer_steps == trainer.total_steps
    assert guess.parameters == count_parameters(config.model, len(trainer.vocabulary))
    assert guess.seconds > 0


def _estimate_with(monkeypatch, corpus, share=1.0, **settings):
    """Seconds, where a token takes 1 to learn from and 0.25 to read, and a look 48 a time step."""
    one = estimates._Seconds

    def measured(config, vocab_size, rows):
        return one(12 * rows, 3 * rows), one(48 * rows, 12 * rows), 48.0 * 48

    monkeypatch.setattr(estimates, "_measure", measured)
    monkeypatch.setattr(estimates, "share_of_a_core", lambda: share)
    config = RunConfig().with_settings(**{**SMALL, "evaluations_per_epoch": 1, **settings})
    return estimate(config, corpus).seconds


def test_an_estimate_counts_training_evaluations_looks_and_the_scoring_of_test_texts(
    tiny_corpus, monkeypatch
):
    settings = {"epochs": 2, "skip_padding": False, "max_length": 10, "batch_size": 9}
    trainer = small_trainer(tiny_corpus, **settings)
    assert (len(trainer.training), len(trainer.validation), len(trainer.test)) == (54, 6, 20)
    learned, read, looks = 2 * 54 * 10, 2 * 6 * 10 + 20 * 10, 2 * 10 * 48
    assert _estimate_with(monkeypatch, tiny_corpus, **settings) == pytest.approx(learned + read / 4 + looks)


def test_an_estimate_grows_as_other_programs_take_the_processor(tiny_corpus, monkeypatch):
    idle, busy = (_estimate_with(monkeypatch, tiny_corpus, share) for share in (1.0, 0.25))
    assert busy == pytest.approx(4 * idle)


def test_an_estimate_leaves_the_threads_as_they_were(tiny_corpus, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    asked, before = [], torch.get_num_threads()
    set_threads = torch.set_num_threads

    def noted(threads):
        asked.append(threads)
        set_threads(threads)

    monkeypatch.setattr(torch, "set_num_threads", noted)
    estimate(RunConfig().with_settings(**{**SMALL, "threads": 3}), tiny_corpus)
    assert asked[0] == 3
    assert torch.get_num_threads() == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="no CUDA GPU"):
        choose_device("cuda")


@pytest.fixture
def three_classes(make_corpus):
    """120 texts of which a word says the class; the third class is rare."""
    words = ("red", "green", "blue")
    labels = [0, 1, 0, 1, 2] * 24
    texts = [
        (f"the {words[label]} thing {number % 7}", label, "training" if number < 90 else "test")
        for number, label in enumerate(labels)
    ]
    return dataclasses.replace(make_corpus(texts), classes=("r", "g", "b"))


def trainer_of(corpus, **settings):
    config = RunConfig(data="made", classes=corpus.classes)
    return Trainer(config.with_settings(**{**SMALL, **settings}), corpus)


def test_a_network_learns_three_classes(three_classes):
    trainer = trainer_of(three_classes, epochs=12, learning_rate=0.03)
    records = list(trainer)
    assert records[0].loss == pytest.approx(math.log(3), abs=0.3)
    scores = trainer.score_test()
    assert scores.accuracy > 0.9
    assert scores.logits.shape == (30, 3)


def test_balanced_class_weights_raise_the_rare_class_and_are_off_by_default(three_classes):
    plain, weighted = trainer_of(three_classes), trainer_of(three_classes, class_weights="balanced")
    counts = np.bincount(weighted.training.labels, minlength=3)
    assert balanced(weighted.training.labels, 3).tolist() == pytest.approx(counts.sum() / (3 * counts))
    first = [next(iter(trainer)) for trainer in (plain, weighted)]
    assert first[0].loss == first[1].loss  # what is recorded is the loss without weights
    assert first[0].gradient_norm != first[1].gradient_norm


def test_a_corpus_of_other_classes_than_the_settings_say_is_refused(three_classes):
    with pytest.raises(ConfigError, match="not the one that these settings are for"):
        small_trainer(three_classes)
