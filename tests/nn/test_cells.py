"""Every cell against torch's own module, against its other form, and against a pencil."""

import math

import pytest
import torch
from torch import nn

from rnn_core.bench.reference import torch_module
from rnn_core.nn.cells import ElmanCell
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import run
from rnn_core.symbols import CELLS
from tests.nn.variants import (
    IN_TORCH,
    VARIANTS,
    E,
    H,
    gradients,
    in_our_layout,
    looped,
    make_batch,
    make_cell,
    some_state,
)

B, T = 4, 6


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("variant", IN_TORCH)
def test_values_and_gradients_equal_those_of_torch(variant, dtype):
    cell = make_cell(variant, dtype=dtype)
    module = torch_module(cell)
    xs, packed = make_batch(cell, [T] * B)
    ours = looped(cell, xs, packed, every=True)
    theirs = module(xs.view(T, B, E))[0].flatten(0, 1)  # no row ends early: packed is (T * B, ...)
    torch.testing.assert_close(ours, theirs)

    weight = torch.randn_like(theirs)
    *their_weights, their_x = torch.autograd.grad((theirs * weight).sum(), [*module.parameters(), xs])
    our_gradients = gradients(cell, xs, (ours * weight).sum())
    for a, b in zip(our_gradients, [*in_our_layout(cell, *their_weights), their_x], strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_equal_finite_differences(variant):
    cell = make_cell(variant)
    xs, packed = make_batch(cell, [3, 2])
    assert torch.autograd.gradcheck(lambda *_: looped(cell, xs, packed), (xs, *cell.parameters()))


@pytest.mark.parametrize("one_hot", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_naive_and_fused_form_agree_in_values_and_gradients(variant, one_hot):
    cell = make_cell(variant, one_hot=one_hot, size=11 if one_hot else E)
    xs, packed = make_batch(cell, [6, 4, 4, 1])
    naive = list(unroll(cell, xs, packed, naive=True))
    fused = list(unroll(cell, xs, packed))
    for a, b in zip(naive, fused, strict=True):
        for name in a._fields:
            torch.testing.assert_close(getattr(a, name), getattr(b, name))
    of_both = [gradients(cell, xs, sum((s.h**2).sum() for s in steps)) for steps in (naive, fused)]
    for a, b in zip(*of_both, strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_loop_steps_only_the_rows_that_have_not_ended(variant):
    cell = make_cell(variant)
    xs, packed = make_batch(cell, [4, 2, 2, 1])
    for naive in (False, True):
        steps = list(unroll(cell, xs, packed, naive=naive))
        assert [len(step.h) for step in steps] == [4, 3, 1, 1]
        alone, one = xs[packed.rows == 1], make_batch(cell, [2])[1]
        for step, expected in zip(steps, unroll(cell, alone, one), strict=False):
            for ours, theirs in zip(step, expected, strict=True):
                torch.testing.assert_close(ours[1:2], theirs)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_hot_input_equals_the_product_with_the_one_hot_matrix(variant):
    cell = make_cell(variant, one_hot=True, size=7)
    ids = torch.tensor([3, 6, 1, 0])
    matrix = nn.functional.one_hot(ids, 7).to(torch.float64)
    matrix[:, 0] = 0  # padding is a zero vector
    torch.testing.assert_close(cell.project(ids), matrix @ cell.W + cell.b)


def test_padding_never_trains_with_one_hot_input():
    cell = make_cell("gru", one_hot=True, size=7)
    assert torch.equal(cell.W[0], torch.zeros(3 * H))
    cell(torch.tensor([0, 3]), cell.initial_state(2)).h.sum().backward()
    assert torch.equal(cell.W.grad[0], torch.zeros(3 * H))
    assert cell.W.grad[3].abs().sum() > 0


def set_gate(cell, gate, value):
    """Force a gate to 0 or 1 by its bias."""
    block = cell.b.data.chunk(len(cell.blocks))[cell.blocks.index(gate)]
    block.fill_(1e3 if value else -1e3)


@pytest.mark.parametrize("reset", ["before", "after"])
def test_update_gate_of_zero_keeps_the_state(reset):
    cell = make_cell("gru-after" if reset == "after" else "gru")
    set_gate(cell, "z", 0)
    h = torch.randn(B, H, dtype=torch.float64)
    torch.testing.assert_close(cell(torch.randn(B, E, dtype=torch.float64), (h,)).h, h)


@pytest.mark.parametrize("reset", ["before", "after"])
def test_update_gate_of_one_takes_the_candidate(reset):
    cell = make_cell("gru-after" if reset == "after" else "gru")
    set_gate(cell, "z", 1)
    step = cell(torch.randn(B, E, dtype=torch.float64), (torch.randn(B, H, dtype=torch.float64),))
    torch.testing.assert_close(step.h, step.n)


def test_reset_gate_of_zero_hides_the_state_from_the_candidate():
    cell = make_cell("gru")
    set_gate(cell, "r", 0)
    x = torch.randn(B, E, dtype=torch.float64)
    step = cell(x, (torch.randn(B, H, dtype=torch.float64),))
    torch.testing.assert_close(step.n, torch.tanh(cell.project(x)[:, 2 * H :]))


def test_forget_gate_of_one_and_input_gate_of_zero_keep_the_cell_state():
    cell = make_cell("lstm")
    set_gate(cell, "f", 1)
    set_gate(cell, "i", 0)
    h, c = torch.randn(2, B, H, dtype=torch.float64)
    torch.testing.assert_close(cell(torch.randn(B, E, dtype=torch.float64), (h, c)).c, c)


def test_output_gate_of_zero_shows_nothing():
    cell = make_cell("lstm")
    set_gate(cell, "o", 0)
    h, c = torch.randn(2, B, H, dtype=torch.float64)
    step = cell(torch.randn(B, E, dtype=torch.float64), (h, c))
    assert step.h.abs().max() < 1e-12
    assert step.c.abs().max() > 0.01


def test_an_elman_step_by_hand():
    cell = ElmanCell(1, 1)
    cell.W.data.fill_(2.0)
    cell.U.data.fill_(-1.0)
    cell.b.data.fill_(0.5)
    step = cell(torch.tensor([[0.25]]), (torch.tensor([[0.5]]),))
    torch.testing.assert_close(step.h, torch.tanh(torch.tensor([[0.5]])))  # 2 * 0.25 - 0.5 + 0.5


@pytest.mark.parametrize("variant", VARIANTS)
def test_initialisation_does_what_its_name_says(variant):
    for manner in ("orthogonal", "xavier", "uniform"):
        cell = make_cell(variant, dtype=torch.float32)
        cell.initialise(manner, forget_bias=2.5)
        for U in cell.U.detach().chunk(len(cell.blocks), dim=1) if cell.mixes_units else ():
            if manner == "orthogonal":
                torch.testing.assert_close(U @ U.T, torch.eye(H))
            else:
                bound = (6 / (2 * H)) ** 0.5 if manner == "xavier" else H**-0.5
                assert 0.5 * bound < U.abs().max() <= bound, manner
        remembers = {"f": 2.5, "i": -2.5, "z": -2.5}  # what keeps, and what writes
        for gate, b in zip(cell.blocks, cell.split(cell.b), strict=True):
            if gate in remembers and cell.declared.remembers_by_bias:
                assert (b == remembers[gate]).all(), manner


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_held_is_what_the_rest_of_the_time_step_goes_on_with(variant):
    cell = make_cell(variant)
    xs, _ = make_batch(cell, [1, 1])
    state = some_state(cell, 2)
    free = cell.naive(xs, state)
    for letter in free._fields:
        held = cell.naive(
            xs, state, lambda name, values, held=letter: values * 0.5 if name == held else values
        )
        torch.testing.assert_close(getattr(held, letter), getattr(free, letter) * 0.5)
        assert letter == "h" or not torch.equal(held.h, free.h), letter


def test_an_update_gate_held_shut_keeps_the_state_to_the_bit():
    cell = make_cell("gru")
    xs, _ = make_batch(cell, [1, 1])
    (h,) = state = tuple(torch.randn_like(part) for part in cell.initial_state(2))
    held = cell.naive(xs, state, lambda letter, values: values * 0 if letter == "z" else values)
    assert torch.equal(held.h, h)


def test_a_ugrnn_is_a_gru_whose_reset_gate_is_held_open():
    ugrnn, gru = make_cell("ugrnn"), make_cell("gru")
    with torch.no_grad():
        for ours, theirs in ((ugrnn.W, gru.W), (ugrnn.U, gru.U), (ugrnn.b, gru.b)):
            ours.copy_(theirs[..., H:])  # z and n of r, z and n
    xs, packed = make_batch(gru, [6, 4, 1])
    state = gru.initial_state(3)
    for x, step in zip(xs.split(packed.running), unroll(ugrnn, xs, packed), strict=True):
        held = gru.naive(
            x,
            (state[0][: len(x)],),
            lambda letter, values: torch.ones_like(values) if letter == "r" else values,
        )
        for ours, theirs in ((step.h, held.h), (step.z, held.z), (step.n, held.n)):
            torch.testing.assert_close(ours, theirs)
        state = (held.h,)


@pytest.mark.parametrize("variant", ["ugrnn", "mingru"])
def test_a_shut_update_gate_of_a_smaller_cell_keeps_the_state_to_the_bit(variant):
    cell = make_cell(variant)
    xs, _ = make_batch(cell, [1, 1])
    (h,) = state = tuple(torch.randn_like(part) for part in cell.initial_state(2))
    held = cell.naive(xs, state, lambda letter, values: values * 0 if letter == "z" else values)
    assert torch.equal(held.h, h)


@pytest.mark.parametrize("variant", ["mingru", "minlstm"])
def test_gates_that_see_the_word_alone_are_the_same_after_any_other_word(variant):
    cell = make_cell(variant)
    x = torch.randn(1, E, dtype=torch.float64)
    steps = [cell(x, (torch.randn(1, H, dtype=torch.float64),)) for _ in range(2)]
    for letter in cell.blocks:
        assert torch.equal(*(getattr(step, letter) for step in steps))
    assert not torch.equal(steps[0].h, steps[1].h)


def test_a_minlstm_step_by_hand():
    cell = make_cell("minlstm", size=1, hidden=1)
    with torch.no_grad():
        cell.W.zero_()
        cell.b.copy_(torch.tensor([0.0, math.log(3), 2.0]))  # f 1/2, i 3/4: shares of 2/5 and 3/5
    step = cell(torch.ones(1, 1, dtype=torch.float64), (torch.full((1, 1), 5.0, dtype=torch.float64),))
    assert step.h.item() == pytest.approx(0.4 * 5 + 0.6 * 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("bias", [-75.0, -120.0, -900.0])
def test_a_minlstm_with_both_gates_near_zero_keeps_and_writes_in_full_in_every_form(bias, dtype):
    cell, x, before = make_cell("minlstm", size=1, hidden=1, dtype=dtype), torch.ones(1, 1, dtype=dtype), 5.0
    with torch.no_grad():
        cell.W.zero_()
        cell.b.copy_(torch.tensor([bias, bias + math.log(3), 2.0]))  # i is 3 f: shares of 1/4 and 3/4
    h = torch.full((1, 1), before, dtype=dtype)
    shares = [(before - step(x, (h,)).h.item()) / (before - 2.0) for step in (cell.naive, cell)]
    assert shares == pytest.approx([0.75, 0.75], rel=1e-4)

    xs, packed = torch.ones(2, 1, dtype=dtype), packing(torch.tensor([2]))
    states, weights = run(cell, xs, packed, every=True), tuple(cell.parameters())
    assert states.flatten().tolist() == pytest.approx([1.5, 1.875], rel=1e-4)
    naive = looped(cell, xs, packed, every=True, naive=True)
    for a, b in zip(
        torch.autograd.grad(states.sum(), weights), torch.autograd.grad(naive.sum(), weights), strict=True
    ):
        assert b.any()
        torch.testing.assert_close(a, b, rtol=1e-3, atol=0)


def test_a_minlstm_keeps_its_state_to_the_bit_where_its_input_gate_is_held_shut_whatever_its_forget_gate():
    cell = make_cell("minlstm")
    xs, _ = make_batch(cell, [1, 1])
    (h,) = state = tuple(torch.randn_like(part) for part in cell.initial_state(2))
    for shut in ("i", "fi"):
        held = cell.naive(xs, state, lambda letter, values, shut=shut: values * (letter not in shut))
        assert torch.equal(held.h, h)
    taken = cell.naive(xs, state, lambda letter, values: values * (letter != "f"))
    assert torch.equal(taken.h, taken.n)


def test_a_coupled_lstm_is_one_whose_forget_gate_is_held_at_one_minus_the_input_gate():
    coupled, lstm = make_cell("lstm-coupled-gates"), make_cell("lstm")
    keep = [column for block in (0, 2, 3) for column in range(block * H, (block + 1) * H)]  # i, o and g
    with torch.no_grad():
        for ours, theirs in ((coupled.W, lstm.W), (coupled.U, lstm.U), (coupled.b, lstm.b)):
            ours.copy_(theirs[..., keep])
    x, (h, c) = torch.randn(B, E, dtype=torch.float64), torch.randn(2, B, H, dtype=torch.float64)
    free = coupled(x, (h, c))
    held = lstm.naive(x, (h, c), lambda letter, values: 1 - free.i if letter == "f" else values)
    torch.testing.assert_close((free.h, free.c), (held.h, held.c))


def test_without_peepholes_in_use_a_peephole_lstm_is_an_lstm():
    sighted, plain = make_cell("lstm-peepholes"), make_cell("lstm")
    sighted.load_state_dict({**plain.state_dict(), "p": torch.zeros(3 * H)})
    x, state = torch.randn(B, E, dtype=torch.float64), torch.randn(2, B, H, dtype=torch.float64).unbind()
    torch.testing.assert_close(tuple(sighted(x, state)), tuple(plain(x, state)))


def test_an_rglru_step_by_hand():
    cell = make_cell("rglru", size=1, hidden=1)
    with torch.no_grad():
        cell.W.zero_()
        cell.b.copy_(torch.tensor([0.0, math.log(3), 2.0]))  # r 1/2, i 3/4
        cell.Lambda.fill_(math.log(9))  # a = 0.9^4
    step = cell(torch.ones(1, 1, dtype=torch.float64), (torch.full((1, 1), 5.0, dtype=torch.float64),))
    assert step.a.item() == pytest.approx(0.9**4)
    assert step.h.item() == pytest.approx(0.9**4 * 5 + math.sqrt(1 - 0.9**8) * 0.75 * 2)


def test_the_state_of_an_rglru_is_of_one_size_however_long_its_units_remember():
    cell = make_cell("rglru", size=1, hidden=5)
    with torch.no_grad():
        cell.W.zero_()
        cell.W[0, 2 * H :] = 1  # n is the input
        cell.b.copy_(torch.tensor([1e3, 1e3, 0.0]).repeat_interleave(H))  # both gates wide open
        cell.Lambda.copy_(torch.logit(torch.tensor([0.5, 0.8, 0.9, 0.95, 0.98]) ** (1 / 8)))
    xs, packed = torch.randn(300 * 2_000, 1, dtype=torch.float64), packing(torch.full((2_000,), 300))
    assert run(cell, xs, packed).std(dim=0).tolist() == pytest.approx([1] * 5, abs=0.1)


def test_a_fresh_rglru_keeps_0_9_to_0_999_with_its_gate_wide_open_and_writes_the_less_the_more_it_keeps():
    """What De et al., 2024, add to a gate that sees the word alone: spans that are weights, and long."""
    cell = make_cell("rglru", hidden=200)
    cell.initialise("orthogonal", forget_bias=3.0)
    with torch.no_grad():
        cell.W.zero_()
        cell.b.fill_(1e3)  # both gates wide open, and n the same
        step = cell(torch.zeros(1, E, dtype=torch.float64), cell.initial_state(1))
    assert 0.9 <= step.a.min() < 0.91
    assert 0.99 < step.a.max() <= 0.999
    assert torch.equal(step.a.argsort(), step.h.argsort(descending=True))


def test_a_shut_recurrence_gate_keeps_the_state_to_the_bit():
    cell = make_cell("rglru")
    xs, _ = make_batch(cell, [1, 1])
    (h,) = state = tuple(torch.randn_like(part) for part in cell.initial_state(2))
    for letter, value in (("r", 0), ("a", 1)):
        held = cell.naive(
            xs,
            state,
            lambda name, values, at=(letter, value): values * 0 + at[1] if name == at[0] else values,
        )
        assert torch.equal(held.h, h)


@pytest.mark.parametrize("bias", [-15.0, -60.0, -110.0])
def test_an_rglru_that_forgets_next_to_nothing_writes_as_little_and_has_finite_gradients(bias):
    of_both = []
    for dtype in (torch.float32, torch.float64):
        cell, x = make_cell("rglru", size=1, hidden=1, dtype=dtype), torch.ones(2, 1, dtype=dtype)
        with torch.no_grad():
            cell.W.zero_()
            cell.b.copy_(torch.tensor([bias, 0.0, 2.0]))
        packed = packing(torch.tensor([2]))
        by_hand = run(cell, x, packed)
        of_each = [torch.autograd.grad(by_hand.sum(), cell.parameters())]
        for naive in (True, False):
            looped_h = looped(cell, x, packed, naive=naive)
            torch.testing.assert_close(looped_h, by_hand)
            of_each.append(torch.autograd.grad(looped_h.sum(), cell.parameters()))
        for gradients_of_one in of_each:
            assert all(gradient.isfinite().all() for gradient in gradients_of_one)
        of_both.append((by_hand, *of_each[0]))
    for single, double in zip(*of_both, strict=True):
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-18)


def slstm_of(exponents, forget=1e3):
    """An sLSTM of one unit that gets x as its candidate before the tanh, and these exponents for each x."""
    cell = make_cell("slstm", size=2, hidden=1)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.zero_()
        cell.W[0, 3] = 1  # g = tanh(x)
        cell.W[1, 1] = 1  # i
        cell.b.copy_(torch.tensor([forget, 0.0, 1e3, 0.0]))  # f, and o wide open
    return cell, lambda xs: torch.tensor([*zip(xs, exponents, strict=True)], dtype=torch.float64)


def test_the_hidden_state_of_an_slstm_is_the_mean_of_its_candidates_by_their_weights():
    xs, exponents = [0.5, -1.0, 2.0, 0.1], [0.3, -2.0, 1.0, 0.0]
    cell, inputs = slstm_of(exponents, forget=math.log(4))  # f = 0.8
    for t, step in enumerate(unroll(cell, inputs(xs), packing(torch.tensor([4])))):
        weights = [0.8 ** (t - s) * math.exp(exponents[s]) for s in range(t + 1)]
        mean = sum(w * math.tanh(x) for w, x in zip(weights, xs[: t + 1], strict=True)) / sum(weights)
        assert step.h.item() == pytest.approx(mean)
        shares = CELLS["slstm"].complete(step._asdict())
        assert shares["p"].item() == pytest.approx(weights[-1] / sum(weights))
        assert shares["v"].item() == pytest.approx(mean)


def test_one_word_replaces_what_an_slstm_stored_with_its_forget_gate_open_and_not_what_an_lstm_stored():
    """What Beck et al., 2024, add to an LSTM: the weight of a word has no upper bound."""
    xs, packed = [9.0] * 20 + [-9.0], packing(torch.tensor([21]))
    cell, inputs = slstm_of([0.0] * 20 + [12.0])
    *_, last = unroll(cell, inputs(xs), packed)
    assert last.f.item() == 1
    assert last.h.item() == pytest.approx(-1, abs=1e-3)

    lstm = make_cell("lstm", size=2, hidden=1)
    with torch.no_grad():
        for weights in lstm.parameters():
            weights.zero_()
        lstm.W[0, lstm.blocks.index("g")] = 1
        lstm.b[:] = torch.tensor([0.0 if gate == "g" else 1e3 for gate in lstm.blocks])  # all gates open
    *_, last = unroll(lstm, inputs(xs), packed)
    assert last.c.item() == pytest.approx(19)


def test_the_bias_of_the_exponent_of_an_slstm_cancels():
    cell = make_cell("slstm")
    xs, packed = make_batch(cell, [6, 4, 1])
    before = run(cell, xs, packed, every=True)
    with torch.no_grad():
        cell.split(cell.b)[cell.blocks.index("i")].add_(7)
    torch.testing.assert_close(run(cell, xs, packed, every=True), before)


@pytest.mark.parametrize("exponent", [-1_000.0, 0.0, 1_000.0])
@pytest.mark.parametrize("naive", [True, False])
def test_the_first_word_of_an_slstm_is_its_memory_until_a_far_heavier_one_comes(exponent, naive):
    cell, inputs = slstm_of([exponent, exponent - 900, exponent + 900])
    steps = list(unroll(cell, inputs([0.5, 1.0, -2.0]), packing(torch.tensor([3])), naive=naive))
    assert [step.h.item() for step in steps] == pytest.approx([math.tanh(0.5)] * 2 + [math.tanh(-2.0)])


def test_an_s6_step_by_hand():
    cell = make_cell("s6", size=1, hidden=1)
    with torch.no_grad():
        cell.W.zero_()  # n 2, a step of 1/2, B 1 2 3 4 and C 1 -1 1 -1
        cell.b.copy_(torch.tensor([2.0, math.log(math.exp(0.5) - 1), 1, 2, 3, 4, 1, -1, 1, -1]))
        cell.D.fill_(10)
        for j in range(1, 5):
            cell.get_parameter(f"A{j}").fill_(math.log(j))
    state = tuple(torch.full((1, 1), value, dtype=torch.float64) for value in (9.0, 4.0, 3.0, 2.0, 1.0))
    step = cell(torch.ones(1, 1, dtype=torch.float64), state)
    states = [math.exp(-0.5 * j) * (5 - j) + 0.5 * j * 2 for j in range(1, 5)]
    assert [part.item() for part in step[1:5]] == pytest.approx(states)
    assert step.h.item() == pytest.approx(states[0] - states[1] + states[2] - states[3] + 20)


def test_what_an_s6_writes_and_reads_is_weighted_by_one_number_for_all_units_and_h_is_read_by_none():
    cell = make_cell("s6")
    x, (h, *states) = torch.randn(2, E, dtype=torch.float64), some_state(cell, 2)
    step = cell(x, (h, *states))
    for letter in cell.shared:
        assert torch.equal(getattr(step, letter), getattr(step, letter)[:, :1].expand(2, H))
    assert all(map(torch.equal, step, cell(x, (h + 1, *states))))
    assert cell.W.shape == (E, 2 * H + 8)


def test_a_fresh_s6_has_decays_of_1_to_4_and_a_short_step():
    """What Gu and Dao, 2023, add to one state a unit: memories of four spans. The paper's steps differ."""
    cell = make_cell("s6", dtype=torch.float32)
    cell.initialise("orthogonal", forget_bias=3.0)
    with torch.no_grad():
        cell.W.zero_()
        step = cell(torch.zeros(1, E), cell.initial_state(1))
    dt = math.log1p(math.exp(-3))
    for j in range(1, 5):
        assert getattr(step, f"a{j}")[0].tolist() == pytest.approx([math.exp(-dt * j)] * H)
    assert dt == pytest.approx(0.049, abs=5e-4)


@pytest.mark.parametrize("variant", ["slstm", "s6"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_exponential_gates_stay_numbers_for_5000_steps_with_large_weights(variant, dtype):
    cell = make_cell(variant, dtype=dtype)
    with torch.no_grad():
        for weights in cell.parameters():
            weights.mul_(60)
    xs, packed = make_batch(cell, [5_000, 4_000])
    hs = run(cell, xs, packed, every=True)
    assert hs.isfinite().all()
    assert all(gradient.isfinite().all() for gradient in gradients(cell, xs, hs[packed.last].sum()))
    bounded = [known for known in cell.declared.symbols if known.bounds is not None]
    with torch.no_grad():
        step = packed_steps(cell, xs, packed)  # of all time steps
    assert all(values.isfinite().all() for values in step)
    complete = cell.declared.complete(step._asdict())
    for low, high, values in ((*known.bounds, complete[known.letter]) for known in bounded):
        assert ((values >= low) & (values <= high)).all()


def test_a_unit_of_an_indrnn_holds_as_long_as_its_time_constant_says():
    cell = make_cell("indrnn")
    with torch.no_grad():
        cell.u.copy_(torch.tensor([0.9, 0.5, 1.0, 0.0, -0.9]))
        cell.b.zero_()
    h = torch.ones(1, H, dtype=torch.float64)
    constants = cell.time_constants()
    assert constants[2] == math.inf
    assert constants[3] == constants[4] == 0
    nothing = torch.zeros(1, E, dtype=torch.float64)
    for _ in range(20):
        h = cell(nothing, (h,)).h
    assert h[0, 0].item() == pytest.approx(math.exp(-20 / constants[0].item()))
    assert h[0, 2] == 1
    assert make_cell("lstm").time_constants() is None


def test_weights_that_left_their_bounds_are_put_back():
    cell = make_cell("indrnn")
    with torch.no_grad():
        cell.u[:2] = torch.tensor([1.5, -3.0])
        rest = cell.u[2:].clone()
    cell.constrain()
    assert cell.u.tolist() == [1, -1, *rest.tolist()]
