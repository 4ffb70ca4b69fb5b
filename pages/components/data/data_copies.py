"""Reviews held out that stand word for word among those a network learns from, and what they are worth."""

import streamlit as st

from pages.components.data.data_facts import DataFacts, version_of
from rnn_core.config.corpora import corpus_named
from rnn_core.data.copies import is_copy
from rnn_core.data.corpus import Corpus
from rnn_core.data.sources import recommended_config
from rnn_core.files import State

_ACCURACY = 0.9


def show_copies(data: str, corpus: Corpus, facts: DataFacts) -> None:
    """One paragraph; nothing where there are none."""
    texts = corpus_named(data).nouns.texts
    with st.spinner(f"Looking for copies among the {texts}"):
        validation, test = _count(data, version_of(data), corpus, facts)
    if not validation and not test:
        return
    splits, seed = facts.splits, recommended_config(data).training.seed
    gain = 100 * (1 - _ACCURACY) * test / len(splits.test)
    st.markdown(
        f"**Copies.** {test:,} of the {len(splits.test):,} test {texts}, and {validation:,} of the "
        f"{len(splits.validation):,} validation {texts} of seed {seed}, are word for word the same as some "
        f"of the {len(splits.training):,} that a network learns from. A network that is right on "
        f"{_ACCURACY:.0%} of the others and knows these by heart scores {gain:.2f} points higher on the test "
        f"{texts}. In a shell, `python -m rnn_core evaluate MODEL --without-copies` scores without them."
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _count(data: str, version: State | None, _corpus: Corpus, _facts: DataFacts) -> tuple[int, int]:
    """How many of the validation and of the test reviews are copies."""
    splits = _facts.splits
    both = (splits.validation, splits.test)
    validation, test = (int(is_copy(_corpus, rows, splits.training).sum()) for rows in both)
    return validation, test
