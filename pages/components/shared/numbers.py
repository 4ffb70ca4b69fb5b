"""The curves in numbers, for those who can't see them or want to export them."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from rnn_core.tasks.task import task_named
from rnn_core.training.history import History
from rnn_core.training.numbers import numbers


def show_numbers(histories: Sequence[History]) -> None:
    """One row an evaluation, of all runs on the charts."""
    tables = [numbers(run) for run in histories]
    if len(tables) > 1:
        for table, run in zip(tables, histories, strict=True):
            table.insert(0, "run", run.name)
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        st.info("The first numbers come with the first optimizer step.", icon=":material/table_chart:")
        return
    formats = {"epoch": "%.2f", "gradient norm": "%.3g", "learning rate": "%.2e"} | {
        f"{part} {one.title.lower()}": "percent" if one.is_share else f"%{one.number}"
        for one in task_named(histories[0].task).curves
        for part in ("training", "validation")
    }
    st.dataframe(
        table,
        hide_index=True,
        height=320,
        column_config={
            name: st.column_config.NumberColumn(format=formats.get(name, "%.2e"))
            for name in table.columns
            if name != "run"
        },
        alt="Losses, accuracies, gradient norm and learning rate at every evaluation.",
    )
    st.caption(
        "One row for each evaluation. Training: the mean of the optimizer steps since the evaluation "
        "before; gradient norm: their median, before clipping. The table can be searched, sorted and "
        "exported as CSV."
    )
