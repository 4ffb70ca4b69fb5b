"""How far a job of the server is, and a button that cancels it."""

from collections.abc import Callable

import streamlit as st

from pages.components.shared.format import size
from pages.components.shared.jobs import Job
from rnn_core.data.own.make import FINGERPRINT
from rnn_core.data.own.rows import LOOKING
from rnn_core.labelling.table import READING
from rnn_core.progress import duration

_IN_BYTES = ("Downloading", "Waiting to reconnect", LOOKING, FINGERPRINT, READING)
_PATIENCE = 1.0  # seconds


@st.fragment(run_every=0.5)
def follow_job(find: Callable[[], Job | None], key: str) -> None:
    """The bar and the button, which has this key; when the job has ended, the page runs again."""
    job = find()
    if job is None or not job.running:
        st.rerun()
    bar, button = st.columns([5, 1], gap="medium", vertical_alignment="bottom")
    with bar:
        show_job(job)
    if button.button("Cancel", icon=":material/close:", key=key, width="stretch"):
        job.cancel()
        job.wait(_PATIENCE)
        st.rerun()


def show_job(job: Job) -> None:
    """A bar with what it does and the time left."""
    progress = job.progress
    share = min(progress.done / progress.total, 1.0) if progress is not None and progress.total else 0.0
    st.progress(share, _text(job))


def _text(job: Job) -> str:
    progress = job.progress
    if job.cancelled:
        return "Cancelling"
    if progress is None:
        return job.at_first
    if not progress.done or not progress.total:
        return progress.doing
    shown = size if progress.doing in _IN_BYTES else "{:,}".format
    left = job.seconds_left()
    remaining = f", {duration(left)} left" if left is not None else ""
    return f"{progress.doing}: {shown(progress.done)} of {shown(progress.total)}{remaining}"
