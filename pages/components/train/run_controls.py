"""The buttons of a run at work: pause, one step, one epoch, another learning rate, stop."""

from typing import NamedTuple

import streamlit as st

from pages.components.shared.begun_here import note_begun
from pages.components.shared.format import literal
from pages.components.train.run_rate import learning_rate_control, why_no_command
from rnn_core.runs import queue
from rnn_core.runs.history import EPOCH, PAUSE, RESUME, STEP
from rnn_core.runs.run import QUEUED, Run
from rnn_core.runs.store import Store


class _Button(NamedTuple):
    """What gives a command."""

    label: str
    icon: str
    shortcut: str
    help: str
    toast: str
    """Says that a command was given."""


_BUTTONS = {
    PAUSE: _Button(
        "Pause",
        ":material/pause:",
        "P",
        "Wait before the next optimizer step. Nothing is lost, and the result is the same as without a "
        "pause.",
        "Asked to pause.",
    ),
    RESUME: _Button("Go on", ":material/play_arrow:", "P", "Train on from here.", "Goes on."),
    STEP: _Button(
        "One optimizer step",
        ":material/skip_next:",
        "S",
        "Take one optimizer step, on one batch of {texts}, then pause.",
        "One optimizer step, then it pauses.",
    ),
    EPOCH: _Button(
        "One epoch",
        ":material/last_page:",
        "E",
        "Go on until every training {text} was seen once more, then pause.",
        "On to the end of the epoch, then it pauses.",
    ),
}


def run_controls(store: Store, run: Run) -> None:
    """What can be done with a run while it trains."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for command in (RESUME if run.paused else PAUSE, STEP, EPOCH):
            _button(store, run, command)
        learning_rate_control(store, run)
        stop_button(store, run, "Stop")


def _button(store: Store, run: Run, command: str) -> None:
    label, icon, shortcut, help, toast = _BUTTONS[command]
    why_not = why_no_command(run)
    if st.button(
        label,
        icon=icon,
        shortcut=shortcut,
        help=why_not or run.config.corpus.nouns.fill(help),
        disabled=why_not is not None,
        key=f"{command}_{run.id}",
    ) and queue.give_command(store, run.id, command):
        st.toast(toast)


def stop_button(store: Store, run: Run, label: str) -> None:
    """Ends a run at work, or takes a waiting one out of the queue."""
    if st.button(
        label,
        icon=":material/stop:",
        shortcut="Q",
        key=f"stop_{run.id}",
        help=_what_stop_keeps(run),
    ):
        queue.stop(store, run.id, unscored=run.is_ending)
        now = store.runs.get(run.id)
        if now.active:
            st.toast(
                "Stopping. It ends without a score."
                if run.is_ending
                else "Stopping. What it has learned so far is kept and scored first."
            )
        else:
            st.toast(literal(now.message))


def _what_stop_keeps(run: Run) -> str:
    if run.state == QUEUED:
        return "It has not begun, so nothing is lost."
    kept = "What it has learned so far is kept"
    if run.is_ending:
        return f"{kept}; it ends without a score."
    return f"{kept} and scored on the test {run.config.corpus.nouns.texts}."


def resume_button(store: Store, run: Run) -> None:
    """Lets a run that was interrupted go on from its last checkpoint."""
    why_not = run.config.corpus.why_gone(run.config.identity)
    if st.button(
        "Resume",
        icon=":material/resume:",
        type="primary",
        key=f"resume_{run.id}",
        help=literal(why_not)
        or "It goes on from its last checkpoint; the result is the same as without the interruption.",
        disabled=bool(why_not),
    ):
        queue.resume(store, run.id)
        note_begun(run.id)
        st.rerun()
