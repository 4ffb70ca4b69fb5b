"""What goes wrong with a run, in a sentence, and the settings that would change it, one click away."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components import settings
from pages.components.run_choice import show_run
from pages.components.settings import DECLARED
from pages.components.words import SHORT_NAMES, literal
from rnn_core.runs import queue
from rnn_core.runs.run import DIVERGED, Run, RunError
from rnn_core.runs.store import Store
from rnn_core.training.diagnosis import KINDS, Diagnosis, diagnose
from rnn_core.training.history import History

_PROBLEM = "cure_problem"


def show_diagnoses(store: Store, run: Run, history: History) -> None:
    """A line for each thing that is wrong with a run by now; mostly there is none."""
    for found in diagnose(run.config, history, run.message if run.state == DIVERGED else ""):
        words, button = st.columns([7, 3], vertical_alignment="center")
        words.warning(f"**{KINDS[found.kind]}.** {literal(found.sentence)}", icon=":material/stethoscope:")
        if found.cure and button.button(
            f"Try {literal(_in_words(found.cure))}",
            icon=":material/healing:",
            key=f"cure_{found.kind}_{run.id}",
            width="stretch",
            on_click=_try,
            args=(store, run, found),
            help="Trains anew with these settings, all else as it is. This run ends, and its curves stay "
            "beside those of the new one.",
        ):
            st.rerun()  # all of the page, not only this part of it
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(literal(problem))


def _in_words(cure: Mapping[str, Any]) -> str:
    """Settings and their values, such as "clip gradients at 1, learning rate 0.01"."""
    return ", ".join(_setting_in_words(name, value) for name, value in cure.items())


def _setting_in_words(name: str, value: Any) -> str:
    label = DECLARED[name].label.lower()
    if isinstance(value, bool):
        return label if value else f"no {label}"
    shown = f"{value:,g}" if isinstance(value, int | float) else SHORT_NAMES.get(value, value)
    return shown if name in ("cell", "optimizer") else f"{label} {shown}"


def _try(store: Store, run: Run, found: Diagnosis) -> None:
    try:
        config = run.config.with_settings(**found.cure)
        cured = store.create(config, f"against: {KINDS[found.kind].lower()}")
        queue.stop(store, run.id)
        queue.start_next(store)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    settings.fill(config)
    show_run(cured.id, beside=[run.id])
