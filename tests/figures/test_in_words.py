"""What a picture shows in one sentence is what its arrays say."""

import numpy as np
import pytest

from rnn_core.figures.in_words import (
    contributions_in_words,
    inside_in_words,
    layers_in_words,
    padding_in_words,
    plane_in_words,
    readings_in_words,
    units_in_words,
    update_in_words,
)
from rnn_core.inspection.one_step import Cursor, GatedUpdate, PlainUpdate
from rnn_core.inspection.verdicts import OneClass, Turn, Verdicts
from rnn_core.symbols import CELLS

LABELS = ["the", "best", "film"]
GATES = [symbol for symbol in CELLS["gru"].shares if symbol.is_gate]


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


def test_a_turn_is_said_with_the_gate_that_moves_most():
    arrays = gates(r=[0.1, 0.21, 0.37], z=[0.5, 0.5, 0.45])
    verdicts = of_two(0.4, 0.35, 0.97, turns=[Turn(2, "positive", 0.97, before=0.35)])
    assert inside_in_words(["a", "the", "best"], verdicts, GATES, arrays) == (
        "The verdict turns to positive at “best” (probability of positive: 35% to 97%); the reset gate moves "
        "most there, 0.21 to 0.37."
    )


def test_the_last_turn_is_said_by_what_is_drawn():
    turns = [Turn(0, "positive", 0.9), Turn(2, "negative", 0.1, before=0.8)]
    assert inside_in_words(LABELS, of_two(0.9, 0.8, 0.1, turns=turns), [], {}) == (
        "The verdict turns to negative at “film” (probability of positive: 80% to 10%)."
    )
    verdicts = of_two(0.9, 0.8, 0.9, turns=turns[:1])
    assert inside_in_words(LABELS, verdicts, GATES, gates(r=[0, 0, 0], z=[0, 0, 0])) == (
        "The verdict turns to positive at “the” (probability of positive: 90%)."
    )


def test_without_a_turn_it_says_where_the_verdict_moves_most():
    assert inside_in_words(LABELS, of_two(0.5, 0.42, 0.45), [], {}) == (
        "The verdict moves most at “best” (probability of positive: 50% to 42%)."
    )


def test_of_many_classes_the_one_turned_to_is_named():
    verdicts = Verdicts(
        followed=OneClass("a", np.array([0.4, 0.3, 0.1])),
        against=None,
        others=(OneClass("b", np.array([0.1, 0.3, 0.2])),),
        turns=(Turn(2, "c", 0.7, before=0.4),),
    )
    assert inside_in_words(LABELS, verdicts, [], {}) == (
        "The verdict turns to c at “film” (probability of c: 40% to 70%)."
    )


@pytest.mark.parametrize("probabilities", [[0.5], [0.5, np.nan, np.nan]])
def test_of_one_token_and_of_numbers_that_are_none_nothing_is_said(probabilities):
    labels = LABELS[: len(probabilities)]
    assert inside_in_words(labels, of_two(*probabilities), [], {}) == ""
    assert layers_in_words(labels, "positive", np.array([[0.1, 0.2, 0.3], [0.1, np.nan, 0.3]])) == ""


@pytest.mark.parametrize(
    ("by_layer", "said"),
    [
        (
            [[0.5, 0.71, 0.6], [0.5, 0.12, 0.3]],
            "Layer 2 changes the verdict most at “best”, from 71% by layer 1 to 12% positive.",
        ),
        (
            [[0.5, 0.71, 0.6], [0.5, 0.12, 0.3], [0.5, 0.12, 0.95]],
            "Layer 3 changes the verdict most at “film”, from 30% by layer 2 to 95% positive.",
        ),
        (
            [[0.5, 0.71, 0.6], [0.51, 0.7, 0.64]],
            "Layer 2 never changes the verdict by 5% or more in this text.",
        ),
    ],
)
def test_the_layer_that_changes_the_verdict_most_is_named_with_the_token_at_which_it_does(by_layer, said):
    assert layers_in_words(LABELS, "positive", np.array(by_layer)) == said


def test_the_token_that_contributes_most_is_named_by_both_ways_to_ask():
    contributions, linear = np.array([0.1, -2.5, 1]), np.array([0.2, -1.25, 0.4])
    assert contributions_in_words(LABELS, contributions, linear) == (
        "“best” contributes most to the logit: -2.50 by occlusion, -1.25 by input times gradient."
    )
    assert contributions_in_words(LABELS, contributions, linear[::-1] * [1, 1, 9]) == (
        "By occlusion “best” contributes most to the logit (-2.50), by input times gradient “film” (+1.80)."
    )
    assert contributions_in_words(LABELS, np.zeros(3), linear) == ""


def test_at_the_cursor_the_larger_part_of_the_update_is_named():
    for update, said in (
        (
            GatedUpdate(kept=3, written=1.3, dropped=0.8),
            "what is written is larger than what is dropped, 1.30 against 0.80",
        ),
        (
            PlainUpdate(word=0.5, memory=2, slope=None),
            "the memory is larger than what is read, 2.00 against 0.50",
        ),
    ):
        found = update_in_words(LABELS, Cursor(time=1, update=update, moved={}))
        assert found == f"At “best” {said} (norms)."


def test_two_readings_are_said_by_where_they_end():
    assert readings_in_words(("as it is", "held"), "positive", ([0.1, 0.25], [0.5, 0.75])) == (
        "The verdict is 25.0% positive as it is, and 75.0% held."
    )
    assert readings_in_words(("as it is", "held"), "positive", ([0.1, 0.25], [0.5, np.nan])) == ""


def test_what_the_plane_padding_and_units_show_is_said_in_at_most_two_numbers():
    holds = "The plane holds 75% of the variance of the states and 90% of the direction"
    assert plane_in_words(np.array([0.5, 0.25, 0.25]), 0.9) == f"{holds} that the head reads along."
    padded = "Padding that is read at the end takes the verdict from 90.0% to 50.0% positive."
    assert padding_in_words(0.2, 0.9, 0.5, "positive") == padded
    assert padding_in_words(0.0, 0.9, 0.5, "positive").startswith("This text fills the whole window")
    best = "Unit 7 of h predicts the label best: its area under the ROC curve is 0.93."
    assert units_in_words("h", np.array([7, 2]), np.array([0.93, 0.6]), "the label") == best
