"""The commands to a run at work: pause, one step, one epoch, another learning rate, stop."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.assets import current_theme
from pages.components.shared.begun_here import note_begun
from pages.components.shared.format import literal
from pages.components.shared.live_chart import live_chart
from pages.components.shared.went_wrong import saying
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.errors import ConfigError, RunError
from rnn_core.figures.curves import rates_ahead
from rnn_core.runs import queue
from rnn_core.runs.history import EPOCH, HOLD, PAUSE, RATE, RESUME, STEP
from rnn_core.runs.queue import outlook
from rnn_core.runs.run import QUEUED, Run
from rnn_core.runs.store import Store
from rnn_core.training.schedule import Outlook, course_after_change

_BUTTONS: dict[str, tuple[str, str, str, str, str]] = {
    PAUSE: (
        "Pause",
        ":material/pause:",
        "P",
        "Wait before the next optimizer step. Nothing is lost, and the result is the same as without a "
        "pause.",
        "Asked to pause.",
    ),
    RESUME: ("Go on", ":material/play_arrow:", "P", "Train on from here.", "Goes on."),
    STEP: (
        "One optimizer step",
        ":material/skip_next:",
        "S",
        "Take one optimizer step, on one batch of {texts}, then pause.",
        "One optimizer step, then it pauses.",
    ),
    EPOCH: (
        "One epoch",
        ":material/last_page:",
        "E",
        "Go on until every training {text} was seen once more, then pause.",
        "On to the end of the epoch, then it pauses.",
    ),
}
"""Command -> the label, icon, shortcut and help of its button, and what is said once it was given."""


def run_controls(store: Store, run: Run) -> None:
    """Controls of a run while it trains."""
    why_not = _why_no_command(run)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for command in (RESUME if run.paused else PAUSE, STEP, EPOCH):
            label, icon, shortcut, help, toast = _BUTTONS[command]
            st.button(
                label,
                icon=icon,
                shortcut=shortcut,
                help=why_not or run.config.corpus.nouns.fill(help),
                disabled=bool(why_not),
                key=f"{command}_{run.id}",
                on_click=_give,
                args=(store, run, command, toast),
            )
        _learning_rate_control(store, run)
        stop_button(store, run, "Stop")


@saying(ConfigError, RunError, by=st.toast)
def _give(store: Store, run: Run, command: str, said: str, value: float | None = None) -> None:
    """Give a command, in a callback: else a press is lost where the page has to begin again before its button
    is drawn.
    """
    if queue.give_command(store, run.id, command, value):
        st.toast(said)


def stop_button(store: Store, run: Run, label: str) -> None:
    """Ends a run at work, or takes a waiting one out of the queue."""
    keeps = "What it has learned so far is kept"
    if run.state == QUEUED:
        keeps = "It has not begun, so nothing is lost."
    elif run.is_ending:
        keeps += "; it ends without a score."
    else:
        keeps += f" and scored on the test {run.config.corpus.nouns.texts}."
    st.button(
        label,
        icon=":material/stop:",
        shortcut="Q",
        key=f"stop_{run.id}",
        help=keeps,
        on_click=_stop,
        args=(store, run),
    )


@saying(RunError, by=st.toast)
def _stop(store: Store, run: Run) -> None:
    """Stop the run, in a callback as `_give`."""
    queue.stop(store, run.id, unscored=run.is_ending)
    now = store.runs.get(run.id)
    if not now.active:
        st.toast(literal(now.message))
    elif run.is_ending:
        st.toast("Stopping. It ends without a score.")
    else:
        st.toast("Stopping. What it has learned so far is kept and scored first.")


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


_AFTERWARDS = {RATE: "The schedule goes on in proportion", HOLD: "Hold this rate"}


def _learning_rate_control(store: Store, run: Run) -> None:
    """Show the rate in force, its future, and another one; behind a button, sent only while it is open."""
    why_not = _why_no_command(run)
    if (inside := opened("Learning rate", ":material/speed:", f"rate_open_{run.id}", why_not)) is not None:
        with inside:
            now = outlook(store, run)
            st.markdown(_rate_in_force(now, run.config.training))
            _change(store, run, now)


def opened(label: str, icon: str, key: str, why_not: str) -> DeltaGenerator | None:
    """A popover, pale where it says why not; the place inside it while it is open, else None."""
    popover = st.popover(
        label, icon=icon, disabled=bool(why_not), help=why_not or None, key=key, on_change="rerun"
    )
    return popover if popover.open and not why_not else None


def _why_no_command(run: Run) -> str:
    texts = run.config.corpus.nouns.texts
    if run.takes_steps:
        return ""
    if run.optimizer_step:
        return f"No optimizer step is left: the test {texts} are being scored."
    return f"Not before the first optimizer step: the {texts} are being read."


def _rate_in_force(now: Outlook, training: TrainingConfig) -> str:
    sentence = f"In force: **{now.current_rate:.3g}**"
    if now.is_held:
        return f"{sentence}, and {course_after_change(held=True)}."
    if training.schedule == "constant":
        return f"{sentence}, constant."
    up = f"to {now.peak:.3g}, then " if now.peak > 1.001 * now.current_rate else ""
    return f"{sentence}. The {training.schedule} schedule takes it {up}down to {now.rates[-1]:.2g}."


def _change(store: Store, run: Run, now: Outlook) -> None:
    left, right = st.columns([2, 3], gap="medium")
    wanted = left.number_input(
        "From the next optimizer step on",
        min_value=0.0,
        max_value=TrainingConfig.settings()["learning_rate"].high,
        value=None,
        placeholder=f"{now.current_rate:.3g}, in force",
        format="%.3g",
        key=_rate_key(run),
        help="How far one optimizer step moves the weights. Left empty, it is the rate in force.",
    )
    rate = now.current_rate if wanted is None else wanted
    # What a choice is called stands still, since the browser sends it back by its label.
    command = right.radio(
        "After that",
        list(_AFTERWARDS),
        format_func=_AFTERWARDS.__getitem__,
        captions=[f"Peak: {now.with_rate(rate, held=False).peak:.3g}", f"{rate:.3g} to the end"],
        key=f"after_rate_{run.id}",
    )
    then = now.with_rate(rate, command == HOLD)
    is_same = bool(np.allclose(then.rates, now.rates, rtol=1e-9, atol=0))
    left.button(
        "Apply",
        icon=":material/check:",
        type="primary",
        key=f"apply_rate_{run.id}",
        on_click=_apply,
        args=(store, run, command, rate),
        disabled=is_same,
        help="Nothing would change: this is the rate as it goes now." if is_same else None,
    )
    if then.warning:
        st.warning(literal(then.warning), icon=":material/trending_up:")
    live_chart(
        rates_ahead(now, None if is_same else then, run.config.training.epochs, current_theme()),
        f"rates_ahead_{run.id}",
        "Learning rate by epoch: planned, as it goes now, and with this change.",
        run.id,
    )
    st.caption("Dotted: as the settings plan it. Grey: as it goes now. Blue: with this change.")


def _apply(store: Store, run: Run, command: str, rate: float) -> None:
    """Give the new rate, in a callback: then the control is empty again, and shows the rate in force."""
    after = course_after_change(command == HOLD)
    said = f"From the next optimizer step on the learning rate is {rate:.3g}, and {after}."
    _give(store, run, command, said, rate)
    st.session_state[_rate_key(run)] = None


def _rate_key(run: Run) -> str:
    return f"rate_{run.id}"
