"""A text changed is read as if it had been typed so, and compared where both readings read the same token."""

import random
from functools import partial

import numpy as np
import pytest
import torch

from rnn_core.errors import ConfigError, EmptyReviewError
from rnn_core.inspection.trace import trace
from rnn_core.inspection.what_if import APART, read_otherwise, replace_word, with_text
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary
from tests.inspection.made import COUNTS, RECIPES, UNIFORM, WORDS, make_model

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
@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("", "The film was good, the zither was bad"),
        ("Good", "The film was good, good the zither was bad"),
        ("Bad! Bad", "The film was good, bad! bad the zither was bad"),
    ],
)
def test_the_change_is_that_of_the_text_typed_so(by, text, settings):
    model = make(**settings)
    before, typed = trace(model, TEXT), trace(model, text)
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


def test_a_word_that_was_cut_can_be_dropped_and_nothing_is_heard_of_it():
    model = make(max_length=6)
    found = replace_word(model, trace(model, TEXT), 0)
    assert found.change == 0
    assert found.parted is None


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


@pytest.mark.parametrize("size", range(4, 9))
def test_a_smaller_vocabulary_is_the_one_that_would_have_been_learned(size):
    assert with_text(make(), vocab_size=size).vocabulary.words == Vocabulary.from_counts(COUNTS, size).words


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


@pytest.mark.parametrize(
    ("settings", "came_in", "fell_out"),
    [
        ({"max_length": 8}, (2, 3), ()),
        ({"max_length": 4}, (), (4, 5)),
        ({"truncation": "post"}, (0, 1, 2, 3), (5, 6, 7, 8)),
        ({"start_token": False}, (3,), ()),
    ],
)
def test_with_other_settings_words_come_in_and_fall_out(settings, came_in, fell_out):
    model = make(max_length=6)
    before = trace(model, TEXT)
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
