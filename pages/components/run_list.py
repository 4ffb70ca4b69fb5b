"""All runs side by side, so that what sets them apart can be seen and sorted."""

from collections.abc import Sequence

import streamlit as st

from rnn_core.runs.run import Run
from rnn_core.runs.table import runs_table


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
