"""What a vocabulary, a cut and a batch do to the reviews of a corpus, in numbers.

R is the number of distinct words of the training reviews, W that of the whole corpus, N a number of reviews.
All is counted over word numbers, so a vocabulary or a cut of another size costs a look-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.run import TextConfig
from rnn_core.data.batches import training_rows
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, Splits, tokens_of
from rnn_core.text.vocabulary import SPECIAL_TOKENS, UNK_ID, Vocabulary
from rnn_core.text.window import room_for_words

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

PRIOR = 100.0
"""How often each word is taken to have been seen under each label beforehand (`log_odds`)."""

TO_MAXIMUM, RANDOM, ALIKE = "maximum", "random", "alike"
FILLINGS = (TO_MAXIMUM, RANDOM, ALIKE)
"""What the reviews of a batch are filled up to: the maximum length; the longest of a batch drawn at random;
the longest of a batch of about equal lengths, as `training_batches` makes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCounts:
    """How often each of the W words of a corpus comes up."""

    positive: Counts
    """(W,) in positive training reviews."""
    negative: Counts
    """(W,) in negative ones."""
    test: Counts
    """(W,) in the test reviews."""
    ranking: NDArray[np.int64]
    """(R,) numbers of the words of the training reviews, in the order in which a vocabulary takes them."""

    @property
    def training(self) -> Counts:
        """(W,) in all training reviews."""
        return self.positive + self.negative


def count_words(corpus: Corpus, splits: Splits) -> WordCounts:
    """Count every word by part and label."""

    def count(rows: NDArray[np.int64]) -> Counts:
        return np.bincount(tokens_of(corpus, rows), minlength=len(corpus.words))

    positive, negative = (count(splits.training[corpus.labels[splits.training] == label]) for label in (1, 0))
    # The words of a corpus stand in the order of the alphabet, which a stable sort keeps among equals.
    ranking = np.argsort(-(positive + negative), kind="stable")
    distinct = np.count_nonzero(positive + negative)
    return WordCounts(
        positive=positive, negative=negative, test=count(splits.test), ranking=ranking[:distinct]
    )


def known_words(counts: WordCounts, size: int) -> NDArray[np.int64]:
    """The numbers of the words in a vocabulary of that size, the most frequent first."""
    return counts.ranking[: max(size - len(SPECIAL_TOKENS), 0)]


def word_ids(counts: WordCounts, size: int) -> NDArray[np.int32]:
    """(W,) the id that each word of the corpus has in a vocabulary of that size."""
    known = known_words(counts, size)
    ids = np.full(len(counts.test), UNK_ID, np.int32)
    ids[known] = np.arange(len(SPECIAL_TOKENS), len(SPECIAL_TOKENS) + len(known))
    return ids


def vocabulary_of(corpus: Corpus, counts: WordCounts, size: int) -> Vocabulary:
    """What `learn_vocabulary` learns from the same training reviews, without counting anew."""
    return Vocabulary((*SPECIAL_TOKENS, *(corpus.words[number] for number in known_words(counts, size))))


class Coverage(NamedTuple):
    """The share of words that k = 0 ... R known words cover; each (R + 1,), nan where there are no words."""

    running_training: Floats
    """Of all words of the training reviews, each as often as it stands there."""
    running_test: Floats
    distinct_training: Floats
    """Of the different words of the training reviews."""
    distinct_test: Floats

    def at(self, size: int) -> "Coverage":
        """Each share for a vocabulary of that size, as a number."""
        known = min(max(size - len(SPECIAL_TOKENS), 0), len(self.running_training) - 1)
        return Coverage(*(share[known] for share in self))


def coverage(counts: WordCounts) -> Coverage:
    """The shares for every size of a vocabulary at once."""
    training, test = counts.training, counts.test

    def running(of: Counts) -> Floats:
        return _share(np.concatenate([[0], np.cumsum(of[counts.ranking])]), of.sum())

    return Coverage(
        running(training),
        running(test),
        running((training > 0).astype(np.int64)),
        running((test > 0).astype(np.int64)),
    )


class CutCost(NamedTuple):
    """What a cut takes away, as shares; one number for each maximum length."""

    reviews: Floats
    """Reviews that lose at least one word."""
    words: Floats
    """Words that are lost, of all."""


def cut_cost(lengths: Counts, rooms: NDArray[np.int64]) -> CutCost:
    """What it costs to keep at most `rooms` (M,) words of reviews of these lengths (N,)."""
    ordered = np.sort(lengths)
    fitting = np.searchsorted(ordered, rooms, side="right")
    total = np.concatenate([[0], np.cumsum(ordered)])
    longer = len(ordered) - fitting
    lost = total[-1] - total[fitting] - longer * rooms
    return CutCost(_share(longer, len(ordered)), _share(lost, total[-1]))


def length_histogram(lengths: Counts, width: int, bins: int) -> Counts:
    """(bins,) reviews of 0 to width - 1 words, of width to 2 width - 1, ...; the last has all longer ones."""
    return np.bincount(np.minimum(lengths // width, bins - 1), minlength=bins)


class LogOdds(NamedTuple):
    """How much more readily a word comes up under the one label than under the other."""

    log_odds: Floats
    """(W,) above zero for words of positive reviews; natural logarithm."""
    z: Floats
    """(W,) the same in standard deviations: how sure it is."""


def log_odds(positive: Counts, negative: Counts, prior: float = PRIOR) -> LogOdds:
    """Log odds ratio of W words by their counts (W,), with a symmetric Dirichlet prior.

    That of Monroe, Colaresi and Quinn (2008), Fightin' Words, and its z score, with the same `prior` for
    every word: as if each had been seen that often under either label. A word seen twice, by chance in the
    same kind of review, is thereby drawn to zero; one seen thousands of times hardly.
    """
    a, b = positive + prior, negative + prior
    ratio = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
    return LogOdds(ratio, ratio / np.sqrt(1 / a + 1 / b))


class TellingWord(NamedTuple):
    """A word and how it tells the labels apart."""

    word: str
    log_odds: float
    z: float
    positive: int
    """How often it stands in positive training reviews."""
    negative: int
    times_by_counts: float
    """By the counts alone, without the prior: how many times the odds of the other label; inf where it stands
    under one label only."""


def telling_words(
    corpus: Corpus, counts: WordCounts, size: int, most: int
) -> tuple[list[TellingWord], list[TellingWord]]:
    """The most telling words of a vocabulary of that size: of negative, then of positive reviews.

    The most telling first; words that lean to the other side are left out, so there may be fewer than `most`.
    """
    known = known_words(counts, size)
    if len(known) < 2:  # the odds of the only word there is are without bounds
        return [], []
    odds = log_odds(counts.positive[known], counts.negative[known])
    with np.errstate(divide="ignore", invalid="ignore"):  # a word that one label never has
        by_counts = log_odds(counts.positive[known], counts.negative[known], prior=0).log_odds
    order = np.argsort(odds.log_odds, kind="stable")

    def told(places: NDArray[np.int64]) -> list[TellingWord]:
        return [
            TellingWord(
                corpus.words[known[place]],
                float(odds.log_odds[place]),
                float(odds.z[place]),
                int(counts.positive[known[place]]),
                int(counts.negative[known[place]]),
                float(np.exp(np.abs(by_counts[place]))),
            )
            for place in places
        ]

    negative, positive = order[odds.log_odds[order] < 0], order[::-1][odds.log_odds[order[::-1]] > 0]
    return told(negative[:most]), told(positive[:most])


def filled_lengths(lengths: Counts, config: TextConfig) -> Counts:
    """(N,) time steps with a token, of reviews of these lengths: cut, `<start>` put on."""
    return np.minimum(lengths, room_for_words(config)) + int(config.start_token)


def batch_rows(steps: Counts, batch_size: int, filling: str, seed: int) -> list[NDArray[np.int64]]:
    """All reviews, of so many time steps (N,), in batches as they are made for a `filling` of FILLINGS."""
    chance = np.random.default_rng(seed)
    if filling == ALIKE:
        return list(training_rows(steps, batch_size, chance))
    shuffled = chance.permutation(len(steps))
    return [shuffled[first : first + batch_size] for first in range(0, len(steps), batch_size)]


def padding_share(lengths: Counts, config: TextConfig, batch_size: int, filling: str, seed: int) -> float:
    """The share of padding in all batches of reviews of these lengths (N,); nan without a review."""
    steps = filled_lengths(lengths, config)
    if not len(steps):
        return float("nan")
    if filling == TO_MAXIMUM:
        return 1 - int(steps.sum()) / (len(steps) * config.max_length)
    batches = batch_rows(steps, batch_size, filling, seed)
    sizes = np.array([len(batch) for batch in batches], np.int64)
    longest = np.maximum.reduceat(steps[np.concatenate(batches)], np.cumsum(sizes) - sizes)
    places = int((sizes * longest).sum())
    return 1 - int(steps.sum()) / places if places else float("nan")


def padding_shares(lengths: Counts, config: TextConfig, batch_size: int, seed: int) -> Mapping[str, float]:
    """The same for each of FILLINGS."""
    return {filling: padding_share(lengths, config, batch_size, filling, seed) for filling in FILLINGS}


def batch_picture(encoded: EncodedReviews, width: int, side: str, filler: int) -> NDArray[np.int32]:
    """(B, width) ids of a few encoded reviews, each filled up at `side` where it is shorter."""
    picture = np.full((len(encoded), width), filler, np.int32)
    for line, length, first in zip(picture, encoded.lengths(), encoded.offsets[:-1], strict=True):
        place = slice(width - length, width) if side == "pre" else slice(0, length)
        line[place] = encoded.ids[first : first + length]
    return picture


def _share(part: NDArray[np.int64], whole: int) -> Floats:
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
