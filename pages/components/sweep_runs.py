"""The runs of a sweep in a table, and the way from one of them to its curves and its network."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.components import settings
from pages.components.words import SHORT_NAMES, literal
from rnn_core.experiments.sweep import Sweep
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import RunError, UnknownRunError
from rnn_core.runs.store import Store

MEASURES = {
    "test_accuracy": ("Test accuracy", ".1%"),
    "validation_accuracy": ("Validation accuracy", ".1%"),
    "training_accuracy": ("Training accuracy at the end", ".1%"),
    "test_loss": ("Test loss", ".3f"),
    "seconds_per_epoch": ("Seconds per epoch", ".0f"),
    "parameters": ("Parameters", ",.0f"),
}
_FORMATS = {".1%": "%.1f%%", ".3f": "%.3f", ".0f": "%.0f", ",.0f": "localized"}
"""The same for a table, which is given shares as percentages."""


def show_table(sweep: Sweep, table: pd.DataFrame) -> None:
    """Every run that has ended; below it what the one that is ticked offers."""
    cases = ["case"] if "case" in table else [*sweep.factors]
    shown = in_words(table, sweep)[[*cases, "seed", "outcome", *MEASURES]]
    shares = [name for name, (_, number) in MEASURES.items() if number == ".1%"]
    shown = shown.assign(**(shown[shares].astype(float) * 100))
    chosen = st.dataframe(
        shown,
        hide_index=True,
        height=min(320, 38 + 35 * len(shown)),
        column_config={
            **{factor: _column(factor) for factor in sweep.factors},
            **{name: st.column_config.Column(name.capitalize()) for name in ("case", "seed", "outcome")},
            **{
                name: st.column_config.NumberColumn(title, format=_FORMATS[number])
                for name, (title, number) in MEASURES.items()
            },
        },
        selection_mode="single-row",
        on_select="rerun",
        key=f"sweep_runs_{sweep.name}",
        alt="Every run of this sweep that has ended.",
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        rows = chosen.selection.rows
        if rows:
            _link_to_run(table["run"].iloc[rows[0]])
        else:
            st.caption(
                "Tick a run, or click on a point of the picture, to see its curves or to watch it read."
            )
        st.download_button(
            "Parquet", lambda: table.to_parquet(index=False), file_name=f"gatescope-{sweep.name}.parquet",
            mime="application/vnd.apache.parquet", icon=":material/download:", on_click="ignore",
            type="tertiary",
        )  # fmt: skip


def _column(factor: str) -> Any:
    name = settings.name_of(factor)
    if settings.DECLARED[factor].kind is int:
        return st.column_config.NumberColumn(name, format="localized")
    return st.column_config.Column(name)


def choose_point(sweep: Sweep, runs: list[str]) -> None:
    """Note the runs behind the point that was clicked; in a callback."""
    st.session_state[_point_key(sweep)] = runs


def show_point(sweep: Sweep, table: pd.DataFrame) -> None:
    """The runs behind the point that was clicked, a line for each seed."""
    runs = table[table["run"].isin(st.session_state.get(_point_key(sweep), ()))]
    if runs.empty:
        return
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{_case_in_words(sweep, runs.iloc[0])}**")
        for run in runs.itertuples():
            with st.container(horizontal=True, vertical_alignment="center"):
                accuracy = (
                    "diverged" if pd.isna(run.test_accuracy) else f"{run.test_accuracy:.1%} test accuracy"
                )
                st.markdown(f"Seed {run.seed}: {accuracy}", width="content")
                _link_to_run(str(run.run))


def _case_in_words(sweep: Sweep, run: pd.Series) -> str:
    if "case" in run:
        return literal(str(run["case"]))
    values = in_words(run.to_frame().T, sweep).iloc[0]
    return ", ".join(f"{settings.name_of(factor)} {literal(str(values[factor]))}" for factor in sweep.factors)


def _point_key(sweep: Sweep) -> str:
    return f"sweep_point_{sweep.name}"


def _link_to_run(run: str) -> None:
    store = Store()
    try:
        store.get(run)
    except UnknownRunError:
        st.caption("made on another machine: its numbers came along, its weights did not")
        return
    except RunError as error:
        st.caption(literal(str(error)))
        return
    st.page_link(
        "pages/train.py", label="Its curves", icon=":material/show_chart:", query_params={"run": run}
    )
    if (store.folder(run) / WEIGHTS).exists():
        st.page_link(
            "pages/read.py", label="Watch it read", icon=":material/menu_book:", query_params={"model": run}
        )


def in_words(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """Choices as people call them."""
    return table.assign(
        **{
            factor: table[factor].map(lambda value: SHORT_NAMES.get(value, value))
            for factor in sweep.factors
            if table[factor].map(type).eq(str).all()
        }
    )
