"""A fixed sample of reviews for the benchmark: IMDB's where they are, else as long as IMDB's."""

import numpy as np

from rnn_core.config.text_settings import TextConfig
from rnn_core.data.encoding import EncodedReviews, encode_reviews, learn_vocabulary, split_reviews
from rnn_core.data.sources import load_corpus
from rnn_core.errors import DataError
from rnn_core.text.vocabulary import START_ID

REVIEWS = 1_536
MAX_LENGTH = 400
VOCAB_SIZE = 5_000

# Natural logarithm of the number of tokens of IMDB's training reviews: mean and standard deviation.
_LOG_LENGTH = (5.226, 0.641)


def sample_reviews() -> tuple[EncodedReviews, str]:
    """The reviews, and in words where they come from."""
    try:
        corpus = load_corpus("imdb")
    except DataError:
        return _of_drawn_lengths(), "random words, lengths drawn as IMDB's are distributed"
    training = split_reviews(corpus, REVIEWS, seed=0).training
    vocabulary = learn_vocabulary(corpus, training, VOCAB_SIZE)
    config = TextConfig(vocab_size=VOCAB_SIZE, max_length=MAX_LENGTH)
    return encode_reviews(corpus, training, vocabulary, config), "IMDB training reviews"


def _of_drawn_lengths() -> EncodedReviews:
    rng = np.random.default_rng(0)
    lengths = np.exp(rng.normal(*_LOG_LENGTH, REVIEWS)).astype(np.int64).clip(1, MAX_LENGTH)
    return EncodedReviews(
        ids=rng.integers(START_ID, VOCAB_SIZE, lengths.sum(), np.int32),
        offsets=np.concatenate([[0], lengths.cumsum()]),
        labels=rng.integers(0, 2, REVIEWS, np.int8),
        indices=np.arange(REVIEWS),
    )
