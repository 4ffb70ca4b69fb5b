"""The padding lab shows the windows that the settings make, and what the network does on their padding."""

from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.inspection import padding_lab as lab
from rnn_core.inspection.padding_lab import padding_lab
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import with_text
from rnn_core.tasks.classes import log_odds
from tests.inspection.made import RECIPES, UNIFORM, in_turn, make_model

SHORT = "The film was good"
LONG = "The film was good, but the zither was bad"
make = partial(make_model, seed=10, max_length=8, **UNIFORM)
every_cell_and_readout = pytest.mark.parametrize(
    ("cell", "readout", "head"),
    in_turn(["elman", "gru", "lstm"], ["last", "mean", "max", "attention"], ["one-logit", "two-logit"]),
)


def by_settings(cases):
    return {(case.padding, case.truncation, case.skip_padding): case for case in cases}


@pytest.mark.parametrize("recipe", [{}, RECIPES["counted bigrams"]], ids=["words", "counted bigrams"])
@pytest.mark.parametrize("text", [SHORT, LONG])
def test_every_combination_is_read_once_as_these_settings_read_it(text, recipe):
    model = make(**recipe)
    cases = by_settings(padding_lab(model, text))
    assert len(cases) == 8
    for (padding, truncation, skip_padding), case in cases.items():
        settings = {"padding": padding, "truncation": truncation, "skip_padding": skip_padding}
        alone = trace(with_text(model, **settings), text)
        assert case.trace.review == alone.review
        np.testing.assert_array_equal(case.trace.arrays["h"], alone.arrays["h"])


def test_padding_stands_where_its_side_says_and_its_share_is_that_of_the_time_steps():
    cases = by_settings(padding_lab(make(), SHORT))
    for truncation in ("pre", "post"):
        front, end = cases["pre", truncation, False], cases["post", truncation, False]
        assert (front.pads, end.pads) == (slice(0, 3), slice(5, 8))
        assert front.padding_share == end.padding_share == 3 / 8
        for case in (front, end):
            assert set(case.trace.review.window[case.pads]) == {"<pad>"}


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_where_no_padding_is_read_nothing_drifts(text):
    for case in padding_lab(make(), text):
        if case.skip_padding or text == LONG:
            assert case.padding_share == len(case.drift) == 0
            assert case.logit_before == case.logit_after == case.trace.logits[-1]


@every_cell_and_readout
def test_padding_in_front_moves_the_verdict_before_the_first_word(cell, head, readout):
    model = make(cell=cell, head=head, readout=readout)
    case = by_settings(padding_lab(model, SHORT))["pre", "pre", False]
    of_zeros = log_odds(model.classifier.head(torch.zeros(1, 5)), followed=1).item()
    assert case.logit_before == pytest.approx(of_zeros)
    assert case.logit_after == case.trace.logits[2]
    h = case.trace.arrays["h"]
    np.testing.assert_allclose(case.drift, np.linalg.norm(h[:3], axis=1))


@every_cell_and_readout
def test_padding_at_the_end_moves_the_verdict_away_from_that_on_the_words(cell, head, readout):
    model = make(cell=cell, head=head, readout=readout)
    cases = by_settings(padding_lab(model, SHORT))
    read, skipped = cases["post", "pre", False], cases["post", "pre", True]
    assert read.logit_before == pytest.approx(float(skipped.trace.logits[-1]), abs=1e-6)
    assert read.logit_after == read.trace.logits[-1]
    h = read.trace.arrays["h"]
    np.testing.assert_allclose(read.drift, np.linalg.norm(h[5:] - h[4], axis=1))


def test_a_shut_update_gate_drifts_nowhere():
    model = make()
    model.classifier.cell.b.data[5:10] = -1e3  # z
    for case in padding_lab(model, SHORT):
        np.testing.assert_allclose(case.drift, 0, atol=1e-6)


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_a_time_is_the_median_over_the_rounds_of_reading_that_window(text, monkeypatch):
    """In seven rounds, the first of all not counted, a time step takes 9, 1, 1, 2, 40, 3, 1 and 90 ms."""
    asked = []

    def milliseconds(classifier, ids):
        asked.append(ids)
        return len(ids) * [9, 1, 1, 2, 40, 3, 1, 90][asked.count(ids) - 1]

    monkeypatch.setattr(lab, "_milliseconds", milliseconds)
    cases = padding_lab(make(), text)
    assert [case.milliseconds for case in cases] == [2 * len(case.trace.logits) for case in cases]
    windows = {tuple(case.trace.review.ids) for case in cases}
    assert sorted(asked) == sorted([*windows] * 8)


def test_the_same_window_has_one_time():
    cases = padding_lab(make(), SHORT)
    assert len({case.milliseconds for case in cases if case.skip_padding}) == 1
