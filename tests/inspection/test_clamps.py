"""How clamps are written and which can be; `test_second_way` says what follows from them."""

from functools import partial

import numpy as np
import pytest

from rnn_core.errors import ClampError
from rnn_core.inspection.clamps import LARGEST, MOST_CLAMPS, Clamp, Patch, parse_clamps, read_clamped
from rnn_core.inspection.trace import trace
from tests.inspection.made import UNIFORM, make_model
from tests.refusals import refusals

TEXT = "The film was good, but the zither was bad"  # 10 time steps with <start>
make = partial(make_model, seed=9, vocab_size=10, **UNIFORM)


def read(model, *clamps, patches=()):
    before = trace(model, TEXT)
    return before, read_clamped(model, before, [Clamp.parse(clamp) for clamp in clamps], patches)


def test_where_nothing_is_held_it_is_the_trace():
    before, after = read(make())
    assert after is before


def test_of_two_that_hold_the_same_the_later_counts():
    _, after = read(make(), "z=0.5", "z=0@3:5")
    assert after.arrays["z"][:, 0].tolist() == [0.5] * 3 + [0.0] * 3 + [0.5] * 4


def test_a_clamp_counts_more_than_a_patch():
    model = make(cell="lstm")
    other = trace(model, "bad bad bad")
    _, after = read(model, "c=0.5@4#1", patches=[Patch(source=other, token=3, at=4)])
    assert after.arrays["c"][4, 1] == 0.5
    assert np.delete(after.arrays["c"][4], 1).tolist() == np.delete(other.arrays["c"][3], 1).tolist()


def test_a_cell_state_is_held_up_to_the_largest_value():
    _, after = read(make(cell="lstm"), f"c={LARGEST:g}")
    assert (after.arrays["c"] == LARGEST).all()
    assert np.isfinite(after.logits).all()


@pytest.mark.parametrize(
    ("text", "clamp"),
    [
        ("z=0", Clamp(letter="z", value=0)),
        ("z=0.5@5", Clamp(letter="z", value=0.5, first=5, last=5)),
        ("h=-1@5:", Clamp(letter="h", value=-1, first=5)),
        ("c=1e-05@0:9", Clamp(letter="c", value=1e-5, first=0, last=9)),
        ("z=0@0#0", Clamp(letter="z", value=0, first=0, last=0, units=(0,))),
        ("f=1@5:#3,7-9", Clamp(letter="f", value=1, first=5, units=(3, 7, 8, 9))),
    ],
)
def test_a_clamp_is_written_as_it_is_read(text, clamp):
    assert Clamp.parse(text) == clamp
    assert str(clamp) == text


def test_other_ways_to_write_several_clamps():
    others = " z=+0.50@: z=0@0:  z=0@:4 z=0@4:4 z=.5#2,1,1 "
    assert " ".join(map(str, parse_clamps(others))) == "z=0.5 z=0 z=0@0:4 z=0@4 z=0.5#1-2"
    assert parse_clamps("") == ()


def test_a_long_link_names_each_unit_once():
    many = "#" + ",".join(f"{first}-99999" for first in range(1_000))
    clamps = parse_clamps(" ".join([f"z=0{many}"] * 30))
    assert len(clamps) == MOST_CLAMPS
    assert {clamp.units for clamp in clamps} == {tuple(range(100_000))}


HOW = "A clamp must be written as LETTER=VALUE, such as z=0."
NO_NUMBER = "must be a number, such as 0.5"
NO_CLAMPS = {
    **dict.fromkeys(["", "z=0 r=1", "z=0@" + "9" * 10], HOW),
    **dict.fromkeys("z z= =0 z=0@ z=0@x z=0@-1 z=0@1:2:3 z=0# z=0@1#a z=0#1@2".split(), HOW),
    **dict.fromkeys(["z=nan", "z=1e999", "z=1.2.3"], NO_NUMBER),
    "z=0#3-1": "A range of units must begin with its smaller number, got '3-1'.",
    "z=0#0-100000": "The number of a unit must be below 100,000, got '0-100000'.",
    "z=0#100000": "The number of a unit must be below 100,000, got '100000'.",
    "z=0#1-999999999": "The number of a unit must be below 100,000",
    "z=0#1--2": "numbers and ranges, such as 3, 7-9, got '1--2'.",
    "z=0#,": "numbers and ranges, such as 3, 7-9, got none.",
}
test_what_is_no_clamp = refusals(
    ClampError, {f"{text!r}": (partial(Clamp.parse, text), said) for text, said in NO_CLAMPS.items()}
)


GATE = "The update gate z must be held between 0 and 1, got "
STEPS = "There are 10 time steps, counted from 0 to 9"
test_a_clamp_that_can_not_be = refusals(
    ClampError,
    {
        f"{cell}, {text}": (partial(lambda cell, text: read(make(cell=cell), text), cell, text), said)
        for cell, text, said in [
            ("gru", "f=0", "A GRU has no quantity called 'f': hold z, r, n or h."),
            ("elman", "z=0", "A plain RNN (Elman) has no quantity called 'z': hold h."),
            ("elman", "slope=0", "slope of the tanh follows from what a plain RNN (Elman) computes: hold h."),
            ("gru", "z=2", GATE + "2."),
            ("gru", "z=1.0000001", GATE + "1.0000001."),
            ("gru", "n=-1.5", "The candidate state n must be held between -1 and 1, got -1.5."),
            ("lstm", "c=1001", "The cell state c must be held between -1,000 and 1,000, got 1,001."),
            ("gru", "z=0@10", STEPS + ", got 10."),
            ("gru", "z=0@3:10", STEPS + ", got 10."),
            ("gru", "z=0@5:3", "A clamp must end at 5, where it begins, or at a later time step, got 3."),
            ("gru", "z=0#2,5", "There are 5 units, counted from 0 to 4, got 5."),
        ]
    },
)


def patch(token, at, layer=None, times=1, **settings):
    """Put a state of "bad" in, as a network with these settings reads it."""
    source = trace(make(**settings), "bad", layer=layer)
    return read(make(), patches=[Patch(source=source, token=token, at=at)] * times)


OTHER, STRANGE = (
    "There are 2 time steps in the other text",
    "the same layer of a cell with the same states and as many units",
)
test_a_patch_that_can_not_be = refusals(
    ClampError,
    {
        "a time step beyond the other text": (lambda: patch(2, 0), OTHER + ", counted from 0 to 1, got 2."),
        "a time step before the other text": (lambda: patch(-1, 0), OTHER + ", counted from 0 to 1, got -1."),
        "a time step beyond the text": (lambda: patch(0, 10), STEPS + ", got 10."),
        "another cell": (lambda: patch(0, 0, cell="lstm"), STRANGE),
        "more units": (lambda: patch(0, 0, hidden_size=7), STRANGE),
        "another layer": (lambda: patch(0, 0, layer=2, layers=2), STRANGE),
        "too many clamps": (lambda: read(make(), *["z=0"] * 21), "At most 20 clamps are held at once, got"),
        "too many patches": (lambda: patch(0, 0, times=21), "At most 20 patches are held at once, got 21"),
    },
)
