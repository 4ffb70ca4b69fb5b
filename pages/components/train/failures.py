"""A gallery of trainings that fail, each on purpose and for a reason of its own."""

import streamlit as st

from pages.components.train.start import start_run
from rnn_core.config.presets import FAILURES, Preset
from rnn_core.runs.store import Store

_IS_OPEN = "failures_open"
"""Kept, since a dialog closes whenever the page runs again by itself, as at the end of a measurement."""


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
    "A gallery of failures",
    width="large",
    icon=":material/sick:",
    on_dismiss=lambda: _set_open(False),
)
def _gallery(store: Store) -> None:
    """A card for each failure, with a button that starts it."""
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
                    on_click=_start,
                    args=(store, failure),
                ):
                    st.rerun()  # all of the page, not only what stands over it


def _start(store: Store, failure: Preset) -> None:
    _set_open(False)
    start_run(store, failure.config, failure.title)
