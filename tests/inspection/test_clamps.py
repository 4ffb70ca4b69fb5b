"""What is held stays at its value, and all else follows from it by the equations of the cell."""

from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.errors import ClampError
from rnn_core.inspection.clamps import (
    LARGEST,
    MOST_CLAMPS,
    Clamp,
    Patch,
    check_clamp,
    holdable,
    parse_clamps,
    read_clamped,
)
from rnn_core.inspection.trace import trace
from rnn_core.nn.packing import packing
from rnn_core.symbols import CELLS as DECLARED
from tests.inspection.made import RECIPES, UNIFORM, make_model

TEXT = "The film was good, but the zither was bad"  # 10 time steps with <start>
T = 10
CELLS = [declared.run_settings for declared in DECLARED.values()]
SETTINGS = [
    *CELLS,
    {"readout": "mean", "head": "two-logit"},
    {"readout": "max", "classes": 4},
    {"skip_padding": False, "max_length": T},
    *RECIPES.values(),
    {"layers": 3},
    {"layers": 2, "readout": "attention"},
]
make = partial(make_model, seed=9, vocab_size=10, **UNIFORM)


def read(model, *clamps, patches=()):
    before = trace(model, TEXT)
    return before, read_clamped(model, before, [Clamp.parse(clamp) for clamp in clamps], patches)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_where_nothing_is_held_it_is_the_trace(settings):
    model = make(**settings)
    before, after = read(model)
    assert after is before
    # A state held at what it is anyway from the first time step on: all is computed again, by the equations.
    own = Patch(source=before, token=0, at=0)
    _, again = read(model, patches=[own])
    assert again.arrays.keys() == before.arrays.keys()
    for letter, values in before.arrays.items():
        assert values.dtype == again.arrays[letter].dtype
        np.testing.assert_allclose(again.arrays[letter], values, atol=1e-5)
    # Above the lowest of layers that read in both directions, a state is another one in a shorter text.
    since = -1 if settings.get("bidirectional") and settings.get("layers", 1) > 1 else 0
    np.testing.assert_allclose(again.answers[since:], before.answers[since:], atol=1e-5)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_before_what_is_held_nothing_changes_to_the_bit_and_afterwards_the_verdict_does(settings):
    before, after = read(make(**settings), "h=0.9@4")
    for letter, values in before.arrays.items():
        np.testing.assert_array_equal(after.arrays[letter][:4], values[:4])
    assert (after.arrays["h"][4] == np.float32(0.9)).all()
    assert (after.arrays["h"][5:] != before.arrays["h"][5:]).any()
    assert (after.followed, after.classes) == (before.followed, before.classes)
    np.testing.assert_array_equal(after.answers[:4], before.answers[:4])
    assert (after.answers[4] != before.answers[4]).all()


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_quantity_that_a_cell_computes_can_be_held_in_some_units_at_some_time_steps(cell):
    model = make(**cell)
    before = trace(model, TEXT)
    for symbol in holdable(before.declared):
        held = Clamp(letter=symbol.letter, value=0.25, first=3, last=5, units=(1, 4))
        values = read_clamped(model, before, [held]).arrays[symbol.letter]
        assert (values[3:6][:, [1, 4]] == 0.25).all()
        others = np.delete(values, [1, 4], axis=1)
        np.testing.assert_allclose(
            others[:4], np.delete(before.arrays[symbol.letter], [1, 4], axis=1)[:4], atol=1e-5
        )
        assert (values[6:] != 0.25).all()


@pytest.mark.parametrize("reset", ["before", "after"])
def test_an_update_gate_that_is_shut_keeps_the_state_to_the_bit(reset):
    before, after = read(make(reset=reset), "z=0@5:")
    h = after.arrays["h"]
    assert (h[5:] == before.arrays["h"][4]).all()
    # Some processors add the rows of one product up in other orders.
    np.testing.assert_allclose(after.logits[5:], np.full_like(after.logits[5:], before.logits[4]), rtol=1e-6)


def test_a_forget_gate_that_is_open_and_an_input_gate_that_is_shut_keep_the_cell_state_to_the_bit():
    before, after = read(make(cell="lstm"), "f=1@5:", "i=0@5:")
    assert (after.arrays["c"][5:] == before.arrays["c"][4]).all()
    assert (after.arrays["h"][5:] != before.arrays["h"][4]).any()  # the output gate still moves


def test_a_reset_gate_that_is_shut_lets_the_candidate_see_the_word_alone():
    model = make()
    text = "good film good"
    shut = read_clamped(model, trace(model, text), [Clamp(letter="r", value=0.0)]).arrays["n"]
    np.testing.assert_allclose(shut[1], shut[3], atol=1e-6)
    as_it_is = trace(model, text).arrays["n"]
    assert np.abs(as_it_is[1] - as_it_is[3]).max() > 1e-3


def test_a_unit_that_is_held_changes_no_other_unit_of_the_state_at_that_time_step():
    before, after = read(make(), "z=1@5#2")
    h, was, others = after.arrays["h"], before.arrays["h"], [0, 1, 3, 4]
    np.testing.assert_allclose(h[5, others], was[5, others], atol=1e-6)
    assert h[5, 2] == after.arrays["n"][5, 2] != was[5, 2]
    assert (np.abs(h[6] - was[6])[others] > 1e-6).any()


def test_where_two_hold_the_same_the_later_one_counts():
    _, after = read(make(), "z=0.5", "z=0@3:5")
    assert after.arrays["z"][:, 0].tolist() == [0.5] * 3 + [0.0] * 3 + [0.5] * 4


def test_what_follows_from_what_is_held_follows_from_it():
    _, after = read(make(cell="elman"), "h=0.5@4")
    np.testing.assert_array_equal(after.arrays["slope"], 1 - after.arrays["h"] ** 2)
    assert (after.arrays["slope"][4] == 0.75).all()


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_patch_goes_on_as_the_other_text_would(cell):
    """The state after "the film was" of the other text, and then the same words."""
    model = make(**cell, start_token=False)
    other, text = trace(model, "the film was good bad"), trace(model, "bad bad bad good bad")
    patch = Patch(source=other, token=2, at=2)
    after = read_clamped(model, text, patches=[patch])
    for letter in other.states:
        np.testing.assert_allclose(after.arrays[letter][2:], other.arrays[letter][2:], atol=1e-6)
    np.testing.assert_allclose(after.logits[2:], other.logits[2:], atol=1e-6)
    assert (after.arrays["h"][3:] != text.arrays["h"][3:]).any()


def test_a_clamp_counts_more_than_a_patch():
    model = make(cell="lstm")
    before, other = trace(model, TEXT), trace(model, "bad bad bad")
    patch = Patch(source=other, token=3, at=4)
    after = read_clamped(model, before, [Clamp.parse("c=0.5@4#1")], [patch])
    assert after.arrays["c"][4, 1] == 0.5
    assert np.delete(after.arrays["c"][4], 1).tolist() == np.delete(other.arrays["c"][3], 1).tolist()


def test_of_a_network_that_reads_in_both_directions_the_other_way_stays_as_it_is():
    model = make(bidirectional=True)
    before = trace(model, TEXT)
    H = model.config.model.hidden_size
    model.classifier.head.weight.data[:, :H] = 0  # the verdict of the way backwards alone
    alone = trace(model, TEXT)
    after = read_clamped(model, alone, [Clamp(letter="h", value=0.9)])
    assert (after.arrays["h"] != before.arrays["h"]).all()
    np.testing.assert_allclose(after.answers, alone.answers, atol=1e-6)


@pytest.mark.parametrize(
    ("readout", "layers", "layer"),
    [("last", 1, 1), ("mean", 1, 1), ("max", 1, 1), ("attention", 1, 1), ("last", 2, 1), ("last", 2, 2)],
)
def test_in_both_directions_each_verdict_is_that_of_what_was_read_so_far(readout, layers, layer):
    model = make(bidirectional=True, readout=readout, layers=layers)
    held = [Clamp.parse("h=0.5@2:3#1-3"), Clamp.parse("z=0.1#0")]
    before = trace(model, TEXT, layer=layer)
    after = read_clamped(model, before, held)
    assert (after.logits[2:] != before.logits[2:]).all()
    for words in (4, 6):
        alone = trace(model, " ".join(TEXT.replace(",", "").split()[:words]), layer=layer)
        np.testing.assert_allclose(alone.logits[-1], before.logits[words], atol=1e-6)
        alone_held = read_clamped(model, alone, held)
        np.testing.assert_allclose(alone_held.logits[-1], after.logits[words], atol=1e-6)
    own = Patch(source=before, token=0, at=0)  # all is held at what it is
    np.testing.assert_allclose(
        read_clamped(model, before, patches=[own]).answers[-1], before.answers[-1], atol=1e-6
    )


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("readout", ["last", "attention"])
def test_what_is_held_in_a_layer_is_read_by_those_above_it(layer, readout):
    model = make(layers=3, readout=readout)
    before = trace(model, TEXT, layer=layer)
    after = read_clamped(model, before, [Clamp(letter="h", value=0.5, first=4)])
    # A second way: the states that are held, and what the cells above make of them, step by step.
    hs = torch.from_numpy(np.where(np.arange(T)[:, None] < 4, before.arrays["h"], np.float32(0.5)))
    for cell in model.classifier.layers[layer:]:
        state, made = cell.initial_state(1), []
        for h in hs:
            step = cell.naive(h[None], state)
            state = step[: cell.state_size]
            made.append(step.h)
        hs = torch.cat(made)
    with torch.no_grad():
        pooled = model.classifier.pool(hs, packing(torch.tensor([T])))
        expected = model.classifier.head(pooled)
    np.testing.assert_allclose(after.answers[-1:], expected, atol=1e-6)
    assert (after.layer, after.layers) == (layer, 3)


@pytest.mark.parametrize(
    ("text", "clamp"),
    [
        ("z=0", Clamp(letter="z", value=0)),
        ("z=0.5@5", Clamp(letter="z", value=0.5, first=5, last=5)),
        ("h=-1@5:", Clamp(letter="h", value=-1, first=5)),
        ("c=1e-05@0:9", Clamp(letter="c", value=1e-5, first=0, last=9)),
        ("z=0@0#0", Clamp(letter="z", value=0, first=0, last=0, units=(0,))),
        ("f=1@5:#3,7-9", Clamp(letter="f", value=1, first=5, units=(3, 7, 8, 9))),
        ("z=0.1#127", Clamp(letter="z", value=0.1, units=(127,))),
    ],
)
def test_a_clamp_is_written_as_it_is_read(text, clamp):
    assert Clamp.parse(text) == clamp
    assert str(clamp) == text


def test_several_stand_with_spaces_between_and_other_ways_to_write_them_are_read_too():
    others = " z=+0.50@: z=0@0:  z=0@:4 z=0@4:4 z=.5#2,1,1 "
    assert " ".join(map(str, parse_clamps(others))) == "z=0.5 z=0 z=0@0:4 z=0@4 z=0.5#1-2"
    assert parse_clamps("") == ()


def test_a_link_names_no_more_units_than_there_can_be_however_long_it_is():
    many = "#" + ",".join(f"{first}-99999" for first in range(1_000))
    clamps = parse_clamps(" ".join([f"z=0{many}"] * 30))
    assert len(clamps) == MOST_CLAMPS
    assert {clamp.units for clamp in clamps} == {tuple(range(100_000))}


NO_CLAMPS = [
    "",
    "z=0 r=1",
    "z=0@" + "9" * 10,
    *"z z= =0 z=0@ z=0@x z=0@-1 z=0@1:2:3 z=0# z=0@1#a z=0#1@2".split(),
]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *((text, "A clamp must be written as LETTER=VALUE, such as z=0.") for text in NO_CLAMPS),
        ("z=nan", "must be a number, such as 0.5, got 'nan'."),
        ("z=1e999", "must be a number"),
        ("z=1.2.3", "must be a number"),
        ("z=0#3-1", "A range of units must begin with its smaller number, got '3-1'."),
        ("z=0#0-100000", "The number of a unit must be below 100,000, got '0-100000'."),
        ("z=0#100000", "The number of a unit must be below 100,000, got '100000'."),
        ("z=0#1-999999999", "The number of a unit must be below 100,000"),
        ("z=0#1--2", "numbers and ranges, such as 3, 7-9, got '1--2'."),
        ("z=0#,", "numbers and ranges, such as 3, 7-9, got none."),
    ],
)
def test_what_is_no_clamp_and_values_and_units_that_can_not_be_are_refused_in_words(text, sentence):
    with pytest.raises(ClampError) as refused:
        Clamp.parse(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "text", "sentence"),
    [
        ("gru", "f=0", "A GRU has no quantity called 'f': hold z, r, n or h."),
        ("elman", "z=0", "A plain RNN (Elman) has no quantity called 'z': hold h."),
        ("elman", "slope=0", "The slope of the tanh follows from what a plain RNN (Elman) computes: hold h."),
        ("gru", "z=2", "The update gate z must be held between 0 and 1, got 2."),
        ("gru", "z=1.0000001", "The update gate z must be held between 0 and 1, got 1.0000001."),
        ("gru", "n=-1.5", "The candidate state n must be held between -1 and 1, got -1.5."),
        ("lstm", "c=1001", "The cell state c must be held between -1,000 and 1,000, got 1,001."),
        ("gru", "z=0@10", "There are 10 time steps, counted from 0 to 9, got 10."),
        ("gru", "z=0@3:10", "There are 10 time steps, counted from 0 to 9, got 10."),
        ("gru", "z=0@5:3", "A clamp must end at 5, where it begins, or at a later time step, got 3."),
        ("gru", "z=0#2,5", "There are 5 units, counted from 0 to 4, got 5."),
    ],
)
def test_a_clamp_that_can_not_be_is_refused_in_a_sentence(cell, text, sentence):
    model = make(cell=cell)
    before = trace(model, TEXT)
    with pytest.raises(ClampError) as refused:
        check_clamp(Clamp.parse(text), before)
    assert str(refused.value) == sentence
    with pytest.raises(ClampError):
        read_clamped(model, before, [Clamp.parse(text)])


def test_a_cell_state_is_held_at_any_value_up_to_the_largest():
    _, after = read(make(cell="lstm"), f"c={LARGEST:g}")
    assert (after.arrays["c"] == LARGEST).all()
    assert np.isfinite(after.logits).all()


def test_too_many_clamps_and_patches_are_refused_in_a_sentence():
    model = make()
    before = trace(model, TEXT)
    many = {
        "clamps": [Clamp(letter="z", value=0)] * 21,
        "patches": [Patch(source=before, token=0, at=0)] * 21,
    }
    for what, held in many.items():
        with pytest.raises(ClampError, match=f"At most {MOST_CLAMPS} {what} are held at once, got 21"):
            read_clamped(model, before, **{what: held})


def test_a_patch_from_where_nothing_is_or_from_other_states_is_refused_in_a_sentence():
    model = make()
    before, other = trace(model, TEXT), trace(model, "bad")
    for token, at, sentence in (
        (2, 0, "There are 2 time steps in the other text, counted from 0 to 1, got 2."),
        (-1, 0, "There are 2 time steps in the other text, counted from 0 to 1, got -1."),
        (0, T, "There are 10 time steps, counted from 0 to 9, got 10."),
    ):
        with pytest.raises(ClampError) as refused:
            read_clamped(model, before, patches=[Patch(source=other, token=token, at=at)])
        assert str(refused.value) == sentence
    for settings, layer in (({"cell": "lstm"}, None), ({"hidden_size": 7}, None), ({"layers": 2}, 2)):
        strange = trace(make(**settings), TEXT, layer=layer)
        with pytest.raises(
            ClampError, match="the same layer of a cell with the same states and as many units"
        ):
            read_clamped(model, before, patches=[Patch(source=strange, token=0, at=0)])
