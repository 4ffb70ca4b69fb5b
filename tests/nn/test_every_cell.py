"""Every registered cell, and one that is made up: its forms agree, and only its own tokens have a say.

A new cell is checked here by being registered. "Near" is always a part of the largest element of what is
compared.
"""

import copy

import pytest
import torch
from torch.utils._pytree import tree_leaves

from rnn_core.bench.reference import torch_module
from rnn_core.nn import kernels
from rnn_core.nn.sequence import BLOCK, run, steps, watch
from rnn_core.symbols import CELLS
from tests.nn import variants
from tests.nn.second_way import differences
from tests.nn.variants import (
    VARIANTS,
    E,
    H,
    V,
    assert_near,
    gradients,
    loss_of,
    make_batch,
    make_cell,
    saying,
)

LENGTHS = {
    "many lengths": [2 * BLOCK + 7, 2 * BLOCK + 2, 19, 19, 19, 14, 9, 5, 2, 1, 1],
    "rows end at the edges of blocks": [3 * BLOCK, 3 * BLOCK, 2 * BLOCK, BLOCK, BLOCK, 1],
    "rows end beside the edges of blocks": [2 * BLOCK + 1, 2 * BLOCK - 1, BLOCK + 1, BLOCK - 1],
    "one row": [BLOCK + 5],
    "one time step": [1, 1, 1],
    "one token": [1],
}
RAGGED = LENGTHS["many lengths"]

both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


@pytest.fixture(params=[*VARIANTS, "made_up"])
def variant(request):
    """The name of each registered cell, and of one that is registered for the test."""
    if request.param in CELLS:
        yield request.param
        return
    CELLS.register(request.param, variants.MADE_UP)
    yield request.param
    CELLS.remove(request.param)


def make(variant, lengths=RAGGED, **settings):
    """A cell and a packed batch for it."""
    size = {"size": V} if settings.get("one_hot") else {}
    cell = make_cell(variant, **{**size, **settings})
    return cell, *make_batch(cell, lengths)


@both_inputs
def test_all_forms_are_the_equations(variant, one_hot):
    for number, (name, lengths) in enumerate(LENGTHS.items()):
        cell = make_cell(variant, one_hot=one_hot, size=V if one_hot else E)
        with saying(name):
            assert max(differences(cell, lengths, given=number % 2 == one_hot)) < 1e-11


@pytest.mark.parametrize(("dtype", "near"), [(torch.float32, 1e-5), (torch.float64, 1e-13)], ids=str)
@pytest.mark.parametrize("variant", variants.IN_TORCH)
def test_numbers_are_those_of_torch(variant, dtype, near):
    for B, T in [(4, 2 * BLOCK + 5), (1, 7), (3, 1), (1, 1)]:
        cell, xs, packed = make(variant, [T] * B, dtype=dtype)
        ours = run(cell, xs, packed, every=True)
        theirs = torch_module(cell)(xs.view(T, B, -1))[0].flatten(0, 1)  # no row ends early
        with saying(B, T):
            assert_near(ours, theirs, near)
            assert_near(*(torch.autograd.grad(loss_of(h), xs) for h in (ours, theirs)), 10 * near)


@pytest.mark.parametrize(
    ("one_hot", "onednn"), [(False, True), (False, False), (True, True)], ids=["oneDNN", "torch", "one-hot"]
)
def test_large_products_give_the_same_numbers(monkeypatch, variant, one_hot, onednn):
    if onednn and not kernels.has_onednn():
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setattr(kernels, "prefers_onednn", lambda: onednn)
    size = {"size": 200 if one_hot else 32, "hidden": 128, "dtype": torch.float32}
    cell, xs, packed = make(variant, [20] * 60 + [9, 9, 3, 1], one_hot=one_hot, **size)
    ours, theirs = run(cell, xs, packed), variants.looped(cell, xs, packed)
    assert_near(ours, theirs, 1e-5)
    assert_near(gradients(cell, xs, loss_of(ours)), gradients(cell, xs, loss_of(theirs)), 1e-4)


GAPS = {
    "transposed": lambda t: t.detach().t().contiguous().t(),
    "every other": lambda t: t.detach().repeat_interleave(2, dim=0)[::2],
    "expanded": lambda t: t.detach()[:1].expand_as(t),
}


@both_inputs
@pytest.mark.parametrize("manner", GAPS.values(), ids=GAPS)
def test_gaps_between_numbers_change_nothing(variant, one_hot, manner):
    cell, xs, packed = make(variant, one_hot=one_hot)
    for every in (False, True):
        found = []
        for fill in (lambda t: t, lambda t: t.clone(memory_format=torch.contiguous_format)):
            given = fill(manner(xs)).requires_grad_(not one_hot)
            torch.manual_seed(2)
            states = run(cell, given, packed, every=every)
            d = fill(manner(torch.randn_like(states)))
            inputs = [t for t in (given, *cell.parameters()) if t.requires_grad]
            found.append([states, *torch.autograd.grad(states, inputs, d)])
        assert_near(*found, 1e-13)


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_row_is_computed_past_its_end(variant):
    multiplied = []

    class Counting(kernels.Factor):
        def product(self, x, **more):
            multiplied.append(len(x))
            return super().product(x, **more)

    cell, xs, packed = make(variant)

    class Alone(cell.one_pass):
        def add_to(self, gradients, before, after, kept, scratch):
            """The products over many time steps are left out."""
            return cell.b.new_zeros(len(before[0]), len(cell.b))

    cell.one_pass = lambda weights, hidden, _: Alone(weights, hidden, Counting)
    expected = [rows for rows in packed.running for _ in cell.products_with_state()]
    assert bool(expected) == cell.equations.mixes_units
    with torch.no_grad():
        run(cell, xs, packed)
    last = run(cell, xs, packed)
    assert multiplied == 2 * expected
    multiplied.clear()
    last.sum().backward()
    assert multiplied == expected[::-1]


def test_one_input_alone_may_want_a_gradient(variant):
    for wanted in ("xs", *dict(make_cell(variant).named_parameters())):
        cell, xs, packed = make(variant)
        inputs = {"xs": xs, **dict(cell.named_parameters())}
        expected = torch.autograd.grad(loss_of(variants.looped(cell, xs, packed, every=True)), inputs[wanted])
        for name, t in inputs.items():
            t.requires_grad_(name == wanted)
        loss_of(run(cell, xs, packed, every=True)).backward()
        assert [name for name, t in inputs.items() if t.grad is not None] == [wanted]
        assert_near(inputs[wanted].grad, expected[0], 1e-12)
        inputs[wanted].requires_grad_(False)
        assert run(cell, xs, packed).grad_fn is None
        assert run(cell, xs, packed, watched=watch(cell, packed)).requires_grad


@pytest.mark.parametrize("manner", ["orthogonal", "xavier", "uniform"])
def test_initialisation_does_what_its_name_says(variant, manner):
    """Gate by gate, so that one starts the same alone or side by side, and a network as it did before."""
    cell = make_cell(variant, dtype=torch.float32)
    torch.manual_seed(5)
    cell.initialise(manner, forget_bias=2.5)
    torch.manual_seed(5)
    draw = {"orthogonal": torch.nn.init.orthogonal_}.get(manner, torch.nn.init.xavier_uniform_)
    per_gate = [cell.W, cell.U] if cell.equations.mixes_units else [cell.W]
    for of_gate in zip(*map(cell.split, per_gate), strict=True) if manner != "uniform" else ():
        for weights, drawn_by in zip(of_gate, (torch.nn.init.xavier_uniform_, draw), strict=False):
            assert torch.equal(weights, drawn_by(torch.empty_like(weights)))
    if manner == "uniform":
        assert all(0.5 * H**-0.5 < weights.abs().max() <= H**-0.5 for weights in per_gate)
    if variant == "rglru" and manner != "uniform":
        least = torch.empty(H).uniform_(0.9, 0.999).double()
        torch.testing.assert_close(cell.Lambda, torch.logit(least ** (1 / 8)).float(), rtol=1e-6, atol=0)
    if variant == "indrnn" and manner != "uniform":
        assert torch.equal(cell.u, torch.empty(H).uniform_(0, 1))
    remembers = {"f": 2.5, "i": -2.5, "z": -2.5}  # what keeps, and what writes
    for gate, b in zip(cell.blocks, cell.split(cell.b), strict=True):
        if gate in remembers and cell.declared.update and cell.declared.remembers_by_bias:
            assert (b == remembers[gate]).all()


def distance(ours, theirs):
    """Norm of the difference, as a part of the norm."""
    return ((ours - theirs).norm() / theirs.norm()).item()


@pytest.mark.slow
def test_bfloat16_is_float32_to_two_percent(variant):
    """States, gradients and those of watched states; the same twice, and float32 where nothing is learned.

    Embeddings and one-hot input take turns.
    """
    one_hot = [*VARIANTS, "made_up"].index(variant) % 2 == 0
    lengths = [BLOCK + 3] * 70 + [BLOCK - 1] * 9 + [5, 1, 1]  # enough rows for products that gain by it
    size = {"size": 200 if one_hot else 32, "hidden": 128, "dtype": torch.float32}
    cell, xs, packed = make(variant, lengths, one_hot=one_hot, **size)
    exact, rounding = cell, copy.deepcopy(cell)
    rounding.trains_in_bfloat16 = True
    # A sum that is rounded may lie on the other side of zero, where the slope of a relu is another.
    near = 0.05 if cell.declared[cell.declared.parts[-1]].function == "relu" else 0.02
    multiplies = variant in VARIANTS and (not one_hot or bool(cell.products_with_state()))

    def trained(network):
        watched = watch(network, packed)
        with variants.Dispatched() as computed:
            states = run(network, xs, packed, every=one_hot, watched=watched)
            learned = gradients(network, xs, loss_of(states), retain_graph=True)
        of_states = dict(
            zip(network.declared.states, torch.autograd.grad(loss_of(states), watched), strict=True)
        )
        tensors = (leaf for leaf in tree_leaves(computed.calls) if isinstance(leaf, torch.Tensor))
        assert (torch.bfloat16 in {t.dtype for t in tensors}) == (network is rounding and multiplies)
        assert {gradient.dtype for gradient in learned} == {torch.float32}
        return [states, *learned], [of_states[letter] for letter in network.declared.carriers]

    (theirs, their_states), (ours, our_states), again = trained(exact), trained(rounding), trained(rounding)
    assert all(map(torch.equal, ours, again[0]))
    for one, other in zip(ours, theirs, strict=True):
        assert (0 < distance(one, other) < near) if multiplies else torch.equal(one, other)
    for kept in ours[: 1 + len(list(cell.parameters()))]:
        assert (kept != kept.bfloat16().float()).float().mean() > 0.5  # it has more digits
    for one, other in zip(our_states, their_states, strict=True):
        assert distance(one, other) < near
    with torch.no_grad():
        assert torch.equal(run(rounding, xs, packed), run(exact, xs, packed))
    assert all(map(torch.equal, steps(rounding, xs, packed), steps(exact, xs, packed)))
