"""Each failure of the gallery is named, its cure works, and a training that goes well is left alone.

On one seed that the thresholds were not set on; `python -m tests.diagnosis` takes more, and more trainings.
"""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from rnn_core.config.presets import FAILURES
from rnn_core.config.run import RunConfig
from rnn_core.models.model import Model
from rnn_core.tasks.classification import TextClassification
from rnn_core.tasks.task import task_of
from rnn_core.training.diagnosis import COIN_LOSS, RULES, Diagnosis, Rule, diagnose
from rnn_core.training.history import history
from rnn_core.training.records import RateEvent, read_history
from rnn_core.training.schedule import RateChange, changed_rates, planned_rates
from tests.own import make_own
from tests.pages.everywhere import registered
from tests.training.diagnosed import HEALTHY, KIND_OF, QUICK, train_and_judge

SEED = 11
# As much as it takes to fail, be cured and go well; `make diagnosis` takes all reviews, epochs and units.
OF_SIX_THOUSAND = {"reviews": 6_000, "max_length": 64, "evaluations_per_epoch": 2}
SHORTER = {
    **dict.fromkeys(("stuck", "vanishing", "exploding", "diverged", "dead", "quick"), OF_SIX_THOUSAND),
    "over-fitting": {"epochs": 15, "hidden_size": 32, "max_length": 64},
    "padding": {"reviews": 8_000, "hidden_size": 32, "evaluations_per_epoch": 2},
    "padding read after, by a GRU": {"reviews": 8_000, "hidden_size": 32},
}


trained = cache(train_and_judge)
"""Several failures have the same cure."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_named_with_its_number_and_cured(with_corpus, name):
    config = FAILURES[name].config.with_settings(seed=SEED, **SHORTER.get(name, {}))
    judged = trained(config)
    [found] = judged.at_the_end
    assert found.kind == KIND_OF[name]
    assert any(sign.isdigit() for sign in found.sentence)
    assert found.cure
    cured = trained(config.with_settings(**found.cure))
    assert cured.at_the_end == []
    assert cured.accuracy > max(judged.accuracy + 0.02, 0.7)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["quick", "padding read after, by a GRU"])
def test_a_training_that_goes_well_is_left_alone(with_corpus, name):
    assert trained(HEALTHY[name].with_settings(seed=SEED, **SHORTER[name])).ever == set()


@pytest.mark.parametrize("name", ["elman", "gru", "gru-after", "lstm"])
def test_the_networks_that_ship_have_nothing_wrong(name, pytestconfig):
    model = Model.load(pytestconfig.rootpath / "artifacts" / "pretrained" / name)
    assert diagnose(model.config, history(name, read_history(model.folder, model.config.model.cell))) == []


def made(training_losses, validation_losses=(), norms=None, config=QUICK, inside=()):
    """A history with these numbers, over all the epochs of the configuration."""

    def records(kind, losses, **values):
        return [
            {
                "kind": kind,
                "epoch": config.training.epochs * number / len(losses),
                "loss": loss,
                "accuracy": 0.5,
                "learning_rate": 0.01,
                **{name: of_each[number - 1] for name, of_each in values.items() if of_each},
            }
            for number, loss in enumerate(losses, 1)
        ]

    training = records("training", training_losses, gradient_norm=norms or [0.3] * len(training_losses))
    return history("", [*training, *records("validation", validation_losses, inside=inside)])


def judged(losses, validation=(), message="", config=QUICK, **more):
    """Returns what is said of a training with these numbers."""
    return diagnose(config, made(losses, validation, config=config, **more), message)


FREE = QUICK.with_settings(clip_norm=0.0)
READS_ON = QUICK.with_settings(padding="post", skip_padding=False)
OF_SIX = RunConfig(data="gone", classes=tuple("abcdef")).with_settings(epochs=2)
WELL, STUCK = ([0.3] * 100, [0.4, 0.3]), ([0.69] * 100, [0.693] * 2)
ASLEEP, AWAKE = {"still": 0.6, "weights": {}}, {"still": 0.0, "weights": {}}
PADDED = {"inside": [{"padding": 0.5, "weights": {}}] * 2}
ROSE, BY_HEART = [0.7] * 30 + [3.0] * 30 + [0.2] * 100, list(np.geomspace(0.7, 0.001, 100))
JUMP, SMALLER_JUMP = {"norms": [0.5] * 99 + [5_000.0]}, {"norms": [0.5] * 99 + [40.0]}
CASES = {
    "nothing was trained": (QUICK, [], (), {}, []),
    "rose and came back": (QUICK, ROSE, [0.7, 2.0, 0.3, 0.25], {}, []),
    "rose and stayed": (QUICK, ROSE, [0.7, 2.0, 0.7, 0.7], {}, ["diverged"]),
    "a long gradient that is clipped": (QUICK, *WELL, JUMP, []),
    "one that nothing clips": (FREE, *WELL, JUMP, ["exploding"]),
    "one that is not so long": (FREE, *WELL, SMALLER_JUMP, []),
    "learned by heart": (QUICK, BY_HEART, [0.693, 0.9, 1.4], {}, ["over-fitting"]),
    "learned nothing": (QUICK, [0.69] * 100, [0.693, 0.693, 0.694], {}, ["stuck"]),
    "rises a little": (QUICK, [0.1] * 100, [0.30, 0.28, 0.33], {}, []),
    "rises": (QUICK, [0.1] * 100, [0.30, 0.28, 0.45], {}, ["over-fitting"]),
    "rises, and so does the other": (QUICK, [0.3] * 100, [0.30, 0.28, 0.45], {}, []),
    "units wake up": (QUICK, *WELL, {"inside": [ASLEEP, AWAKE]}, []),
    "units fall asleep": (QUICK, *WELL, {"inside": [AWAKE, ASLEEP]}, []),
    "units sleep": (QUICK, *WELL, {"inside": [ASLEEP, ASLEEP]}, ["dead"]),
    "padding is read last": (READS_ON, *STUCK, PADDED, ["padding"]),
    "padding is read first": (READS_ON.with_settings(padding="pre"), *STUCK, PADDED, ["stuck"]),
    "padding is skipped": (READS_ON.with_settings(skip_padding=True), *STUCK, PADDED, ["stuck"]),
    "padding in a mean": (READS_ON.with_settings(readout="mean"), *STUCK, PADDED, ["stuck"]),
    "six classes that learn": (OF_SIX, [1.4] * 100, [1.7, 1.5, 1.4], {}, []),
    "six after a while": (OF_SIX, [1.8] * 50 + [1.2] * 50, [1.5, 1.3, 1.1], {}, []),
    "six that diverge": (OF_SIX, [4.0] * 100, [4.0] * 3, {}, ["diverged"]),
}


@pytest.mark.parametrize(("config", "losses", "validation", "more", "kinds"), CASES.values(), ids=CASES)
def test_a_kind_is_named_where_its_numbers_are(config, losses, validation, more, kinds):
    assert [found.kind for found in judged(losses, validation, config=config, **more)] == kinds


def test_a_task_may_have_nothing_that_can_be_said(monkeypatch):
    monkeypatch.setattr(TextClassification, "diagnoses", frozenset())
    assert judged([0.1] * 100, [0.30, 0.28, 0.45]) == []


def test_a_rule_is_asked_by_its_registration(monkeypatch):
    def flat(run):
        same = run.losses.min() == run.losses.max()
        return Diagnosis(sentence="Its loss never moves.", cure={}) if same else None

    monkeypatch.setattr(TextClassification, "diagnoses", frozenset({"flat", "over-fitting"}))
    with registered(RULES, "flat", Rule("Flat", flat, is_beside=True)):
        assert [one.title for one in judged([0.1] * 100, [0.30, 0.28, 0.45])] == ["Over-fitting", "Flat"]
        assert [one.title for one in judged([0.1, 0.2] * 50, [0.30, 0.28, 0.45])] == ["Over-fitting"]


def test_a_loss_that_is_no_number_is_told_as_it_was():
    """The training's own words."""
    [found] = judged([0.7], message="Diverged at optimizer step 2: the loss was nan.")
    assert (found.kind, found.sentence) == ("diverged", "Diverged at optimizer step 2: the loss was nan.")
    assert found.cure == {"learning_rate": pytest.approx(0.001)}  # all else is as usual
    [found] = judged([0.7], message="Diverged.", config=QUICK.with_settings(optimizer="adam"))
    assert found.cure == {"learning_rate": pytest.approx(0.001)}


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("h' = exp(x @ W + h @ U + b)", "exp(x @ W + h @ U + b)"),
        ("a = exp(tanh(h))\nh' = x @ W + a^2 + h^2", "h^2"),
        ("h' = relu(x @ W + h @ U)", ""),
    ],
)
def test_an_overflow_before_any_step_is_no_rate(cell, part):
    """Names what can grow without end in the equations."""
    [found] = judged([], message="Diverged at step 1: nan.", config=QUICK.with_settings(cell=cell))
    assert found.title == "Beyond all numbers"
    assert found.sentence.startswith("Diverged at step 1: nan. Its first weights already take it beyond")
    named = f" In its equations {part} can grow without end: bound what it is made of, as by tanh."
    assert found.sentence.endswith(named if part else "at any learning rate.")
    assert found.cure == {}


def test_a_gradient_that_is_too_long_is_to_be_clipped():
    [found] = judged(*WELL, config=FREE, **JUMP)
    assert "5e+03" in found.sentence
    assert found.cure == {"clip_norm": 1.0}


def driven(changes, losses, norms=None):
    """A history whose learning rate was changed by hand."""
    config = QUICK.with_settings(schedule="one-cycle", learning_rate=0.01)
    planned = planned_rates(config.training, len(losses))
    history = made(losses, config=config, norms=norms)
    events = [
        RateEvent(
            config.training.epochs * change.after / len(losses),
            changed_rates(planned, changes[:before])[change.after],
            change.rate,
            change.held,
        )
        for before, change in enumerate(changes)
    ]
    training = {**history.training, "learning_rate": changed_rates(planned, changes)}
    return config, replace(history, training=training, rate_events=tuple(events))


@pytest.mark.parametrize("kind", ["diverged", "diverged for good", "exploding"])
def test_a_rate_that_was_changed_by_hand_is_to_blame(kind):
    """A run whose settings are as usual was driven to 26 times its highest rate; they are not to blame."""
    seen = [0.7] * 30 + [9.0] * 70, None
    if kind == "exploding":
        seen = [0.7] * 100, [0.5] * 60 + [5_000.0] * 40
    config, history = driven([RateChange(3, 0.02, False)], *seen)
    message = "Diverged at optimizer step 101: the loss was nan." if kind == "diverged for good" else ""
    [found] = diagnose(config, history, message)
    assert found.kind == kind.split()[0]
    peak = history.training["learning_rate"].max()
    change = "at epoch 0.06 from 0.000651 to 0.02, and the schedule went on in proportion."
    assert f"by hand: {change}" in found.sentence
    assert f"went up to {peak:.3g}; the settings plan 0.01 at most" in found.sentence
    assert found.without_changes
    assert found.cure == {}


def test_a_change_downwards_is_not_to_blame():
    """The last of many changes are named."""
    changes = [RateChange(10 * n, 0.001 if n % 2 else 0.002, True) for n in range(6)]
    [found] = diagnose(*driven(changes, [0.7] * 30 + [9.0] * 70))
    assert "by hand: 3 times, and then at epoch 0.60 from 0.002 to 0.001, where it stayed;" in found.sentence
    assert not found.without_changes
    assert found.cure == {"learning_rate": pytest.approx(0.001)}


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"reviews": 600, "epochs": 40}, {"reviews": 25_000, "epochs": 2}),
        ({}, {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}),
        ({"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}, {"epochs": 1}),
    ],
    ids=["more reviews", "dropout", "fewer epochs"],
)
def test_over_fitting_is_cured_in_this_order(settings, cure):
    [found] = judged([0.01] * 100, [0.3, 0.6, 0.9], config=QUICK.with_settings(**settings))
    assert found.cure == cure


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("gru", "The update gate starts at a bias of -8, nearly shut."),
        ("slstm", "The forget-gate bias is 8; 3 is usual here."),
        ("s6", "The forget-gate bias is 8; 3 is usual here."),
    ],
)
def test_a_gate_is_nearly_shut_only_between_0_and_1(cell, why):
    config = QUICK.with_settings(cell=cell, forget_bias=8.0)
    [found] = judged(*WELL, inside=[ASLEEP, ASLEEP], config=config)
    assert found.sentence.endswith(why)
    assert found.cure == {"forget_bias": 3.0}


def test_every_cure_is_a_configuration_that_can_be():
    of_elman, of_sgd = RunConfig().with_settings(cell="elman"), QUICK.with_settings(optimizer="sgd")
    for config in (QUICK, of_sgd, RunConfig(), of_elman):
        for message in ("", "It diverged."):
            for found in judged([0.69] * 100, [0.693] * 3, message, config=config):
                assert config.with_settings(**found.cure) != config
                assert found.kind in RULES


def test_a_guess_has_the_loss_of_its_classes():
    assert pytest.approx(-math.log(0.5)) == COIN_LOSS
    [found] = judged([1.79] * 100, [1.792, 1.791, 1.79], config=OF_SIX)
    assert (found.kind, found.title) == ("stuck", "Stuck at 1.792")
    assert "1.790 up to optimizer step 100; that of guessing among 6 classes is 1.792." in found.sentence


def test_a_large_class_does_not_look_like_divergence():
    make_own("tickets", ("many", "few"), [490, 12])
    config = RunConfig(data="tickets", classes=("many", "few")).with_settings(epochs=2)
    assert task_of(config).guess(config).loss < 0.2
    begun = judged([0.69] * 40 + [0.11] * 60, [0.3, 0.2, 0.12], config=config)
    assert "diverged" not in [found.kind for found in begun]
    [found] = judged([1.5] * 100, [1.5, 1.5, 1.5], config=config)
    assert found.kind == "diverged"
    assert "The training loss rose to 1.5, 2.2 times that of a coin, at" in found.sentence
