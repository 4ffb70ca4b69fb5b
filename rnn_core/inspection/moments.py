"""Moments of reviews: a time step at which a word was read, and the words around it.

`<start>`, which is the same in every review, and padding are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus
from rnn_core.models.model import Model
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.text.window import read_review


class Moment(NamedTuple):
    """A word of a review, when the network had read it."""

    review: int
    """Index in the corpus."""
    time: int
    """Time step in the window."""
    value: float
    """The activation of the unit, or the cosine between the states."""
    label: str
    """The name of its class, as the corpus has it."""


def moment_of(
    labels: NDArray[np.int8], classes: Sequence[str], review: int, time: int, value: float
) -> Moment:
    """A moment with the label that its review has among those of the corpus, (N,), with these classes."""
    return Moment(int(review), int(time), float(value), classes[labels[review]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A moment in words, as the text has them; what was cut off, the network never saw, and is not here."""

    before: tuple[str, ...]
    word: str
    """What was read last at this moment: a word of the text, or a special token that the window put there."""
    after: tuple[str, ...]
    """What the network read later."""
    unknown: bool
    """Whether it read `<unk>` in place of the word."""
    goes_on_before: bool
    """Whether the window has more words than are here."""
    goes_on_after: bool


def context(model: Model, corpus: Corpus, moment: Moment, words: int = 6) -> Context:
    """The word of a moment, and at most so many words on either side of it."""
    review = read_review(corpus.text(moment.review), model.vocabulary, model.config.text, model.config.tokens)
    seen = review.tokens[review.kept]
    begin = sum(number >= UNK_ID for number in review.ids[: moment.time])
    is_word = review.ids[moment.time] >= UNK_ID
    end = begin + int(is_word)
    return Context(
        before=seen[max(begin - words, 0) : begin],
        word=seen[begin] if is_word else review.window[moment.time],
        after=seen[end : end + words],
        unknown=review.ids[moment.time] == UNK_ID,
        goes_on_before=begin > words,
        goes_on_after=len(seen) > end + words,
    )
