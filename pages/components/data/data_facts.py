"""Facts about a corpus, computed once for all sessions, and the cost of settings and copies."""

import contextlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.shared.format import share_of_all
from rnn_core.config.run import RunConfig
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import Splits, split_reviews
from rnn_core.data.held_out import is_copy
from rnn_core.data.sources import recommended_config
from rnn_core.data.statistics import (
    Coverage,
    WordCounts,
    count_words,
    coverage,
    cut_cost,
    filled_lengths,
    padding_to_maximum,
    vocabulary_of,
)
from rnn_core.files import FileState, state_of
from rnn_core.tasks.task import task_named, task_of
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.text.window import room_for_words

_WORTH_A_MARK = 0.01
"""A smaller share of lost words is not worth a mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """A corpus as a run with the default seed sees it; nothing of it is mapped from files."""

    splits: Splits
    counts: WordCounts
    coverage: Coverage
    lengths: NDArray[np.int64]
    """(N,) words of each training review."""


def _version_of(corpus: Corpus) -> tuple[str, FileState | None]:
    """Return what sets a corpus apart from others, and from itself once its texts were prepared again."""
    with contextlib.suppress(OSError):
        return corpus.name, state_of(corpus.ref.folder)
    return corpus.name, None


_BY_VERSION: Any = {Corpus: _version_of}


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=_BY_VERSION)
def facts_of(corpus: Corpus) -> DataFacts:
    """Return the facts about the texts of a corpus."""
    training = recommended_config(corpus.name).training
    splits = split_reviews(corpus, training.reviews, training.seed)
    counts = count_words(corpus, splits, task_named(corpus.ref.task).specials)
    lengths = corpus.lengths()[splits.training]
    return DataFacts(splits=splits, counts=counts, coverage=coverage(counts), lengths=lengths)


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=_BY_VERSION)
def vocabulary_for(corpus: Corpus, size: int) -> Vocabulary:
    """The vocabulary that a run with these reviews and the default seed learns."""
    return vocabulary_of(corpus, facts_of(corpus).counts, size)


def show_summary(config: RunConfig, corpus: Corpus, facts: DataFacts) -> None:
    """Words known, reviews cut, words lost, padding; the share that costs most words is marked."""
    unit, noun, nouns = corpus.tokens.noun, corpus.ref.nouns.text, corpus.ref.nouns.texts
    known = facts.coverage.at(config.text.vocab_size)
    room, most = room_for_words(config.text), config.text.max_length
    cut_texts, cut = map(float, np.concatenate(cut_cost(facts.lengths, np.array([room]))))
    over, read = f"over {room:,} {unit}s", "never read"
    over_help = (
        f"Share of the training {nouns} with more than {room:,} {unit}s: so many have room in a maximum "
        f"length of {most:,}."
    )
    steps, filled, when = filled_lengths(facts.lengths, config.text), noun, ", as it is when padding is read"
    if config.text.reads_all:
        cut_texts, cut, over, read = 0.0, 0.0, f"in windows of {most:,}", "all are read"
        over_help = f"A network learns from whole {nouns}, in windows of {most:,} time steps: nothing is cut."
        steps, filled, when = task_of(config).steps_of(facts.lengths, config), "window", ""
    padding = padding_to_maximum(steps, most)
    unknown = 1 - float(known.running_training)
    with st.grid(4, min_column_width=130, gap="small"):
        for label, share, lost, meaning, help in (
            (
                f"{unit.capitalize()}s known",
                known.running_training,
                unknown,
                "the rest is \\<unk>",
                f"Share of all {unit}s of the training {nouns}, counted as often as they are used, that the "
                f"vocabulary has. The network reads every other one as <unk>. In the test {nouns}: "
                f"{share_of_all(float(known.running_test))}.",
            ),
            (f"{nouns.capitalize()} cut", cut_texts, 0.0, over, over_help),
            (
                f"{unit.capitalize()}s cut off",
                cut,
                cut,
                read,
                f"Share of all {unit}s of the training {nouns} that are never read.",
            ),
            (
                "Padding",
                padding,
                0.0,
                "of the time steps",
                f"Share of the time steps that are padding when every {filled} is filled up to the maximum "
                f"length{when}.",
            ),
        ):
            is_worst = lost == max(unknown, cut) >= _WORTH_A_MARK
            st.metric(
                label,
                share_of_all(float(share)),
                "most is lost here" if is_worst else meaning,
                delta_color="orange" if is_worst else "off",
                delta_arrow="off",
                help=help,
            )


def show_copies(corpus: Corpus) -> None:
    """One paragraph; nothing where there are none, or where it is meant that splits overlap."""
    if corpus.ref.splits_overlap:
        return
    texts, splits = corpus.ref.nouns.texts, facts_of(corpus).splits
    with st.spinner(f"Looking for copies among the {texts}"):
        validation, test = _count_copies(corpus)
    if not validation and not test:
        return
    seed, accuracy = recommended_config(corpus.name).training.seed, 0.9
    gain = 100 * (1 - accuracy) * test / max(1, len(splits.test))
    added = f"{gain:.2f}" if gain >= 0.01 else "less than 0.01"
    st.markdown(
        f"**Copies.** {test:,} of the {len(splits.test):,} test {texts}, and {validation:,} of the "
        f"{len(splits.validation):,} validation {texts} of seed {seed}, are word for word the same as some "
        f"of the {len(splits.training):,} that a network learns from. It may know these by heart: if it is "
        f"right on {accuracy:.0%} of the other test {texts}, the copies then add {added} points to its test "
        "accuracy. In a shell, `python -m rnn_core evaluate MODEL --without-copies` scores without them."
    )


@st.cache_resource(max_entries=2, show_spinner=False, hash_funcs=_BY_VERSION)
def _count_copies(corpus: Corpus) -> list[int]:
    """The copies of training texts among those for validation, and for the test."""
    splits = facts_of(corpus).splits
    both = (splits.validation, splits.test)
    return [int(is_copy(corpus, rows, splits.training).sum()) for rows in both]
