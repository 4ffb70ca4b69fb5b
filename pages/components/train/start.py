"""The button that puts a run into the queue, and what any other way to start one does."""

from threading import Lock

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.begun_here import note_begun
from pages.components.shared.format import literal
from pages.components.train.run_choice import show_run
from rnn_core.config.run import RunConfig
from rnn_core.errors import RunError
from rnn_core.runs import queue, ready
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store

_PROBLEM = "start_problem"


def start_button(store: Store, config: RunConfig) -> None:
    """Start a run with these settings, or put it behind those at work."""
    try:
        waits = len(store.runs.active()) >= store.turns.at_once()
    except RunError:  # the page says so beside it
        return
    if not waits:
        ready.keep_ready()
    st.button(
        "Queue training" if waits else "Start training",
        icon=":material/playlist_add:" if waits else ":material/play_arrow:",
        type="primary",
        key="start",
        width="stretch",
        on_click=_start_once,
        args=(Lock(), store, config),
        help="It trains in a process of its own: it goes on when you change the page, close the browser or "
        "end the server. One run trains at a time, unless the list of runs says otherwise.",
    )
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(literal(problem))


def _start_once(pressed: Lock, store: Store, config: RunConfig) -> None:
    """Start one run for a button as it was drawn, however often Streamlit answers that press."""
    if pressed.acquire(blocking=False):
        start_run(store, config)


def start_run(store: Store, config: RunConfig, name: str = "", in_place_of: Run | None = None) -> None:
    """Put a run into the queue, its settings into the form, and show it; to be called in a callback.

    The run that it is in place of ends, and its curves stay beside those of the new one. What can't be done
    is said below the start button.
    """
    try:
        run = store.create(config, name)
        if in_place_of is not None:
            queue.stop(store, in_place_of.id)
        queue.start_next(store)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    note_begun(run.id)
    settings.fill(config)
    show_run(run.id, beside=[in_place_of.id] if in_place_of else ())
