"""How much of the batches of some reviews is padding, by what they are filled up to."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.text_settings import TextConfig
from rnn_core.data.batches import BATCHES_PER_POOL, training_rows
from rnn_core.data.encoding import EncodedReviews
from rnn_core.data.statistics.shares import Counts
from rnn_core.text.window import room_for_words

TO_MAXIMUM, RANDOM, ALIKE = "maximum", "random", "alike"
FILLINGS = (TO_MAXIMUM, RANDOM, ALIKE)
"""What the reviews of a batch are filled up to: the maximum length; the longest of a batch drawn at random;
the longest of a batch of about equal lengths, as `training_batches` makes them."""

MOST_BATCHED = 25_000
"""Reviews of which shares of padding to the longest are taken at most: as many as IMDB has for training."""


def filled_lengths(lengths: Counts, config: TextConfig) -> Counts:
    """(N,) time steps with a token, of reviews of these lengths: cut, `<start>` put on."""
    return np.minimum(lengths, room_for_words(config)) + int(config.start_token)


def batch_rows(steps: Counts, batch_size: int, filling: str, seed: int) -> list[NDArray[np.int64]]:
    """All reviews, of so many time steps (N,), in batches as they are made for a `filling` of FILLINGS."""
    rng = np.random.default_rng(seed)
    if filling == ALIKE:
        return list(training_rows(steps, batch_size, rng))
    shuffled = rng.permutation(len(steps))
    return [shuffled[first : first + batch_size] for first in range(0, len(steps), batch_size)]


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
