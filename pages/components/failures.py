"""A gallery of trainings that fail, each on purpose and for a reason of its own."""

import streamlit as st

from pages.components import settings
from pages.components.run_choice import show_run
from pages.components.words import literal
from rnn_core.presets import FAILURES, Preset
from rnn_core.runs import queue
from rnn_core.runs.run import RunError
from rnn_core.runs.store import Store

_PROBLEM = "failure_problem"


def show_failures(store: Store) -> None:
    """A card for each failure, with a button that starts it; folded away until it is asked for."""
    with st.expander("A gallery of failures", icon=":material/sick:"):
        st.caption(
            "Each goes wrong on purpose, on the verdict corpus, in less than a minute. Watch the curves and "
            "the view Inside, read what the app makes of it, then try what it proposes."
        )
        with st.grid(4, min_column_width=230):
            for name, failure in FAILURES.items():
                with st.container(border=True, height="stretch", vertical_alignment="distribute"):
                    st.markdown(f"**{failure.title}**  \n{failure.help}")
                    st.button(
                        "Start it",
                        icon=":material/play_arrow:",
                        key=f"failure_{name}",
                        on_click=_start,
                        args=(store, failure),
                    )
        if problem := st.session_state.pop(_PROBLEM, None):
            st.error(literal(problem))


def _start(store: Store, failure: Preset) -> None:
    try:
        run = store.create(failure.config, failure.title)
        queue.start_next(store)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    settings.fill(failure.config)
    show_run(run.id)
