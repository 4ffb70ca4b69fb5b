"""A turn goes from beyond 65 % of one class to beyond 65 % of another, marked where most was done."""

import dataclasses

import numpy as np
import pytest

from rnn_core.inspection.export import turned_to
from rnn_core.inspection.tables import inside_table
from rnn_core.inspection.trace import trace
from rnn_core.inspection.turns import turns_of
from rnn_core.inspection.verdicts import verdicts
from tests.inspection.made import logit_of, make_model

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
