"""What goes wrong with a run, in a sentence, and the settings that would change it, one click away."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.shared.format import literal
from pages.components.train.start import start_run
from rnn_core.config.words import setting_in_words
from rnn_core.runs.run import DIVERGED, Run
from rnn_core.runs.store import Store
from rnn_core.training.diagnosis import diagnose
from rnn_core.training.history import History

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
