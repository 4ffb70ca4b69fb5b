"""Reviews of a corpus -> the ids a run reads: its splits, its vocabulary, its windows.

The windows are those of `rnn_core.text.window`, made for all reviews at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.text_settings import TextConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import Corpus
from rnn_core.data.held_out import VALIDATION_SHARE, held_out
from rnn_core.errors import DataError
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import END_ID, PAD_ID, SPECIAL_TOKENS, START_ID, UNK_ID, Vocabulary
from rnn_core.text.window import room_for_words, window

_TOKENS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """Indices of the reviews of each part."""

    training: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split_reviews(corpus: Corpus, reviews: int, seed: int) -> Splits:
    """Training, validation and test reviews.

    A corpus without validation reviews of its own gives a tenth of its training reviews, stratified by
    label, and of its groups all reviews or none. At most `reviews` are left to learn from, stratified too and
    drawn by the same seed; fewer reviews are always a part of more. Raises DataError where the reviews of a
    class can't be parted, or are too few.
    """
    shuffled = np.random.default_rng(seed).permutation(corpus.indices("training"))
    validation = corpus.indices("validation")
    if not len(validation):
        validation = held_out(shuffled, corpus.labels, VALIDATION_SHARE, corpus.classes, corpus.groups)
        if len(shuffled) and not len(validation):
            raise DataError(
                f"No text of {corpus.name} can be held out for validation, since no class has two texts to "
                "learn from. Add texts."
            )
        shuffled = shuffled[~np.isin(shuffled, validation)]
    training = stratified(shuffled, corpus.labels)[:reviews]
    return Splits(training=np.sort(training), validation=validation, test=corpus.indices("test"))


def stratified(rows: NDArray[np.int64], labels: NDArray[np.int8]) -> NDArray[np.int64]:
    """Returns the rows with their labels spread evenly: the first n hold every label in its share of all.

    Each label keeps the order of its own rows, and is off its share by less than one row. `labels` (N,) are
    those of the whole corpus.
    """
    share_so_far = np.empty(len(rows))
    for label in np.unique(labels[rows]):
        of_label = labels[rows] == label
        share_so_far[of_label] = (np.arange(of_label.sum()) + 0.5) / of_label.sum()
    return rows[np.argsort(share_so_far, kind="stable")]


def learn_vocabulary(
    corpus: Corpus, training: NDArray[np.int64], size: int, specials: tuple[str, ...] = SPECIAL_TOKENS
) -> Vocabulary:
    """The most frequent words of these reviews, `size` with the special tokens at most.

    Of a corpus whose symbols are given it is these, in their order.
    """
    if symbols := corpus.ref.symbols:
        return Vocabulary([*specials, *symbols])
    counts = uses_of_words(corpus, training)
    seen = {corpus.words[i]: int(counts[i]) for i in np.flatnonzero(counts)}
    return Vocabulary.from_counts(seen, size, specials)


def uses_of_words(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """(W,) how often these reviews have each of the W words, counted in portions to save memory."""
    counts = np.zeros(len(corpus.words), np.int64)
    for some in _some_at_a_time(corpus, indices):
        counts += np.bincount(tokens_of(corpus, some), minlength=len(corpus.words))
    return counts


def texts_with_words(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """(W,) in how many of these reviews each of the W words of the corpus stands; counted in the same way."""
    counts = np.zeros(len(corpus.words), np.int64)
    for some in _some_at_a_time(corpus, indices):
        lengths = corpus.offsets[some + 1] - corpus.offsets[some]
        review = np.repeat(np.arange(len(some)), lengths)
        # np.unique takes 40 times as long
        pairs = np.sort(review * len(corpus.words) + tokens_of(corpus, some))
        once = pairs[np.diff(pairs, prepend=-1) > 0]
        counts += np.bincount(once % len(corpus.words), minlength=len(corpus.words))
    return counts


def _some_at_a_time(corpus: Corpus, indices: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    lengths = corpus.offsets[indices + 1] - corpus.offsets[indices]
    portion = np.cumsum(lengths) // _TOKENS_AT_ONCE
    return np.split(indices, np.flatnonzero(np.diff(portion)) + 1)


def tokens_of(corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int32]:
    """The word numbers of these reviews, one review after another."""
    begin, end = corpus.offsets[indices], corpus.offsets[indices + 1]
    return corpus.ids[places_of(begin, end - begin)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedReviews:
    """The windows of N reviews, one after another; T_i ids belong to review i."""

    ids: NDArray[np.int32]
    """(sum of T_i,)"""
    offsets: NDArray[np.int64]
    """(N + 1,) review i is `ids[offsets[i]:offsets[i + 1]]`."""
    labels: NDArray[np.int8]
    """(N,) index of the class of each."""
    indices: NDArray[np.int64]
    """(N,) which review of the corpus each one is."""

    def __len__(self) -> int:
        return len(self.labels)

    def lengths(self) -> NDArray[np.int64]:
        """(N,) time steps of each window."""
        return np.diff(self.offsets)


def encode_reviews(
    corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
) -> EncodedReviews:
    """Look up and cut the reviews at `indices`, with `<start>` and padding as the settings say."""
    return encode_words(corpus, indices, ids_of_words(corpus, vocabulary), config)


def ids_of_words(corpus: Corpus, vocabulary: Vocabulary) -> NDArray[np.int32]:
    """(W,) the id of each of the W words of the corpus."""
    id_of_word = np.full(len(corpus.words), UNK_ID, np.int32)
    number_of = {word: number for number, word in enumerate(corpus.words)}
    for token_id, word in enumerate(vocabulary.words):
        if word in number_of:
            id_of_word[number_of[word]] = token_id
    return id_of_word


class Parts(NamedTuple):
    """A contiguous part of each of N reviews, in tokens."""

    first: NDArray[np.int64]
    """(N,) where it begins in its review."""
    length: NDArray[np.int64]
    """(N,) its tokens."""


def encode_words(
    corpus: Corpus,
    indices: NDArray[np.int64],
    id_of_word: NDArray[np.int32],
    config: TextConfig,
    parts: Parts | None = None,
) -> EncodedReviews:
    """Encodes reviews, or `parts` of them, with the id of each word given (W,)."""
    begin, end = corpus.offsets[indices], corpus.offsets[indices + 1]
    if parts is not None:
        begin, end = begin + parts.first, begin + parts.first + parts.length
    kept = np.minimum(end - begin, room_for_words(config))
    first = end - kept if config.truncation == "pre" else begin
    filled = kept + int(config.start_token)  # time steps with a token
    steps = np.maximum(filled, 1 if config.skip_padding else config.max_length)
    offsets = np.concatenate([[0], np.cumsum(steps)])
    padding = steps - filled
    start = offsets[:-1] + (padding if config.padding == "pre" else 0)

    ids = np.full(offsets[-1], PAD_ID, np.int32)
    if config.start_token:
        ids[start] = START_ID
    words_start = start + int(config.start_token)
    ids[places_of(words_start, kept)] = id_of_word[corpus.ids[places_of(first, kept)]]
    return EncodedReviews(ids=ids, offsets=offsets, labels=corpus.labels[indices], indices=indices)


def encode_to_predict(
    corpus: Corpus, indices: NDArray[np.int64], vocabulary: Vocabulary, config: TextConfig
) -> EncodedReviews:
    """Encodes texts of which each next token is asked: `<start>`, their tokens, and `<end>` where texts end.

    Each holds one token more than a network reads of it: the last one is only asked. They are cut at the
    maximum length unless the settings read all of them. One of which nothing is asked is left out.
    """
    lengths = corpus.lengths()[indices]
    asked = steps_to_predict(lengths, config, ends=corpus.texts_end)
    indices, lengths, asked = indices[asked > 0], lengths[asked > 0], asked[asked > 0]
    begin, kept = corpus.offsets[indices], np.minimum(lengths, asked)
    offsets = np.concatenate([[0], np.cumsum(1 + asked)])
    ids = np.full(offsets[-1], END_ID, np.int32)
    ids[offsets[:-1]] = START_ID
    ids[places_of(offsets[:-1] + 1, kept)] = ids_of_words(corpus, vocabulary)[
        corpus.ids[places_of(begin, kept)]
    ]
    return EncodedReviews(ids=ids, offsets=offsets, labels=corpus.labels[indices], indices=indices)


def steps_to_predict(lengths: NDArray[np.int64], config: TextConfig, *, ends: bool) -> NDArray[np.int64]:
    """(N,) the time steps at which a next token is asked of texts of so many tokens, (N,)."""
    return lengths + ends if config.reads_all else np.minimum(lengths + ends, config.max_length)


def encode_texts_to_predict(
    texts: Sequence[str], vocabulary: Vocabulary, config: TextConfig, rules: TokenRules
) -> EncodedReviews:
    """Encodes texts that stand in no corpus, such as drawn strings: `<start>`, their tokens, and `<end>`.

    Whatever the windows, each is cut at one token more than the maximum length, the last one being only
    asked. Labels are 0.
    """
    started = ([START_ID, *vocabulary.encode(tokenize(text, rules)), END_ID] for text in texts)
    return _concatenated([ids[: config.max_length + 1] for ids in started], np.zeros(len(texts), np.int8))


def encode_texts(
    texts: Sequence[str],
    vocabulary: Vocabulary,
    config: TextConfig,
    rules: TokenRules,
    labels: NDArray[np.int8] | None = None,
) -> EncodedReviews:
    """The windows of texts that stand in no corpus, with these labels (N,) or 0; `indices` count them."""
    labels = np.zeros(len(texts), np.int8) if labels is None else labels
    return _concatenated([window(vocabulary.encode(tokenize(text, rules)), config) for text in texts], labels)


def _concatenated(windows: Sequence[Sequence[int]], labels: NDArray[np.int8]) -> EncodedReviews:
    return EncodedReviews(
        ids=np.array([token_id for ids in windows for token_id in ids], np.int32),
        offsets=np.cumsum([0, *map(len, windows)]),
        labels=labels,
        indices=np.arange(len(windows)),
    )


def frequent_bigrams(reviews: EncodedReviews, vocab_size: int, most: int) -> NDArray[np.int64]:
    """The pairs of ids of neighbouring words that these windows have most often, (at most `most`, 2).

    Special tokens are no words. The most frequent come first, equals in the order of their ids.
    """
    before, ids = reviews.ids[:-1].astype(np.int64), reviews.ids[1:].astype(np.int64)
    both = (before > UNK_ID) & (ids > UNK_ID)
    both[reviews.offsets[1:-1] - 1] = False  # the last word of a review and the first of the next
    pairs, counts = np.unique((before * vocab_size + ids)[both], return_counts=True)
    chosen = pairs[np.argsort(-counts, kind="stable")[:most]]
    return np.stack(np.divmod(chosen, vocab_size), axis=1)


def joined(first: EncodedReviews, second: EncodedReviews) -> EncodedReviews:
    """Join two: the reviews of the first, then those of the second."""
    return EncodedReviews(
        ids=np.concatenate([first.ids, second.ids]),
        offsets=np.concatenate([first.offsets, first.offsets[-1] + second.offsets[1:]]),
        labels=np.concatenate([first.labels, second.labels]),
        indices=np.concatenate([first.indices, second.indices]),
    )


def places_of(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return start, start + 1, ..., start + length - 1 of each, one after another."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
