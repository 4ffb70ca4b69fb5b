"""How far a sweep is, and the buttons that let it go on or give it up."""

import streamlit as st

from pages.components import corpora
from pages.components.cost import expected_seconds
from pages.components.words import duration, literal
from rnn_core.experiments import coordinator
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep, SweepError

_EVERY = 2.0  # seconds


def show_work(sweep: Sweep) -> None:
    """Progress, the time it takes, and the button that fits."""
    at_work = coordinator.is_at_work(sweep.name)

    @st.fragment(run_every=_EVERY if at_work else None)
    def work() -> None:
        now = coordinator.is_at_work(sweep.name)
        try:
            done = _done(sweep)
        except SweepError as error:
            st.error(f"{literal(str(error))}\\.")
            return
        if now != at_work or done != st.session_state.get(_key(sweep), done):
            st.session_state[_key(sweep)] = done
            st.rerun()
        st.session_state[_key(sweep)] = done
        _show(sweep, done, now)

    work()


def _show(sweep: Sweep, done: int, at_work: bool) -> None:
    total = len(sweep.cases) * len(sweep.seeds)
    runs = f"**{done:,} of {total:,}** runs have ended"
    if at_work:
        left = _seconds(sweep, total - done)
        remaining = f", about {duration(left)} left" if left is not None else ""
        st.progress(done / total, text=f"{runs}{remaining}")
        if st.button("Stop", icon=":material/stop:", key="stop_sweep", help="What has ended is kept."):
            coordinator.stop(sweep.name)
            st.toast("It gives up the run at work; what has ended is kept.")
        return
    st.progress(done / total, text=runs)
    if done == total:
        return
    if done and (said := coordinator.last_words(sweep.name)).startswith("Error"):
        st.warning(literal(said))
    if not corpora.is_at_hand(sweep.base.data):
        st.info(
            "It reads the IMDB reviews, which are not on this machine yet. Home, Data or Train fetches them."
        )
        return
    seconds = _seconds(sweep, total - done)
    takes = f" About {duration(seconds)} on this machine." if seconds is not None else ""
    st.caption(f"{total - done:,} runs to do.{takes} They go on when the app is closed.")
    st.button(
        "Go on" if done else "Start",
        icon=":material/play_arrow:",
        key="start_sweep",
        on_click=_start,
        args=(sweep,),
    )


def _start(sweep: Sweep) -> None:
    try:
        coordinator.start(sweep)
    except (SweepError, OSError) as error:
        st.toast(f"It could not start: {literal(str(error))}")


def _done(sweep: Sweep) -> int:
    results = Results(sweep.name)
    if not results.exists():
        return 0
    return len(sweep.cases) * len(sweep.seeds) - len(results.missing(sweep))


def _seconds(sweep: Sweep, missing: int) -> float | None:
    """By what the ended runs took, else by a measured batch of the first case; None while that is unknown."""
    results = Results(sweep.name)
    ended = [result.seconds for result in results.all()] if results.exists() else []
    if ended:
        return sum(ended) / len(ended) * missing
    one = expected_seconds(sweep.base.with_settings(**sweep.cases[0]))
    return None if one is None else one * missing


def _key(sweep: Sweep) -> str:
    return f"sweep_done_{sweep.name}"
