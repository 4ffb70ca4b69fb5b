"""N-grams of the texts that a run learns from: for one network, and their bits as a baseline of a corpus.

They are learned from whole training texts with the tokens and the vocabulary of the run. The counts of the
last run that asked lie beside the folder of its corpus and go with it; for IMDB by characters they take some
140 MB. They are never shipped, since texts could be read out of them.
"""

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.baselines.measurement import SEEDS
from rnn_core.baselines.ngrams import ORDERS, Ngrams, learn_ngrams, read_ngrams
from rnn_core.baselines.scores import NgramBaseline, NgramScore, write_ngrams
from rnn_core.config.corpora import CorpusRef, corpus_named
from rnn_core.config.nouns import Nouns
from rnn_core.config.run import RunConfig, defaults_for
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import EncodedReviews, Splits, learn_vocabulary, split_reviews
from rnn_core.data.sources import load_corpus, recommendation
from rnn_core.errors import BaselineError
from rnn_core.files import state_of
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary

_MOST_TOKENS = 40_000_000
"""The most tokens that are counted, which takes some 2 GB; of more texts the first ones are."""
_SCORED_TOGETHER = 2_000_000
"""Tokens that are scored together, about, which bounds the memory."""


class NgramsCounted(NamedTuple):
    """N-grams of one seed that are not scored yet."""

    seed: int
    strings: int
    """The number of different strings."""

    def in_words(self, nouns: Nouns) -> str:
        """Say the number of strings."""
        return f"n-grams, seed {self.seed}: {self.strings:,} different strings in training {nouns.texts}"


def ngrams_of(config: RunConfig, corpus: Corpus, vocabulary: Vocabulary) -> Ngrams:
    """The n-grams of the texts that a run with these settings learns from, `vocabulary` being its own.

    They are read where they are kept, else learned and kept, which takes a second for a million tokens.
    """
    if (kept := kept_ngrams(config, corpus, vocabulary)) is not None:
        return kept
    rows, of = _rows_and_mark(config, corpus, vocabulary)
    texts = _whole(config, corpus, rows, vocabulary)
    ngrams = learn_ngrams(texts.ids, texts.offsets, len(vocabulary))
    with contextlib.suppress(OSError):  # what can't be kept is learned again
        ngrams.write(corpus.ref.ngrams_file, of)
    return ngrams


def kept_ngrams(config: RunConfig, corpus: Corpus, vocabulary: Vocabulary) -> Ngrams | None:
    """The n-grams of `ngrams_of` where they are kept; None where they would have to be learned."""
    _, of = _rows_and_mark(config, corpus, vocabulary)
    path = corpus.ref.ngrams_file
    with contextlib.suppress(OSError, ValueError):
        return _read(path, of, state_of(path))
    return None


@lru_cache(maxsize=1)
def _read(path: Path, of: str, state: object) -> Ngrams:
    """Counts that all sessions of a server share, since they may take hundreds of megabytes."""
    return read_ngrams(path, of)


def _rows_and_mark(
    config: RunConfig, corpus: Corpus, vocabulary: Vocabulary
) -> tuple[NDArray[np.int64], str]:
    """The texts that are counted, and the mark of their n-grams."""
    rows = _counted(corpus, split_reviews(corpus, config.training.reviews, config.training.seed))
    about = [
        vocabulary.to_text().encode(),
        rows.tobytes(),
        corpus.offsets[-1:].tobytes(),
        corpus.mark.encode(),
    ]
    return rows, hashlib.sha256(b"\0".join(about)).hexdigest()


def measure_ngrams(data: str | CorpusRef, composed: int = 0) -> Iterator[NgramsCounted | NgramBaseline]:
    """Measure n-grams on a corpus, with the vocabulary that suits it, and keep their bits at the end.

    A corpus of the user's own has one seed. Raises BaselineError where the file can't be written or composed
    sentences are asked for, DataError where the corpus is gone.
    """
    if composed:
        raise BaselineError(
            "Composed sentences are not counted: n-grams are learned from the texts of a corpus."
        )
    named, steps = corpus_named(data), list[NgramsCounted | NgramBaseline]()
    corpus, recommended = load_corpus(named), recommendation(named.name).config
    config = replace(recommended, task=NEXT_TOKEN, **defaults_for(NEXT_TOKEN)).with_settings(
        vocab_size=recommended.text.vocab_size, reviews=recommended.training.reviews
    )
    for seed in reversed(SEEDS if named.is_published else SEEDS[:1]):  # the counts of the first are kept
        for step in _measure(config.with_settings(seed=seed), corpus):
            steps.append(step)
            yield step
    write_ngrams(named, ngrams_in(steps)[0])


def ngrams_in(steps: Sequence[NgramsCounted | NgramBaseline]) -> list[NgramBaseline]:
    """The baseline of all seeds that were measured, the last one first."""
    measured = [step for step in steps if isinstance(step, NgramBaseline)]
    return [replace(measured[-1], seeds=tuple(score for step in measured[::-1] for score in step.seeds))]


def _measure(config: RunConfig, corpus: Corpus) -> Iterator[NgramsCounted | NgramBaseline]:
    began, seed = time.perf_counter(), config.training.seed
    splits = split_reviews(corpus, config.training.reviews, seed)
    vocabulary = learn_vocabulary(corpus, splits.training, config.text.vocab_size, task_of(config).specials)
    ngrams = ngrams_of(config, corpus, vocabulary)
    strings = sum(len(one.keys) for one in ngrams.strings[1:])
    yield NgramsCounted(seed, strings)
    validation, test = (
        _bits(ngrams, config, corpus, rows, vocabulary) for rows in (splits.validation, splits.test)
    )
    score = NgramScore(
        seed=seed,
        vocab_size=len(vocabulary),
        validation_bits=validation,
        test_bits=test,
        strings=strings,
        seconds=round(time.perf_counter() - began, 1),
    )
    reviews = {split: len(getattr(splits, split)) for split in SPLITS}
    yield NgramBaseline(seeds=(score,), reviews={**reviews, SPLITS[0]: len(_counted(corpus, splits))})


def _bits(
    ngrams: Ngrams, config: RunConfig, corpus: Corpus, rows: NDArray[np.int64], vocabulary: Vocabulary
) -> tuple[float, ...]:
    """(ORDERS,) mean bits per symbol of the texts at `rows`, of which some are read at a time."""
    total, asked = np.zeros(ORDERS), 0
    for some in np.array_split(rows, 1 + int(corpus.lengths()[rows].sum()) // _SCORED_TOGETHER):
        texts = _whole(config, corpus, some, vocabulary)
        bits = ngrams.bits(texts.ids, texts.offsets)
        total, asked = total + bits.sum(axis=0), asked + len(bits)
    return tuple((total / asked).tolist())


def _counted(corpus: Corpus, splits: Splits) -> NDArray[np.int64]:
    """The training texts that are counted; one at least."""
    tokens = np.cumsum(corpus.lengths()[splits.training])
    return splits.training[: max(int((tokens <= _MOST_TOKENS).sum()), 1)]


def _whole(
    config: RunConfig, corpus: Corpus, rows: NDArray[np.int64], vocabulary: Vocabulary
) -> EncodedReviews:
    """Encode whole texts, however long a window of the run is."""
    return task_of(config).encode(corpus, rows, vocabulary, replace(config.text, windows="all"))
