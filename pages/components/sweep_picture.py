"""What a sweep found: the effect of a factor, every run in a table, and the way from a point to its run."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.components import settings
from pages.components.bars import bar_lines, warn_of_bars
from pages.components.panel_chart import panel_chart
from pages.components.words import SHORT_NAMES, literal
from rnn_core.experiments.answers import answer
from rnn_core.experiments.questions import QUESTIONS, with_case_names
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep, SweepError
from rnn_core.figures.cases import named_cases
from rnn_core.figures.colours import Look
from rnn_core.figures.effects import effect
from rnn_core.models.folder import WEIGHTS
from rnn_core.runs.run import RunError, UnknownRunError
from rnn_core.runs.store import Store

_MEASURES = {
    "test_accuracy": ("Test accuracy", ".1%"),
    "validation_accuracy": ("Validation accuracy", ".1%"),
    "training_accuracy": ("Training accuracy at the end", ".1%"),
    "test_loss": ("Test loss", ".3f"),
    "seconds_per_epoch": ("Seconds per epoch", ".0f"),
    "parameters": ("Parameters", ",.0f"),
}
_FORMATS = {".1%": "%.1f%%", ".3f": "%.3f", ".0f": "%.0f", ",.0f": "localized"}
"""The same for a table, which is given shares as percentages."""


def show_sweep(sweep: Sweep, look: Look) -> None:
    """The picture and the table; what to do where there is nothing yet."""
    results = Results(sweep.name)
    try:
        table = results.table()
    except SweepError as error:
        st.error(f"{literal(str(error))}\\.")
        return
    if table.empty:
        st.info(
            "None of its runs has ended yet. Start it, and they appear here one by one.",
            icon=":material/science:",
        )
        return
    question = QUESTIONS.get(sweep.name)
    if question is not None and question.cases:
        table = with_case_names(question, table)
        _show_cases(sweep, table, question.cases, look)
    else:
        _show_effect(sweep, table, look)
    _show_point(sweep, table)
    said = answer(sweep.name, table)
    if said is not None:
        st.markdown(said)
    elif question is not None:
        st.caption("What was found is written here once each case has two runs.")
    warn_of_bars(sweep.base.corpus)
    _show_table(sweep, table)
    st.caption(
        f"Made by `python -m rnn_core sweep {sweep.name}`, kept in `artifacts/results/{sweep.name}.jsonl`."
    )


def _show_cases(sweep: Sweep, table: pd.DataFrame, cases: Sequence[str], look: Look) -> None:
    """One case below the other, by name."""
    measure = _choose_measure()
    title, number = _MEASURES[measure]
    panel_chart(
        named_cases(
            table, measure, cases, title=title, number=number, lines=bar_lines(sweep.corpora, measure),
            look=look,
        ),
        key="effect",
        alt=f"{title} of {len(cases)} cases, over {len(table)} runs.",
        table=lambda: table,
        saved_as=f"gatescope-{sweep.name}",
        whose=f"{sweep.name} {measure}",
        on_point=partial(_choose_point, sweep),
    )  # fmt: skip


def _show_effect(sweep: Sweep, table: pd.DataFrame, look: Look) -> None:
    """One of the factors along the axis, the others as curves."""
    what, against = st.columns(2, gap="medium")
    with what:
        measure = _choose_measure()
    varied = [factor for factor in sweep.factors if len({case[factor] for case in sweep.cases}) > 1]
    factor = against.selectbox(
        "Against", varied or sweep.factors, format_func=settings.name_of, key=f"effect_factor_{sweep.name}",
        help="What stands along the axis. Each combination of the other factors is a curve.",
    )  # fmt: skip
    title, number = _MEASURES[measure]
    others = [other for other in _telling(sweep, table) if other != factor]
    panel_chart(
        effect(
            _in_words(table, sweep), factor, measure, by=others, number=number, look=look,
            names={**{setting: settings.name_of(setting) for setting in sweep.factors}, measure: title},
            lines=bar_lines(sweep.corpora, measure),
        ),
        key="effect",
        alt=f"{title} by {settings.name_of(factor)}, over {len(table)} runs.",
        table=lambda: table,
        saved_as=f"gatescope-{sweep.name}",
        whose=f"{sweep.name} {measure} {factor}",
        on_point=partial(_choose_point, sweep),
    )  # fmt: skip


def _choose_measure() -> str:
    return st.selectbox(
        "Shown", list(_MEASURES), format_func=lambda name: _MEASURES[name][0], key="effect_measure",
        persist_state="session",
        help="The mean over the seeds; the bars reach from the lowest of them to the highest.",
    )  # fmt: skip


def _telling(sweep: Sweep, table: pd.DataFrame) -> list[str]:
    """The factors that tell the runs apart, without those that another one already tells."""
    varied = [factor for factor in sweep.factors if table[factor].nunique() > 1]
    return [
        factor
        for place, factor in enumerate(varied)
        if not any(table.groupby(other)[factor].nunique().max() == 1 for other in varied[:place])
    ]


def _in_words(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """Choices as people call them."""
    return table.assign(
        **{
            factor: table[factor].map(lambda value: SHORT_NAMES.get(value, value))
            for factor in sweep.factors
            if table[factor].map(type).eq(str).all()
        }
    )


def _show_table(sweep: Sweep, table: pd.DataFrame) -> None:
    cases = ["case"] if "case" in table else [*sweep.factors]
    shown = _in_words(table, sweep)[[*cases, "seed", "outcome", *_MEASURES]]
    shares = [name for name, (_, number) in _MEASURES.items() if number == ".1%"]
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
                for name, (title, number) in _MEASURES.items()
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


def _choose_point(sweep: Sweep, runs: list[str]) -> None:
    st.session_state[_point_key(sweep)] = runs


def _show_point(sweep: Sweep, table: pd.DataFrame) -> None:
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
    values = _in_words(run.to_frame().T, sweep).iloc[0]
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
