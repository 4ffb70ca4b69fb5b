"""What the units of a network respond to in many reviews, moment by moment, and which set the labels apart.

A moment is a time step at which a word was read, with the words around it. `<start>`, which is the same in
every review, and padding are none, and don't count in a mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize

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


_BLOCK = 4096  # states turned into float32 at a time, few enough to stay in the processor's cache

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Ranking(NamedTuple):
    """The H units of a gate or state, those first that set the labels apart best."""

    units: NDArray[np.int64]
    """(H,)"""
    auc: Floats
    """(H,) of `units`, in this order: above 0.5 where the unit is larger in texts of the followed class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitIndex:
    """L gates and states of H units each, over many reviews: K moments of each unit, and S states."""

    letters: tuple[str, ...]
    """(L,) as in `Trace.arrays`."""
    activations: Floats
    """(L, H, K) the largest, the largest first; -inf where there were fewer than K reviews."""
    reviews: Integers
    """(L, H, K) which review of the corpus each is of; no unit has one twice."""
    times: Integers
    """(L, H, K) and which time step."""
    auc: Floats
    """(L, H) of the second of two classes; (L, H, C) of C classes, each against the rest."""
    states: NDArray[np.float16]
    """(S, H) some of all h, in the order of the corpus, of length 1."""
    state_reviews: Integers
    """(S,)"""
    state_times: Integers
    """(S,)"""
    labels: NDArray[np.int8]
    """(N,) those of the corpus."""
    classes: tuple[str, ...]
    """The names of the C classes of the corpus."""

    def openers(self, letter: str, unit: int) -> list[Moment]:
        """The moments at which a unit was largest, at most one of a review, the largest first.

        Of equal ones, such as those of a gate that is quite open, those of the longest windows are kept.
        """
        place = self.letters.index(letter), unit
        there = np.isfinite(self.activations[place])
        kept = (values[place][there] for values in (self.reviews, self.times, self.activations))
        return [moment_of(self.labels, self.classes, *moment) for moment in zip(*kept, strict=True)]

    def ranking(self, letter: str, followed: int = 1) -> Ranking:
        """The units by how well their mean activation sets a class apart from the rest: by |AUC - 0.5|.

        `followed` is the index of the class.
        """
        auc = self.auc[self.letters.index(letter)]
        if auc.ndim == 2:
            auc = auc[:, followed]
        elif not followed:
            auc = 1 - auc
        units = np.argsort(-np.abs(auc - 0.5), kind="stable")
        return Ranking(units, auc[units])

    def nearest(self, h: Floats, count: int) -> list[Moment]:
        """The moments of the sample whose states have the largest cosine to h, (H,), one of a review."""
        with torch.inference_mode():
            direction = normalize(torch.from_numpy(np.asarray(h, np.float32)), dim=0)
            blocks = torch.from_numpy(self.states).split(_BLOCK)
            cosines = torch.cat([block.float() @ direction for block in blocks]).numpy()  # (S,)
        begins = np.flatnonzero(np.diff(self.state_reviews, prepend=-1))  # where each review begins
        ends = np.append(begins[1:], len(cosines))
        best = np.argsort(-np.maximum.reduceat(cosines, begins), kind="stable")[:count]
        places = [begins[i] + cosines[begins[i] : ends[i]].argmax() for i in best]
        return [
            moment_of(self.labels, self.classes, self.state_reviews[i], self.state_times[i], cosines[i])
            for i in places
        ]
