"""The first and last sentence of a review, and search in reviews."""

import dataclasses

import numpy as np
import pytest

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.encoding import learn_vocabulary
from rnn_core.data.search import MOST_WORDS, excerpt, query_words, search_reviews
from rnn_core.data.sentences import encode_ends, ends_of
from rnn_core.errors import DataError
from rnn_core.text.vocabulary import Vocabulary

LONG = "word " * 36


def test_the_ends_are_the_first_and_last_sentence_that_is_neither_too_short_nor_too_long():
    assert ends_of(f"Oh no. {LONG}. One two three four five! Six?<br />One two three four six. Bye.") == [
        "One two three four five!",
        "One two three four six.",
    ]
    assert ends_of("Only one sentence is here. No more.") == ["Only one sentence is here."]
    assert ends_of("Nothing.") == []


def test_a_sentence_has_the_label_and_the_index_of_its_review(make_corpus):
    texts = [
        "It is short. This film was a delight. I would see it twice.",
        "Too short.",
        "This film was a bore. Go home now. I would not see it.",
    ]
    corpus = make_corpus([(text, label, "training") for text, label in zip(texts, (1, 1, 0), strict=True)])
    rows = corpus.indices("training")
    encoded = encode_ends(corpus, rows, learn_vocabulary(corpus, rows, 100), TextConfig())
    assert encoded.indices.tolist() == [0, 0, 2, 2]
    assert encoded.labels.tolist() == [1, 1, 0, 0]
    assert np.diff(encoded.offsets).tolist() == [6, 6, 6, 6]


def test_characters_have_no_sentences_to_score(make_corpus):
    corpus = make_corpus([("お茶がおいしい。とてもおいしい。", True, "test")])
    corpus = dataclasses.replace(corpus, name="tea", tokens=TokenRules(unit="characters"))
    with pytest.raises(DataError, match=r"tea are read by characters.*leave out --sentences"):
        encode_ends(corpus, corpus.indices("test"), Vocabulary.from_counts({}, 3), TextConfig())


def test_a_corpus_without_a_sentence_of_that_length_is_refused(make_corpus):
    corpus = make_corpus([("Too short. Far too short.", True, "test")])
    with pytest.raises(DataError, match="No text of made begins or ends with a sentence of 5 to 35 words"):
        encode_ends(corpus, corpus.indices("test"), Vocabulary.from_counts({}, 3), TextConfig())


TEXTS = ["", "Not a dull film", "Don't say it is dull: it's NOT.", "It is not dull!", "dull not", ""]


@pytest.fixture
def corpus(make_corpus):
    return make_corpus([(text, True, "training") for text in TEXTS])


def found(corpus, query):
    return search_reviews(corpus, query_words(query))


def test_a_review_is_found_when_it_holds_every_word_those_in_a_row_first(corpus):
    result = found(corpus, "not dull")
    assert result.reviews.tolist() == [3, 1, 2, 4]
    assert result.together == 1
    assert found(corpus, "film don't").reviews.tolist() == []
    assert found(corpus, "! dull").together == 0  # "!" ends review 3, "dull" begins review 4
    assert found(corpus, "DON’T").reviews.tolist() == [2]  # a query is cleaned as a review is


@pytest.mark.parametrize("query", ["", "...", "zither", "dull zither"])
def test_no_word_and_an_unknown_word_find_nothing(corpus, query):
    assert len(found(corpus, query).reviews) == 0


def test_a_long_query_is_cut():
    assert len(query_words("word " * 100)) == MOST_WORDS


def test_the_excerpt_shows_where_the_words_are_together():
    text = "not here. " + "plot " * 50 + "It is not dull at all. " + "plot " * 50
    pieces = excerpt(text, ("not", "dull"), before=20, most=60)
    assert [piece.text for piece in pieces if piece.found] == ["not", "dull"]
    assert pieces[0].text.startswith("… ")
    assert pieces[-1].text.endswith(" …")
    assert "".join(piece.text for piece in pieces).strip("… ") in text


def test_an_excerpt_of_a_short_review_is_all_of_it():
    assert excerpt("Good<br />film", ("film",)) == [("Good ", False), ("film", True)]
    assert excerpt("", ("film",)) == []
