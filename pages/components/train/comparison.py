"""The runs on the charts in one table: their results, and the settings in which they differ."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.histories import names_of
from pages.components.shared.theme import current_theme
from rnn_core.config.words import recipes_apart
from rnn_core.figures.colours import ink
from rnn_core.figures.looks import colours_of_runs
from rnn_core.inspection.tables import to_csv
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.runs.table import comparison
from rnn_core.training.history import comparison_in_words

_NAME = 240
"""Pixels of a name in the table; what is longer is seen whole in its cell and in its legend."""

MISSING = "–"
"""What a table shows where a run has no number yet."""

_SHARES = {
    "Validation": "Accuracy on the validation texts, of the weights that are kept.",
    "Test": "Accuracy on all test texts.",
    "Balanced": "Balanced accuracy on all test texts: the share found of each class, averaged over the "
    "classes.",
    "Macro F1": "F1 of each class on all test texts, averaged over the classes.",
}


def show_comparison(store: Store, runs: Sequence[Run]) -> None:
    """Draw the table; nothing where there is one run alone."""
    if len(runs) < 2:
        return
    folders = {run.id: store.folder(run.id) for run in runs}
    table = comparison(runs, names_of(runs), folders)
    st.markdown("**The runs on the charts, in numbers**")
    scores = {names_of(runs)[run.id]: run.validation_accuracy for run in runs}
    st.dataframe(
        in_percent(table).style.apply(_in_colours_of, runs=runs, subset=["Run"]),
        hide_index=True,
        placeholder=MISSING,
        column_config={"Run": st.column_config.Column(width=_NAME), **number_columns(table)},
        alt="Results of the runs on the charts, and the settings in which they differ.",
        key="comparison",
    )
    said = comparison_in_words(scores, runs[0].config.corpus.nouns.texts, runs[0].config.task)
    if said and len({(run.config.corpus, run.config.task) for run in runs}) == 1:
        st.markdown(literal(f"{said} {recipes_apart([run.config for run in runs])}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Settings and parts of names that are the same for all runs are left out.")
        st.download_button(
            "CSV",
            lambda: to_csv(table),
            file_name="gatescope-comparison.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )


def in_percent(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its accuracies as percentages, which are written with one digit each."""
    return table.assign(**{name: table[name] * 100 for name in _SHARES if name in table})


def number_columns(table: pd.DataFrame) -> dict[str, Any]:
    """How a table of runs writes its numbers: digits below each other, in the unit of the column."""
    return {
        **{
            name: st.column_config.NumberColumn(format="localized")
            for name in table.select_dtypes("integer").columns
        },
        **{
            name: st.column_config.NumberColumn(format="%.1f%%", help=help)
            for name, help in _SHARES.items()
            if name in table
        },
        "Seconds": st.column_config.NumberColumn(format="%.0f"),
        "Learning rate": st.column_config.NumberColumn(format="%g"),
    }


def _in_colours_of(names: pd.Series, runs: Sequence[Run]) -> list[str]:
    """CSS of each name: the colour of its curves."""
    theme = current_theme()
    colours = colours_of_runs([run.config for run in runs])
    return [
        f"color: {ink(colour, theme)}; font-weight: 600" for colour, _ in zip(colours, names, strict=True)
    ]
