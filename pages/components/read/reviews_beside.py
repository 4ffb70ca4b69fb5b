"""The test reviews that a model's states are looked at on, waited for with progress."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import literal
from pages.components.shared.job_progress import show_job
from pages.components.shared.own_texts import is_gone
from pages.components.shared.preparation import ask_to_prepare
from rnn_core.config.identity import is_built_in
from rnn_core.config.words import texts_in_words
from rnn_core.data.corpus import Corpus
from rnn_core.models.model import Model

_PATIENCE = 3.0  # seconds


def reviews_for(model: Model) -> Corpus | None:
    """The reviews that the model learned from, or the verdict corpus where those of IMDB are missing.

    None, with the progress, the reason or a question on the page, while they are not ready.
    """
    if not is_built_in(model.config.data):
        return _own(model)
    return _built_in(model.config.corpus if corpora.is_at_hand(model.config.corpus) else "verdict")


def reviews_learned_from(model: Model) -> Corpus | None:
    """The reviews that the model learned from, no others; None, with the reason, where they are missing."""
    if not is_built_in(model.config.data):
        return _own(model)
    if corpora.is_at_hand(model.config.corpus):
        return _built_in(model.config.corpus)
    st.info(
        f"This takes {texts_in_words(model.config.data)} that the network learned from, and they are not on "
        "this machine. Data says how to get them."
    )
    st.page_link("pages/data.py", label="To the reviews", icon=":material/arrow_forward:")
    return None


def _built_in(data: str) -> Corpus | None:
    corpus = corpora.opened(data, _PATIENCE)
    if corpus is None and corpora.asks_first(data):
        ask_to_prepare(data)
    elif corpus is None:
        _wait(data)
    return corpus


def _own(model: Model) -> Corpus | None:
    """The texts of the user's own that it learned from; None, with the reason, where they are no use."""
    data = model.config.data
    corpus = None if is_gone(data) else corpora.opened(data)
    if corpus is None:
        st.info(
            f"The corpus {literal(data)} is not on this machine any more, so its test texts can't be looked "
            "at. Text that you type is read as before."
        )
    elif how := model.config.identity.differs(corpus.identity):
        st.info(
            f"The corpus {literal(data)} is not the one that this network learned from: {literal(how)}. "
            "Train a network on it to look at its test texts."
        )
    elif not len(corpus.indices("test")):
        st.info(f"The corpus {literal(data)} has no test texts to look at.")
    else:
        return corpus
    return None


@st.fragment(run_every=1.0)
def _wait(data: str) -> None:
    job = corpora.job(data)
    if job is not None and job.error:
        st.warning(f"The {texts_in_words(data)} can't be read. {literal(job.error)}")
    elif job is None or not job.running:
        st.rerun()
    else:
        show_job(job)
