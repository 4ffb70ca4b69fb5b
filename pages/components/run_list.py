"""All runs side by side, so that what sets them apart can be seen and sorted."""

from collections.abc import Sequence

import streamlit as st

from pages.components.run_choice import show_run
from pages.components.words import literal
from rnn_core.runs.run import Run, RunError
from rnn_core.runs.store import Store
from rnn_core.runs.table import runs_table
from rnn_core.runs.transfer import import_run

_FILE, _PROBLEM = "import_run", "import_problem"


def show_run_list(runs: Sequence[Run]) -> None:
    """A table of the runs, folded away until it is asked for."""
    with st.expander(f"All {len(runs)} runs side by side", icon=":material/table_rows:"):
        share = st.column_config.NumberColumn(format="percent")
        st.dataframe(
            runs_table(runs),
            hide_index=True,
            column_config={
                "validation accuracy": share,
                "test accuracy": share,
                "seconds": st.column_config.NumberColumn(format="%.0f"),
            },
            alt="State, scores, seconds and differing settings of all runs.",
        )


def take_in_a_run(store: Store) -> None:
    """A place to drop the file of a run that was exported, here or elsewhere."""
    with st.expander("Import a run", icon=":material/upload:"):
        st.file_uploader(
            "A zip file from *Export as zip*",
            type="zip",
            key=_FILE,
            on_change=_take_in,
            args=(store,),
            help="All that is in it is checked before it is kept. A file too large for this page can be "
            "taken in with `python -m rnn_core runs import FILE`.",
        )
        if problem := st.session_state.get(_PROBLEM):
            st.error(literal(problem), icon=":material/block:")


def _take_in(store: Store) -> None:
    file = st.session_state[_FILE]
    st.session_state[_PROBLEM] = ""
    if file is None:
        return
    try:
        show_run(import_run(store, file).id)
    except RunError as error:
        st.session_state[_PROBLEM] = str(error)
