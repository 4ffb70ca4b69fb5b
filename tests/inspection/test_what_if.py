"""Clamps, patches and changed texts: how they are written, which can be, and what follows from them."""

import random
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core import machine
from rnn_core.errors import ClampError, ConfigError, EmptyReviewError
from rnn_core.inspection import what_if
from rnn_core.inspection.clamps import LARGEST, MOST_CLAMPS, Clamp, Patch, parse_clamps, read_clamped
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import APART, padding_lab, read_otherwise, replace_word, with_text
from rnn_core.tasks.classes import log_odds
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID, Vocabulary
from tests.inspection.made import COUNTS, RECIPES, UNIFORM, in_turn, make_model
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
NO_CLAMPS = {
    **dict.fromkeys(["", "z=0 r=1", "z=0@" + "9" * 10], HOW),
    **dict.fromkeys("z z= =0 z=0@ z=0@x z=0@-1 z=0@1:2:3 z=0# z=0@1#a z=0#1@2".split(), HOW),
    **dict.fromkeys(["z=nan", "z=1e999", "z=1.2.3"], "must be a number, such as 0.5"),
    "z=0#3-1": "A range of units must begin with its smaller number, got '3-1'.",
    "z=0#100000": "The number of a unit must be below 100,000, got '100000'.",
    "z=0#1-999999999": "The number of a unit must be below 100,000",
    "z=0#1--2": "numbers and ranges, such as 3, 7-9, got '1--2'.",
    "z=0#,": "numbers and ranges, such as 3, 7-9, got none.",
}
test_what_is_no_clamp = refusals(
    ClampError, {f"{text!r}": (partial(Clamp.parse, text), said) for text, said in NO_CLAMPS.items()}
)


STEPS = "There are 10 time steps, counted from 0 to 9"
test_a_clamp_that_can_not_be = refusals(
    ClampError,
    {
        f"{cell}, {text}": (partial(lambda cell, text: read(make(cell=cell), text), cell, text), said)
        for cell, text, said in [
            ("gru", "f=0", "A GRU has no quantity called 'f': hold z, r, n or h."),
            ("elman", "slope=0", "slope of the tanh follows from what a plain RNN (Elman) computes: hold h."),
            ("gru", "z=1.0000001", "The update gate z must be held between 0 and 1, got 1.0000001."),
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


OTHER = "There are 2 time steps in the other text, counted from 0 to 1, got "
STRANGE = "the same layer of a cell with the same states and as many units"
test_a_patch_that_can_not_be = refusals(
    ClampError,
    {
        "a time step beyond the other text": (lambda: patch(2, 0), OTHER + "2."),
        "a time step before the other text": (lambda: patch(-1, 0), OTHER + "-1."),
        "a time step beyond the text": (lambda: patch(0, 10), STEPS + ", got 10."),
        "another cell": (lambda: patch(0, 0, cell="lstm"), STRANGE),
        "more units": (lambda: patch(0, 0, hidden_size=7), STRANGE),
        "another layer": (lambda: patch(0, 0, layer=2, layers=2), STRANGE),
        "too many clamps": (lambda: read(make(), *["z=0"] * 21), "At most 20 clamps are held at once, got"),
        "too many patches": (lambda: patch(0, 0, times=21), "At most 20 patches are held at once, got 21"),
    },
)


TOKENS = TEXT.replace(",", "").split()
WINDOWS = {
    "all": {},
    "cut in front": {"max_length": 6},
    "cut at the end": {"max_length": 6, "truncation": "post"},
    "without start": {"max_length": 6, "start_token": False},
    "padding in front": {"skip_padding": False, "max_length": 14},
    "padding at the end": {"skip_padding": False, "max_length": 14, "padding": "post"},
}
NETWORKS = {
    **{cell: {"cell": cell} for cell in ("elman", "gru", "lstm")},
    **{name: RECIPES[name] for name in ("all bigrams", "both, with counted bigrams")},
}
CHANGES = [(0, ""), (4, "but"), (4, "And"), (4, "bad! bad"), (8, ""), (8, "film film")]
"""The token that is replaced, and its replacement."""


def check(found, before, typed, tokens):
    """Against another trace, of the text typed so, of whose `tokens` each has its number in the first text.

    Those that came new have None.
    """
    assert found.after.review == typed.review
    assert found.change == typed.logits[-1] - before.logits[-1]
    times = []
    for read, numbers in ((before, range(len(TOKENS))), (typed, tokens)):
        words = [t for t, number in enumerate(read.review.ids) if number >= UNK_ID]
        times.append(dict(zip(numbers[read.review.kept], words, strict=True)))
    here, there = times
    pairs = [(here[token], there[token]) for token in here if token in there]
    if before.review.window.count("<start>") and typed.review.window.count("<start>"):
        pairs.insert(0, (before.review.window.index("<start>"), typed.review.window.index("<start>")))
    assert found.pairs.tolist() == [[*pair] for pair in pairs]
    states = [(before.arrays["h"][t], typed.arrays["h"][u]) for t, u in pairs]
    distances = [np.linalg.norm(h - other) for h, other in states]
    np.testing.assert_allclose(found.distances, distances, rtol=1e-5)
    lengths = [max(map(np.linalg.norm, both)) for both in states]
    shares = np.array(distances) / lengths
    assert found.parted == next(
        (pair for pair, share in zip(pairs, shares, strict=True) if share > APART), None
    )
    assert found.came_in == tuple(token for token in there if token is not None and token not in here)
    assert found.fell_out == tuple(token for token in here if token in tokens and token not in there)


@pytest.mark.parametrize(("window", "change", "network"), in_turn(WINDOWS, CHANGES, NETWORKS))
def test_a_word_is_replaced_as_if_typed_so(window, change, network):
    model, (token, by) = make(**WINDOWS[window], **NETWORKS[network]), change
    before, new = trace(model, TEXT), tokenize(by)
    typed = trace(model, " ".join([*TOKENS[:token], *new, *TOKENS[token + 1 :]]))
    numbers = [None] * (len(new) - 1) + [token] * bool(new)  # the last of the new ones takes the place
    tokens = [*range(token), *numbers, *range(token + 1, len(TOKENS))]
    check(replace_word(model, before, token, by), before, typed, tokens)


@pytest.mark.parametrize(
    "settings",
    [{"max_length": 8}, {"max_length": 4}, {"truncation": "post"}, {"start_token": False}, {"vocab_size": 6}],
    ids=str,
)
def test_other_settings_are_read_as_by_their_model(settings):
    model = make(max_length=6)
    before, typed = trace(model, TEXT), trace(with_text(model, **settings), TEXT)
    check(read_otherwise(model, before, **settings), before, typed, range(len(TOKENS)))


def test_states_part_beyond_a_share_of_their_norm():
    model = make()
    vectors = model.classifier.embedding.weight.data
    good, bad = model.vocabulary.encode(["good", "bad"])
    for difference, parted in ((1.0, (4, 4)), (1e-3, None)):
        vectors[bad] = vectors[good] + difference
        found = replace_word(model, trace(model, TEXT), 3, "bad")
        assert found.change != 0
        assert found.parted == parted


test_no_text_is_left_without_a_word = refusals(
    EmptyReviewError, {"dots": (lambda: replace_word(make(), trace(make(), "good"), 0, "..."), "no word")}
)
test_settings_that_can_not_be = refusals(
    ConfigError,
    {
        "more words": (lambda: with_text(make(), vocab_size=11), "since made has weights for no more words"),
        "no length": (lambda: with_text(make(), max_length=0), "Maximum length must be between"),
    },
)


def test_any_tokens_joined_by_spaces_are_its_tokens():
    rng = random.Random(3)
    for _ in range(300):
        tokens = tokenize("".join(chr(rng.randrange(1, 0x3000)) for _ in range(50)))
        assert tokenize(" ".join(tokens)) == tokens


def test_a_smaller_vocabulary_was_learned_first():
    model, ids = make(), trace(make(), TEXT).review.ids
    for size in range(4, 9):
        smaller = with_text(model, vocab_size=size)
        assert smaller.vocabulary.words == Vocabulary.from_counts(COUNTS, size).words
        read_ids = trace(smaller, TEXT).review.ids
        assert read_ids == tuple(number if number < size else UNK_ID for number in ids)
    assert model.config.text.vocab_size == 10


SHORT = "The film was good"
padded = partial(make_model, seed=10, max_length=8, **UNIFORM)


def by_settings(cases):
    return {(case.padding, case.truncation, case.skip_padding): case for case in cases}


@pytest.mark.parametrize("recipe", [{}, RECIPES["counted bigrams"]], ids=["words", "counted bigrams"])
@pytest.mark.parametrize("text", [SHORT, TEXT])
def test_every_combination_is_read_once(text, recipe):
    model = padded(**recipe)
    cases = by_settings(padding_lab(model, text, 1, 1))
    assert len(cases) == 8
    for (padding, truncation, skip_padding), case in cases.items():
        settings = {"padding": padding, "truncation": truncation, "skip_padding": skip_padding}
        alone = trace(with_text(model, **settings), text)
        assert case.trace.review == alone.review
        np.testing.assert_array_equal(case.trace.arrays["h"], alone.arrays["h"])
        if skip_padding or text == TEXT:  # no padding is read, and nothing drifts
            assert case.padding_share == len(case.drift) == 0
            assert case.logit_before == case.logit_after == case.trace.logits[-1]


@pytest.mark.parametrize(
    ("cell", "readout", "head"),
    in_turn(["elman", "gru", "lstm"], ["last", "mean", "max", "attention"], ["one-logit", "two-logit"]),
)
def test_padding_moves_the_verdict(cell, head, readout):
    model = padded(cell=cell, head=head, readout=readout)
    cases = by_settings(padding_lab(model, SHORT, 1, 1))
    front, end, skipped = cases["pre", "pre", False], cases["post", "pre", False], cases["post", "pre", True]
    assert (front.pads, end.pads) == (slice(0, 3), slice(5, 8))
    for case in (front, end):
        assert set(case.trace.review.window[case.pads]) == {"<pad>"}
        assert case.padding_share == 3 / 8
    of_zeros = log_odds(model.classifier.head(torch.zeros(1, 5)), followed=1).item()
    assert front.logit_before == pytest.approx(of_zeros)
    assert front.logit_after == front.trace.logits[2]
    np.testing.assert_allclose(front.drift, np.linalg.norm(front.trace.arrays["h"][:3], axis=1), rtol=1e-6)
    assert end.logit_before == pytest.approx(float(skipped.trace.logits[-1]), abs=1e-6)
    assert end.logit_after == end.trace.logits[-1]
    h = end.trace.arrays["h"]
    np.testing.assert_allclose(end.drift, np.linalg.norm(h[5:] - h[4], axis=1), rtol=1e-6)


@pytest.mark.parametrize("text", [SHORT, TEXT])
def test_a_time_is_the_median_over_the_rounds(text, monkeypatch):
    """Seven rounds count, the first of all does not: a time step takes 9, 1, 1, 2, 40, 3, 1 and 90 ms."""
    asked, seconds = [], [0.0]

    def read(classifier, ids):
        asked.append(ids)
        seconds.append(seconds[-1] + len(ids) * [9, 1, 1, 2, 40, 3, 1, 90][asked.count(ids) - 1] / 1e3)

    monkeypatch.setattr(what_if, "_read_once", read)
    monkeypatch.setattr(machine.time, "perf_counter", lambda: seconds[-1])
    cases = padding_lab(padded(), text, 1, 1)
    expected = [2 * len(case.trace.logits) for case in cases]
    assert [case.milliseconds for case in cases] == pytest.approx(expected)
    windows = {tuple(case.trace.review.ids) for case in cases}
    assert sorted(asked) == sorted([*windows] * 8)
