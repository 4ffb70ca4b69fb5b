"""What a trace holds is what the equations say and what a prediction says."""

from functools import partial

import numpy as np
import pytest
import torch

import rnn_core.inspection.trace as trace_module
from rnn_core.errors import EmptyReviewError
from rnn_core.inspection.trace import trace
from rnn_core.symbols import KINDS
from rnn_core.tasks.classes import log_odds
from tests.inspection.made import RECIPES, in_turn, make_model

TEXT = "The film was good, but the zither was bad"
READOUTS = ("last", "mean", "max", "attention")
make = partial(make_model, seed=2)


@pytest.mark.parametrize(("cell", "readout", "head"), in_turn(KINDS, READOUTS, ["one-logit", "two-logit"]))
def test_the_verdict_after_a_token_is_the_prediction_on_that_prefix(cell, readout, head):
    check_prefixes(make(cell=cell, readout=readout, head=head))


def check_prefixes(model):
    answer = trace(model, TEXT)
    for t in range(1, len(answer.logits) + 1):
        ids = torch.tensor([answer.review.ids[:t]])
        logit = log_odds(model.classifier(ids, torch.tensor([t])), followed=1)
        assert answer.logits[t - 1] == pytest.approx(logit.item(), abs=1e-5)
    assert answer.probability == pytest.approx(1 / (1 + np.exp(-answer.logits[-1])), abs=1e-5)


@pytest.mark.parametrize(("recipe", "readout", "rows"), in_turn(RECIPES, READOUTS, [3, 512]))
def test_so_it_is_with_the_settings_of_a_recipe(recipe, readout, rows, monkeypatch):
    monkeypatch.setattr(trace_module, "MOST_ROWS", rows)
    check_prefixes(make(readout=readout, **RECIPES[recipe]))


@pytest.mark.parametrize("cell", KINDS)
def test_a_trace_equals_the_naive_cell_step_by_step(cell):
    model = make(cell=cell)
    answer = trace(model, TEXT)
    with torch.no_grad():
        xs = model.classifier.embed(torch.tensor([answer.review.ids]))[0]
        state = model.classifier.cell.initial_state(1)
        for t, x in enumerate(xs):
            step = model.classifier.cell.naive(x[None], state)
            state = step[: model.classifier.cell.state_size]
            for symbol in step._fields:
                np.testing.assert_allclose(
                    answer.arrays[symbol][t], getattr(step, symbol)[0].numpy(), atol=1e-6
                )


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_the_trace_of_a_layer_is_that_of_the_naive_cell_on_the_states_below(cell):
    model = make(cell=cell, layers=3)
    with torch.no_grad():
        xs = model.classifier.embed(torch.tensor([trace(model, TEXT).review.ids]))[0]
        for layer, of_layer in enumerate(model.classifier.layers, 1):
            answer = trace(model, TEXT, layer=layer)
            assert (answer.layer, answer.layers) == (layer, 3)
            state, hs = of_layer.initial_state(1), []
            for t, x in enumerate(xs):
                step = of_layer.naive(x[None], state)
                state = step[: of_layer.state_size]
                hs.append(step.h[0])
                for symbol in step._fields:
                    np.testing.assert_allclose(
                        answer.arrays[symbol][t], getattr(step, symbol)[0].numpy(), atol=1e-6
                    )
            xs = torch.stack(hs)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_verdicts_are_those_of_the_whole_network_whichever_layer_is_traced(bidirectional):
    model = make(layers=2, bidirectional=bidirectional)
    top, lower = trace(model, TEXT), trace(model, TEXT, layer=1)
    assert top.layer == 2
    np.testing.assert_allclose(lower.answers, top.answers, atol=1e-6)
    assert np.abs(lower.arrays["h"] - top.arrays["h"]).max() > 1e-3


@pytest.mark.parametrize("layer", [0, 3])
def test_a_layer_that_is_not_there_can_not_be_traced(layer):
    with pytest.raises(ValueError, match=f"between 1 and 2, got {layer}"):
        trace(make(layers=2), TEXT, layer=layer)


def test_gates_carry_the_names_of_the_equations():
    answer = trace(make(cell="gru"), TEXT)
    h, z, n = (answer.arrays[symbol] for symbol in "hzn")
    before = np.vstack([np.zeros((1, 5), np.float32), h[:-1]])
    np.testing.assert_allclose(h, (1 - z) * before + z * n, atol=1e-6)

    answer = trace(make(cell="lstm"), TEXT)
    h, c, i, f, o, g = (answer.arrays[symbol] for symbol in "hcifog")
    before = np.vstack([np.zeros((1, 5), np.float32), c[:-1]])
    np.testing.assert_allclose(c, f * before + i * g, atol=1e-6)
    np.testing.assert_allclose(h, o * np.tanh(c), atol=1e-6)

    answer = trace(make(cell="elman"), TEXT)
    np.testing.assert_allclose(answer.arrays["slope"], 1 - answer.arrays["h"] ** 2, atol=1e-6)


def test_a_gru_whose_update_gate_is_shut_keeps_its_state():
    model = make(cell="gru")
    model.classifier.cell.b.data[5:10] = -1e3  # z
    assert np.abs(trace(model, TEXT).arrays["h"]).max() < 1e-6


def test_padding_that_is_read_has_time_steps_of_its_own():
    answer = trace(make(skip_padding=False, max_length=16, padding="post"), TEXT)
    assert answer.review.window[-1] == "<pad>"
    assert len(answer.logits) == 16


@pytest.mark.parametrize("text", ["", "   \n", "...", "🎬🎬", "\x00\x01"])
def test_a_text_without_a_word_is_refused_in_words(text):
    with pytest.raises(EmptyReviewError, match="no word in this text"):
        trace(make(), text)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_of_many_classes_the_verdict_after_a_token_is_that_on_the_prefix(bidirectional):
    model = make(classes=4, bidirectional=bidirectional)
    read = trace(model, "the film was good but not great")
    assert read.followed == read.predicted[-1]
    assert read.label == read.classes[read.followed]
    for t in range(1, len(read.review.ids) + 1):
        ids = torch.tensor([read.review.ids[:t]])
        p = torch.softmax(model.classifier(ids, torch.tensor([t])), dim=1)[0].detach().numpy()
        np.testing.assert_allclose(read.probabilities_of_classes[t - 1], p, atol=1e-5)
        for k in range(4):
            assert read.follow(k).probabilities[t - 1] == pytest.approx(p[k], abs=1e-5)
            assert read.follow(k).logits[t - 1] == pytest.approx(np.log(p[k] / (1 - p[k])), abs=1e-3)


def test_a_class_that_is_not_there_can_not_be_followed():
    read = trace(make(classes=3), "the film was good")
    with pytest.raises(ValueError, match="between 0 and 2, got 3"):
        read.follow(3)


def test_the_sides_of_a_verdict_are_two_classes_or_one_and_the_rest():
    assert trace(make(), "the film").sides == ("negative", "positive")
    assert trace(make(), "the film", followed=0).sides == ("positive", "negative")
    assert trace(make(classes=3), "the film", followed=2).sides == ("not c2", "c2")
