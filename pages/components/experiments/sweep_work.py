"""The progress of a sweep, and the buttons that let it go on or give it up."""

import math
import os
from functools import partial
from typing import NamedTuple

import streamlit as st

from pages.components.shared.cost import expected_seconds
from pages.components.shared.format import literal
from rnn_core.errors import ConfigError, reason
from rnn_core.progress import roughly
from rnn_core.runs.at_work import is_at_work
from rnn_core.sweeps import coordinator
from rnn_core.sweeps.coordinator import seconds_left
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep

_WORKERS, _ADDRESS, _QUESTION = "sweep_workers", "sweep_address", "question"


def show_work(sweep: Sweep) -> bool:
    """Progress, the time it takes, and the button that fits; whether it asks where sweeps run.

    Raises SweepError where the file of results is damaged.
    """
    at_work, done = is_at_work(sweep.name), _done(sweep)
    key = f"sweep_at_work_{sweep.name}"
    was_at_work = st.session_state.get(key, False)
    st.session_state[key] = at_work
    is_measuring = left_of(sweep, _QUESTION).is_measuring

    # Why a sweep has ended is known a moment after it has.
    @st.fragment(run_every=2.0 if at_work or was_at_work or is_measuring else None)
    def work() -> None:
        is_measured = is_measuring and not left_of(sweep, _QUESTION).is_measuring
        if is_measured or (is_at_work(sweep.name), _done(sweep)) != (at_work, done):
            st.rerun()
        _show(sweep, done, at_work)

    progress, buttons = st.columns([6, 4], gap="medium")
    with progress:
        work()
    with buttons.container(horizontal=True, vertical_alignment="center"):
        _show_button(sweep, done, at_work)
        if not at_work:
            choose_place()
    return not at_work


def begin(sweep: Sweep) -> bool:
    """Start a sweep where it was chosen to run; in a callback. Whether it was started."""
    try:
        coordinator.start(sweep, _workers(), _address())
    except (ConfigError, OSError) as error:
        st.toast(literal(f"It could not start: {reason(error)}."))
        return False
    return True


class TimeLeft(NamedTuple):
    """The time that the runs of a sweep to do will take."""

    seconds: float | None
    """Seconds on this machine, so many at once as was chosen; None where that is not known."""
    is_measuring: bool
    """True if it soon will be."""

    def __str__(self) -> str:
        if self.is_measuring:
            return "measuring a batch of each case"
        return f"about {roughly(self.seconds)}" if self.seconds is not None else ""


def counted_runs(count: int) -> str:
    """A number of runs in words."""
    return "1 run" if count == 1 else f"{count:,} runs"


def left_of(sweep: Sweep, whose: str) -> TimeLeft:
    """Asked for one part of the page. Raises SweepError where the file of results is damaged."""
    if _address():  # nobody measured its machines
        return TimeLeft(None, False)
    seconds = seconds_left(sweep, partial(expected_seconds, whose), _workers())
    if seconds is None:
        return TimeLeft(None, _is_at_hand(sweep))
    return TimeLeft(seconds if math.isfinite(seconds) else None, False)


def choose_place() -> None:
    """Ask how many runs at once, on this machine or on a cluster: for this sweep and for one's own."""
    with st.popover("Where sweeps run", icon=":material/dns:", type="tertiary"):
        help = "Each takes one core of this machine. With as many runs as cores, all else becomes slow."
        st.number_input(
            "Runs at once", 1, os.cpu_count() or 1, 1, key=_WORKERS, persist_state="session", help=help
        )
        st.text_input(
            "Dask scheduler",
            key=_ADDRESS,
            persist_state="session",
            placeholder="tcp://HOST:8786",
            help="The address of a cluster that does the runs; docs/clusters.md says how to start one. Empty "
            "for this machine.",
        )


def _show(sweep: Sweep, done: int, at_work: bool) -> None:
    total = len(sweep)
    runs = f"**{done:,} of {total:,}** runs have ended"
    left = left_of(sweep, _QUESTION)
    if at_work:
        remaining = f", {left} left" if left.seconds is not None else ""
        st.progress(done / total, text=f"{runs}{remaining}")
        return
    st.progress(done / total, text=runs)
    if done == total:
        return
    if "Error" in (last_words := coordinator.last_words(sweep.name)):  # as ours begin, and Python's end
        st.warning(f"It ended early. {literal(last_words.removeprefix('Error: '))}")
    if not _is_at_hand(sweep):
        st.info(
            "It reads the IMDB reviews, which are not on this machine yet. Home, Data or Train fetches them."
        )
        return
    takes = f", {left} on this machine" if str(left) else ""
    if _address():
        takes = f", on the cluster at {literal(_address())}"
    st.caption(f"{counted_runs(total - done)} to do{takes}. A sweep goes on when the app is closed.")


def _show_button(sweep: Sweep, done: int, at_work: bool) -> None:
    """Apart from what is drawn by a timer: of a button there a click is lost at times."""

    def start() -> None:
        begin(sweep)

    def stop() -> None:
        coordinator.stop(sweep.name)
        st.toast("The run at work is lost; those that have ended are kept.")

    if at_work:
        st.button(
            "Stop", icon=":material/stop:", key="stop_sweep", on_click=stop, help="What has ended is kept."
        )
    elif done < len(sweep) and _is_at_hand(sweep):
        st.button(
            "Go on" if done else "Start", icon=":material/play_arrow:", key="start_sweep", on_click=start
        )


def _is_at_hand(sweep: Sweep) -> bool:
    return all(corpus.is_at_hand() for corpus in sweep.corpora)


def _workers() -> int:
    return int(st.session_state.get(_WORKERS, 1))


def _address() -> str:
    return str(st.session_state.get(_ADDRESS, "")).strip()


def _done(sweep: Sweep) -> int:
    return len(sweep) - len(Results(sweep.name).missing(sweep))
