"""The verdict as it is shown: of two classes one curve, of more the followed class and the next two.

A turn goes from beyond 65 % of one class to beyond 65 % of another, marked where most was done.
"""

import dataclasses
from functools import partial

import numpy as np
import pytest

from rnn_core.inspection.tables import inside_table
from rnn_core.inspection.trace import trace
from rnn_core.inspection.trace_table import turned_to
from rnn_core.inspection.turns import turns_of
from rnn_core.inspection.verdicts import verdicts
from tests.inspection.made import logit_of, make_model, of_two

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


TURNS = {
    "for the first time": ([0.5, 0.64, 0.66, 0.99], {1: 1}),
    "for the first time, at once": ([0.3], {0: 0}),
    "from one side to the other at once": ([0.9, 0.1], {0: 1, 1: 0}),
    "by a step that ends in the middle": ([0.9, 0.85, 0.5, 0.45, 0.3], {0: 1, 2: 0}),
    "not by the token that crosses the middle": ([0.04, 0.36, 0.48, 0.52, 0.97], {0: 0, 4: 1}),
    "back to the side it came from": ([0.9, 0.5, 0.4, 0.36, 0.9], {0: 1}),
    "around 50 % all the time": ([0.51, 0.49, 0.64, 0.36, 0.5], {}),
    "up to 65 %": ([0.6499], {}),
    "just beyond 65 %": ([0.6501], {0: 1}),
}


@pytest.mark.parametrize(("probabilities", "turns"), TURNS.values(), ids=TURNS)
def test_the_token_that_moved_the_logit_most_towards_the_new_class_turned_the_verdict(probabilities, turns):
    assert turns_of(logit_of(probabilities)[:, None]) == turns


def test_of_many_classes_a_turn_needs_65_percent_of_the_new_one():
    shares = [[0.34, 0.33, 0.33], [0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.6, 0.3], [0.1, 0.1, 0.8]]
    assert turns_of(np.log(shares)) == {1: 0, 4: 2}


@pytest.mark.parametrize("classes", [2, 3])
def test_curve_table_and_export_have_the_same_turns(classes):
    read = trace(make_model(seed=3, classes=classes, start_token=False), "the film was good")
    answers = [[0], [2], [1], [-3]] if classes == 2 else [[0, 0, 0], [0, 3, 0], [0, 3, 2], [4, 3, 9]]
    read = dataclasses.replace(read, answers=np.array(answers, np.float32))
    turned = [None, read.classes[1], None, read.classes[0 if classes == 2 else 2]]
    assert turned_to(read) == turned
    assert inside_table(read, "h")["turned_to"].fillna("").tolist() == [name or "" for name in turned]
    assert {turn.time: turn.to for turn in verdicts(read).turns} == {1: turned[1], 3: turned[3]}
