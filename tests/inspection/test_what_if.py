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
from rnn_core.text.vocabulary import Vocabulary
from tests.inspection.made import COUNTS, RECIPES, UNIFORM, WORDS, in_turn, make_model

TEXT = "The film was good, but the zither was bad"  # 9 tokens
BUT, BAD = 4, 8
PAIRS = [RECIPES["all bigrams"], RECIPES["both, with counted bigrams"]]
make = partial(make_model, seed=9, vocab_size=10, **UNIFORM)


def tokens_at(found):
    """The tokens of both readings at each pair."""
    windows = found.before.review.window, found.after.review.window
    return [(windows[0][t], windows[1][u]) for t, u in found.pairs]


@pytest.mark.parametrize(
    "settings", [*({"cell": cell} for cell in ("elman", "gru", "lstm")), *PAIRS], ids=str
)
def test_the_change_is_that_of_the_text_typed_so(settings):
    model = make(**settings)
    before = trace(model, TEXT)
    for by, instead in (("", ""), ("Good", " good"), ("Bad! Bad", " bad! bad")):
        typed = trace(model, f"The film was good,{instead} the zither was bad")
        found = replace_word(model, before, BUT, by)
        assert found.after.review == typed.review
        assert found.change == typed.logits[-1] - before.logits[-1] != 0
        expected = before.arrays["h"][found.pairs[:, 0]] - typed.arrays["h"][found.pairs[:, 1]]
        np.testing.assert_allclose(found.distances, np.linalg.norm(expected, axis=1), rtol=1e-6)


def test_time_steps_are_paired_by_the_token_of_the_text():
    model = make()
    before = trace(model, TEXT)  # <start> stands at 0, so token 4 at 5
    pairs = [replace_word(model, before, BUT, by).pairs.tolist() for by in ("", "and", "and and")]
    upto = [[t, t] for t in range(5)]
    assert pairs[0] == [*upto, *([t, t - 1] for t in range(6, 10))]
    assert pairs[1] == [[t, t] for t in range(10)]
    assert pairs[2] == [*upto, *([t, t + 1] for t in range(5, 10))]


@pytest.mark.parametrize("by", ["", "bad", "bad bad"])
def test_states_part_where_the_text_changes_and_not_before(by):
    model = make()
    found = replace_word(model, trace(model, TEXT), 3, by)  # good, at time step 4
    assert (found.distances[found.pairs[:, 0] < 4] == 0).all()
    assert found.parted == {"": (5, 4), "bad": (4, 4), "bad bad": (4, 5)}[by]


def test_states_have_parted_once_their_distance_is_more_than_a_share_of_their_norm():
    model = make()
    vectors = model.classifier.embedding.weight.data
    good, bad = WORDS.encode(["good", "bad"])
    for difference, parted in ((1.0, (4, 4)), (1e-3, None)):
        vectors[bad] = vectors[good] + difference
        found = replace_word(model, trace(model, TEXT), 3, "bad")
        norms = np.linalg.norm(found.before.arrays["h"], axis=1)
        assert found.change != 0
        assert found.parted == parted
        assert (found.distances[4] > APART * norms[4]) == (parted is not None)


def test_a_word_that_is_replaced_by_itself_changes_nothing():
    model = make(cell="lstm")
    found = replace_word(model, trace(model, TEXT), BUT, "but")
    assert found.change == 0
    assert found.parted is None
    assert found.came_in == found.fell_out == ()
    assert len(found.pairs) == 10


def test_where_a_word_is_dropped_one_that_was_cut_comes_in():
    model = make(max_length=6)  # <start> and the last five
    found = replace_word(model, trace(model, TEXT), BAD)
    assert found.before.review.window == ("<start>", "<unk>", "the", "<unk>", "was", "bad")
    assert found.after.review.window == ("<start>", "good", "<unk>", "the", "<unk>", "was")
    assert (found.came_in, found.fell_out) == ((3,), ())
    assert found.pairs.tolist() == [[0, 0], [1, 2], [2, 3], [3, 4], [4, 5]]
    assert found.parted == (1, 2)  # <start> was read alike


@pytest.mark.parametrize(("side", "token"), [("pre", BAD), ("post", 0)])
def test_where_words_come_in_others_fall_out(side, token):
    model = make(max_length=6, truncation=side)
    found = replace_word(model, trace(model, TEXT), token, "film film")
    assert (found.came_in, found.fell_out) == ((), (BUT,))


def test_a_word_that_was_cut_can_be_dropped_and_nothing_changes():
    model = make(max_length=6)
    found = replace_word(model, trace(model, TEXT), 0)
    assert (found.change, found.parted) == (0, None)


@pytest.mark.parametrize("side", ["pre", "post"])
def test_padding_that_is_read_is_no_pair_but_every_word_is(side):
    model = make(skip_padding=False, max_length=14, padding=side)
    found = replace_word(model, trace(model, TEXT), BUT)
    words = ["<start>", "the", "film", "was", "good", "the", "<unk>", "was", "bad"]
    assert tokens_at(found) == [(word, word) for word in words]


def test_a_token_that_is_not_there_and_a_text_of_which_nothing_is_left_are_refused_in_words():
    model = make()
    before = trace(model, TEXT)
    for token in (-1, 9):
        with pytest.raises(IndexError, match="9 tokens, counted from 0; got token"):
            replace_word(model, before, token)
    with pytest.raises(EmptyReviewError):
        replace_word(model, trace(model, "good"), 0, "...")


def test_the_tokens_of_any_text_joined_by_spaces_are_its_tokens():
    rng = random.Random(3)
    for _ in range(300):
        tokens = tokenize("".join(chr(rng.randrange(1, 0x3000)) for _ in range(50)))
        assert tokenize(" ".join(tokens)) == tokens


def test_a_smaller_vocabulary_is_the_one_that_would_have_been_learned():
    for size in range(4, 9):
        learned = Vocabulary.from_counts(COUNTS, size)
        assert with_text(make(), vocab_size=size).vocabulary.words == learned.words


def test_with_a_smaller_vocabulary_rare_words_are_unknown_to_the_same_network():
    model = make()
    before = trace(model, TEXT)
    found = read_otherwise(model, before, vocab_size=6)  # the, film, was
    assert found.after.review.ids == tuple(number if number < 6 else 2 for number in before.review.ids)
    assert found.after.review.unknown == (False, False, False, True, True, False, True, False, True)
    with torch.no_grad():
        answer = model.classifier(torch.tensor([found.after.review.ids]), torch.tensor([10]))
    assert found.change == pytest.approx((answer - before.logits[-1]).item(), abs=1e-6)
    assert found.parted == (4, 4)


def test_with_other_settings_words_come_in_and_fall_out():
    model = make(max_length=6)
    before = trace(model, TEXT)
    for settings, came_in, fell_out in (
        ({"max_length": 8}, (2, 3), ()),
        ({"max_length": 4}, (), (4, 5)),
        ({"truncation": "post"}, (0, 1, 2, 3), (5, 6, 7, 8)),
        ({"start_token": False}, (3,), ()),
    ):
        found = read_otherwise(model, before, **settings)
        assert (found.came_in, found.fell_out) == (came_in, fell_out)
        assert found.after.review == trace(with_text(model, **settings), TEXT).review
        assert all(one == other for one, other in tokens_at(found))


def test_settings_that_can_not_be_are_refused_in_words():
    model = make()
    with pytest.raises(ConfigError, match="at most 10, since made has weights for no more words, got 11"):
        with_text(model, vocab_size=11)
    with pytest.raises(ConfigError, match="Maximum length must be between"):
        with_text(model, max_length=0)
    assert model.config.text.vocab_size == 10


SHORT = "The film was good"
LONG = "The film was good, but the zither was bad"
padded = partial(make_model, seed=10, max_length=8, **UNIFORM)


def by_settings(cases):
    return {(case.padding, case.truncation, case.skip_padding): case for case in cases}


@pytest.mark.parametrize("recipe", [{}, RECIPES["counted bigrams"]], ids=["words", "counted bigrams"])
@pytest.mark.parametrize("text", [SHORT, LONG])
def test_every_combination_is_read_once_as_these_settings_read_it(text, recipe):
    model = padded(**recipe)
    cases = by_settings(padding_lab(model, text))
    assert len(cases) == 8
    for (padding, truncation, skip_padding), case in cases.items():
        settings = {"padding": padding, "truncation": truncation, "skip_padding": skip_padding}
        alone = trace(with_text(model, **settings), text)
        assert case.trace.review == alone.review
        np.testing.assert_array_equal(case.trace.arrays["h"], alone.arrays["h"])
        if skip_padding or text == LONG:  # no padding is read, and nothing drifts
            assert case.padding_share == len(case.drift) == 0
            assert case.logit_before == case.logit_after == case.trace.logits[-1]


def test_padding_stands_where_its_side_says_and_its_share_is_that_of_the_time_steps():
    cases = by_settings(padding_lab(padded(), SHORT))
    for truncation in ("pre", "post"):
        front, end = cases["pre", truncation, False], cases["post", truncation, False]
        assert (front.pads, end.pads) == (slice(0, 3), slice(5, 8))
        assert front.padding_share == end.padding_share == 3 / 8
        for case in (front, end):
            assert set(case.trace.review.window[case.pads]) == {"<pad>"}


@pytest.mark.parametrize(
    ("cell", "readout", "head"),
    in_turn(["elman", "gru", "lstm"], ["last", "mean", "max", "attention"], ["one-logit", "two-logit"]),
)
def test_padding_moves_the_verdict_before_the_first_word_or_away_from_that_on_the_words(cell, head, readout):
    model = padded(cell=cell, head=head, readout=readout)
    cases = by_settings(padding_lab(model, SHORT))
    front, end, skipped = cases["pre", "pre", False], cases["post", "pre", False], cases["post", "pre", True]
    of_zeros = log_odds(model.classifier.head(torch.zeros(1, 5)), followed=1).item()
    assert front.logit_before == pytest.approx(of_zeros)
    assert front.logit_after == front.trace.logits[2]
    np.testing.assert_allclose(front.drift, np.linalg.norm(front.trace.arrays["h"][:3], axis=1), rtol=1e-6)
    assert end.logit_before == pytest.approx(float(skipped.trace.logits[-1]), abs=1e-6)
    assert end.logit_after == end.trace.logits[-1]
    h = end.trace.arrays["h"]
    np.testing.assert_allclose(end.drift, np.linalg.norm(h[5:] - h[4], axis=1), rtol=1e-6)


@pytest.mark.parametrize("text", [SHORT, LONG])
def test_a_time_is_the_median_over_the_rounds_of_reading_that_window(text, monkeypatch):
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
