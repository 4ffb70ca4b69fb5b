"""The test reviews that a model's states are looked at on, waited for with progress."""

import streamlit as st

from pages.components.shared import corpora
from pages.components.shared.format import literal
from pages.components.shared.jobs import Job, jobs
from pages.components.shared.preparation import ask_to_prepare
from rnn_core.data.corpus import Corpus
from rnn_core.models.folder import LoadedModel
from rnn_core.progress import duration

_PATIENCE = 3.0  # seconds


def reviews_for(model: LoadedModel) -> Corpus | None:
    """Those that the model learned from, or the verdict corpus where they are missing.

    None, with the progress, the reason or a question on the page, while they are not ready.
    """
    data = model.config.corpus if corpora.is_at_hand(model.config.corpus) else "verdict"
    corpus = corpora.opened(data, _PATIENCE)
    if corpus is None and corpora.asks_first(data):
        ask_to_prepare(data)
    elif corpus is None:
        _wait(data)
    return corpus


@st.fragment(run_every=1.0)
def _wait(data: str) -> None:
    job = corpora.job(data)
    if job is not None and job.error:
        st.warning(f"The reviews can't be read. {literal(job.error)}")
    elif job is None or not job.running:
        st.rerun()
    else:
        show_job(job)


@st.fragment(run_every=0.5)
def follow_job(name: str, key: str) -> None:
    """How far the job of this name is, and a button of this key that cancels it; then the page runs again."""
    job = jobs().get(name)
    if job is None or not job.running:
        st.rerun()
    bar, button = st.columns([5, 1], gap="medium", vertical_alignment="bottom")
    with bar:
        show_job(job)
    if button.button("Cancel", icon=":material/close:", key=key, width="stretch"):
        job.cancel()
        job.wait(1.0)
        st.rerun()


def show_job(job: Job) -> None:
    """A bar with what it does and the time left."""
    progress = job.progress
    if progress is None or not progress.total:
        st.progress(0.0, job.at_first)
        return
    left = job.seconds_left()
    remaining = f", {duration(left)} left" if left is not None else ""
    st.progress(
        min(progress.done / progress.total, 1.0),
        f"{progress.doing}: {progress.done:,} of {progress.total:,}{remaining}",
    )
