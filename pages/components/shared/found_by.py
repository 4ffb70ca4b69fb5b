"""Work in the background for one session, one of a kind at a time: how far it is, and what it found."""

from collections.abc import Callable, Iterator
from typing import Any

import streamlit as st

from pages.components.shared.belongings import belongings
from pages.components.shared.format import literal, size
from pages.components.shared.jobs import Job, jobs
from rnn_core.data.own.make import FINGERPRINT
from rnn_core.data.own.plain import CUTTING, LOOKING_THROUGH
from rnn_core.data.own.rows import LOOKING
from rnn_core.export.archive import PACKING
from rnn_core.labelling import READING
from rnn_core.progress import Progress, duration

_PATIENCE = 1.0  # seconds
_OF_FILES = (LOOKING, FINGERPRINT, LOOKING_THROUGH, CUTTING, READING, PACKING)
_IN_BYTES = ("Downloading", "Waiting to reconnect", *_OF_FILES)


def found_by(
    kind: str,
    about: str,
    steps: Callable[[], Iterator[Progress]],
    at_first: str,
    *,
    outlives_session: bool = False,
) -> Any:
    """Return the result of some work, never None; until then None, and draw its progress or its error.

    `about` says what it works on: with another one the work of before is cancelled, and begins again. It ends
    with the session, unless `outlives_session`.
    """
    mine = belongings()
    name = f"{kind} of {mine.name}: {about}"
    _forget_others(kind, name)
    begun = jobs().get(name)
    job = begun or jobs().start(name, steps, at_first)
    mine.own(name, job, outlives=outlives_session)
    job.wait(0 if begun else _PATIENCE)  # later its end draws the page again
    if goes_on(lambda: jobs().get(name), f"cancel_{kind}"):
        return None
    if job.result is not None:  # also where it was cancelled in its last moment
        return job.result
    if not job.error:
        st.info("It was cancelled; nothing was kept.", icon=":material/info:")
    st.button(
        "Try again", icon=":material/refresh:", key=f"again_{kind}", on_click=jobs().forget, args=(name,)
    )
    return None


def is_at_work(kind: str) -> bool:
    """True if the last work of a kind that this session began is not done yet."""
    job = jobs().get(st.session_state.get(f"job_{kind}", ""))
    return job is not None and job.running


def forget(kind: str) -> None:
    """Forget the last work of a kind, which is cancelled where it is at it."""
    _forget_others(kind, "")


def _forget_others(kind: str, name: str) -> None:
    """Cancel and forget the work of a kind that this session began, unless it has this name."""
    before = st.session_state.get(f"job_{kind}", "")
    if before and before != name and (job := jobs().get(before)) is not None:
        job.cancel()
        job.wait(_PATIENCE)
        jobs().forget(before)
    st.session_state[f"job_{kind}"] = name


def goes_on(find: Callable[[], Job | None], key: str) -> bool:
    """True while a job is at work, whose progress is drawn; why it failed is said.

    `key` is that of the button that cancels it.
    """
    job = find()
    if job is not None and job.running:
        follow_job(find, key)
        return True
    if job is not None and job.error:
        st.error(literal(job.error), icon=":material/error:")
    return False


@st.fragment(run_every=0.5)
def follow_job(find: Callable[[], Job | None], key: str) -> None:
    """The bar and the button, which has this key; when the job has ended, the page runs again."""
    job = find()
    if job is None or not job.running:
        st.rerun()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        with st.container(width="stretch"):
            show_job(job)
        if st.button("Cancel", icon=":material/close:", key=key):
            job.cancel()
            job.wait(_PATIENCE)
            st.rerun()


def show_job(job: Job) -> None:
    """A bar with what it does and the time left."""
    progress, share = job.progress, 0.0
    if job.cancelled:
        says = "Cancelling"
    elif progress is None:
        says = job.at_first
    elif not progress.done or not progress.total:
        says = progress.doing
    else:
        shown = size if progress.doing in _IN_BYTES else "{:,}".format
        left = job.seconds_left()
        remaining = f", {duration(left)} left" if left is not None else ""
        says = f"{progress.doing}: {shown(progress.done)} of {shown(progress.total)}{remaining}"
    if progress is not None and progress.total:
        share = min(progress.done / progress.total, 1.0)
    st.progress(share, says)
