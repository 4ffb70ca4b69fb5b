"""What goes wrong with a training: a gallery of those that fail on purpose, and a diagnosis of any other."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.shared.format import literal
from pages.components.train.start import start_run
from rnn_core.config.presets import FAILURES, Preset
from rnn_core.config.words import setting_in_words
from rnn_core.runs.run import DIVERGED, Run
from rnn_core.runs.store import Store
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.history import History

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


_LEFT_ALONE = "its learning rate left alone"


def show_diagnoses(store: Store, run: Run, history: History) -> None:
    """A line for each thing that is wrong with a run by now; mostly there is none."""
    for found in diagnose(run.config, history, run.message if run.state == DIVERGED else ""):
        words, button = st.columns([6, 1], vertical_alignment="center")
        remedies = [in_words(found.cure)] if found.cure else []
        remedies += [_LEFT_ALONE] if found.without_changes else []
        remedy = f" What would change it: **{literal(', '.join(remedies))}**." if remedies else ""
        words.warning(f"**{found.title}.** {literal(found.sentence)}{remedy}", icon=":material/stethoscope:")
        if remedies and button.button(
            "Try it",
            icon=":material/healing:",
            key=f"cure_{found.kind}_{run.id}",
            width="stretch",
            on_click=start_run,
            args=(
                store,
                run.config.with_settings(**found.cure),
                f"against: {found.title.lower()}",
                run,
            ),
            help="Trains again with these settings; all others stay the same. This run ends, and its curves "
            "stay beside those of the new one.",
        ):
            st.rerun()  # all of the page, not only this part of it


def in_words(cure: Mapping[str, Any]) -> str:
    """Settings and their values.

    >>> in_words({"cell": "gru", "clip_norm": 1.0, "skip_padding": True})
    'GRU, clip gradients at 1, skip padding'
    """
    return ", ".join(setting_in_words(name, value) for name, value in cure.items())
