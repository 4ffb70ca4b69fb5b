"""The numbers of one time step are those of the trace, and they add up."""

import math

import numpy as np
import pytest
import torch

from rnn_core.inspection.one_step import most_moved_unit, most_telling_token, one_step
from rnn_core.inspection.trace import trace
from tests.inspection.made import make_model

TEXT = "The film was good, but the zither was bad"
VARIANTS = [("elman", "before"), ("gru", "before"), ("gru", "after"), ("lstm", "before")]
GATES = "rzifo"


def make(cell, reset="before", **settings):
    model = make_model(seed=3, cell=cell, reset=reset, initialisation="uniform", **settings)
    if reset == "after":
        torch.nn.init.uniform_(model.classifier.cell.d)
    return model


@pytest.fixture(params=VARIANTS, ids=lambda variant: "-".join(variant))
def read(request):
    model = make(*request.param)
    return model, trace(model, TEXT)


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def test_the_sigmoid_or_tanh_of_the_contributions_is_what_was_traced(read):
    model, traced = read
    T, H = traced.arrays["h"].shape
    for time in range(T):
        for unit in range(H):
            step = one_step(model, traced, time, unit)
            for letter, part in step.parts.items():
                scale = step.parts["r"].value if letter == "n" and traced.reset == "after" else 1
                inside = part.word + scale * part.memory
                assert part.inside == pytest.approx(inside, abs=1e-12)
                expected = sigmoid(inside) if letter in GATES else math.tanh(inside)
                assert traced.arrays[letter][time, unit] == pytest.approx(expected, abs=1e-5)


def test_gates_and_states_are_those_of_the_trace_and_before_the_first_token_there_is_nothing(read):
    model, traced = read
    last = len(traced.logits) - 1
    for time in (0, last // 2, last):
        step = one_step(model, traced, time, 2)
        assert {letter: part.value for letter, part in step.parts.items()} == {
            letter: traced.arrays[letter][time, 2] for letter in step.parts
        }
        for letter, state in step.after.items():
            assert state == traced.arrays[letter][time, 2]
            assert step.before[letter] == (traced.arrays[letter][time - 1, 2] if time else 0)


def test_what_is_kept_and_what_is_written_is_the_state_after(read):
    model, traced = read
    step = one_step(model, traced, 3, 1)
    if traced.cell == "gru":
        assert step.kept + step.written == pytest.approx(step.after["h"], abs=1e-6)
    elif traced.cell == "lstm":
        assert step.kept + step.written == pytest.approx(step.after["c"], abs=1e-6)
        assert step.parts["o"].value * step.squashed == pytest.approx(step.after["h"], abs=1e-6)
    else:
        assert step.slope == pytest.approx(traced.arrays["slope"][3, 1], abs=1e-6)


@pytest.mark.parametrize("settings", [{"input": "one-hot"}, {"skip_padding": False, "max_length": 14}])
def test_one_hot_input_and_padding_that_is_read_have_their_numbers_too(settings):
    model = make("gru", **settings)
    traced = trace(model, TEXT)
    for time in range(len(traced.logits)):
        z = one_step(model, traced, time, 4).parts["z"]
        assert z.value == pytest.approx(sigmoid(z.word + z.memory), abs=1e-5)


def test_a_time_step_or_unit_that_is_not_there_is_refused_in_words():
    model = make("gru")
    traced = trace(model, TEXT)
    for time, unit in ((-1, 0), (len(traced.logits), 0), (0, 5)):
        with pytest.raises(IndexError, match="counted from 0; got time step"):
            one_step(model, traced, time, unit)


def test_the_unit_that_moves_most_is_found_at_the_first_token_too():
    traced = trace(make("lstm"), TEXT)
    h = traced.arrays["h"]
    assert most_moved_unit(traced, 0) == np.abs(h[0]).argmax()
    assert most_moved_unit(traced, 4) == np.abs(h[4] - h[3]).argmax()


def test_the_most_telling_token_moves_the_verdict_most():
    traced = trace(make("gru"), TEXT)
    assert most_telling_token(traced) == np.abs(np.diff(traced.logits)).argmax() + 1
    assert most_telling_token(trace(make("gru", start_token=False), "film")) == 0
