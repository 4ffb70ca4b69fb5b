"""What depends on the reviews alone, computed once for all sessions, so that a slider only looks it up."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from rnn_core.config.corpora import corpus_named
from rnn_core.config.words import unit_of
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import Splits, split_reviews
from rnn_core.data.sources import recommended_config
from rnn_core.data.statistics.words import Coverage, WordCounts, count_words, coverage, vocabulary_of
from rnn_core.files import State, state_of
from rnn_core.text.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """A corpus as a run with the default seed sees it.

    Nothing in here is mapped from the corpus' files, which may be replaced.
    """

    splits: Splits
    counts: WordCounts
    coverage: Coverage
    lengths: NDArray[np.int64]
    """(N,) words of each training review."""
    longest: int
    """Words of the longest of them."""


def facts_of(data: str, corpus: Corpus) -> DataFacts:
    """What is known of the reviews of a source."""
    with st.spinner(f"Counting the {unit_of(corpus.tokens)}s of the {corpus_named(data).nouns.texts}"):
        return _facts(data, version_of(data), corpus)


def vocabulary_for(data: str, corpus: Corpus, size: int) -> Vocabulary:
    """The vocabulary that a run with these reviews and the default seed learns."""
    return _vocabulary(data, version_of(data), size, corpus)


def version_of(data: str) -> State | None:
    """Another one after the reviews were prepared again; None where they are not there."""
    try:
        return state_of(corpus_named(data).folder)
    except OSError:
        return None


@st.cache_resource(max_entries=2, show_spinner=False)
def _facts(data: str, version: State | None, _corpus: Corpus) -> DataFacts:
    training = recommended_config(data).training
    splits = split_reviews(_corpus, training.reviews, training.seed)
    counts = count_words(_corpus, splits)
    lengths = _corpus.lengths()[splits.training]
    return DataFacts(
        splits=splits,
        counts=counts,
        coverage=coverage(counts),
        lengths=lengths,
        longest=int(lengths.max(initial=0)),
    )


@st.cache_resource(max_entries=24, show_spinner=False)
def _vocabulary(data: str, version: State | None, size: int, _corpus: Corpus) -> Vocabulary:
    return vocabulary_of(_corpus, facts_of(data, _corpus).counts, size)
