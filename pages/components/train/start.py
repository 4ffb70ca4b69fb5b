"""Ways to start a run: the button, a gallery of trainings that fail on purpose, a diagnosis' cure."""

from threading import Lock

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.begun_here import note_begun
from pages.components.shared.format import literal, with_code
from pages.components.train.run_choice import show_run
from rnn_core.config.presets import FAILURES, Preset
from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words
from rnn_core.errors import GatescopeError, RunError
from rnn_core.runs import queue, ready
from rnn_core.runs.run import DIVERGED, Run
from rnn_core.runs.store import Store
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.history import History

_PROBLEM = "start_problem"
_IS_OPEN = "failures_open"
"""Kept, since a dialog closes whenever the page runs again by itself, as at the end of a measurement."""


def start_button(store: Store, config: RunConfig) -> None:
    """Start a run with these settings, or put it behind those at work."""
    try:
        waits = len(store.runs.active()) >= store.turns.at_once()
    except RunError:  # the page says so beside it
        return
    if not waits:
        ready.place.keep_ready()
    pressed = Lock()

    def start_once() -> None:
        """However often Streamlit answers a press on the button as it was drawn."""
        if pressed.acquire(blocking=False):
            start_run(store, config)

    st.button(
        "Queue training" if waits else "Start training",
        icon=":material/playlist_add:" if waits else ":material/play_arrow:",
        type="primary",
        key="start",
        width="stretch",
        on_click=start_once,
        help="It trains in a process of its own: it goes on when you change the page, close the browser or "
        "end the server. One run trains at a time, unless the list of runs says otherwise.",
    )


def start_run(store: Store, config: RunConfig, name: str = "", in_place_of: Run | None = None) -> None:
    """Queue a run in a callback, fill the form with it, show it, and end the one it is in place of."""
    try:
        run = store.create(config, name)
        if in_place_of is not None:
            queue.stop(store, in_place_of.id)
        queue.start_next(store)
    except GatescopeError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    note_begun(run.id)
    settings.fill(config)
    show_run(run.id, beside=[in_place_of.id] if in_place_of else ())


def show_problem() -> None:
    """Say why the last run could not be started, whichever button was pressed."""
    if problem := st.session_state.pop(_PROBLEM, ""):
        st.error(with_code(problem), icon=":material/error:")
        st.toast(with_code(problem), icon=":material/error:")  # seen beside a button further down


def failures_button(store: Store) -> None:
    """Opens the gallery over the page."""
    st.button(
        "See it fail",
        icon=":material/sick:",
        key="failures",
        on_click=_set_open,
        args=(True,),
        help="A gallery of trainings that go wrong on purpose, each in less than a minute, and what helps.",
    )
    if st.session_state.get(_IS_OPEN):
        _gallery(store)


def _set_open(is_open: bool) -> None:
    st.session_state[_IS_OPEN] = is_open


@st.dialog(
    "A gallery of failures", width="large", icon=":material/sick:", on_dismiss=lambda: _set_open(False)
)
def _gallery(store: Store) -> None:
    st.caption(
        "Each goes wrong on purpose, on the verdict corpus, in less than a minute. Watch the curves and the "
        "view Inside, read the diagnosis, then try what it proposes."
    )
    with st.grid(3, min_column_width=260):
        for name, failure in FAILURES.items():
            with st.container(border=True, height="stretch", vertical_alignment="distribute"):
                st.markdown(f"**{failure.title}**  \n{failure.help}")
                if st.button(
                    "Start it",
                    icon=":material/play_arrow:",
                    key=f"failure_{name}",
                    on_click=_start_failure,
                    args=(store, failure),
                ):
                    st.rerun()  # all of the page, not only what stands over it


def _start_failure(store: Store, failure: Preset) -> None:
    _set_open(False)
    start_run(store, failure.config, failure.title)


def show_diagnoses(store: Store, run: Run, history: History) -> None:
    """A line for each thing that is wrong with a run by now; mostly there is none."""
    for found in diagnose(run.config, history, run.message if run.state == DIVERGED else ""):
        words, button = st.columns([6, 1], vertical_alignment="center")
        remedies = [", ".join(setting_in_words(*each) for each in found.cure.items())] if found.cure else []
        remedies += ["its learning rate left alone"] if found.without_changes else []
        remedy = f" What would change it: **{literal(', '.join(remedies))}**." if remedies else ""
        words.warning(f"**{found.title}.** {literal(found.sentence)}{remedy}", icon=":material/stethoscope:")
        if remedies and button.button(
            "Try it",
            icon=":material/healing:",
            key=f"cure_{found.kind}_{run.id}",
            width="stretch",
            on_click=start_run,
            args=(store, run.config.with_settings(**found.cure), f"against: {found.title.lower()}", run),
            help="Trains again with these settings; all others stay the same. This run ends, and its curves "
            "stay beside those of the new one.",
        ):
            st.rerun()  # all of the page, not only this part of it
