"""The runs of a sweep in a table, and the way from one of them to its curves and its network."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.experiments.ticked_runs import promise, show_runs, what_is_here
from pages.components.shared import settings
from pages.components.shared.format import literal
from rnn_core.config.words import value_in_words
from rnn_core.sweeps.sweep import Sweep, key_of

_MEASURES = {
    "test_accuracy": ("Test accuracy", ".1%"),
    "validation_accuracy": ("Validation accuracy", ".1%"),
    "training_accuracy": ("Training accuracy", ".1%"),
    "balanced_accuracy": ("Balanced accuracy", ".1%"),
    "macro_f1": ("Macro F1", ".1%"),
    "test_loss": ("Test loss", ".3f"),
    "pairs_right": ("Probes: pairs right", ".1%"),
    "sentences_right": ("Probes: sentences right", ".1%"),
    "seconds_per_epoch": ("Seconds per epoch", ".3~g"),
    "parameters": ("Parameters", ",.0f"),
}
_WORDS = ("case", "seed", "outcome", "here")
_FORMATS = {".1%": "%.1f%%", ".3f": "%.3f", ".3~g": "%.3g", ",.0f": "localized"}
"""Formats of numbers as a table has them, which is given shares as percentages."""


def measures_of(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """What these runs are measured by, and by what only some are where these have it: title and format."""
    return {name: about for name, about in _MEASURES.items() if name in table}


def show_table(sweep: Sweep, table: pd.DataFrame) -> None:
    """Every run that has ended; below it what the one that is ticked offers."""
    cases = ["case"] if "case" in table else [*sweep.factors]
    outcome = [] if table["outcome"].eq("finished").all() else ["outcome"]
    measures = measures_of(table)
    here = what_is_here(sweep.name, list(table["run"]))
    shown = in_words(table, sweep).assign(here=here)[[*cases, "seed", *outcome, "here", *measures]]
    shares = [name for name, (_, number) in measures.items() if number == ".1%"]
    shown = shown.assign(**(shown[shares].astype(float) * 100))
    chosen = st.dataframe(
        shown,
        hide_index=True,
        height=min(320, 38 + 35 * len(shown)),
        column_config={
            **{factor: _column(factor) for factor in sweep.factors},
            **{name: st.column_config.Column(name.capitalize()) for name in _WORDS},
            **{
                name: st.column_config.NumberColumn(title, format=_FORMATS[number])
                for name, (title, number) in measures.items()
            },
        },
        selection_mode="single-row",
        on_select=partial(_forget_point, sweep),
        key=f"sweep_runs_{sweep.name}_{st.session_state.get(_key(sweep, 'table'), 0)}",
        alt="Every run of this sweep that has ended.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(promise(here))
        st.download_button(
            "Parquet", lambda: table.to_parquet(index=False), file_name=f"gatescope-{sweep.name}.parquet",
            mime="application/vnd.apache.parquet", icon=":material/download:", on_click="ignore",
            type="tertiary",
        )  # fmt: skip
    _show_chosen(sweep, table.iloc[chosen.selection.rows])


def _column(factor: str) -> Any:
    name = settings.name_of(factor)
    if settings.DECLARED[factor].kind is int:
        return st.column_config.NumberColumn(name, format="localized")
    return st.column_config.Column(name)


def choose_point(sweep: Sweep, runs: list[str]) -> None:
    """Choose the runs behind the point that was clicked, and untick the table; in a callback."""
    st.session_state[_key(sweep, "point")] = runs
    st.session_state[_key(sweep, "table")] = st.session_state.get(_key(sweep, "table"), 0) + 1


def show_point(sweep: Sweep, table: pd.DataFrame) -> None:
    """The runs behind the point that was clicked."""
    _show_chosen(sweep, table[table["run"].isin(st.session_state.get(_key(sweep, "point"), ()))])


def _show_chosen(sweep: Sweep, runs: pd.DataFrame) -> None:
    if runs.empty:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{_case_in_words(sweep, runs.iloc[0])}**")
        show_runs(sweep, list(runs["run"]))


def _forget_point(sweep: Sweep) -> None:
    """A tick in the table takes the place of a point; in a callback."""
    st.session_state.pop(_key(sweep, "point"), None)


def _case_in_words(sweep: Sweep, run: pd.Series) -> str:
    if "case" in run:
        return literal(str(run["case"]))
    values = in_words(run.to_frame().T, sweep).iloc[0]
    return ", ".join(f"{settings.name_of(factor)} {literal(str(values[factor]))}" for factor in sweep.factors)


def _key(sweep: Sweep, what: str) -> str:
    return f"sweep_{what}_{sweep.name}"


def in_order(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """The runs of the first case, then those of the next one; of each as they come."""
    places = {key_of(case): place for place, case in enumerate(sweep.cases)}
    cases = table[list(sweep.factors)].to_dict("records")
    at = [places.get(key_of(case), len(places)) for case in cases]
    return table.iloc[np.argsort(at, kind="stable")]


def in_words(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """Choices as people call them."""
    return table.assign(
        **{
            factor: table[factor].map(value_in_words)
            for factor in sweep.factors
            if table[factor].map(type).eq(str).all()
        }
    )
