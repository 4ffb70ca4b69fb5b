"""What answers without reading reach is the entropy of the class shares, or ln K where it has to be."""

import math
import shutil

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.own.catalogue import own_folder
from rnn_core.tasks.classification import class_counts, guess
from rnn_core.tasks.task import task_of
from tests.own import make_own

CLASSES = ("printer", "invoice", "parcel")


def guess_of(config):
    return task_of(config).guess(config)


def config_of(**settings):
    return RunConfig(data="tickets", classes=CLASSES).with_settings(**settings)


def test_equal_classes_are_guessed_at_the_logarithm_of_their_number():
    assert guess(2) == (pytest.approx(math.log(2)), 0.5, "a coin")
    assert guess(6, [100] * 6) == (
        pytest.approx(math.log(6)),
        pytest.approx(1 / 6),
        "guessing among 6 classes",
    )


def test_unequal_classes_are_guessed_at_the_entropy_of_their_shares():
    shares = (0.8, 0.15, 0.05)
    entropy = -sum(share * math.log(share) for share in shares)
    assert guess(3, [800, 150, 50]) == (
        pytest.approx(entropy), pytest.approx(0.8), "always answering with the class shares",
    )  # fmt: skip


def test_with_balanced_class_weights_all_classes_are_guessed_alike():
    loss, accuracy, what = guess(3, [800, 150, 50], balanced=True)
    assert (loss, accuracy) == (pytest.approx(math.log(3)), pytest.approx(0.8))
    assert what == "guessing among 3 classes"


def test_a_run_is_held_against_the_training_texts_of_its_corpus():
    make_own("tickets", CLASSES, [80, 20, 20])
    assert class_counts(config_of()) == (60, 15, 15)
    assert guess_of(config_of()).accuracy == pytest.approx(60 / 90)
    assert task_of(config_of(class_weights="balanced")).guess(
        config_of(class_weights="balanced")
    ).loss == pytest.approx(math.log(3))


def test_where_the_corpus_is_gone_or_another_one_its_classes_are_taken_for_equal():
    assert guess_of(config_of()).loss == pytest.approx(math.log(3))
    make_own("tickets", ("a", "b", "c"), [80, 20, 20])
    assert class_counts(config_of()) is None
    shutil.rmtree(own_folder("tickets"))
    assert class_counts(config_of()) is None
    assert class_counts(RunConfig()) is None
