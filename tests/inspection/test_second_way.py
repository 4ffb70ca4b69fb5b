"""Every instrument against a network that is read slowly, for each cell with two readouts.

The settings that change what the cells get, how many there are or what the head says take turns.
"""

import numpy as np
import pytest
import torch

from rnn_core.config.readouts import READOUTS
from rnn_core.inspection.attribution import attribute, occlusion
from rnn_core.inspection.clamps import Clamp, Patch, holdable, read_clamped
from rnn_core.inspection.trace import trace
from rnn_core.inspection.vanishing import reach_of_text
from rnn_core.symbols import CELLS
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import UNK_ID
from tests.inspection.made import (
    RECIPES,
    UNIFORM,
    answer_slowly,
    answers_slowly,
    inputs,
    make_model,
    read_slowly,
    with_projected_inputs,
)
from tests.nn.variants import attention_weights

TEXT = "The film was good, but bad"
T, H = 7, 4
FORMS = {
    "one logit": {},
    "two logits": {"head": "two-logit"},
    "four classes": {"classes": 4},
    "one-hot": {"input": "one-hot"},
    "padding in front": {"skip_padding": False, "max_length": T + 2},
    "padding at the end": {"skip_padding": False, "max_length": T + 2, "padding": "post"},
    "no start": {"start_token": False},
    **RECIPES,
}


NETWORKS = [
    (cell, [*READOUTS][(k + k // len(CELLS)) % len(READOUTS)], [*FORMS][k % len(FORMS)])
    for k, cell in enumerate(2 * [*CELLS])
]
"""Each cell with two readouts, and each setting with one or two."""


@pytest.fixture(params=NETWORKS, ids=", ".join)
def model(request):
    cell, readout, form = request.param
    settings = CELLS[cell].run_settings | {"readout": readout} | FORMS[form]
    model = make_model(seed=6, **UNIFORM, **{"hidden_size": H, "embedding_size": H, **settings})
    model.classifier.double()
    return model


def layers_of(model):
    return range(1, model.config.model.layers + 1)


def near(found, expected, atol=1e-6):
    np.testing.assert_allclose(found, torch.as_tensor(expected).detach(), atol=atol)


def with_added(zeros):
    """Adds zeros (T, H) to states, so that their gradients are those of the states."""
    return lambda t, letter, values: values + zeros[letter][t] if letter in zeros else values


def with_held(held):
    """Holds a quantity at 0.25 in units 1 and 3 from time step 2 to 4."""
    units = torch.tensor([False, True, False, True])
    return lambda t, letter, values: values.where(~(units & (letter == held and 2 <= t <= 4)), 0.25)


def with_states(source, token):
    """Puts the states of another text after one of its time steps in the place of those after time step 3."""
    states = {letter: torch.from_numpy(values[token : token + 1]) for letter, values in source.states.items()}
    return lambda t, letter, values: states.get(letter, values) if t == 3 else values


def test_a_trace_is_that_of_the_naive_cells(model):
    for layer in layers_of(model):
        read = trace(model, TEXT, layer=layer)
        xs = inputs(model.classifier, read.review.ids)
        computed, _ = read_slowly(model.classifier, xs, layer)
        for letter, values in read.declared.complete(computed).items():
            near(read.arrays[letter], values, 1e-12)
        assert read.arrays.keys() == {symbol.letter for symbol in read.declared.symbols}
        near(read.answers, answers_slowly(model.classifier, xs), 1e-12)
        assert (read.layer, read.layers) == (layer, len(layers_of(model)))


def test_gradients_are_those_of_autograd(model):
    classifier = model.classifier
    for layer in layers_of(model):
        read = trace(model, TEXT, layer=layer)
        found, ids = attribute(model, read), read.review.ids
        xs, slow = inputs(classifier, ids), classifier
        if model.config.model.input == "one-hot":
            slow, xs = with_projected_inputs(classifier, ids)
        xs.requires_grad_()
        added = {letter: torch.zeros(len(ids), H).double().requires_grad_() for letter in read.states}
        _, hs = read_slowly(slow, xs, layer, with_added(added))
        y = log_odds(answer_slowly(slow, hs), read.followed)
        dxs, direct, *d = torch.autograd.grad(y, [xs, hs, *added.values()])
        near(found.saliency, dxs.norm(dim=1), 1e-10)
        near(found.input_times_gradient, (xs * dxs).sum(dim=1), 1e-10)
        d = {letter: d for letter, d in zip(added, d, strict=True) if letter in read.declared.carriers}
        assert found.gradients.keys() == d.keys()
        for letter, gradient in d.items():
            near(found.gradients[letter], gradient, 1e-10)
            near(found.connectivity[letter], gradient.norm(dim=1), 1e-10)
            counts = (gradient * torch.from_numpy(read.arrays[letter])).abs().sum(dim=0)
            near(found.relevance[letter], counts, 1e-10)
        assert (found.attention is None) == (model.config.model.readout != "attention")
        if found.attention is not None:
            near(found.attention, attention_weights(classifier.attention, hs), 1e-10)
        passes_on = layer == read.layers and model.config.model.readout != "last"
        assert (found.direct is not None) == passes_on
        if passes_on:
            near(found.direct, direct[:, :H], 1e-10)
            near(found.direct_connectivity, direct[:, :H].norm(dim=1), 1e-10)
        if layer == read.layers:
            for letter, norms in reach_of_text(model, TEXT).norms.items():
                near(norms[0], d[letter].norm(dim=1).flip(0), 1e-10)


def test_contributions_are_those_with_unk_put_in(model):
    read = trace(model, TEXT, followed=0)
    expected = np.zeros(len(read.logits))
    for t, token in enumerate(read.review.ids):
        if token > UNK_ID:
            ids = [*read.review.ids[:t], UNK_ID, *read.review.ids[t + 1 :]]
            _, hs = read_slowly(model.classifier, inputs(model.classifier, ids))
            without = log_odds(answer_slowly(model.classifier, hs), read.followed)
            expected[t] = read.logits[-1] - without.item()
    assert np.abs(expected).max() > 1e-3
    near(occlusion(model, read), expected)
    near(occlusion(model, read, since=4), np.where(np.arange(len(expected)) < 4, 0, expected))


def test_what_is_held_is_read_on_from_there(model):
    for layer in layers_of(model):
        before = trace(model, TEXT, layer=layer)
        xs = inputs(model.classifier, before.review.ids)
        letters = [symbol.letter for symbol in holdable(before.declared)]
        assert letters[-1] == "h"
        for letter in letters if layer == before.layers else ["h"]:
            clamp = Clamp(letter=letter, value=0.25, first=2, last=4, units=(1, 3))
            after = read_clamped(model, before, [clamp])
            computed, _ = read_slowly(model.classifier, xs, layer, with_held(letter))
            for name, values in before.declared.complete(computed).items():
                near(after.arrays[name], values)
                np.testing.assert_array_equal(after.arrays[name][:2], before.arrays[name][:2])
        near(after.answers, answers_slowly(model.classifier, xs, layer, with_held(letter)))
        np.testing.assert_array_equal(after.answers[:2], before.answers[:2])
        assert (after.followed, after.classes, after.layer) == (before.followed, before.classes, layer)


def test_a_patch_goes_on_from_the_other_state(model):
    for layer in layers_of(model):
        before, other = (trace(model, text, layer=layer) for text in (TEXT, "bad film"))
        after = read_clamped(model, before, patches=[Patch(source=other, token=1, at=3)])
        put = with_states(other, 1)
        xs = inputs(model.classifier, before.review.ids)
        computed, _ = read_slowly(model.classifier, xs, layer, put)
        for letter, values in before.declared.complete(computed).items():
            near(after.arrays[letter], values)
        near(after.answers, answers_slowly(model.classifier, xs, layer, put))
