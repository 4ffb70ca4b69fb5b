"""The sequence form with products in bfloat16: near the float32 one while it trains, the same otherwise."""

import copy

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from rnn_core.nn.sequence import BLOCK, run, steps, watch
from rnn_core.symbols import Function
from tests.nn.variants import VARIANTS, gradients, loss_of, make_batch, make_cell

pytestmark = pytest.mark.slow

LENGTHS = [BLOCK + 3] * 70 + [BLOCK - 1] * 9 + [5, 1, 1]  # enough rows for products that gain by bfloat16
NEAR = 0.02  # norm of the difference, as a part of the norm
NEAR_RELU = 0.05  # a sum that is rounded may lie on the other side of zero, where the slope is another

every_variant = pytest.mark.parametrize("variant", VARIANTS)
both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


class Dtypes(TorchDispatchMode):
    """The kinds of number in what torch is asked to compute meanwhile."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        self.seen |= {leaf.dtype for leaf in tree_leaves((args, result)) if isinstance(leaf, torch.Tensor)}
        return result


def make(variant, *, one_hot=False):
    """A cell, the same one that trains in bfloat16, and a batch of the size of a training's."""
    cell = make_cell(variant, one_hot=one_hot, size=200 if one_hot else 32, hidden=128, dtype=torch.float32)
    in_bfloat16 = copy.deepcopy(cell)
    in_bfloat16.trains_in_bfloat16 = True
    return cell, in_bfloat16, *make_batch(cell, LENGTHS)


def has_products(cell):
    """Whether the sequence form of a cell multiplies matrices; with one-hot input, those with the state."""
    return not cell.one_hot or bool(cell.products_with_state())


def distance(ours, theirs):
    return ((ours - theirs).norm() / theirs.norm()).item()


@pytest.mark.parametrize(("one_hot", "every"), [(False, False), (True, True)], ids=["embedding", "one-hot"])
@every_variant
def test_gradients_are_those_of_float32_to_two_percent(variant, one_hot, every):
    cell, in_bfloat16, xs, packed = make(variant, one_hot=one_hot)
    near = NEAR_RELU if cell.declared[cell.declared.parts[-1]].function is Function.RELU else NEAR
    theirs, ours = (run(network, xs, packed, every=every) for network in (cell, in_bfloat16))
    if not has_products(cell):
        assert torch.equal(ours, theirs)
        return
    assert 0 < distance(ours, theirs) < near
    both = gradients(in_bfloat16, xs, loss_of(ours)), gradients(cell, xs, loss_of(theirs))
    for our_gradient, their_gradient in zip(*both, strict=True):
        assert our_gradient.dtype == torch.float32
        assert 0 < distance(our_gradient, their_gradient) < near


@every_variant
def test_watched_gradients_are_those_of_float32_to_two_percent(variant):
    cell, in_bfloat16, xs, packed = make(variant)
    both = []
    for network in (in_bfloat16, cell):
        watched = watch(network, packed)
        found = torch.autograd.grad(loss_of(run(network, xs, packed, watched=watched)), watched)
        letters = zip(cell.declared.states, found, strict=True)
        both.append([gradient for letter, gradient in letters if letter in cell.declared.carriers])
    for ours, theirs in zip(*both, strict=True):
        assert distance(ours, theirs) < NEAR


@every_variant
def test_what_is_computed_twice_in_bfloat16_is_the_same_to_the_bit(variant):
    _, cell, xs, packed = make(variant)
    once, twice = (gradients(cell, xs, loss_of(run(cell, xs, packed))) for _ in range(2))
    assert all(map(torch.equal, once, twice))


@every_variant
def test_without_gradients_it_is_float32_to_the_bit(variant):
    cell, in_bfloat16, xs, packed = make(variant)
    with torch.no_grad():
        assert torch.equal(run(in_bfloat16, xs, packed), run(cell, xs, packed))
    for ours, theirs in zip(steps(in_bfloat16, xs, packed), steps(cell, xs, packed), strict=True):
        assert torch.equal(ours, theirs)


@both_inputs
@every_variant
def test_in_float32_no_number_is_ever_a_bfloat16(variant, one_hot):
    for network, expected in zip(make(variant, one_hot=one_hot)[:2], (False, True), strict=True):
        xs, packed = make_batch(network, [4] * 70)
        with Dtypes() as dtypes:
            gradients(network, xs, loss_of(run(network, xs, packed)))
        assert (torch.bfloat16 in dtypes.seen) == (expected and has_products(network))


@every_variant
def test_a_small_network_has_no_product_that_gains_by_bfloat16(variant):
    cell = make_cell(variant, dtype=torch.float32)
    xs, packed = make_batch(cell, [BLOCK] * 10)
    expected = gradients(cell, xs, loss_of(run(cell, xs, packed)))
    cell.trains_in_bfloat16 = True
    assert all(map(torch.equal, gradients(cell, xs, loss_of(run(cell, xs, packed))), expected))


@every_variant
def test_states_and_the_gradients_of_weights_have_more_digits_than_bfloat16(variant):
    _, cell, xs, packed = make(variant)
    states = run(cell, xs, packed, every=True)
    *of_weights, _ = gradients(cell, xs, loss_of(states))
    for kept in (states, *of_weights):
        assert (kept != kept.bfloat16().float()).float().mean() > 0.5
