"""Reviews that hold all words of a query, found over word numbers."""

from bisect import bisect_left
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import Corpus
from rnn_core.text.tokenizer import SPACE, clean, find_words, tokenize, without_breaks

MOST_WORDS = 12
"""The most words of a query; what comes behind them is not looked for."""


class Found(NamedTuple):
    """The reviews that hold every word of a query."""

    reviews: NDArray[np.int64]
    """The indices of the reviews: those with all words next to each other first, else in the order of the
    corpus."""
    together: int
    """The number of reviews with all words next to each other."""


def query_words(query: str, rules: TokenRules = WORDS) -> tuple[str, ...]:
    """The tokens that a query asks for, in order, at most MOST_WORDS.

    >>> query_words("Slow, but NOT dull")
    ('slow', 'but', 'not', 'dull')
    """
    return tuple(tokenize(query, rules)[:MOST_WORDS])


def search_reviews(corpus: Corpus, words: tuple[str, ...]) -> Found:
    """The reviews that hold every one of these words anywhere; none for no words."""
    numbers = [number for number in (word_number(corpus, word) for word in words) if number is not None]
    if not numbers or len(numbers) < len(words):
        return Found(np.empty(0, np.int64), 0)
    # reduceat would give an empty review the first word of the next one.
    holders = np.flatnonzero(corpus.lengths())
    starts = corpus.offsets[holders]
    held = np.ones(len(holders), bool)
    for number in set(numbers):
        held &= np.logical_or.reduceat(corpus.ids == number, starts)
    places = np.flatnonzero(corpus.ids == numbers[0])
    for further, number in enumerate(numbers[1:], start=1):
        places = places[places + further < len(corpus.ids)]
        places = places[corpus.ids[places + further] == number]
    first, last = (
        np.searchsorted(corpus.offsets, places + further, side="right") - 1
        for further in (0, len(numbers) - 1)
    )
    reviews, together = holders[held], np.unique(first[first == last])  # a row that ends in its own review
    others = reviews[~np.isin(reviews, together)]
    return Found(np.concatenate([together, others]), len(together))


def word_number(corpus: Corpus, word: str) -> int | None:
    """The number of a word in the corpus; None where no review has it."""
    place = bisect_left(corpus.words, word)
    is_there = place < len(corpus.words) and corpus.words[place] == word
    return place if is_there else None


class Piece(NamedTuple):
    """A part of an excerpt, and whether it is one of the words looked for."""

    text: str
    found: bool


def excerpt(
    text: str, words: tuple[str, ...], before: int = 80, most: int = 300, rules: TokenRules = WORDS
) -> list[Piece]:
    """Cut out what stands around these words in a review, where the most of them are together.

    At most about `most` characters, the first word about `before` behind their beginning.

    >>> excerpt("It is slow. It is dull.<br />It is SLOW!", ("slow",), before=5, most=12)
    [Piece(text='… is ', found=False), Piece(text='slow', found=True), Piece(text='. It …', found=False)]
    """
    text = text if rules.exact else without_breaks(text)
    places = _places(text, words, rules)
    first = max(_busiest(text, places, most - before, rules) - before, 0)
    if first:  # a text without blanks is cut inside
        first = text.find(" ", first, first + before) + 1 or first
    last = min(first + most, len(text))
    if last < len(text):
        last = max(text.rfind(" ", max(first, last - before), last), first) or last
    pieces, at = [Piece("… " if first else "", False)], first
    for begin, end in places:
        if first <= begin and end <= last:
            pieces += [Piece(text[at:begin], False), Piece(text[begin:end], True)]
            at = end
    pieces.append(Piece(text[at:last] + (" …" if last < len(text) else ""), False))
    written = filter(lambda piece: piece.text, pieces)
    return [
        Piece("".join(piece.text for piece in run), found)
        for found, run in groupby(written, key=lambda piece: piece.found)
    ]


def _places(text: str, words: tuple[str, ...], rules: TokenRules) -> list[tuple[int, int]]:
    """Find the places of the words; of characters and exact words only those in a row as asked for, where
    there are such.
    """
    places = find_words(text, words, rules)
    if rules.unit == "words" and not rules.exact:
        return places
    signs = tuple(clean(text[first:last], rules) or SPACE for first, last in places)
    rows: list[tuple[int, int]] = []
    for begin in range(len(places) - len(words) + 1):
        row = places[begin : begin + len(words)]
        in_a_row = all(before[1] == after[0] for before, after in pairwise(row))
        if in_a_row and signs[begin : begin + len(words)] == words and (not rows or rows[-1][1] <= row[0][0]):
            rows.append((row[0][0], row[-1][1]))
    return rows or places


def _busiest(text: str, places: list[tuple[int, int]], reach: int, rules: TokenRules) -> int:
    """Find where the shortest stretch begins that holds the most different ones of the words found."""
    best, where = (0, 0), 0
    words = [clean(text[first:last], rules) for first, last in places]
    for number, (begin, _) in enumerate(places):
        near: set[str] = set()
        for word, (_, end) in zip(words[number:], places[number:], strict=True):
            if end > begin + reach:
                break
            if word not in near:
                near.add(word)
                if (len(near), begin - end) > best or not best[0]:
                    best, where = (len(near), begin - end), begin
    return where
