"""One call of the sequence form: its memory, its graph and what it takes are its own, also among threads."""

import copy
import gc
import itertools
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import torch

from rnn_core.nn import kernels, sequence
from rnn_core.nn.seeds import seeded
from rnn_core.nn.sequence import Lease, run, run_on, steps, watch
from tests.nn.variants import VARIANTS, H, assert_near, gradients, loss_of, make_batch, make_cell
from tests.refusals import refusals

RAGGED = [31, 26, 19, 19, 19, 14, 9, 5, 2, 1, 1]

every_variant = pytest.mark.parametrize("variant", VARIANTS)


def make(variant="lstm", lengths=RAGGED, **settings):
    """A cell and a packed batch for it."""
    cell = make_cell(variant, **settings)
    return cell, *make_batch(cell, lengths)


def gradients_of_run(cell, xs, packed):
    return gradients(cell, xs, loss_of(run(cell, xs, packed, every=True)))


def train(cell, xs, packed, loss):
    with torch.enable_grad():
        gradients_of_run(cell, *make_batch(cell, [33, 21, 4]))


def train_a_copy_in_float32(cell, xs, packed, loss):
    train(copy.deepcopy(cell).float(), xs, packed, loss)


def go_back_in_another_order(cell, xs, packed, loss):
    other, its_packing = make_batch(cell, [33, 21, 4])
    expected = gradients_of_run(cell, other, its_packing)
    later = loss_of(run(cell, other, its_packing, every=True))
    gradients(cell, xs, loss, retain_graph=True)
    assert_near(gradients(cell, other, later), expected, 0)


def evaluate(cell, xs, packed, loss):
    for mode in (torch.no_grad, torch.inference_mode):
        for some in ((xs, packed), make_batch(cell, [50] * 20), make_batch(cell, [1])):
            states = run(cell, *some, every=True)
            with mode():
                silent, seen = run(cell, *some, every=True), steps(cell, *some)
            assert not silent.requires_grad
            assert_near([silent, seen.h], [states, states], 0)


def run_out_of_memory(cell, xs, packed, loss):
    """Lets a product fail somewhere on each way; a cell without one in its time steps has one a block."""
    product, few = kernels.Factor.product, 20 if cell.equations.mixes_units else 2
    for way in (lambda: run(cell, xs, packed), lambda: gradients(cell, xs, loss, retain_graph=True)):
        made = itertools.count()

        def failing(*args, made=made, **more):
            if next(made) == few:
                raise MemoryError
            return product(*args, **more)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(kernels.Factor, "product", failing)
            with pytest.raises(MemoryError):
                way()


@every_variant
@pytest.mark.parametrize(
    "meanwhile", [train, train_a_copy_in_float32, go_back_in_another_order, evaluate, run_out_of_memory]
)
def test_other_calls_change_nothing(variant, meanwhile):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    states = run(cell, xs, packed, every=True)
    before, loss = states.detach().clone(), loss_of(states)
    meanwhile(cell, xs, packed, loss)
    assert_near(states.detach(), before, 0)
    for last in (False, True):  # the graph can be gone through again where it is retained
        assert_near(gradients(cell, xs, loss, retain_graph=not last), expected, 0)
    assert_near(gradients_of_run(cell, xs, packed), expected, 0)


@every_variant
def test_a_batch_may_be_trained_on_on_the_way_back(variant):
    cell, xs, packed = make(variant)
    expected = gradients_of_run(cell, xs, packed)
    states, trained = run(cell, xs, packed, every=True), []
    loss = loss_of(states)
    states.register_hook(lambda _: trained.append(train(cell, xs, packed, loss)))
    assert_near(gradients(cell, xs, loss), expected, 0)
    assert trained


def two_batches(cell):
    """A batch for each thread."""
    batches = [make_batch(cell, lengths) for lengths in ([40, 33, 21, 20, 8], [36, 36, 35, 3, 1, 1])]
    return [lambda batch=batch: gradients_of_run(cell, *batch) for batch in batches]


def one_graph(cell):
    """A graph through which both threads go back."""
    xs, packed = make_batch(cell, [60, 50, 40, 30] + [20] * 8)
    loss = loss_of(run(cell, xs, packed, every=True))
    return [lambda: gradients(cell, xs, loss, retain_graph=True)] * 2


@every_variant
@pytest.mark.parametrize("shared", [two_batches, one_graph])
def test_two_threads_at_once_are_one_after_another(variant, shared):
    works = shared(make_cell(variant, size=16, hidden=48, dtype=torch.float32))
    expected, start = [work() for work in works], threading.Barrier(2)

    def work(number):
        start.wait()
        for _ in range(5):
            assert_near(works[number](), expected[number], 1e-5)

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, number) for number in range(2)]:
            done.result()


def begun(*state):
    return run_on(*make(), state)


def changed(change):
    cell, xs, packed = make()
    return run(cell, change(xs), packed)


def watch_one_of_two():
    cell, xs, packed = make()
    run(cell, xs, packed, watched=watch(cell, packed)[:1])


def states_of(number, rows=11):
    return (torch.zeros(rows, H),) * number


OTHER_BATCH, OTHER_STATE = "xs must hold the 146 tokens that are packed, got", "2 of (11, 5), got"

MISFITS = {
    "a token too few": (lambda: changed(lambda xs: xs.detach()[:-1]), OTHER_BATCH),
    "a token too many": (lambda: changed(lambda xs: torch.cat([xs, xs[:1]])), OTHER_BATCH),
    "of what is seen": (lambda: steps(make_cell("gru"), torch.zeros(4, 3), make()[2]), OTHER_BATCH),
    "one watched state of two": (watch_one_of_two, "all 2 states"),
    "one state of two": (lambda: begun(*states_of(1)), OTHER_STATE),
    "a state of other rows": (lambda: begun(*states_of(2, rows=3)), OTHER_STATE),
}
test_what_does_not_fit_is_refused = refusals(ValueError, MISFITS)


def differentiate_twice():
    cell, xs, packed = make()
    torch.autograd.grad(run(cell, xs, packed).sum(), xs, create_graph=True)


def go_back_twice():
    loss = changed(lambda xs: xs).sum()
    loss.backward()
    loss.backward()


def change_meanwhile(name):
    cell, xs, packed = make("gru-after" if name == "d" else "lstm")
    changed = {"xs": xs, **dict(cell.named_parameters())}[name]
    loss = run(cell, xs, packed).sum()
    with torch.no_grad():
        changed.mul_(2)
    loss.backward()


CHANGED = ("xs", "W", "U", "b", "d")
NOT_KEPT = {
    "a second derivative": (differentiate_twice, ("create_graph=True", "rnn_core.nn.recurrence.unroll")),
    "back twice": (go_back_twice, "backward through the graph a second time"),
    **{f"{name} changed": (partial(change_meanwhile, name), "modified by an inplace") for name in CHANGED},
}
test_what_autograd_can_not_keep_is_refused = refusals(RuntimeError, NOT_KEPT)


@pytest.fixture
def nothing_idle():
    """No other test's memory, not even by a garbage collection meanwhile, and none of ours for them."""
    gc.disable()
    sequence._idle.clear()
    yield
    sequence._idle.clear()
    gc.enable()


def test_two_leases_at_most_wait_to_be_used_again(nothing_idle):
    leases = [Lease() for _ in range(5)]
    for lease in leases:
        lease.take("kept", 3, 4, like=torch.zeros(()))
    del lease, leases
    assert len(sequence._idle) == 2


def idle():
    """The places of all memory that waits to be used again."""
    [buffers] = sequence._idle
    return {name: buffer.untyped_storage().data_ptr() for name, buffer in buffers.items()}


@every_variant
def test_a_call_gives_back_its_memory_and_no_other(nothing_idle, variant):
    cell, xs, packed = make(variant, [40, 30, 30, 25])
    states = run(cell, xs, packed, every=True)
    loss = loss_of(states)
    loss.backward()
    assert not sequence._idle  # a retained graph could be gone through again
    del states, loss
    where = idle()
    with torch.no_grad():
        returned = [run(cell, xs, packed), run(cell, xs, packed, every=True), *steps(cell, xs, packed)]
    assert {*idle().values()}.isdisjoint(t.untyped_storage().data_ptr() for t in returned)
    for lengths in ([40, 1], [25] * 4, [1, 1, 1], [40, 30, 30, 25]):  # none is larger than the first
        xs, packed = make_batch(cell, lengths)
        run(cell, xs, packed).sum().backward()
        assert idle() == where


def test_a_dropped_graph_leaves_no_garbage(nothing_idle):
    cell, xs, packed = make()
    last = run(cell, xs, packed)
    reading = weakref.ref(last.grad_fn.forwards)
    del last
    assert reading() is None


def test_first_weights_are_the_same_among_threads():
    def drawn(_):
        with seeded(0):
            return torch.cat([torch.rand(1) for _ in range(200)])

    expected, after = drawn(0), torch.get_rng_state()
    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(drawn, range(40)):
            assert torch.equal(found, expected)
    assert torch.equal(torch.get_rng_state(), after)
