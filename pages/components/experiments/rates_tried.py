"""The learning rates that were tried for a question's cases, and what each reached on validation texts."""

import pandas as pd
import streamlit as st

from pages.components.experiments.sweep_settings import WORDS
from rnn_core.errors import SweepError
from rnn_core.sweeps.questions import Question
from rnn_core.sweeps.rates import RATE, validation_by_rate
from rnn_core.sweeps.results import Results


def show_rates(question: Question) -> None:
    """A row for each case, a column for each rate; nothing of a question whose rates were not searched."""
    try:
        tables = [Results(search.name).table() for search in question.searches]
    except SweepError:
        return
    if not (known := [table for table in tables if not table.empty]):
        return
    table = pd.concat(known)
    rows = {
        name: {f"{rate:g}": share for rate, share in sorted(validation_by_rate(table, case).items())}
        for name, case in _named(question).items()
    }
    shown = pd.DataFrame.from_dict(rows, orient="index")
    shown = shown[sorted(shown, key=float)].map("{:.1%}".format, na_action="ignore")
    for name, case in _named(question).items():
        if (rate := f"{case[RATE]:g}") in rows[name]:
            shown.loc[name, rate] = f"{shown.loc[name, rate]} (taken)"
    st.caption(
        "Right on the validation texts, by learning rate: one seed, or the worst of all seeds where one was "
        "not enough to choose. The best was taken; where it was the first or last of the list, the list grew."
    )
    st.dataframe(
        shown.fillna(""), alt="Validation accuracy of each case at each learning rate that was tried."
    )


def _named(question: Question) -> dict[str, dict[str, object]]:
    """The cases of a question by what people call them."""
    cases = [dict(case) for case in question.sweep.cases]
    if question.cases:
        return dict(zip(question.cases, cases, strict=True))
    return {
        ", ".join(WORDS.both(setting, value) for setting, value in case.items() if setting != RATE): case
        for case in cases
    }
