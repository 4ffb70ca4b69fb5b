"""The button that puts a run into the queue."""

import streamlit as st

from pages.components.run_choice import show_run
from pages.components.words import literal
from rnn_core.config import RunConfig
from rnn_core.runs import queue
from rnn_core.runs.run import RunError
from rnn_core.runs.store import Store


def start_button(store: Store, config: RunConfig) -> None:
    """Start a run with these settings, or put it behind the one at work."""
    try:
        waits = bool(store.active())
    except RunError as error:
        st.error(literal(str(error)))
        return
    st.button(
        "Queue training" if waits else "Start training",
        icon=":material/playlist_add:" if waits else ":material/play_arrow:",
        type="primary",
        key="start",
        width="stretch",
        on_click=_start,
        args=(store, config),
        help="It trains in a process of its own: it goes on when you change the page, close the browser or "
        "end the server. One run trains at a time.",
    )
    problem = st.session_state.pop("start_problem", None)
    if problem:
        st.error(literal(problem))


def _start(store: Store, config: RunConfig) -> None:
    try:
        run = store.create(config)
        queue.start_next(store)
    except RunError as error:
        st.session_state["start_problem"] = str(error)
        return
    show_run(run.id)
