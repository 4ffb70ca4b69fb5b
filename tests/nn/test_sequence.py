"""The sequence form against the loops, torch's modules and finite differences, and what belongs to a call.

"Near" is always a part of the largest element of what is compared.
"""

import copy
import threading

import pytest
import torch

from rnn_core.bench.reference import torch_module
from rnn_core.nn import kernels
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import unroll
from rnn_core.nn.sequence import BLOCK, run, steps, watch
from tests.nn.variants import (
    IN_TORCH,
    VARIANTS,
    H,
    V,
    assert_near,
    gradients,
    in_our_layout,
    looped,
    loss_of,
    make_batch,
    make_cell,
    saying,
    some_state,
    weights_like,
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
NEAR = {torch.float32: (1e-5, 1e-4), torch.float64: (1e-13, 1e-12)}  # values, gradients

every_variant = pytest.mark.parametrize("variant", VARIANTS)
both_inputs = pytest.mark.parametrize("one_hot", [False, True], ids=["embedding", "one-hot"])


def make(variant, lengths=RAGGED, **settings):
    """A cell and a packed batch for it."""
    size = {"size": V} if settings.get("one_hot") else {}
    cell = make_cell(variant, **{**size, **settings})
    return cell, *make_batch(cell, lengths)


def gradients_of_run(cell, xs, packed, every=True):
    return gradients(cell, xs, loss_of(run(cell, xs, packed, every=every)))


# The same numbers as the other forms


@both_inputs
@every_variant
def test_values_and_gradients_equal_those_of_both_loops(variant, one_hot):
    for name, lengths in LENGTHS.items():
        for dtype, every, naive in (
            (torch.float64, True, True),
            (torch.float64, True, False),
            (torch.float32, False, False),
        ):
            cell, xs, packed = make(variant, lengths, one_hot=one_hot, dtype=dtype)
            near_values, near_gradients = NEAR[dtype]
            ours = run(cell, xs, packed, every=every)
            our_gradients = gradients(cell, xs, loss_of(ours), allow_unused=False)
            theirs = looped(cell, xs, packed, every=every, naive=naive)
            with saying(name, dtype, naive):
                assert_near(ours, theirs, near_values)
                assert_near(our_gradients, gradients(cell, xs, loss_of(theirs)), near_gradients)


@pytest.mark.parametrize("dtype", NEAR, ids=str)
@pytest.mark.parametrize("variant", IN_TORCH)
def test_values_and_gradients_equal_those_of_torch(variant, dtype):
    near_values, near_gradients = NEAR[dtype]
    for B, T in [(4, 2 * BLOCK + 5), (1, 7), (3, 1), (1, 1)]:
        cell, xs, packed = make(variant, [T] * B, dtype=dtype)
        module = torch_module(cell)
        ours = run(cell, xs, packed, every=True)
        theirs = module(xs.view(T, B, -1))[0].flatten(0, 1)  # no row ends early: packed is (T * B, ...)
        weights = weights_like(theirs)
        *their_weights, their_x = torch.autograd.grad((theirs * weights).sum(), [*module.parameters(), xs])
        with saying(B, T):
            assert_near(ours, theirs, near_values)
            assert_near(
                gradients(cell, xs, (ours * weights).sum()),
                [*in_our_layout(cell, *their_weights), their_x],
                near_gradients,
            )


@pytest.mark.parametrize("onednn", [True, False], ids=["oneDNN", "torch.mm"])
@both_inputs
@every_variant
def test_products_of_training_size_give_the_same_numbers_by_every_library(
    monkeypatch, variant, one_hot, onednn
):
    if onednn and not kernels.has_onednn():
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setattr(kernels, "prefers_onednn", lambda: onednn)
    size = 200 if one_hot else 32
    cell, xs, packed = make(
        variant, [20] * 60 + [9, 9, 3, 1], one_hot=one_hot, size=size, hidden=128, dtype=torch.float32
    )
    ours, theirs = run(cell, xs, packed, every=True), looped(cell, xs, packed, every=True)
    assert_near(ours, theirs, 1e-5)
    assert_near(gradients(cell, xs, loss_of(ours)), gradients(cell, xs, loss_of(theirs)), 1e-4)


@pytest.mark.parametrize(
    ("one_hot", "quick_tanh"), [(False, True), (True, False)], ids=["embedding", "one-hot"]
)
@every_variant
def test_gradients_equal_finite_differences(monkeypatch, variant, one_hot, quick_tanh):
    monkeypatch.setattr(kernels, "_MANY", 0 if quick_tanh else 2**30)
    cell, xs, packed = make(variant, [BLOCK + 1, 3, 1], one_hot=one_hot, hidden=2)
    if one_hot:
        xs = xs.clamp(min=1)  # nudging the row of padding would be seen, and it is to have no gradient
    inputs = [t for t in (xs, *cell.parameters()) if t.requires_grad]
    assert torch.autograd.gradcheck(lambda *_: run(cell, xs, packed, every=True), inputs)


@both_inputs
@every_variant
def test_steps_equal_those_of_the_naive_loop_field_by_field(variant, one_hot):
    cell, xs, packed = make(variant, one_hot=one_hot)
    ours = steps(cell, xs, packed)
    theirs = [torch.cat(field) for field in zip(*unroll(cell, xs, packed, naive=True), strict=True)]
    assert ours._fields == next(unroll(cell, xs, packed))._fields
    assert not ours.h.requires_grad
    assert_near(ours, theirs, 1e-13)


# The gradient of every state


def looped_with_nudges(cell, xs, packed, nudges, *, every):
    """The naive loop, in which something is added to every state once it is made."""
    state, states = cell.initial_state(packed.running[0]), []
    for x, *nudge in zip(*(t.split(packed.running) for t in (xs, *nudges)), strict=True):
        to_state = dict(zip(cell.declared.states, nudge, strict=True))
        step = cell.naive(
            x,
            tuple(part[: len(x)] for part in state),
            lambda letter, values, to_state=to_state: values + to_state.get(letter, 0),
        )
        state = step[: cell.state_size]
        states.append(step.h)
    states = torch.cat(states)
    return states if every else states[packed.last]


@both_inputs
@every_variant
def test_watched_gradients_are_those_of_nudging_each_state(variant, one_hot):
    cell, xs, packed = make(variant, one_hot=one_hot)
    watched = watch(cell, packed)
    assert len(watched) == cell.state_size
    nudges = [torch.zeros_like(w, requires_grad=True) for w in watched]
    for every in (False, True):
        ours = run(cell, xs, packed, every=every, watched=watched)
        theirs = looped_with_nudges(cell, xs, packed, nudges, every=every)
        with saying("every" if every else "last"):
            assert_near(ours, theirs, 1e-13)
            assert_near(
                torch.cat(torch.autograd.grad(loss_of(ours), watched)),
                torch.cat(torch.autograd.grad(loss_of(theirs), nudges)),
                1e-12,
            )


@every_variant
def test_watching_changes_no_other_gradient_and_needs_none(variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    watched = watch(cell, packed)
    loss = loss_of(run(cell, xs, packed, every=True, watched=watched))
    seen = torch.autograd.grad(loss, watched, retain_graph=True)
    assert_near(gradients(cell, xs, loss), expected, 0)

    for weights in cell.parameters():
        weights.requires_grad_(False)
    loss = loss_of(run(cell, xs.detach(), packed, every=True, watched=watched))
    assert_near(torch.autograd.grad(loss, watched), seen, 0)


# A state that is given, and the one that is returned


def looped_from(cell, xs, packed, state):
    """h after every time step, packed, and the state that each row ends with, a row and a step at a time."""
    hs, ends = torch.zeros(len(xs), cell.hidden_size, dtype=cell.b.dtype), []
    for row in range(len(packed.lengths)):
        now = tuple(part[row : row + 1] for part in state)
        for place in (packed.rows == row).nonzero():
            step = cell.naive(xs[place], now)
            now, hs = step[: cell.state_size], hs.index_put((place,), step.h)
        ends.append(now)
    return hs, tuple(map(torch.cat, zip(*ends, strict=True)))


@pytest.fixture(params=["by hand", "autograd"])
def way(request):
    """A function that lets a cell go by its own pass, or by autograd as a cell does that has none."""

    def set_way(cell):
        if request.param == "autograd":
            cell.one_pass = None
        return cell

    return set_way


@both_inputs
@every_variant
def test_a_given_state_is_read_on_from_and_that_of_each_rows_end_is_returned(variant, one_hot, way):
    for lengths in ([BLOCK + 3, BLOCK, 5, 1], [4, 4], [1]):
        cell, xs, packed = make(variant, lengths, one_hot=one_hot)
        state = some_state(way(cell), len(lengths))
        hs, ends = looped_from(cell, xs, packed, state)
        for every, expected in ((True, hs), (False, ends[0])):
            ours, our_ends = run(cell, xs, packed, every=every, state=state)
            with torch.no_grad():
                silent, silent_ends = run(cell, xs, packed, every=every, state=state)
            with saying(lengths, every):
                assert_near([ours, *our_ends], [expected, *ends], 1e-13)
                assert_near([silent, *silent_ends], [ours, *our_ends], 0)
                of_both = [
                    torch.autograd.grad(
                        loss_of(h) + sum(map(loss_of, last)),
                        [*state, *cell.parameters()],
                        retain_graph=True,
                        materialize_grads=True,
                    )
                    for h, last in ((ours, our_ends), (expected, ends))
                ]
                assert_near(*of_both, 1e-12)


@every_variant
def test_gradients_of_and_by_a_state_are_finite_differences(variant, way):
    cell, xs, packed = make(variant, [BLOCK + 1, 3, 1], hidden=2)
    state = some_state(way(cell), 3)

    def outputs(*_):
        hs, ends = run(cell, xs, packed, every=True, state=state)
        return hs, *ends

    # In drawn directions: each element is compared with the loops', above, and of runs without a state here.
    torch.manual_seed(1)
    assert torch.autograd.gradcheck(outputs, [*state, xs, *cell.parameters()], fast_mode=True)


@every_variant
def test_window_after_window_is_the_whole_text(variant, way):
    cell, xs, whole = make(variant, [12] * 3)
    way(cell)
    state, parts, window = cell.initial_state(3), [], packing(torch.tensor([4] * 3))
    for some in xs.split(4 * 3):
        hs, state = run(cell, some, window, every=True, state=state)
        parts.append(hs)
    ours, theirs = torch.cat(parts), run(cell, xs, whole, every=True)
    assert_near(ours, theirs, 1e-14)
    assert_near(gradients(cell, xs, loss_of(ours)), gradients(cell, xs, loss_of(theirs)), 1e-12)


@every_variant
def test_watched_gradients_are_the_same_with_zeros_given(variant, way):
    cell, xs, packed = make(variant)
    watched = watch(way(cell), packed)
    without = run(cell, xs, packed, every=True, watched=watched)
    zeros = cell.initial_state(len(RAGGED))
    given, _ = run(cell, xs, packed, every=True, watched=watched, state=zeros)
    of_both = [torch.autograd.grad(loss_of(hs), [*watched, *cell.parameters()]) for hs in (given, without)]
    assert_near(*of_both, 0)


@pytest.mark.parametrize(("number", "rows"), [(1, len(RAGGED)), (2, 3), (3, len(RAGGED))])
def test_a_state_of_another_shape_is_refused(number, rows):
    cell, xs, packed = make("lstm")
    with pytest.raises(ValueError, match=r"the state must be 2 of \(11, 5\), got"):
        run(cell, xs, packed, state=(torch.zeros(rows, H),) * number)


# Whatever comes in, and whatever is asked for


def transposed(xs):
    return xs.detach().t().contiguous().t()


def every_other(xs):
    return xs.detach().repeat_interleave(2, dim=0)[::2]


def expanded(xs):
    return xs.detach()[:1].expand_as(xs)


@every_variant
def test_xs_with_gaps_give_the_same_as_without(variant):
    cell, xs, packed = make(variant)
    for manner in (transposed, every_other, expanded):
        gaps = manner(xs).requires_grad_()
        assert not gaps.is_contiguous()
        dense = gaps.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
        with saying(manner.__name__):
            assert_near(run(cell, gaps, packed, every=True), run(cell, dense, packed, every=True), 1e-14)
            assert_near(gradients_of_run(cell, gaps, packed), gradients_of_run(cell, dense, packed), 1e-13)


@every_variant
def test_ids_with_gaps_give_the_same_as_without(variant):
    cell, ids, packed = make(variant, one_hot=True)
    gaps = ids.repeat_interleave(2)[::2]
    assert not gaps.is_contiguous()
    assert_near(gradients_of_run(cell, gaps, packed), gradients_of_run(cell, ids, packed), 0)


@every_variant
def test_upstream_gradients_with_gaps_give_the_same_as_without(variant):
    cell, xs, packed = make(variant)
    for every in (False, True):
        n = len(xs) if every else len(RAGGED)
        for gaps in (
            torch.ones((), dtype=xs.dtype).expand(n, H),
            torch.randn(H, n, dtype=xs.dtype).t(),
            torch.randn(n, 2 * H, dtype=xs.dtype)[:, ::2],
        ):
            ours, theirs = (
                torch.autograd.grad(run(cell, xs, packed, every=every), [xs, *cell.parameters()], upstream)
                for upstream in (gaps, gaps.clone(memory_format=torch.contiguous_format))
            )
            assert_near(ours, theirs, 0)


@every_variant
def test_what_stands_beyond_the_end_of_a_row_changes_nothing(variant):
    cell, _, packed = make(variant)
    padded = torch.randn(len(RAGGED), max(RAGGED), cell.input_size, dtype=torch.float64)
    spoilt = padded.clone()
    for row, length in enumerate(RAGGED):
        spoilt[row, length:] = torch.nan
    padded, spoilt = padded.requires_grad_(), spoilt.requires_grad_()
    ours, theirs = (run(cell, packed.pack(values), packed, every=True) for values in (spoilt, padded))
    assert_near(ours, theirs, 0)
    assert_near(gradients(cell, spoilt, loss_of(ours)), gradients(cell, padded, loss_of(theirs)), 0)


@every_variant
def test_no_row_is_computed_past_its_end(variant):
    multiplied = []

    class Counting(kernels.Factor):
        def product(self, x, **more):
            multiplied.append(len(x))
            return super().product(x, **more)

    cell, xs, packed = make(variant)

    class Alone(cell.one_pass):
        def add_to(self, gradients, before, kept, scratch):
            """Without the products over many time steps."""
            return cell.b.new_zeros(len(before[0]), len(cell.b))

    cell.one_pass = lambda weights, hidden, _: Alone(weights, hidden, Counting)
    expected = [rows for rows in packed.running for _ in cell.products_with_state()]
    assert bool(expected) == cell.mixes_units
    with torch.no_grad():
        run(cell, xs, packed)
    assert multiplied == expected

    multiplied.clear()
    last = run(cell, xs, packed)
    assert multiplied == expected
    multiplied.clear()
    last.sum().backward()
    assert multiplied == expected[::-1]


@every_variant
def test_a_gradient_can_be_asked_of_one_input_alone(variant):
    for wanted in ("xs", *dict(make_cell(variant).named_parameters())):
        cell, xs, packed = make(variant)
        inputs = {"xs": xs, **dict(cell.named_parameters())}
        expected = torch.autograd.grad(loss_of(looped(cell, xs, packed, every=True)), inputs[wanted])

        loss = loss_of(run(cell, xs, packed, every=True))
        assert_near(torch.autograd.grad(loss, inputs[wanted]), expected, 1e-12)

        for name, t in inputs.items():
            t.requires_grad_(name == wanted)
        loss_of(run(cell, xs, packed, every=True)).backward()
        assert [name for name, t in inputs.items() if t.grad is not None] == [wanted]
        assert_near(inputs[wanted].grad, expected[0], 1e-12)


@every_variant
def test_padding_never_trains_with_one_hot_input(variant):
    cell, ids, packed = make(variant, one_hot=True)
    assert (ids == 0).any()
    dW, *_ = gradients_of_run(cell, ids, packed)
    assert torch.equal(dW[0], torch.zeros_like(dW[0]))
    assert (dW[ids[ids > 0]] != 0).any(dim=1).all()


@both_inputs
@every_variant
def test_without_gradients_the_values_are_the_same_and_training_goes_on_after(variant, one_hot):
    cell, xs, packed = make(variant, one_hot=one_hot)
    expected = gradients_of_run(cell, xs, packed)
    states = run(cell, xs, packed, every=True)
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            silent = run(cell, xs, packed, every=True)
            of_steps = steps(cell, xs, packed).h
        assert not silent.requires_grad
        assert_near(silent, states, 0)
        assert_near(of_steps, states, 0)
    del states, silent
    assert_near(gradients_of_run(cell, xs, packed), expected, 0)


def test_weights_that_want_no_gradient_leave_no_graph():
    cell, xs, packed = make("lstm")
    for weights in cell.parameters():
        weights.requires_grad_(False)
    assert run(cell, xs.detach(), packed).grad_fn is None


@both_inputs
@every_variant
def test_xs_of_another_batch_are_refused(variant, one_hot):
    cell, xs, packed = make(variant, one_hot=one_hot)
    for others in (xs[:-8], xs[:-1], torch.cat([xs, xs[:1]]), torch.cat([xs, xs[:5]])):
        for mode in (torch.enable_grad, torch.no_grad):
            with mode(), pytest.raises(ValueError, match="tokens that are packed"):
                run(cell, others, packed)


def test_watching_some_of_the_states_is_refused():
    cell, xs, packed = make("lstm")
    with pytest.raises(ValueError, match="all 2 states"):
        run(cell, xs, packed, watched=watch(cell, packed)[:1])


@every_variant
def test_a_cell_of_a_kind_of_its_own_is_run_as_what_it_is(variant):
    cell, xs, packed = make(variant)
    expected = run(cell, xs, packed)
    cell.__class__ = type("OwnCell", (type(cell),), {})
    assert_near(run(cell, xs, packed), expected, 0)


# What autograd promises


def test_a_second_derivative_is_refused_in_words():
    cell, xs, packed = make("gru")
    last = run(cell, xs, packed)
    with pytest.raises(RuntimeError, match=r"create_graph=True.*rnn_core\.nn\.recurrence\.unroll"):
        torch.autograd.grad(last.sum(), xs, create_graph=True)


def test_going_back_twice_is_refused_unless_the_graph_is_retained():
    cell, xs, packed = make("gru")
    loss = run(cell, xs, packed).sum()
    loss.backward()
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        loss.backward()


@every_variant
def test_going_back_twice_gives_the_same_twice(variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    loss = loss_of(run(cell, xs, packed, every=True))
    once = gradients(cell, xs, loss, retain_graph=True)
    gradients_of_run(*make(variant, [40, 3]))  # another call between
    twice = gradients(cell, xs, loss)
    assert_near(once, expected, 0)
    assert_near(twice, expected, 0)


@pytest.mark.parametrize("name", ["xs", "W", "U", "b", "d"])
def test_inputs_changed_between_the_two_ways_are_refused(name):
    cell, xs, packed = make("gru-after")
    changed = {"xs": xs, **dict(cell.named_parameters())}[name]
    loss = run(cell, xs, packed).sum()
    with torch.no_grad():
        changed.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


# What belongs to a call


@every_variant
def test_two_ways_forwards_then_two_backwards_equal_each_alone(variant):
    cell, xs, packed = make(variant)
    batches = [(xs, packed), make_batch(cell, [33, 21, 4])]
    alone = [gradients_of_run(cell, *batch) for batch in batches]
    for order in ((0, 1), (1, 0)):
        losses = [loss_of(run(cell, *batch, every=True)) for batch in batches]
        for number in order:
            assert_near(gradients(cell, batches[number][0], losses[number]), alone[number], 0)


@every_variant
def test_an_evaluation_between_the_two_ways_changes_nothing(variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    for mode in (torch.no_grad, torch.inference_mode):
        states = run(cell, xs, packed, every=True)
        before = states.detach().clone()
        with mode():
            for lengths in (RAGGED, [50] * 20, [1]):
                batch = make_batch(cell, lengths)
                run(cell, *batch, every=True)
                steps(cell, *batch)
        assert_near(states.detach(), before, 0)
        assert_near(gradients(cell, xs, loss_of(states)), expected, 0)


def failing_in(cell):
    """Somewhere on the way: a cell without a product in its time steps has one a block."""
    return failing_after(20 if cell.mixes_units else 2)


def failing_after(calls):
    """A product that runs out of memory after so many calls."""
    made, product = [], kernels.Factor.product

    def failing(*args, **more):
        made.append(1)
        if len(made) > calls:
            raise MemoryError
        return product(*args, **more)

    return failing


@every_variant
def test_a_way_forwards_that_failed_leaves_nothing_behind(monkeypatch, variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    with monkeypatch.context() as patched:
        patched.setattr(kernels.Factor, "product", failing_in(cell))
        with pytest.raises(MemoryError):
            run(cell, xs, packed)
    assert_near(gradients_of_run(cell, xs, packed), expected, 0)


@every_variant
def test_a_way_backwards_that_failed_can_be_gone_again(monkeypatch, variant):
    cell, xs, packed = make(variant)
    loss = loss_of(run(cell, xs, packed, every=True))
    expected = gradients(cell, xs, loss, retain_graph=True)
    with monkeypatch.context() as patched:
        patched.setattr(kernels.Factor, "product", failing_in(cell))
        with pytest.raises(MemoryError):
            gradients(cell, xs, loss, retain_graph=True)
    assert_near(gradients(cell, xs, loss), expected, 0)


@every_variant
def test_another_batch_may_be_trained_on_in_the_middle_of_the_way_back(variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    states, trained = run(cell, xs, packed, every=True), []

    def train(_gradient):
        with torch.enable_grad():
            trained.append(gradients_of_run(cell, *make_batch(cell, [40] * 9)))

    states.register_hook(train)
    assert_near(gradients(cell, xs, loss_of(states)), expected, 0)
    assert trained


@every_variant
def test_two_threads_at_once_equal_one_after_the_other(variant):
    cell = make_cell(variant, size=16, hidden=48, dtype=torch.float32)
    batches = [make_batch(cell, lengths) for lengths in ([40, 33, 21, 20, 8], [36, 36, 35, 3, 1, 1])]
    expected = [gradients_of_run(cell, *batch) for batch in batches]
    start, wrong = threading.Barrier(len(batches)), []

    def work(number):
        start.wait()
        for _ in range(5):
            try:
                assert_near(gradients_of_run(cell, *batches[number]), expected[number], 1e-6)
            except Exception as error:  # said by the test, not by the thread
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@every_variant
def test_two_threads_may_go_back_through_one_graph_at_once(variant):
    cell, xs, packed = make(variant, [60, 50, 40, 30] + [20] * 8, size=16, hidden=64, dtype=torch.float32)
    loss = loss_of(run(cell, xs, packed, every=True))
    expected = gradients(cell, xs, loss, retain_graph=True)
    start, wrong = threading.Barrier(2), []

    def work():
        start.wait()
        for _ in range(8):
            try:
                assert_near(gradients(cell, xs, loss, retain_graph=True), expected, 1e-5)
            except Exception as error:  # said by the test, not by the thread
                wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_copied_cell_computes_with_its_own_weights():
    cell, xs, packed = make("gru-after")
    run(cell, xs, packed)
    copied = copy.deepcopy(cell)
    with torch.no_grad():
        for weights in copied.parameters():
            weights.mul_(0.5)
    assert_near(run(copied, xs, packed), looped(copied, xs, packed), 1e-13)
    assert_near(run(cell, xs, packed), looped(cell, xs, packed), 1e-13)


def test_a_cell_may_change_its_dtype_between_calls():
    cell, xs, packed = make("lstm")
    for dtype in (torch.float32, torch.float64, torch.float32):
        cell, cast = cell.to(dtype), xs.detach().to(dtype).requires_grad_()
        ours, theirs = run(cell, cast, packed, every=True), looped(cell, cast, packed, every=True)
        assert_near(ours, theirs, NEAR[dtype][0])
        assert_near(
            gradients(cell, cast, loss_of(ours)), gradients(cell, cast, loss_of(theirs)), NEAR[dtype][1]
        )
