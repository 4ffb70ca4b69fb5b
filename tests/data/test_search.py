"""Search in the reviews."""

import pytest

from rnn_core.data.search import MOST_WORDS, excerpt, query_words, search_reviews

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
