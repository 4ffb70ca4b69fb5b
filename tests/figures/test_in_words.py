"""What a picture shows in one sentence is what its arrays say."""

import numpy as np
import pytest

from rnn_core.figures.in_words import inside_in_words, layers_in_words
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from rnn_core.symbols import declaration

LABELS = ["the", "best", "film"]
GATES = [symbol for symbol in declaration("gru").shares if symbol.is_gate]


def of_two(*probabilities, turns=()):
    return Verdicts(
        followed=OneClass("positive", np.array(probabilities, np.float32)),
        against="negative",
        others=(),
        turns=tuple(turns),
    )


def gates(**means):
    """(T, 2) of each gate around these means over its units."""
    return {letter: np.array([[m - 0.01, m + 0.01] for m in of_time]) for letter, of_time in means.items()}


def test_the_turn_is_said_with_the_gate_that_moves_most_at_it():
    arrays = gates(r=[0.1, 0.21, 0.37], z=[0.5, 0.5, 0.45])
    verdicts = of_two(0.4, 0.35, 0.97, turns=[Turn(2, "positive", 0.97)])
    assert inside_in_words(["a", "the", "best"], verdicts, GATES, arrays) == (
        "Turns positive at “best” (35% to 97%); the reset gate moves most there, 0.21 to 0.37."
    )


def test_of_several_turns_it_is_the_last_in_the_probabilities_of_the_class_it_turned_to():
    verdicts = of_two(0.9, 0.8, 0.1, turns=[Turn(0, "positive", 0.9), Turn(2, "negative", 0.1)])
    assert inside_in_words(LABELS, verdicts, [], {}) == "Turns negative at “film” (20% to 90%)."
    verdicts = of_two(0.9, 0.8, 0.9, turns=[Turn(0, "positive", 0.9)])
    assert inside_in_words(LABELS, verdicts, GATES, gates(r=[0, 0, 0], z=[0, 0, 0])) == (
        "Turns positive at “the” (90%)."
    )


def test_without_a_turn_it_says_where_the_verdict_moves_most():
    assert inside_in_words(LABELS, of_two(0.5, 0.42, 0.45), [], {}) == (
        "The verdict moves most at “best” (50% to 42% positive)."
    )


def test_a_class_that_is_not_drawn_is_said_with_the_probability_that_it_has():
    verdicts = Verdicts(
        followed=OneClass("a", np.array([0.4, 0.3, 0.1])),
        against=None,
        others=(OneClass("b", np.array([0.1, 0.3, 0.2])),),
        turns=(Turn(2, "c", 0.7),),
    )
    assert inside_in_words(LABELS, verdicts, [], {}) == "Turns to c at “film” (to 70%)."


@pytest.mark.parametrize("probabilities", [[0.5], [0.5, np.nan, np.nan]])
def test_of_one_token_and_of_numbers_that_are_none_nothing_is_said(probabilities):
    labels = LABELS[: len(probabilities)]
    assert inside_in_words(labels, of_two(*probabilities), [], {}) == ""
    assert layers_in_words(labels, "positive", np.array([[0.1, 0.2, 0.3], [0.1, np.nan, 0.3]])) == ""


def test_the_layer_that_changes_the_verdict_most_is_named_with_the_token_at_which_it_does():
    by_layer = np.array([[0.5, 0.71, 0.6], [0.5, 0.12, 0.3]])
    assert layers_in_words(LABELS, "positive", by_layer) == (
        "Layer 2 changes the verdict most at “best”, from 71% by layer 1 to 12% positive."
    )
    three = np.vstack([by_layer, [0.5, 0.12, 0.95]])
    assert layers_in_words(LABELS, "positive", three) == (
        "Layer 3 changes the verdict most at “film”, from 30% by layer 2 to 95% positive."
    )


def test_a_layer_that_changes_little_is_said_to():
    by_layer = np.array([[0.5, 0.71, 0.6], [0.51, 0.7, 0.64]])
    assert layers_in_words(LABELS, "positive", by_layer) == (
        "Layer 2 never changes the verdict by 5% or more in this text."
    )
