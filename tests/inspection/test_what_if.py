"""A text changed is read as if it had been typed so, and compared where both readings read the same token."""

import random
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.inspection import what_if
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import APART, padding_lab, read_otherwise, replace_word, with_text
from rnn_core.tasks.classes import log_odds
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import UNK_ID, Vocabulary
from tests.inspection.made import COUNTS, RECIPES, UNIFORM, in_turn, make_model
from tests.refusals import refusals

TEXT = "The film was good, but the zither was bad"
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
"""Which token is replaced, and by what."""
make = partial(make_model, seed=9, vocab_size=10, **UNIFORM)


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
    assert found.parted == next(
        (pair for pair, d, most in zip(pairs, distances, lengths, strict=True) if d > APART * most), None
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


test_no_token_is_replaced_that_is_not_there = refusals(
    IndexError,
    {
        "before": (lambda: replace_word(make(), trace(make(), TEXT), -1), "from 0; got token -1"),
        "after": (lambda: replace_word(make(), trace(make(), TEXT), 9), "9 tokens, counted from 0; got"),
    },
)
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
    cases = by_settings(padding_lab(model, text))
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
    cases = by_settings(padding_lab(model, SHORT))
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
    """In seven rounds, the first of all not counted, a time step takes 9, 1, 1, 2, 40, 3, 1 and 90 ms."""
    asked = []

    def milliseconds(classifier, ids):
        asked.append(ids)
        return len(ids) * [9, 1, 1, 2, 40, 3, 1, 90][asked.count(ids) - 1]

    monkeypatch.setattr(what_if, "_milliseconds", milliseconds)
    cases = padding_lab(padded(), text)
    assert [case.milliseconds for case in cases] == [2 * len(case.trace.logits) for case in cases]
    windows = {tuple(case.trace.review.ids) for case in cases}
    assert sorted(asked) == sorted([*windows] * 8)
