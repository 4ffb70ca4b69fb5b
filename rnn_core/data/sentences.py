"""The first and the last sentence of a review: short text of real people, labelled as their review is.

No corpus of single sentences comes with the project. What a reviewer opens and ends with mostly holds an
opinion, so these sentences say how a network reads short text, though no more than about: some hold none.
"""

import dataclasses
import re

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import WORDS, TokenRules
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_texts
from rnn_core.errors import DataError
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary

SHORTEST, LONGEST = 5, 35
"""The tokens of a sentence; shorter ones are mostly no sentences, longer ones often several."""

_BETWEEN = re.compile(r"(?<=[.!?])\s+|<br\s*/?>", re.IGNORECASE)


def sentences_of(text: str) -> list[str]:
    """A text cut after each full stop, question mark and exclamation mark, and at each `<br />`."""
    return _BETWEEN.split(text)


def ends_of(text: str, rules: TokenRules = WORDS) -> list[str]:
    """The first and the last sentence of a text, of those that are neither too short nor too long.

    For tokens that are words, in scripts that end sentences with . ! or ? and a blank.

    >>> ends_of("I saw it on a plane. Wow! It is two hours long. It was not worth it.")
    ['I saw it on a plane.', 'It was not worth it.']
    """
    fitting = [part for part in sentences_of(text) if SHORTEST <= len(tokenize(part, rules)) <= LONGEST]
    return fitting if len(fitting) < 2 else [fitting[0], fitting[-1]]


def encode_ends(
    corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
) -> EncodedReviews:
    """The windows of those of all these reviews, with labels and indices of the reviews they are of.

    Raises DataError for a corpus of characters, and where no text has such a sentence.
    """
    if corpus.tokens.unit != "words":
        raise DataError(
            f"The texts of {corpus.name} are read by characters, and sentences are found and measured by "
            "words. Score the whole texts: leave out --sentences."
        )
    both = [(sentence, index) for index in indices for sentence in ends_of(corpus.text(index), corpus.tokens)]
    if not both:
        raise DataError(
            f"No text of {corpus.name} begins or ends with a sentence of {SHORTEST} to {LONGEST} words that "
            "ends with . ! or ?. Score the whole texts: leave out --sentences."
        )
    reviews = np.array([index for _, index in both], np.int64)
    sentences = [sentence for sentence, _ in both]
    encoded = encode_texts(sentences, vocabulary, config, corpus.tokens, corpus.labels[reviews])
    return dataclasses.replace(encoded, indices=reviews)
