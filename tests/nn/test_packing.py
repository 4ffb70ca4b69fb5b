"""Where the tokens of a batch lie, and readouts over them, against a slow loop."""

import pytest
import torch

from rnn_core.nn.packing import packing

LENGTHS = [[5, 5, 3, 2, 2, 1], [4], [1], [1, 1, 1], [3, 3]]
every_batch = pytest.mark.parametrize("lengths", LENGTHS, ids=str)


def tokens(lengths):
    """(time step, row) of each token, time step after time step."""
    return [(t, row) for t in range(lengths[0]) for row, length in enumerate(lengths) if length > t]


def by_row(values, lengths):
    """The values of each row, (length, H) each."""
    return [values[[t == row for _, t in tokens(lengths)]] for row in range(len(lengths))]


@every_batch
def test_time_step_follows_time_step_with_the_rows_that_have_not_ended(lengths):
    packed = packing(torch.tensor(lengths))
    assert list(zip(packed.times.tolist(), packed.rows.tolist(), strict=True)) == tokens(lengths)
    assert packed.lengths.tolist() == lengths


@every_batch
def test_running_counts_the_rows_that_have_not_ended(lengths):
    running = packing(torch.tensor(lengths)).running
    assert running == [sum(length > t for length in lengths) for t in range(lengths[0])]
    assert sum(running) == sum(lengths)
    assert all(type(rows) is int for rows in running)


@every_batch
def test_last_is_where_the_last_token_of_each_row_lies(lengths):
    packed = packing(torch.tensor(lengths))
    at = [tokens(lengths)[i] for i in packed.last.tolist()]
    assert at == [(length - 1, row) for row, length in enumerate(lengths)]


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)], ids=str)
@every_batch
def test_packed_values_are_those_of_their_tokens(lengths, shape):
    padded = torch.randn(len(lengths), lengths[0] + 2, *shape)  # wider than the longest row
    packed = packing(torch.tensor(lengths)).pack(padded)
    assert packed.shape == (sum(lengths), *shape)
    for value, (t, row) in zip(packed, tokens(lengths), strict=True):
        assert torch.equal(value, padded[row, t])


def test_ids_stay_whole_numbers_when_packed():
    assert packing(torch.tensor([2, 1])).pack(torch.tensor([[5, 6], [7, 0]])).tolist() == [5, 7, 6]


@pytest.mark.parametrize("readout", ["mean", "max"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@every_batch
def test_a_readout_equals_a_slow_loop_in_values_and_gradients(lengths, dtype, readout):
    torch.manual_seed(1)
    packed = packing(torch.tensor(lengths))
    values = torch.randn(sum(lengths), 4, dtype=dtype, requires_grad=True)
    slow = {"mean": lambda rows: rows.mean(dim=0), "max": lambda rows: rows.amax(dim=0)}[readout]
    expected = torch.stack([slow(rows) for rows in by_row(values, lengths)])
    ours = getattr(packed, readout)(values)
    torch.testing.assert_close(ours, expected)
    weights = torch.randn_like(ours)
    of_both = [torch.autograd.grad((read * weights).sum(), values)[0] for read in (ours, expected)]
    torch.testing.assert_close(*of_both)


def test_the_largest_of_negative_values_is_not_the_zero_of_padding():
    packed = packing(torch.tensor([3, 1]))
    assert packed.max(torch.full((4, 2), -5.0)).tolist() == [[-5.0, -5.0], [-5.0, -5.0]]


def test_readouts_of_one_time_step_are_that_time_step():
    packed = packing(torch.tensor([1, 1]))
    values = torch.randn(2, 3)
    for readout in (packed.mean, packed.max):
        assert torch.equal(readout(values), values)


@pytest.mark.parametrize("lengths", [[3, 1, 2], [1, 3], [2, 0], [3, -1], []], ids=str)
def test_lengths_that_do_not_descend_to_at_least_one_are_refused(lengths):
    with pytest.raises(ValueError, match="length"):
        packing(torch.tensor(lengths, dtype=torch.int64))
