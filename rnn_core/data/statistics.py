"""Statistics of the Data page: lengths of texts, coverage of a vocabulary, telling words, padding.

K is the number of classes, R that of the distinct words of the training reviews, W that of the whole corpus.
Words are counted by their numbers, so a vocabulary of another size costs a look-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.text_settings import TextConfig
from rnn_core.data.batch_rows import BATCHES_PER_POOL, mixed_rows, training_rows
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, Splits, texts_with_words, uses_of_words
from rnn_core.text.vocabulary import SPECIAL_TOKENS, UNK_ID, Vocabulary
from rnn_core.text.window import room_for_words

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


def shares_of(part: Counts, whole: int) -> Floats:
    """Each number as a share of the whole; nan where that is nothing."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)


class CutCost(NamedTuple):
    """The losses by a cut, as shares; one number for each maximum length."""

    reviews: Floats
    """The share of the reviews that lose at least one word."""
    words: Floats
    """The share of all words that is lost."""


def cut_cost(lengths: Counts, rooms: NDArray[np.int64]) -> CutCost:
    """The costs of keeping at most `rooms` (M,) words of reviews of these lengths (N,)."""
    ordered = np.sort(lengths)
    fitting = np.searchsorted(ordered, rooms, side="right")
    total = np.concatenate([[0], np.cumsum(ordered)])
    longer = len(ordered) - fitting
    lost = total[-1] - total[fitting] - longer * rooms
    return CutCost(shares_of(longer, len(ordered)), shares_of(lost, total[-1]))


def length_histogram(lengths: Counts, width: int, bins: int) -> Counts:
    """(bins,) reviews of 0 to width - 1 words, of width to 2 width - 1, ...; the last has all longer ones."""
    return np.bincount(np.minimum(lengths // width, bins - 1), minlength=bins)


FEWEST_TEXTS = 5
"""A word speaks for a class if it stands in so many training texts at least: in fewer it may by accident."""
_MOST_TEXTS, _COUNTED_OF_PRIOR = 200.0, 50_000
"""The bounds of `made_up_texts`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCounts:
    """Counts of each of the W words of a corpus."""

    by_class: Counts
    """(K, W) in the training texts of each class."""
    texts: Counts
    """(K, W) in how many of these texts it stands."""
    test: Counts
    """(W,) in the test reviews."""
    ranking: NDArray[np.int64]
    """(R,) numbers of the words of the training reviews, in the order in which a vocabulary takes them."""
    specials: tuple[str, ...] = SPECIAL_TOKENS
    """The tokens that stand before them in a vocabulary."""

    @property
    def training(self) -> Counts:
        """(W,) in all training texts."""
        total: Counts = self.by_class.sum(axis=0)
        return total


def count_words(corpus: Corpus, splits: Splits, specials: tuple[str, ...] = SPECIAL_TOKENS) -> WordCounts:
    """Count every word by part and label; `specials` are the first tokens of a vocabulary."""
    labels = corpus.labels[splits.training]
    of_class = [splits.training[labels == label] for label in range(len(corpus.classes))]
    by_class = np.stack([uses_of_words(corpus, rows) for rows in of_class])
    texts = np.stack([texts_with_words(corpus, rows) for rows in of_class])
    training = by_class.sum(axis=0)
    # The words of a corpus stand in the order of the alphabet, which a stable sort keeps among equals.
    ranking = np.argsort(-training, kind="stable")
    ranking = ranking[: np.count_nonzero(training)]
    if symbols := corpus.ref.symbols:
        ranking = np.array([corpus.words.index(symbol) for symbol in symbols if symbol in corpus.words])
    return WordCounts(
        by_class=by_class,
        texts=texts,
        test=uses_of_words(corpus, splits.test),
        ranking=ranking,
        specials=specials,
    )


def known_words(counts: WordCounts, size: int) -> NDArray[np.int64]:
    """The numbers of the words in a vocabulary of that size, the most frequent first."""
    return counts.ranking[: max(size - len(counts.specials), 0)]


def word_ids(counts: WordCounts, size: int) -> NDArray[np.int32]:
    """(W,) the id that each word of the corpus has in a vocabulary of that size."""
    known = known_words(counts, size)
    ids = np.full(len(counts.test), UNK_ID, np.int32)
    ids[known] = np.arange(len(known)) + len(counts.specials)
    return ids


def vocabulary_of(corpus: Corpus, counts: WordCounts, size: int) -> Vocabulary:
    """Return what `learn_vocabulary` learns from the same training reviews, without counting again."""
    return Vocabulary((*counts.specials, *(corpus.words[number] for number in known_words(counts, size))))


class Coverage(NamedTuple):
    """The share of words that k = 0 ... R known words cover; each (R + 1,), nan where there are no words."""

    running_training: Floats
    """The share of all words of the training reviews, each as often as it stands there."""
    running_test: Floats
    distinct_training: Floats
    """The share of the different words of the training reviews."""
    distinct_test: Floats

    def at(self, size: int) -> "Coverage":
        """Each share for a vocabulary of that size, as a number."""
        known = min(max(size - len(SPECIAL_TOKENS), 0), len(self.running_training) - 1)
        return Coverage(*(share[known] for share in self))


def coverage(counts: WordCounts) -> Coverage:
    """The shares for every size of a vocabulary at once."""
    training, test = counts.training, counts.test

    def running(of: Counts) -> Floats:
        return shares_of(np.concatenate([[0], np.cumsum(of[counts.ranking])]), of.sum())

    return Coverage(
        running(training),
        running(test),
        running((training > 0).astype(np.int64)),
        running((test > 0).astype(np.int64)),
    )


class LogOdds(NamedTuple):
    """The odds that a word comes up under the one label rather than under the other."""

    log_odds: Floats
    """(W,) above zero for words of positive reviews; natural logarithm."""
    z: Floats
    """(W,) the same in standard deviations: how sure it is."""


def log_odds(positive: Counts, negative: Counts, priors: tuple[float, float]) -> LogOdds:
    """Log odds ratio of W words by their counts (W,), with a symmetric Dirichlet prior on either side.

    That of Monroe, Colaresi and Quinn (2008), Fightin' Words, and its z score, with the same prior for every
    word: as if each had been seen so often beforehand. A word seen twice, by accident in the same kind of
    text, is thereby drawn to zero; one seen thousands of times hardly.
    """
    a, b = positive + priors[0], negative + priors[1]
    ratio = np.log(a / (a.sum() - a)) - np.log(b / (b.sum() - b))
    return LogOdds(ratio, ratio / np.sqrt(1 / a + 1 / b))


def made_up_texts(texts: Counts) -> float:
    """Return how many more texts each word is taken to stand in: more in a larger corpus, (K, W)."""
    return float(np.clip(2 * (texts.sum() // _COUNTED_OF_PRIOR), 2, _MOST_TEXTS))


def odds_against_rest(inside: Counts, outside: Counts, made_up: float) -> LogOdds:
    """`log_odds` of W words in the texts of a class and of all others, each with so many made-up texts.

    A side has its share of them, so that a word that stands in no other text leans to neither. Where a side
    has no word at all nothing is known: all are 0.
    """
    share = inside.sum() / max((inside + outside).sum(), 1)
    if not 0 < share < 1:
        return LogOdds(np.zeros(len(inside)), np.zeros(len(inside)))
    return log_odds(inside, outside, (made_up * share, made_up * (1 - share)))


def most_telling(odds: LogOdds, texts: Counts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find those of W words that speak against a class, and those that speak for it, the most telling first.

    `texts` (W,) says in how many texts each stands; of equals the first in the alphabet comes first.
    """
    telling = np.flatnonzero(texts >= FEWEST_TEXTS)
    order = telling[np.argsort(-np.abs(odds.log_odds[telling]), kind="stable")]
    return order[odds.log_odds[order] < 0], order[odds.log_odds[order] > 0]


class TellingWord(NamedTuple):
    """A word and how well it sets a class apart from the rest."""

    word: str
    log_odds: float
    z: float
    inside: int
    """The number of training texts of the class in which it stands."""
    outside: int
    """The number of all other training texts in which it stands."""
    times_by_counts: float
    """The odds by the counts alone, without the prior, as a multiple of those of the other side; inf where it
    stands on one side only."""


def telling_words(
    corpus: Corpus, counts: WordCounts, size: int, most: int, label: int = 1
) -> tuple[list[TellingWord], list[TellingWord]]:
    """The most telling words of a vocabulary of that size: against a class, given its index, then for it.

    Words in fewer than FEWEST_TEXTS texts are left out.
    """
    known = np.sort(known_words(counts, size))
    if len(known) < 2:  # the odds of the only word there is are without bounds
        return [], []
    inside, everywhere = counts.texts[label][known], counts.texts.sum(axis=0)[known]
    outside = everywhere - inside
    odds = odds_against_rest(inside, outside, made_up_texts(counts.texts))
    with np.errstate(divide="ignore", invalid="ignore"):  # a word that one label never has
        by_counts = log_odds(inside, outside, (0, 0)).log_odds

    def described(places: NDArray[np.int64]) -> list[TellingWord]:
        return [
            TellingWord(
                corpus.words[known[place]],
                float(odds.log_odds[place]),
                float(odds.z[place]),
                int(inside[place]),
                int(outside[place]),
                float(np.exp(np.abs(by_counts[place]))),
            )
            for place in places
        ]

    against, towards = most_telling(odds, everywhere)
    return described(against[:most]), described(towards[:most])


TO_MAXIMUM, RANDOM, ALIKE = "maximum", "random", "alike"
FILLINGS = (TO_MAXIMUM, RANDOM, ALIKE)
"""Lengths that reviews of a batch are filled up to: the maximum length; the longest of one drawn at random;
the longest of a batch of about equal lengths, as `training_rows` makes them."""

MOST_BATCHED = 25_000
"""Reviews of which shares of padding to the longest are taken at most: as many as IMDB has for training."""


def filled_lengths(lengths: Counts, config: TextConfig) -> Counts:
    """(N,) time steps with a token, of reviews of these lengths: cut where they are, `<start>` put on."""
    kept = lengths if config.reads_all else np.minimum(lengths, room_for_words(config))
    return kept + int(config.start_token)


def batch_rows(steps: Counts, batch_size: int, filling: str, seed: int) -> list[NDArray[np.int64]]:
    """All reviews, of so many time steps (N,), in batches as they are made for a `filling` of FILLINGS."""
    rows_of = training_rows if filling == ALIKE else mixed_rows
    return list(rows_of(steps, batch_size, np.random.default_rng(seed)))


def one_batch(steps: Counts, batch_size: int, filling: str, seed: int) -> NDArray[np.int64]:
    """The reviews of one batch, the longest first: as any of `batch_rows`, without making the others."""
    rng = np.random.default_rng(seed)
    if filling != ALIKE:
        rows = rng.choice(len(steps), min(batch_size, len(steps)), replace=False)
        return rows[np.argsort(-steps[rows], kind="stable")]
    pool = rng.choice(len(steps), min(batch_size * BATCHES_PER_POOL, len(steps)), replace=False)
    return pool[next(training_rows(steps[pool], batch_size, rng))]


def some_lengths(lengths: Counts, seed: int) -> Counts:
    """Returns MOST_BATCHED of very many reviews' lengths (N,), drawn by the seed; else all."""
    if len(lengths) <= MOST_BATCHED:
        return lengths
    return np.random.default_rng(seed).choice(lengths, MOST_BATCHED, replace=False)


def padding_to_maximum(steps: Counts, most: int) -> float:
    """The share of padding when texts of so many time steps (N,) fill windows of `most`; nan without one."""
    places = most * int(np.maximum(-(-steps // most), 1).sum())
    return 1 - int(steps.sum()) / places if places else float("nan")


def padding_share(lengths: Counts, config: TextConfig, batch_size: int, filling: str, seed: int) -> float:
    """The share of padding in all batches of reviews of these lengths (N,); nan without a review."""
    steps = filled_lengths(lengths, config)
    if not len(steps):
        return float("nan")
    if filling == TO_MAXIMUM:
        return padding_to_maximum(steps, config.max_length)
    batches = batch_rows(steps, batch_size, filling, seed)
    sizes = np.array([len(batch) for batch in batches], np.int64)
    longest = np.maximum.reduceat(steps[np.concatenate(batches)], np.cumsum(sizes) - sizes)
    places = int((sizes * longest).sum())
    return 1 - int(steps.sum()) / places if places else float("nan")


def padding_shares(lengths: Counts, config: TextConfig, batch_size: int, seed: int) -> Mapping[str, float]:
    """Returns the share of padding by FILLINGS; batches to their longest are those of `some_lengths`."""
    some = some_lengths(lengths, seed)
    return {
        filling: padding_share(lengths if filling == TO_MAXIMUM else some, config, batch_size, filling, seed)
        for filling in FILLINGS
    }


def batch_picture(encoded: EncodedReviews, width: int, side: str, filler: int) -> NDArray[np.int32]:
    """(B, width) ids of a few encoded reviews, each filled up at `side` where it is shorter."""
    picture = np.full((len(encoded), width), filler, np.int32)
    for line, length, first in zip(picture, encoded.lengths(), encoded.offsets[:-1], strict=True):
        place = slice(width - length, width) if side == "pre" else slice(0, length)
        line[place] = encoded.ids[first : first + length]
    return picture
