"""All runs side by side, those on the charts in numbers, and the way in for a run from elsewhere."""

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import pandas as pd
import streamlit as st

from pages.components.shared.assets import current_theme
from pages.components.shared.downloads import offer_file
from pages.components.shared.format import literal
from pages.components.shared.histories import names_of
from pages.components.shared.upload import upload
from pages.components.shared.went_wrong import refusal_of, saying
from pages.components.train.run_choice import MOST_BESIDE, show_run
from rnn_core.config.tasks import TASKS
from rnn_core.config.words import recipes_apart
from rnn_core.errors import RunError
from rnn_core.figures.colours import ink
from rnn_core.figures.looks import colours_of_runs
from rnn_core.inspection.tables import to_csv
from rnn_core.runs import queue
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store
from rnn_core.runs.stored_runs import MOST_AT_ONCE
from rnn_core.runs.table import comparison, runs_table
from rnn_core.runs.transfer import import_run
from rnn_core.tasks.task import further_of_all, task_named, task_of
from rnn_core.training.history import comparison_in_words

MOST_MEGABYTES = 190
"""Largest run to import: that of any network with up to 45 million weights, ten times as many as `best` has.
"""
_AT_ONCE = "runs_at_once"


def show_run_list(store: Store, runs: Sequence[Run]) -> None:
    """A table of the runs to choose from, folded away until it is asked for."""
    count = "1 run" if len(runs) == 1 else f"All {len(runs)} runs"
    with st.expander(f"{count} and the queue", icon=":material/table_rows:"):
        curves = store.records.validation_curves()
        table = _shares_in_percent(runs_table(runs, names_of(runs), curves))
        chosen = st.dataframe(
            table,
            hide_index=True,
            placeholder=_MISSING,
            column_config={
                "Run": st.column_config.Column(
                    width="medium", help="The part of its name that differs from the other runs."
                ),
                "Course": _course(runs, curves),
                **_number_columns(table),
            },
            selection_mode="multi-row",
            on_select="rerun",
            key="run_list",
            alt="State, course, scores, seconds and differing settings of all runs.",
        )
        ticked = [runs[row].id for row in chosen.selection.rows if row < len(runs)]
        button, at_once = st.columns([5, 2], vertical_alignment="bottom")
        button.button(
            "Show on the charts",
            icon=":material/stacked_line_chart:",
            disabled=not ticked,
            on_click=lambda: show_run(ticked[0], beside=ticked[1 : MOST_BESIDE + 1]),
            help=f"Tick runs on their left, up to {MOST_BESIDE + 1}: their curves are laid over each other.",
        )
        with at_once:
            _choose_at_once(store)
    if any(run.active for run in runs):
        _watch(store, _states(runs))


def _course(runs: Sequence[Run], curves: Mapping[str, Sequence[float]]) -> Any:
    scores = [task_of(run.config).score for run in runs]
    titles = f"Validation {' or '.join(dict.fromkeys(score.name for score in scores))}"
    if not all(score.is_share for score in scores):
        return st.column_config.LineChartColumn(
            help=f"{titles} at every evaluation, from the least of each run to the most."
        )
    lowest = min((0.4, *(math.floor(10 * share) / 10 for curve in curves.values() for share in curve)))
    return st.column_config.LineChartColumn(
        y_min=lowest, y_max=1.0, help=f"{titles} at every evaluation, from {lowest:.0%} to 100 %."
    )


@st.fragment(run_every=2.0)
def _watch(store: Store, drawn: dict[str, str]) -> None:
    """Draws nothing; once a run began or ended, here or elsewhere, the page is drawn again."""
    with contextlib.suppress(RunError):  # the panel above says so
        if _states(store.runs.all()) != drawn:
            st.rerun()


def _states(runs: Sequence[Run]) -> dict[str, str]:
    return {run.id: run.state for run in runs}


def _choose_at_once(store: Store) -> None:
    @saying(RunError, by=st.toast)
    def set_at_once() -> None:
        store.turns.set_at_once(st.session_state[_AT_ONCE])
        queue.start_next(store)

    st.session_state[_AT_ONCE] = store.turns.at_once()
    st.number_input(
        "Runs that train at once",
        min_value=1,
        max_value=MOST_AT_ONCE,
        key=_AT_ONCE,
        on_change=set_at_once,
        help="The others wait their turn. Runs that train at once share the processor, so each takes "
        "longer. On a machine with few cores all of them together take longer, too.",
    )


def take_in_a_run(store: Store) -> None:
    """A place to drop the file of a run that was exported, here or elsewhere."""

    def take_in(file: BinaryIO) -> str:
        return refusal_of(lambda: show_run(import_run(store, file).id))

    with st.expander("Import a run", icon=":material/upload:"):
        upload(
            "A zip file from *Export as zip*",
            endings=["zip"],
            key="import_run",
            most=MOST_MEGABYTES,
            otherwise="All that is in it is checked before it is kept. A command imports a larger file: "
            "`python -m rnn_core runs import FILE`.",
            take_in=take_in,
        )


_MISSING = "–"  # what a table shows where a run has no number yet
_SHARES = {
    "Validation": "Accuracy on the validation texts, of the weights that are kept.",
    "Test": "Accuracy on all test texts.",
}


def _shares() -> dict[str, str]:
    """The columns of percentages, and what they have."""
    return _SHARES | {one.column: one.in_column for one in further_of_all() if one.measure.is_share}


def show_comparison(store: Store, runs: Sequence[Run]) -> None:
    """Draw the table; nothing where there is one run alone."""
    if len(runs) < 2:
        return
    table = comparison(runs, names_of(runs), {run.id: store.folder(run.id) for run in runs})
    st.markdown("**The runs on the charts, in numbers**")
    colours = [
        f"color: {ink(colour, current_theme())}; font-weight: 600"
        for colour in colours_of_runs([run.config for run in runs])
    ]
    scores = {names_of(runs)[run.id]: run.validation_accuracy for run in runs}
    st.dataframe(
        _shares_in_percent(table).style.apply(lambda _: colours, subset=["Run"]),
        hide_index=True,
        placeholder=_MISSING,
        column_config={"Run": st.column_config.Column(width=240), **_number_columns(table)},
        alt="Results of the runs on the charts, and the settings in which they differ.",
        key="comparison",
    )
    said = comparison_in_words(scores, runs[0].config.corpus.nouns.texts, runs[0].config.task)
    if said and len({(run.config.corpus, run.config.task) for run in runs}) == 1:
        st.markdown(literal(f"{said} {recipes_apart([run.config for run in runs])}"))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Settings and parts of names that are the same for all runs are left out.")
        file = "gatescope-comparison.csv"
        offer_file("CSV", lambda: to_csv(table), file, "text/csv", type="tertiary")


def _shares_in_percent(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its accuracies as percentages, which are written with one digit each."""
    return table.assign(**{name: table[name] * 100 for name in _shares() if name in table})


def _number_columns(table: pd.DataFrame) -> dict[str, Any]:
    """Format the numbers in a table of runs: digits below each other, in the unit of the column."""
    column = st.column_config.NumberColumn
    numbers = [one for one in further_of_all() if not one.measure.is_share and one.column in table]
    scores = [score for name in TASKS if not (score := task_named(name).score).is_share]
    named = {f"{part}, {one.name}": one for one in scores for part in _SHARES}
    return (
        {name: column(format="localized") for name in table.select_dtypes("integer").columns}
        | {name: column(format="%.1f%%", help=help) for name, help in _shares().items() if name in table}
        | {one.column: column(format=f"%{one.measure.number}", help=one.in_column) for one in numbers}
        | {name: column(format=f"%{one.number}") for name, one in named.items() if name in table}
        | {"Seconds": column(format="%.0f"), "Learning rate": column(format="%g")}
    )
