"""Gradients of the logit are those of finite differences and of autograd through the naive cell."""

import dataclasses
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from rnn_core.inspection.attribution import agreement, attribute, ranks
from rnn_core.inspection.occlusion import occlusion
from rnn_core.inspection.trace import trace
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import PAD_ID
from tests.inspection.made import RECIPES, UNIFORM, VARIANTS, in_turn, make_model
from tests.nn.variants import read_plainly

TEXT = "The film was good, but the zither was bad"
NUDGE = 1e-6
READOUTS, HEADS = ("last", "mean", "max", "attention"), ("one-logit", "two-logit")
WINDOWS = ({}, {"skip_padding": False, "max_length": 14})

every_variant = pytest.mark.parametrize("variant", VARIANTS)
both_inputs = pytest.mark.parametrize("input", ["embedding", "one-hot"])


def make(variant="gru-before", **settings):
    """A network in float64 whose every weight, biases too, is something."""
    model = make_model(seed=6, hidden_size=4, embedding_dropout=0.5, **VARIANTS[variant], **settings)
    cell = model.classifier.double().cell
    for weights in cell.parameters():
        torch.nn.init.uniform_(weights, -0.7, 0.7)
    if cell.one_hot:
        cell.W.data[PAD_ID] = 0  # padding is a zero vector
    return model


def logit_of(model, hs):
    """The logit, given every hidden state (T, H)."""
    read = read_plainly(model.classifier, hs)
    return log_odds(model.classifier.head(read), followed=1)


def nudged_logit(model, ids, t, letter, unit, nudge):
    """The logit when a unit of h or c after time step t is changed, by the naive cell."""
    cell, hs = model.classifier.cell, []
    state = cell.initial_state(1)
    with torch.no_grad():
        for now, x in enumerate(model.classifier.embed(torch.tensor(ids))):
            step = cell.naive(x.unsqueeze(0), state)
            state = [part.clone() for part in step[: cell.state_size]]
            if now == t and letter == "c":
                state[1][0, unit] += nudge
                state[0] = step.o * torch.tanh(state[1])
            elif now == t:
                state[0][0, unit] += nudge
            hs.append(state[0][0])
        return logit_of(model, torch.stack(hs)).item()


@pytest.mark.parametrize(
    ("variant", "readout", "head", "input"), in_turn(VARIANTS, READOUTS, HEADS, ["embedding", "one-hot"])
)
def test_connectivity_is_that_of_finite_differences(variant, readout, head, input):
    model = make(variant, readout=readout, head=head, input=input)
    read = trace(model, TEXT)
    found = attribute(model, read)
    assert set(found.gradients) == ({"h", "c"} if variant == "lstm" else {"h"})
    ids = read.review.ids
    for letter, gradient in found.gradients.items():
        measured = np.zeros_like(gradient)
        for t, unit in np.ndindex(measured.shape):
            ahead, behind = (nudged_logit(model, ids, t, letter, unit, nudge) for nudge in (NUDGE, -NUDGE))
            measured[t, unit] = (ahead - behind) / (2 * NUDGE)
        np.testing.assert_allclose(gradient, measured, atol=1e-8)
        np.testing.assert_allclose(found.connectivity[letter], np.linalg.norm(measured, axis=1), atol=1e-8)


@pytest.mark.parametrize(
    ("variant", "readout", "head", "window"), in_turn(VARIANTS, READOUTS, HEADS, WINDOWS)
)
def test_saliency_is_what_autograd_finds_through_the_naive_cell(variant, readout, head, window):
    model = make(variant, readout=readout, head=head, **window)
    read = trace(model, TEXT)
    xs = model.classifier.embed(torch.tensor(read.review.ids)).detach().requires_grad_()
    packed = packing(torch.tensor([len(xs)]))
    hs = torch.cat([step.h for step in unroll(model.classifier.cell, xs, packed, naive=True)])
    (dxs,) = torch.autograd.grad(logit_of(model, hs), xs)
    found = attribute(model, read)
    np.testing.assert_allclose(found.saliency, dxs.norm(dim=1), atol=1e-12)
    np.testing.assert_allclose(found.input_times_gradient, (xs * dxs).sum(dim=1).detach(), atol=1e-12)


@pytest.mark.parametrize(("variant", "readout", "window"), in_turn(VARIANTS, READOUTS, WINDOWS))
def test_with_one_hot_input_saliency_is_that_of_the_projected_input(variant, readout, window):
    model = make(variant, input="one-hot", readout=readout, **window)
    read = trace(model, TEXT)
    cell, hs = model.classifier.cell, []
    projected = cell.W.detach()[list(read.review.ids)].requires_grad_()  # (T, G*H): x W of each token
    state = cell.initial_state(1)
    for x in projected:
        state = cell.update(x.unsqueeze(0) + cell.b, state)[: cell.state_size]
        hs.append(state[0][0])
    (d,) = torch.autograd.grad(logit_of(model, torch.stack(hs)), projected)
    found = attribute(model, read)
    np.testing.assert_allclose(found.saliency, d.norm(dim=1), atol=1e-12)
    np.testing.assert_allclose(found.input_times_gradient, (projected * d).sum(dim=1).detach(), atol=1e-12)


@pytest.mark.parametrize(
    ("name", "readout"), [(name, READOUTS[(i + j) % 4]) for i, name in enumerate(RECIPES) for j in (0, 2)]
)
def test_with_the_settings_of_a_recipe_saliency_is_that_of_finite_differences(name, readout):
    recipe = RECIPES[name]
    model = make(readout=readout, **recipe)
    if recipe.get("bidirectional"):
        for weights in model.classifier.backward_cell.parameters():
            torch.nn.init.uniform_(weights, -0.7, 0.7)
    read = trace(model, TEXT)
    found, classifier = attribute(model, read), model.classifier
    packed = packing(torch.tensor([len(read.logits)]))
    if recipe.get("input") == "one-hot":
        cells = (classifier.cell, classifier.backward_cell)
        xs = torch.cat([cell.W.detach()[list(read.review.ids)] for cell in cells], dim=1)

        def projected(cell, x):  # the cells get x W itself
            return x + cell.b

        for cell in cells:
            cell.one_hot, cell.project = False, partial(projected, cell)

        def logit(xs):
            states = [
                torch.cat([step.h for step in unroll(cell, part, packed)])
                for cell, part in zip(cells, (xs[:, :12], xs[:, 12:].flip(0)), strict=True)
            ]
            hs = torch.cat([states[0], states[1].flip(0)], dim=1)
            return log_odds(classifier.head(classifier.pool(hs, packed)), followed=1).item()
    else:
        xs = classifier.inputs(torch.tensor([read.review.ids]), packed).detach()

        def logit(xs):
            return log_odds(classifier.answer(xs, packed), followed=1).item()

    measured = np.zeros(xs.shape)
    with torch.no_grad():
        for place in np.ndindex(*xs.shape):
            nudge = torch.zeros_like(xs)
            nudge[place] = NUDGE
            measured[place] = (logit(xs + nudge) - logit(xs - nudge)) / (2 * NUDGE)
    np.testing.assert_allclose(found.saliency, np.linalg.norm(measured, axis=1), atol=1e-8)
    np.testing.assert_allclose(found.input_times_gradient, (xs.numpy() * measured).sum(axis=1), atol=1e-8)


def weights_of_head(model):
    weights = model.classifier.head.weight.detach().numpy()
    return weights[0] if len(weights) == 1 else weights[1] - weights[0]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("readout", ["last", "mean", "max"])
def test_of_a_mean_every_state_is_read_directly_of_a_maximum_each_largest_unit_and_else_the_last(
    readout, head
):
    model = make(head=head, readout=readout)
    read = trace(model, TEXT)
    found, hs = attribute(model, read), read.arrays["h"]
    if readout == "last":
        assert found.direct is None
        np.testing.assert_allclose(found.gradients["h"][-1], weights_of_head(model))
        return
    expected = np.full_like(hs, 1 / len(hs)) if readout == "mean" else (hs == hs.max(axis=0)).astype(float)
    np.testing.assert_allclose(found.direct, expected * weights_of_head(model))


def test_an_update_gate_that_is_shut_lets_every_gradient_through():
    model = make()
    model.classifier.cell.b.data[4:8] = -1e3  # z
    found = attribute(model, trace(model, TEXT))
    np.testing.assert_allclose(found.connectivity["h"], np.linalg.norm(weights_of_head(model)))
    np.testing.assert_allclose(found.saliency, 0, atol=1e-12)


def test_a_forget_gate_that_is_shut_and_a_memory_that_is_not_read_let_none_through():
    model = make("lstm")
    model.classifier.cell.b.data[4:8] = -1e3  # f
    model.classifier.cell.U.data[:] = 0
    found = attribute(model, trace(model, TEXT))
    for connectivity in found.connectivity.values():
        assert connectivity[-1] > 0
        np.testing.assert_allclose(connectivity[:-1], 0, atol=1e-12)


def test_a_unit_that_nobody_reads_has_no_relevance():
    model = make("lstm")
    model.classifier.cell.U.data[2] = 0
    model.classifier.head.weight.data[:, 2] = 0
    read = trace(model, TEXT)
    found = attribute(model, read)
    for letter in "hc":
        np.testing.assert_allclose(
            found.relevance[letter], np.abs(found.gradients[letter] * read.arrays[letter]).sum(axis=0)
        )
        assert list(found.relevance[letter] > 1e-12) == [True, True, False, True]


@both_inputs
def test_asking_changes_nothing_and_takes_no_chance(input):
    model = make(input=input)
    before = {name: weights.clone() for name, weights in model.classifier.state_dict().items()}
    read, rng = trace(model, TEXT), torch.get_rng_state()
    one = attribute(model, read)
    with torch.no_grad():
        np.testing.assert_array_equal(one.saliency, attribute(model, read).saliency)
    assert torch.equal(torch.get_rng_state(), rng)
    assert all(torch.equal(weights, before[name]) for name, weights in model.classifier.state_dict().items())
    assert all(weights.grad is None for weights in model.classifier.parameters())


@both_inputs
@every_variant
def test_a_network_as_it_is_loaded_gives_arrays_of_float32_as_long_as_its_window(variant, input):
    model = make(variant, input=input, readout="mean")
    model.classifier.float()
    read = trace(model, TEXT)
    found, T = attribute(model, read), len(read.logits)
    assert found.saliency.shape == found.input_times_gradient.shape == found.direct_connectivity.shape == (T,)
    assert {gradient.shape for gradient in (found.direct, *found.gradients.values())} == {(T, 4)}
    assert {values.shape for values in found.relevance.values()} == {(4,)}
    arrays = [found.saliency, found.direct, *found.relevance.values()]
    assert {values.dtype for values in arrays} == {np.dtype(np.float32)}


def test_of_many_classes_the_gradients_are_those_of_the_followed_one():
    model = make(classes=4)
    sums = []
    for followed in range(4):
        read = trace(model, TEXT, followed)
        found = attribute(model, read)
        ids = torch.tensor([read.review.ids])
        xs = model.classifier.embedding(ids).detach().requires_grad_()
        logits = model.classifier.answer(xs[0], packing(torch.tensor([ids.shape[1]])))
        p = torch.softmax(logits, dim=1)[0, followed]
        (gradient,) = torch.autograd.grad(torch.log(p / (1 - p)), xs)
        np.testing.assert_allclose(found.saliency, gradient[0].norm(dim=1).numpy(), rtol=1e-3, atol=1e-6)
        sums.append(found.saliency.sum())
    assert len({round(float(one), 6) for one in sums}) == 4


LONG = "The film was good, but the zither was bad and the film was bad"


def found(seed=4, **settings):
    model = make_model(seed=seed, readout="attention", **UNIFORM, **settings)
    read = trace(model, LONG)
    return model, read, attribute(model, read), occlusion(model, read)


def words(read, since=0):
    return [t for t, number in enumerate(read.review.ids) if number > 2 and t >= since]


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_weights_are_the_networks_own_and_sum_to_one(bidirectional):
    model, read, gradients, _ = found(bidirectional=bidirectional)
    assert gradients.attention.shape == read.logits.shape
    assert gradients.attention.sum() == pytest.approx(1, abs=1e-6)
    if not bidirectional:
        with torch.no_grad():
            pooled = torch.from_numpy(gradients.attention @ read.arrays["h"])
            logit = log_odds(model.classifier.head(pooled), followed=1)
        assert logit.item() == pytest.approx(read.logits[-1], abs=1e-5)


@pytest.mark.parametrize(("readout", "text"), [("mean", LONG), ("attention", "good film")])
def test_without_weights_and_of_two_words_there_is_no_agreement(readout, text):
    model = make_model(seed=1, readout=readout)
    read = trace(model, text)
    gradients = attribute(model, read)
    assert (gradients.attention is None) == (readout == "mean")
    assert agreement(read, gradients, occlusion(model, read)) is None


def test_ranks_are_those_of_pandas():
    values = np.array([3.0, 1.0, 3.0, -2.0, 3.0, 1.0])
    np.testing.assert_array_equal(ranks(values), pd.Series(values).rank())


@pytest.mark.parametrize("since", [0, 5])
def test_the_rank_correlations_are_those_of_pandas_over_the_words_that_are_left_out(since):
    _, read, gradients, changes = found()
    answer, at = agreement(read, gradients, changes, since=since), words(read, since)
    assert answer.words == len(at)
    weights = pd.Series(gradients.attention[at])
    for ours, theirs in (
        (answer.occlusion, np.abs(changes[at])),
        (answer.connectivity, gradients.connectivity["h"][at]),
    ):
        assert ours == pytest.approx(weights.corr(pd.Series(theirs), method="spearman"))


@pytest.mark.parametrize("other", ["occlusion", "connectivity"])
def test_the_word_that_is_named_is_the_one_whose_ranks_differ_most_in_the_order_that_disagrees(other):
    _, read, gradients, changes = found()
    sizes = np.abs(changes)
    # The other measure has the order of the weights.
    if other == "occlusion":
        gradients = dataclasses.replace(gradients, gradients={"h": gradients.attention[:, None]})
    else:
        changes = gradients.attention
    answer = agreement(read, gradients, changes)
    assert answer.other == other
    at = words(read)
    by_weight = len(at) + 1 - pd.Series(gradients.attention[at]).rank()
    measured = sizes if other == "occlusion" else gradients.connectivity["h"]
    by_other = len(at) + 1 - pd.Series(measured[at]).rank()
    place = at.index(answer.time)
    assert answer.rank_of_weight == round(by_weight[place])
    assert answer.rank_of_other == round(by_other[place])
    assert abs(by_weight - by_other).max() == abs(by_weight - by_other)[place]


def test_weights_disagree_with_what_has_another_order_and_equal_ones_with_nothing():
    _, read, gradients, changes = found()
    sizes, zeros = np.abs(changes), np.zeros_like(changes)
    for weights, other, by_occlusion, disagrees in (
        (gradients.attention, 1 - gradients.attention, zeros, True),  # of zeros there is no order
        (np.full_like(sizes, 0.1), sizes, changes, False),
        (sizes, sizes, changes, False),
        (-sizes, sizes, changes, True),
    ):
        made = dataclasses.replace(gradients, attention=weights, gradients={"h": other[:, None]})
        answer = agreement(read, made, by_occlusion)
        assert answer.disagrees == disagrees
        assert np.isnan(answer.occlusion) == (by_occlusion is zeros or weights[0] == weights[-1])
