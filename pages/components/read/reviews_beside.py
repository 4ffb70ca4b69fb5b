"""The test reviews that a model's states are looked at on, waited for with progress."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.data_source import ask_to_prepare
from pages.components.shared.format import literal
from pages.components.shared.found_by import show_job
from rnn_core.config.corpora import ALWAYS_AT_HAND, CorpusRef, corpus_named
from rnn_core.data.corpus import Corpus
from rnn_core.models.model import Model


def reviews_for(model: Model, *, or_others: bool = True) -> Corpus | None:
    """The reviews that the model learned from, else the verdict corpus if any do; None, with the reason."""
    named = model.config.corpus
    if not named.is_shipped:
        return _own(model)
    if named.is_at_hand():
        return _shipped(named)
    if or_others:
        return _shipped(corpus_named(ALWAYS_AT_HAND))
    st.info(
        f"This takes {named.nouns.texts} that the network learned from, and they are not on "
        "this machine. Data says how to get them."
    )
    st.page_link("pages/data.py", label=f"To the {named.nouns.texts}", icon=":material/arrow_forward:")
    return None


def _shipped(named: CorpusRef) -> Corpus | None:
    corpus = corpora.opened(named, patience=3.0)
    if corpus is None and corpora.asks_first(named):
        ask_to_prepare(named)
    elif corpus is None:
        _wait(named)
    return corpus


def _own(model: Model) -> Corpus | None:
    """The texts of the user's own that it learned from; None, with the reason, where they are no use."""
    data, texts = model.config.data, model.config.corpus.nouns.texts
    corpus = corpora.opened(data)
    if corpus is None:
        st.info(
            f"The corpus {literal(data)} is not on this machine any more, so its test {texts} can't be "
            "looked at. Text that you type is read as before."
        )
    elif how := model.config.identity.differs(corpus.identity):
        st.info(
            f"The corpus {literal(data)} is not the one that this network learned from: {literal(how)}. "
            f"Train a network on it to look at its test {texts}."
        )
    elif not len(corpus.indices("test")):
        st.info(f"The corpus {literal(data)} has no test {texts} to look at.")
    else:
        return corpus
    return None


@st.fragment(run_every=1.0)
def _wait(named: CorpusRef) -> None:
    job = corpora.job(named)
    if job is not None and job.error:
        st.warning(f"The {named.nouns.texts} can't be read. {literal(job.error)}")
    elif job is None or not job.running:
        st.rerun()
    else:
        show_job(job)
