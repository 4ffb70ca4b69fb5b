"""The verdict as it is shown: of two classes one curve, of more the followed class and the next two."""

import dataclasses
from functools import partial

import numpy as np
import pytest

from rnn_core.inspection.trace import trace
from rnn_core.inspection.verdicts import verdicts
from tests.inspection.made import make_model, of_two

TEXT = "The film was good, but the zither was bad"
make = partial(make_model, seed=11)


def with_answers(answers, followed):
    """A trace of as many tokens as there are answers (T, K)."""
    T, K = np.shape(answers)
    read = trace(make(classes=K, start_token=False), " ".join(["film"] * T))
    return dataclasses.replace(read, answers=np.array(answers, np.float32), followed=followed)


def test_of_two_classes_there_is_one_curve_with_its_turns():
    shown = of_two([0.6, 0.2, 0.7], ("spam", "fine"))
    assert (shown.followed.name, shown.against, shown.others) == ("fine", "spam", ())
    assert [(turn.time, turn.to) for turn in shown.turns] == [(1, "spam"), (2, "fine")]
    np.testing.assert_allclose([turn.probability for turn in shown.turns], [0.2, 0.7], rtol=1e-6)


def test_the_next_classes_are_the_most_probable_others_in_the_end():
    read = with_answers([[9, 0, 0, 0, 0], [0, 1, 2, 4, 3]], followed=1)
    assert read.in_sight == (1, 3, 4)
    shown = verdicts(read)
    assert [shown.followed.name, *(one.name for one in shown.others)] == ["c1", "c3", "c4"]
    np.testing.assert_array_equal(shown.others[0].probabilities, read.probabilities_of_classes[:, 3])
    np.testing.assert_array_equal(shown.followed.probabilities, read.probabilities)


def test_of_three_classes_the_next_two_are_all_others():
    assert with_answers([[0, 5, 1]], followed=2).in_sight == (2, 1, 0)


def test_a_turn_of_many_classes_names_the_new_one_and_how_probable_it_is():
    read = with_answers([[2, 0, 0], [2, 3, 0], [2, 4, 0], [2, 4, 9]], followed=0)
    turns = verdicts(read).turns
    assert [(turn.time, turn.to) for turn in turns] == [(0, "c0"), (1, "c1"), (3, "c2")]
    for turn, number in zip(turns, (0, 1, 2), strict=True):
        assert turn.probability == read.probabilities_of_classes[turn.time, number]


@pytest.mark.parametrize("classes", [2, 3, 50])
def test_the_moves_add_up_to_the_logit_from_where_all_classes_are_equally_probable(classes):
    read = trace(make(classes=classes), TEXT)
    np.testing.assert_allclose(-np.log(classes - 1) + read.moves.cumsum(), read.logits, atol=1e-4)


@pytest.mark.parametrize("classes", [2, 50])
def test_the_probabilities_of_all_classes_add_up_to_one(classes):
    read = trace(make(classes=classes), TEXT)
    np.testing.assert_allclose(read.probabilities_of_classes.sum(axis=1), 1, atol=1e-5)
    of_followed = read.probabilities_of_classes[:, read.followed]
    np.testing.assert_allclose(of_followed, read.probabilities, atol=1e-6)
