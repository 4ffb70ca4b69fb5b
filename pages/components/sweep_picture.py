"""What a sweep found: the effect of a factor, or one case below the other, and what was found in words."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.components import settings
from pages.components.bars import bar_lines, warn_of_bars
from pages.components.panel_chart import panel_chart
from pages.components.sweep_runs import MEASURES, choose_point, in_words, show_point, show_table
from pages.components.sweep_settings import WORDS
from pages.components.words import literal
from rnn_core.experiments.answers import answer
from rnn_core.experiments.questions import QUESTIONS, with_case_names
from rnn_core.experiments.results import Results
from rnn_core.experiments.sweep import Sweep, SweepError
from rnn_core.figures.cases import named_cases
from rnn_core.figures.colours import Look
from rnn_core.figures.effects import effect


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
    show_point(sweep, table)
    finding = answer(sweep, table, WORDS)
    if finding is not None:
        st.markdown(f"{finding.says} {finding.rests_on}")
    elif question is not None:
        st.caption("What was found is written here once each case has two runs.")
    warn_of_bars(sweep.base.corpus)
    show_table(sweep, table)
    st.caption(f"Made by `python -m rnn_core sweep {sweep.name}`, kept in `{results.where}`.")


def _show_cases(sweep: Sweep, table: pd.DataFrame, cases: Sequence[str], look: Look) -> None:
    """One case below the other, by name."""
    measure = _choose_measure()
    title, number = MEASURES[measure]
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
        on_point=partial(choose_point, sweep),
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
    title, number = MEASURES[measure]
    others = [other for other in _telling(sweep, table) if other != factor]
    panel_chart(
        effect(
            in_words(table, sweep), factor, measure, by=others, number=number, look=look,
            names={**{setting: settings.name_of(setting) for setting in sweep.factors}, measure: title},
            lines=bar_lines(sweep.corpora, measure),
        ),
        key="effect",
        alt=f"{title} by {settings.name_of(factor)}, over {len(table)} runs.",
        table=lambda: table,
        saved_as=f"gatescope-{sweep.name}",
        whose=f"{sweep.name} {measure} {factor}",
        on_point=partial(choose_point, sweep),
    )  # fmt: skip


def _choose_measure() -> str:
    return st.selectbox(
        "Shown", list(MEASURES), format_func=lambda name: MEASURES[name][0], key="effect_measure",
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
