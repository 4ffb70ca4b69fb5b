"""Each failure of the gallery is named, its cure works, and a training that goes well is left alone.

On one seed that the thresholds were not set on; `python -m tests.diagnosis` takes more, and more trainings.
"""

import dataclasses
import math

import numpy as np
import pytest

from rnn_core.config.presets import FAILURES
from rnn_core.config.run import RunConfig
from rnn_core.models.model import Model
from rnn_core.tasks.classification import TextClassification
from rnn_core.tasks.task import task_of
from rnn_core.training.diagnosis import COIN_LOSS, KINDS, diagnose
from rnn_core.training.history import history
from rnn_core.training.records import RateEvent, read_history
from rnn_core.training.schedule import RateChange, changed_rates, planned_rates
from tests.own import make_own
from tests.training.diagnosed import HEALTHY, KIND_OF, QUICK, train_and_judge

SEED = 11
# As many reviews, epochs and units as it takes to fail, be cured and go well; `make diagnosis` takes all.
SHORTER = {
    **{name: {"reviews": 6_000} for name in ("stuck", "vanishing", "exploding", "diverged", "dead", "quick")},
    "over-fitting": {"epochs": 20, "hidden_size": 32},
    "padding": {"reviews": 8_000, "hidden_size": 32},
    "padding read after, by a GRU": {"reviews": 8_000, "hidden_size": 32},
}


@pytest.fixture(scope="module")
def cache(own_verdict_cache):
    return own_verdict_cache


@pytest.fixture(autouse=True)
def one_cache(own_folders, cache, monkeypatch):
    """The reviews are prepared once."""
    monkeypatch.setenv("GATESCOPE_CACHE", str(cache))


@pytest.fixture(scope="module")
def trained(cache):
    """A function that trains each configuration once for all tests."""
    known = {}

    def judge(config):
        if config not in known:
            known[config] = train_and_judge(config)
        return known[config]

    return judge


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_named_with_its_number_and_its_cure_works(trained, name):
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
def test_a_training_that_goes_well_is_left_alone_all_the_time(trained, name):
    assert trained(HEALTHY[name].with_settings(seed=SEED, **SHORTER[name])).ever == set()


@pytest.mark.parametrize("name", ["elman", "gru", "gru-after", "lstm"])
def test_the_networks_that_ship_have_nothing_wrong(name, shipped):
    model = Model.load(shipped / name)
    assert diagnose(model.config, history(name, read_history(model.folder, model.config.model.cell))) == []


@pytest.fixture
def shipped(pytestconfig):
    return pytestconfig.rootpath / "artifacts" / "pretrained"


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


def kinds(config, judged, message=""):
    return [found.kind for found in diagnose(config, judged, message)]


def test_nothing_is_said_before_anything_was_trained():
    assert diagnose(QUICK, made([])) == []


def test_a_loss_that_is_no_number_is_told_in_the_trainings_own_words():
    [found] = diagnose(QUICK, made([0.7]), "Diverged at optimizer step 2: the loss was nan.")
    assert (found.kind, found.sentence) == ("diverged", "Diverged at optimizer step 2: the loss was nan.")
    assert found.cure == {"learning_rate": pytest.approx(0.001)}  # all else is as usual


def driven(changes, losses, norms=None, config=QUICK):
    """A history whose learning rate was changed by hand."""
    config = config.with_settings(schedule="one-cycle", learning_rate=0.01)
    planned = planned_rates(config.training, len(losses))
    rates = changed_rates(planned, changes)
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
    return config, dataclasses.replace(
        history, training={**history.training, "learning_rate": rates}, rate_events=tuple(events)
    )


@pytest.mark.parametrize("kind", ["diverged", "diverged for good", "exploding"])
def test_a_rate_that_was_changed_by_hand_is_named_with_its_numbers(kind):
    """A run whose settings are as usual was driven to 26 times its highest rate; they are not to blame."""
    losses, norms = [0.7] * 30 + [9.0] * 70, [0.5] * 60 + [5_000.0] * 40
    config, history = driven(
        [RateChange(3, 0.02, False)],
        [0.7] * 100 if kind == "exploding" else losses,
        norms=norms if kind == "exploding" else None,
    )
    message = "Diverged at optimizer step 101: the loss was nan." if kind == "diverged for good" else ""
    [found] = diagnose(config, history, message)
    assert found.kind == kind.split()[0]
    peak = history.training["learning_rate"].max()
    change = "at epoch 0.06 from 0.000651 to 0.02, and the schedule went on in proportion."
    assert f"by hand: {change}" in found.sentence
    assert f"went up to {peak:.3g}; the settings plan 0.01 at most" in found.sentence
    assert found.without_changes
    assert found.cure == {}


def test_of_many_changes_the_last_are_named_and_a_change_downwards_is_not_to_blame():
    changes = [RateChange(10 * n, 0.001 if n % 2 else 0.002, True) for n in range(6)]
    config, history = driven(changes, [0.7] * 30 + [9.0] * 70)
    [found] = diagnose(config, history)
    assert "by hand: 3 times, and then at epoch 0.60 from 0.002 to 0.001, where it stayed;" in found.sentence
    assert not found.without_changes
    assert found.cure == {"learning_rate": pytest.approx(0.001)}


def test_a_loss_that_rose_and_came_back_is_no_divergence():
    losses = [0.7] * 30 + [3.0] * 30 + [0.2] * 100
    assert kinds(QUICK, made(losses, [0.7, 2.0, 0.3, 0.25])) == []
    assert kinds(QUICK, made(losses, [0.7, 2.0, 0.7, 0.7])) == ["diverged"]


def test_one_long_gradient_is_named_only_where_nothing_clips_it():
    norms = [0.5] * 99 + [5_000.0]
    losses = [0.3] * 100
    assert kinds(QUICK, made(losses, [0.4, 0.3], norms)) == []
    [found] = diagnose(free := QUICK.with_settings(clip_norm=0.0), made(losses, [0.4, 0.3], norms))
    assert found.kind == "exploding"
    assert "5e+03" in found.sentence
    assert found.cure == {"clip_norm": 1.0}
    assert kinds(free, made(losses, [0.4, 0.3], [0.5] * 99 + [40.0])) == []


def test_what_learned_its_reviews_by_heart_is_not_stuck():
    losses = list(np.geomspace(0.7, 0.001, 100))
    assert kinds(QUICK, made(losses, [0.693, 0.9, 1.4])) == ["over-fitting"]
    assert kinds(QUICK, made([0.69] * 100, [0.693, 0.693, 0.694])) == ["stuck"]


def test_a_validation_loss_that_rises_a_little_is_no_over_fitting():
    assert kinds(QUICK, made([0.1] * 100, [0.30, 0.28, 0.33])) == []
    assert kinds(QUICK, made([0.1] * 100, [0.30, 0.28, 0.45])) == ["over-fitting"]


def test_a_task_of_which_nothing_can_be_said_is_not_even_over_fitting(monkeypatch):
    monkeypatch.setattr(TextClassification, "diagnoses", frozenset())
    assert kinds(QUICK, made([0.1] * 100, [0.30, 0.28, 0.45])) == []


def test_against_over_fitting_come_more_reviews_then_dropout_then_fewer_epochs():
    judged = made([0.01] * 100, [0.3, 0.6, 0.9], config=QUICK)
    few = QUICK.with_settings(reviews=600, epochs=40)
    [found] = diagnose(few, made([0.01] * 100, [0.3, 0.6, 0.9], config=few))
    assert found.cure == {"reviews": 25_000, "epochs": 2}
    [found] = diagnose(QUICK, judged)
    assert found.cure == {"embedding_dropout": 0.2, "head_dropout": 0.3, "word_dropout": 0.05}
    [found] = diagnose(QUICK.with_settings(**found.cure), judged)
    assert found.cure == {"epochs": 1}


def test_units_that_wake_up_are_not_dead():
    asleep, awake = ({"still": still, "weights": {}} for still in (0.6, 0.0))
    losses = [0.3] * 100
    assert kinds(QUICK, made(losses, [0.3, 0.3], inside=[asleep, awake])) == []
    assert kinds(QUICK, made(losses, [0.3, 0.3], inside=[awake, asleep])) == []
    assert kinds(QUICK, made(losses, [0.3, 0.3], inside=[asleep, asleep])) == ["dead"]


def test_a_gate_is_called_nearly_shut_only_where_it_is_one_between_0_and_1():
    asleep, losses = {"still": 0.6, "weights": {}}, [0.3] * 100
    for cell, why in (
        ("gru", "The update gate starts at a bias of -8, nearly shut."),
        ("slstm", "The forget-gate bias is 8; 3 is usual here."),
        ("s6", "The forget-gate bias is 8; 3 is usual here."),
    ):
        config = QUICK.with_settings(cell=cell, forget_bias=8.0)
        [found] = diagnose(config, made(losses, [0.3, 0.3], inside=[asleep, asleep], config=config))
        assert found.sentence.endswith(why)
        assert found.cure == {"forget_bias": 3.0}


def test_padding_is_to_blame_only_where_it_comes_last_and_is_read():
    look = {"padding": 0.5, "weights": {}}
    losses, validation = [0.69] * 100, [0.693] * 2
    for text, blamed in (
        ({"padding": "post", "skip_padding": False}, "padding"),
        ({"padding": "pre", "skip_padding": False}, "stuck"),
        ({"padding": "post", "skip_padding": True}, "stuck"),
        ({"padding": "post", "skip_padding": False, "readout": "mean"}, "stuck"),
    ):
        assert kinds(QUICK.with_settings(**text), made(losses, validation, inside=[look, look])) == [blamed]


def test_every_cure_is_a_configuration_that_can_be():
    of_elman, of_sgd = RunConfig().with_settings(cell="elman"), QUICK.with_settings(optimizer="sgd")
    for config in (QUICK, of_sgd, RunConfig(), of_elman):
        for message in ("", "It diverged."):
            for found in diagnose(config, made([0.69] * 100, [0.693] * 3, config=config), message):
                assert config.with_settings(**found.cure) != config
                assert found.kind in KINDS


def test_the_loss_of_a_coin_is_the_logarithm_of_two():
    assert pytest.approx(-math.log(0.5)) == COIN_LOSS


def test_six_classes_are_stuck_at_the_logarithm_of_six_and_diverge_above_twice_that():
    config = RunConfig(data="gone", classes=tuple("abcdef")).with_settings(epochs=2)
    [found] = diagnose(config, made([1.79] * 100, [1.792, 1.791, 1.79], config=config))
    assert (found.kind, found.title) == ("stuck", "Stuck at 1.792")
    assert "gone below 1.790; that of guessing among 6 classes is 1.792" in found.sentence
    assert diagnose(config, made([1.4] * 100, [1.7, 1.5, 1.4], config=config)) == []
    assert kinds(config, made([1.8] * 50 + [1.2] * 50, [1.5, 1.3, 1.1])) == []
    assert kinds(config, made([4.0] * 100, [4.0, 4.0, 4.0])) == ["diverged"]


def test_where_one_class_has_nearly_all_texts_a_new_network_has_not_diverged():
    make_own("tickets", ("many", "few"), [490, 12])
    config = RunConfig(data="tickets", classes=("many", "few")).with_settings(epochs=2)
    assert task_of(config).guess(config).loss < 0.2
    losses = [0.69] * 40 + [0.11] * 60
    assert "diverged" not in kinds(config, made(losses, [0.3, 0.2, 0.12], config=config))
    [found] = diagnose(config, made([1.5] * 100, [1.5, 1.5, 1.5], config=config))
    assert found.kind == "diverged"
    assert "The training loss rose to 1.5, 2.2 times that of a coin, at" in found.sentence
