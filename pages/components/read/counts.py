"""Counts of n-grams beside a network that writes: opened where they are kept, else made at a click."""

from collections.abc import Generator
from functools import partial

import numpy as np
import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.found_by import found_by
from pages.components.shared.model_picker import changed_at
from rnn_core.baselines.ngram_scores import kept_ngrams, ngrams_of
from rnn_core.baselines.ngrams import ORDERS, Ngrams
from rnn_core.baselines.ways import WAYS
from rnn_core.data.sources import load_corpus
from rnn_core.figures.builder import Array
from rnn_core.languages.along import NONE
from rnn_core.models.model import KeptModel, splits_to_score
from rnn_core.progress import Progress
from rnn_core.text.vocabulary import UNK_ID

CONTEXT = ORDERS - 1
"""Symbols of context that the counts use."""
_OPEN, _ASKED, _NOT_KEPT = "counts_open", "counts_asked", "not kept"


def open_counts(reading: Reading) -> Ngrams | None:
    """The n-grams of the texts that a network learned from; None, with what to do, while there are none."""
    model, corpus = reading.model, reading.model.config.corpus
    about, texts = f"{model.folder} {changed_at(model.folder)}", corpus.nouns.texts
    st.session_state[_OPEN] = None
    if not corpus.is_prepared():
        st.caption(f"Counts of n-grams need its training {texts}, which never come with a network.")
        address.link("pages/data.py", f"To the {texts}", {keys.CORPUS: corpus.data})
        return None
    is_asked = st.session_state.get(_ASKED) == about
    steps = partial(_opening, model, is_asked)
    found = found_by("counts", f"{about} {is_asked}", steps, "Opening the counts")
    if found == _NOT_KEPT:
        st.button(
            f"Count n-grams in its training {texts}",
            icon=":material/bar_chart:",
            key="count_ngrams",
            on_click=lambda: st.session_state.update({_ASKED: about}),
            help=WAYS["n-grams"].what.format(texts),
        )
        return None
    st.session_state[_OPEN] = found
    return opened_counts()


def opened_counts() -> Ngrams | None:
    """The n-grams that `open_counts` opened in this run of the page; None where there are none."""
    found: Ngrams | None = st.session_state.get(_OPEN)
    return found


def _opening(model: KeptModel, is_asked: bool) -> Generator[Progress, None, Ngrams | str]:
    """Open the counts, or make them where that is asked for. Raises DataError."""
    yield Progress("Counting n-grams" if is_asked else "Opening the counts", 0, 1)
    corpus = load_corpus(model.config.corpus)
    splits_to_score(model, corpus, "training")  # which refuses another corpus of this name
    made_by = ngrams_of if is_asked else kept_ngrams
    return made_by(model.config, corpus, model.vocabulary) or _NOT_KEPT


def counted_next(counts: Ngrams, reading: Reading, time: int) -> Array:
    """(K,) the probability of each symbol that can come after a time step, in the order of `NextTokens`."""
    columns = np.array(reading.model.vocabulary.encode(reading.next_tokens.names)) - UNK_ID
    return counts.probabilities(_ids(reading)[: len(reading.before) + time + 1])[columns]


def counted_bits(counts: Ngrams, reading: Reading) -> Array:
    """(T,) the bits of what comes after each time step; nan where that is open."""
    found, ids, is_open = reading.next_tokens, _ids(reading), [np.nan]
    if found.came[-1] != NONE:
        ids += reading.model.vocabulary.encode([found.names[found.came[-1]]])
        is_open = []
    bits = counts.bits(np.array(ids), np.array([0, len(ids)]))[:, CONTEXT]
    return np.append(bits, is_open)[-len(found.came) :]


def _ids(reading: Reading) -> list[int]:
    """The ids that were read, those before the trace, too."""
    return [*reading.model.vocabulary.encode(reading.before), *reading.trace.review.ids]
