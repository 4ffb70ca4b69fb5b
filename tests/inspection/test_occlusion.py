"""Occlusion is what a prediction says of the window with `<unk>` put in by hand."""

import dataclasses
from functools import partial

import numpy as np
import pytest
import torch

import rnn_core.inspection.trace as trace_module
from rnn_core.inspection.occlusion import most_turned, occlusion, occlusion_in_parts
from rnn_core.inspection.trace import trace
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import RECIPES, UNIFORM, VARIANTS, in_turn, make_model

TEXT = "The film was good, but the zither was bad"
READOUTS = ("last", "mean", "max", "attention")
WINDOWS = {
    "words": {},
    "no start": {"start_token": False},
    "padded in front": {"skip_padding": False, "max_length": 14},
    "padded at the end": {"skip_padding": False, "max_length": 14, "padding": "post"},
}
make = partial(make_model, seed=7, **UNIFORM)


def by_hand(model, read):
    """(T,) the logit minus that of each window with one `<unk>`, read alone from its beginning."""
    changes = np.zeros(len(read.logits), np.float32)
    for t, token_id in enumerate(read.review.ids):
        if token_id > UNK_ID:
            ids = torch.tensor([read.review.ids])
            ids[0, t] = UNK_ID
            with torch.no_grad():
                answer = model.classifier(ids, torch.tensor([ids.shape[1]]))
            changes[t] = read.logits[-1] - log_odds(answer, read.followed).item()
    return changes


@pytest.mark.parametrize(
    ("variant", "readout", "head", "input"),
    in_turn(VARIANTS, READOUTS, ["one-logit", "two-logit"], ["embedding", "one-hot"]),
)
def test_each_contribution_is_the_logit_minus_that_with_unk_put_in_by_hand(variant, readout, head, input):
    model = make(**VARIANTS[variant], readout=readout, head=head, input=input)
    read = trace(model, TEXT)
    changes = occlusion(model, read)
    assert np.abs(changes).max() > 1e-3
    np.testing.assert_allclose(changes, by_hand(model, read), atol=1e-6)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_each_contribution_is_that_by_hand_with_the_settings_of_a_recipe_too(recipe):
    for readout in READOUTS:
        model = make(readout=readout, **recipe)
        read = trace(model, TEXT)
        np.testing.assert_allclose(occlusion(model, read), by_hand(model, read), atol=1e-6, err_msg=readout)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_special_tokens_contribute_nothing_wherever_the_window_has_them(window):
    for readout in READOUTS:
        model = make(readout=readout, **window)
        read = trace(model, TEXT)
        changes = occlusion(model, read)
        assert changes.shape == read.logits.shape
        assert changes.dtype == np.float32
        np.testing.assert_allclose(changes, by_hand(model, read), atol=1e-6, err_msg=readout)
        special = np.array(read.review.ids) <= UNK_ID
        assert special.any()
        np.testing.assert_array_equal(changes[special], 0)
    np.testing.assert_array_equal(occlusion(model, trace(model, "zither zither")), 0)


def test_the_token_is_found_that_moved_the_logit_one_way_and_contributes_the_other():
    read = trace(make(start_token=False), "the film was good")
    read = dataclasses.replace(read, answers=np.array([[0.0], [2.0], [-1.0], [3.0]], np.float32))
    assert most_turned(read, np.array([5.0, 0.1, 0.5, 4.0], np.float32)) == 2  # it moved by -3
    assert most_turned(read, np.array([5.0, -2.0, 0.5, 4.0], np.float32)) == 1
    assert most_turned(read, np.array([5.0, -0.1, 0.2, 4.0], np.float32)) is None


def test_words_before_the_one_to_begin_with_are_left_alone():
    for readout in READOUTS:
        model = make(readout=readout)
        read = trace(model, TEXT)
        for since in (0, 1, 4, 100):
            changes = occlusion(model, read, since=since)
            np.testing.assert_array_equal(changes[:since], 0, err_msg=readout)
            every = occlusion(model, read)[since:]
            np.testing.assert_allclose(changes[since:], every, atol=1e-6, err_msg=readout)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_words_left_out_some_at_a_time_say_the_same(monkeypatch, bidirectional):
    model = make(cell="lstm", bidirectional=bidirectional)
    read = trace(model, TEXT)
    at_once = occlusion(model, read)
    monkeypatch.setattr(trace_module, "MOST_ROWS", 2)
    parts = list(occlusion_in_parts(model, read))
    assert [len(times) for times, _ in parts] == [2, 2, 2, 1]
    np.testing.assert_allclose(occlusion(model, read), at_once, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_of_many_classes_it_is_that_of_the_followed_one(bidirectional):
    model = make(classes=5, bidirectional=bidirectional)
    for followed in (0, 3):
        read = trace(model, TEXT, followed)
        np.testing.assert_allclose(occlusion(model, read), by_hand(model, read), atol=1e-5)
