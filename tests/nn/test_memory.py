"""Memory belongs to one call as long as it lives, and then to the next."""

import gc
import weakref

import pytest
import torch

from rnn_core.nn import sequence
from rnn_core.nn.sequence import Lease, run, steps
from tests.nn.variants import VARIANTS, loss_of, make_batch, make_cell

FLOAT = torch.zeros(())


@pytest.fixture(autouse=True)
def nothing_idle():
    """No other test's memory, and none of ours for them."""
    sequence._idle.clear()
    yield
    sequence._idle.clear()


def test_what_a_lease_took_is_not_given_to_another_while_it_lives():
    one, two = Lease(), Lease()
    ours, theirs = (lease.take("kept", 3, 4, like=FLOAT) for lease in (one, two))
    ours.fill_(1)
    theirs.fill_(2)
    assert (ours == 1).all()


def test_two_names_are_two_pieces_of_memory():
    lease = Lease()
    ours, theirs = lease.take("kept", 3, 4, like=FLOAT), lease.take("scratch", 3, 4, like=FLOAT)
    assert ours.data_ptr() != theirs.data_ptr()


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 5), (1, 1)], ids=str)
def test_memory_is_used_again_after_its_lease_has_ended(shape):
    lease = Lease()
    where = lease.take("kept", 3, 4, like=FLOAT).data_ptr()
    del lease
    again = Lease().take("kept", *shape, like=FLOAT)
    assert again.data_ptr() == where
    assert again.shape == shape
    assert again.is_contiguous()


def test_more_than_there_is_makes_new_memory():
    lease = Lease()
    lease.take("kept", 3, 4, like=FLOAT)
    more = lease.take("kept", 30, 40, like=FLOAT).fill_(7)
    assert more.shape == (30, 40)
    assert lease.take("kept", 30, 40, like=FLOAT).data_ptr() == more.data_ptr()


def test_each_dtype_has_memory_of_its_own():
    lease = Lease()
    single = lease.take("kept", 3, 4, like=FLOAT).fill_(1)
    double = lease.take("kept", 3, 4, like=FLOAT.double()).fill_(2)
    assert (single.dtype, double.dtype) == (torch.float32, torch.float64)
    assert (single == 1).all()


def test_memory_made_in_inference_mode_can_be_trained_with():
    with torch.inference_mode():
        lease = Lease()
        made = lease.take("kept", 3, 4, like=FLOAT)
        where = made.data_ptr()
        assert not made.is_inference()
        del lease, made
    again = Lease().take("kept", 3, 4, like=FLOAT)
    assert again.data_ptr() == where
    (again.fill_(2) * torch.ones(3, 4, requires_grad=True)).sum().backward()


def test_no_more_than_two_leases_wait_to_be_used_again():
    leases = [Lease() for _ in range(5)]
    for lease in leases:
        lease.take("kept", 3, 4, like=FLOAT)
    del lease, leases
    assert len(sequence._idle) == 2


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_call_gives_its_memory_back_with_the_last_of_its_results(variant):
    cell = make_cell(variant)
    xs, packed = make_batch(cell, [30, 20, 4])
    states = run(cell, xs, packed, every=True)
    loss = loss_of(states)
    assert len(sequence._idle) == 0
    loss.backward()
    assert len(sequence._idle) == 0  # a retained graph could be gone through again
    del states, loss
    assert len(sequence._idle) == 1

    for evaluation in (run, steps):
        with torch.no_grad():
            evaluation(cell, xs, packed)
        assert len(sequence._idle) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_call_returned_keeps_no_memory_from_the_next(variant):
    cell = make_cell(variant)
    xs, packed = make_batch(cell, [30, 20, 4])
    with torch.no_grad():
        returned = [run(cell, xs, packed), run(cell, xs, packed, every=True), *steps(cell, xs, packed)]
    used = {buffer.untyped_storage().data_ptr() for buffer in sequence._idle[0].values()}
    assert used.isdisjoint(t.untyped_storage().data_ptr() for t in returned)


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_makes_no_new_memory_once_the_longest_batch_was_there(variant):
    cell = make_cell(variant)

    def train(lengths):
        xs, packed = make_batch(cell, lengths)
        run(cell, xs, packed).sum().backward()
        return {name: buffer.data_ptr() for name, buffer in sequence._idle[0].items()}

    where = train([40, 30, 30, 25])
    for lengths in ([40, 1], [25] * 4, [1, 1, 1], [40, 30, 30, 25]):
        assert train(lengths) == where
    assert len(sequence._idle) == 1


def test_a_graph_that_is_dropped_leaves_nothing_for_the_garbage_collector():
    cell = make_cell("lstm")
    xs, packed = make_batch(cell, [30, 20, 4])
    gc.disable()
    try:
        last = run(cell, xs, packed)
        reading = weakref.ref(last.grad_fn.forwards)
        del last
        assert reading() is None
    finally:
        gc.enable()
