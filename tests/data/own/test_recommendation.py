"""Settings that suit a corpus, and the reasons given for them."""

import random
import tempfile
from pathlib import Path

import pytest

from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import Text, open_corpus, write_corpus
from rnn_core.data.own.recommendation import recommend


@pytest.fixture
def make(tmp_path):
    """A function from the number and the lengths of texts to what suits a corpus of them."""

    def of(lengths, classes=2, unit="words", words=50):
        draw, known = random.Random(0), [f"w{word}" for word in range(words)]
        texts = [
            Text(" ".join(draw.choices(known, k=length)), number % classes, "training")
            for number, length in enumerate(lengths)
        ]
        names = tuple(f"c{label}" for label in range(classes))
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        list(write_corpus("own", texts, folder, len(texts), names, TokenRules(unit=unit)))
        return recommend(open_corpus(folder))

    return of


def test_a_text_of_usual_length_is_read_whole_and_a_long_one_cut(make):
    lengths = [20] * 95 + [90] * 5
    assert make(lengths).config.text.max_length == 91  # and <start>
    long = make([200] * 95 + [3_000] * 5)
    assert 200 < long.config.text.max_length <= 401
    assert "5.0% of the texts are longer and are cut" in long.reasons[1]
    assert make([900] * 40).config.text.max_length == 401
    assert make([2_000] * 40, unit="characters").config.text.max_length == 1_001


def test_words_that_a_network_can_not_learn_are_left_out_of_the_vocabulary(make):
    few = make([10] * 200, words=50)
    assert few.config.text.vocab_size == 50 + 3
    assert "all 50 words" in few.reasons[0]
    rare = make([10] * 200, words=100_000)
    assert rare.config.text.vocab_size < 100


def test_batches_grow_as_texts_become_short_but_leave_enough_optimizer_steps(make):
    sizes = [make([length] * 6_000).config.training.batch_size for length in (2, 40, 200)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    small = make([5] * 300).config.training
    assert 270 / small.batch_size >= 30


def test_few_texts_are_seen_more_often_and_with_dropout(make):
    few, some, many = (make([4] * texts).config for texts in (500, 6_000, 24_000))
    assert few.training.epochs >= some.training.epochs > many.training.epochs
    assert few.model.head_dropout > 0
    assert few.training.reviews == 450


def test_label_odds_need_a_number_for_each_class_and_a_tiny_corpus_has_settings_too(make):
    for lengths, classes in (([1] * 4, 2), ([0, 1, 1, 1], 2), ([3] * 100, 50)):
        found = make(lengths, classes)
        assert len(found.config.classes) == classes
        assert all(reason.endswith(".") for reason in found.reasons)
    assert make([10] * 100).config.model.label_odds
    wide = make([10] * 400, classes=40)
    assert not wide.config.model.label_odds or wide.config.model.embedding_size >= 40
    assert not make([10] * 100, unit="characters").config.model.label_odds


def test_pairs_of_words_are_counted_where_the_vector_has_a_number_for_each_class_and_else_learned(make):
    for classes in (2, 3):
        found = make([10] * 500, classes=classes).config.model
        assert (found.counted_bigrams, found.bigrams) == (900, 0)
    forty = make([10] * 800, classes=40).config.model
    assert (forty.counted_bigrams, forty.bigrams) == (0, 720)
    spelled = make([10] * 500, unit="characters").config.model
    assert (spelled.counted_bigrams, spelled.bigrams) == (0, 0)
