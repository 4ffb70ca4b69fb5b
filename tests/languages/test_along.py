"""A network's probabilities beside the truth: bits above it, and where it is right."""

import math
import random

import numpy as np
import pytest

from rnn_core.languages.along import NONE, along
from rnn_core.languages.catalogue import LANGUAGES, language_named
from rnn_core.text.vocabulary import END


def said(language, *rows):
    """The probabilities of a network, of symbol -> probability at each time step."""
    return np.array([[row.get(symbol, 0.0) for symbol in language.predicted] for row in rows], np.float32)


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_truth_itself_has_no_bits_above_it_and_is_right_everywhere(name):
    language = language_named(name)
    for seed in range(10):
        found = along(language, language.draw(random.Random(seed)))
        assert found.bits_above(found.truth).max() == 0
        assert found.right(found.truth).all()
        assert found.truth.sum(axis=1) == pytest.approx(np.ones(len(found.truth)))
        guess = np.full(found.truth.shape, 1 / found.truth.shape[1])
        entropy = -(found.truth * np.log2(np.maximum(found.truth, 1e-300))).sum(axis=1)
        assert found.bits_above(guess) == pytest.approx(math.log2(guess.shape[1]) - entropy)


def test_the_arrays_say_what_the_moments_say():
    language = language_named("brackets-pairs3")
    found = along(language, "([])x")
    moments = list(language.moments("([])x"))
    columns = language.predicted
    for t, moment in enumerate(moments):
        assert {columns[i] for i in np.flatnonzero(found.allowed[t])} == set(moment.allowed)
        truth = moment.truth or {}
        assert dict(zip(columns, found.truth[t], strict=True)) == pytest.approx(
            {symbol: truth.get(symbol, 0.0 if moment.truth else math.nan) for symbol in columns}, nan_ok=True
        )
    assert found.decided.tolist() == [NONE, 1, 3, 1, NONE, NONE]
    assert found.rivals.tolist() == [NONE, 3, 1, 3, NONE, NONE]
    assert [columns[i] for i in found.targets[:4]] == list("([])")
    assert (found.targets[4], columns[found.targets[5]]) == (NONE, END)
    assert found.hidden[2] == {"depth": 2, "the open bracket": "["}


def test_bits_above_the_truth_are_those_of_the_formula():
    language = language_named("anbn-n2")
    found = along(language, "ab")
    bits = found.bits_above(said(language, {"a": 0.5, "b": 0.5}, {"a": 0.25, "b": 0.5, END: 0.25}, {"b": 1}))
    assert bits[:2] == pytest.approx([1.0, 0.5 * math.log2(0.5 / 0.25)])
    assert bits[2] == math.inf


def test_where_there_is_no_truth_there_are_no_bits_above_it():
    found = along(language_named("anbn-n2"), "aaab")
    assert np.isnan(found.bits_above(np.full(found.truth.shape, 1 / 3))).tolist() == [False] * 3 + [True] * 2


def test_right_is_what_the_rule_allows_without_its_bounds():
    language = language_named("anbn-n2")
    found = along(language, "aaabbb")
    b, end, a = {"b": 0.9, "a": 0.1}, {END: 0.9, "b": 0.1}, {"a": 0.6, "b": 0.4}
    assert found.right(said(language, a, a, b, b, b, b, end)).all()
    wrong = found.right(said(language, b, end, end, end, a, a, b))
    assert not wrong.any()


def test_where_a_bracket_closes_its_kind_is_more_probable_than_the_other_one():
    language = language_named("brackets")
    found = along(language, "([])")
    opens = {"(": 0.5, "[": 0.2}
    right, wrong = {**opens, ")": 0.2, "]": 0.1}, {**opens, ")": 0.1, "]": 0.2}
    end = {END: 1.0}
    assert found.right(said(language, wrong, right, wrong, right, end)).all()
    assert found.right(said(language, right, wrong, right, wrong, right)).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
    even = {**opens, ")": 0.15, "]": 0.15}
    assert not found.right(said(language, even, even, even, even, even))[1]


def test_after_a_symbol_that_is_not_allowed_nothing_is_right():
    language = language_named("parity")
    found = along(language, "1=01")
    assert found.right(said(language, *[{"1": 1.0}] * 5)).tolist() == [True, True, True, False, False]
    assert found.hidden[3:] == ({}, {})


def test_an_empty_string_has_one_moment():
    found = along(language_named("delay"), "")
    assert found.truth.tolist() == [[0.5, 0.5, 0, 0, 0]]
    assert found.targets.tolist() == [4]
