"""The benchmark of sentences makes real corpora of them, and leaves nothing behind."""

from pathlib import Path

import pytest

from benchmarks import sentences as benchmark
from benchmarks.sentences import last_sentence, measure_sentences, sentences_of
from rnn_core.config.corpora import corpus_named, offered_names
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.make import add
from rnn_core.data.sources import load_corpus
from rnn_core.tables.open import open_table


def _review(number):
    word = "good" if number % 2 else "bad"
    split = "test" if number % 5 == 0 else "training"
    return Text(f"Here is film {number}. In the end it is {word}, says viewer {number}.", number % 2, split)


@pytest.fixture
def reviews():
    """300 reviews in the place of IMDB's."""
    texts = [_review(number) for number in range(300)]
    for _ in build_corpus("imdb", texts, corpus_named("imdb").folder, len(texts)):
        pass
    return load_corpus("imdb")


@pytest.mark.parametrize(
    ("review", "sentence"),
    [
        ("One. It was far too long.", "It was far too long."),
        ("It was far too long!<br /><br />Avoid it.", "It was far too long!"),
        ("It was far too long. 3/10 ", "It was far too long."),
        ("Bad. Bad.", "Bad. Bad."),
    ],
)
def test_the_last_sentence_is_the_last_one_that_says_something(review, sentence):
    assert last_sentence(review) == sentence


def test_the_sentences_are_those_of_training_reviews_and_fewer_are_a_part_of_more(reviews):
    some, more = sentences_of(reviews, 20), sentences_of(reviews, 60)
    assert more[:20] == some
    assert [sentence.label for sentence in some].count("positive") == 10
    training = {last_sentence(reviews.text(row)) for row in reviews.indices("training")}
    assert {sentence.text for sentence in more} <= training


def add_here(name, recipe):
    """As `add_apart`, in this process."""
    yield from add(name, open_table(Path(recipe.source)), recipe)


@pytest.mark.slow
def test_networks_and_nb_svm_are_scored_on_the_same_held_out_sentences(reviews, monkeypatch):
    monkeypatch.setattr(benchmark, "add_apart", add_here)
    monkeypatch.setattr(benchmark, "_HELD_OUT", 40)
    monkeypatch.setattr(benchmark, "_PROMISED", 100)
    measured = list(measure_sentences([60, 120], [0]))
    assert len(measured) == 2 * 2 * 3
    for counted, reached, ahead in zip(measured[::3], measured[1::3], measured[2::3], strict=True):
        assert ahead.measured == pytest.approx(counted.measured - reached.measured)
        assert counted.measured == 100  # one word decides
    assert [one.at_most for one in measured[2::3]] == [None, None, 1.0, 1.0]
    assert offered_names() == ("imdb", "verdict")
