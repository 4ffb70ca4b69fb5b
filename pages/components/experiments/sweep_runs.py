"""The runs of a sweep in a table, and what each offers: curves, its network on Read, its case on Train."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from pages.components.shared import address, settings
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import current_theme
from pages.components.shared.baselines import baseline_lines
from pages.components.shared.downloads import offer_file
from pages.components.shared.format import literal
from pages.components.shared.histories import read_so_far
from pages.components.shared.run_curves import (
    CURVES_VIEW,
    INSIDE_VIEW,
    NUMBERS_VIEW,
    LookedInto,
    choose_run_view,
    show_curves,
    show_looks,
)
from rnn_core.config.run import RunConfig
from rnn_core.config.words import name_of, value_in_words
from rnn_core.errors import ModelFolderError, RunError, SweepError, UnknownRunError
from rnn_core.figures.looks import colours_of_runs
from rnn_core.models.catalogue import networks_by_run
from rnn_core.models.folder import WEIGHTS
from rnn_core.progress import duration
from rnn_core.runs.run import DIVERGED
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import read_curves, runs_with_curves
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.side_by_side import measures_of
from rnn_core.sweeps.sweep import Sweep, key_of
from rnn_core.tasks.task import Measure, task_of
from rnn_core.training.history import History, history

_FORMATS = {".1%": "%.1f%%", ".3f": "%.3f", ".4f": "%.4f", ".3g": "%.3g", ",.0f": "localized"}
"""Formats of numbers as a table has them, which is given shares as percentages."""


def number_column(measure: Measure, title: str) -> Any:
    """A column of a table for this measure, in which a share is a percentage."""
    return st.column_config.NumberColumn(title, format=_FORMATS[measure.number])


def column_numbers(measure: Measure, values: "pd.Series[Any]") -> "pd.Series[float]":
    """The numbers of such a column."""
    return values.astype(float) * (100 if measure.is_share else 1)


def factor_column(factor: str) -> Any:
    """A column of a table for the values of a factor, as `with_words` has them."""
    title = name_of(factor)
    is_whole = settings.FACTORS[factor].kind is int
    return st.column_config.NumberColumn(title, format="localized") if is_whole else title


def show_table(sweep: Sweep, table: pd.DataFrame, *, has_points: bool = True) -> None:
    """Every run that has ended; below it what the one that is ticked offers, or is clicked as a point."""
    cases = ["case"] if "case" in table else [*sweep.factors]
    outcome = [] if table["outcome"].eq("finished").all() else ["outcome"]
    measures = measures_of(sweep, table)
    here = _what_is_here(sweep.name, list(table["run"]))
    shown = with_words(table, sweep).assign(here=here)[[*cases, "seed", *outcome, "here", *measures]]
    shown = shown.assign(**{name: column_numbers(measure, shown[name]) for name, measure in measures.items()})
    columns: dict[str, Any] = {name: name.capitalize() for name in ("case", "seed", "outcome", "here")}
    columns |= {factor: factor_column(factor) for factor in sweep.factors}
    columns |= {name: number_column(measure, measure.title) for name, measure in measures.items()}
    chosen = st.dataframe(
        shown,
        hide_index=True,
        height=min(320, 38 + 35 * len(shown)),
        column_config=columns,
        selection_mode="single-row",
        on_select=lambda: st.session_state.pop(_key(sweep, "point"), None),  # a tick takes its place
        key=f"sweep_runs_{sweep.name}_{st.session_state.get(_key(sweep, 'table'), 0)}",
        alt="Every run of this sweep that has ended.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(promise(here, has_points=has_points))
        file, mime = f"gatescope-{sweep.name}.parquet", "application/vnd.apache.parquet"
        offer_file("Parquet", lambda: table.to_parquet(index=False), file, mime, type="tertiary")
    _show_chosen(sweep, table.iloc[chosen.selection.rows])


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
        first = runs.iloc[0]
        if "case" in first:
            case = literal(str(first["case"]))
        else:
            values = with_words(first.to_frame().T, sweep).iloc[0]
            case = ", ".join(f"{name_of(factor)} {literal(str(values[factor]))}" for factor in sweep.factors)
        st.markdown(f"**{case}**")
        show_runs(sweep, list(runs["run"]))


def _key(sweep: Sweep, what: str) -> str:
    return f"sweep_{what}_{sweep.name}"


def ordered(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """The runs of the first case, then those of the next one; of each as they come."""
    places = {key_of(case): place for place, case in enumerate(sweep.cases)}
    cases = table[list(sweep.factors)].to_dict("records")
    at = [places.get(key_of(case), len(places)) for case in cases]
    return table.iloc[np.argsort(at, kind="stable")]


def with_words(table: pd.DataFrame, sweep: Sweep) -> pd.DataFrame:
    """Choices as people call them, of the factors that the table has."""
    return table.assign(
        **{
            factor: table[factor].map(value_in_words)
            for factor in sweep.factors
            if factor in table and table[factor].map(type).eq(str).all()
        }
    )


NUMBERS, CURVES, ALL = "numbers", "curves", "curves, network"
"""The data of a run."""
_PROBLEMS = (RunError, SweepError, ModelFolderError)


class Offer(NamedTuple):
    """The data of one run."""

    history: History | None
    model: str = ""
    """The name of its network, as Read knows it; empty where there is none."""
    in_store: bool = False
    lacks: str = ""
    """A sentence on what is not here, and why; empty where all is."""


def _what_is_here(question: str, runs: Sequence[str]) -> list[str]:
    models = models_here(runs)
    try:
        curves = {run.id for run in Store().runs.all()} | set(runs_with_curves(question))
    except _PROBLEMS as error:
        st.warning(literal(str(error)))
        return [NUMBERS] * len(runs)
    return [ALL if run in models else CURVES if run in curves else NUMBERS for run in runs]


def models_here(runs: Collection[str]) -> dict[str, str]:
    """Run -> the name of its network as Read knows it, of those whose network is on this machine."""
    store = Store()
    try:
        stored = {run.id for run in store.runs.all() if run.id in runs}
        networks = {run: folder.name for run, folder in networks_by_run().items() if run in runs}
    except _PROBLEMS as error:
        st.warning(literal(str(error)))
        return {}
    return networks | {run: run for run in stored if (store.folder(run) / WEIGHTS).exists()}


def promise(here: Collection[str], *, has_points: bool = True) -> str:
    """Say what ticking a run does, and of how many; `here` has the data of each.

    `has_points`: whether the picture has points to click on.

    >>> promise([CURVES, CURVES])[-66:]
    'see its curves. To watch one read, train its case on this machine.'
    """
    total = len(here)
    networks, curves = sum(one == ALL for one in here), sum(one != NUMBERS for one in here)
    tick = "Tick a run, or click on a point of the picture," if has_points else "Tick a run"
    if not curves:
        return f"Of these runs only the numbers are here. {tick} to train its case on this machine."
    if networks == total:
        return f"{tick} to see its curves or to watch it read."
    which = "" if curves == total else f", which are here for {curves:,} of {total:,}"
    if not networks:
        return f"{tick} to see its curves{which}. To watch one read, train its case on this machine."
    return (
        f"{tick} to see its curves{which}. You can watch {networks:,} of these {total:,} networks read. To "
        "watch another one, train its case on this machine."
    )


def show_runs(sweep: Sweep, runs: Collection[str]) -> None:
    """A line for each of these runs with what it offers, and below them the curves that there are."""
    results = Results(sweep.name)
    base = results.sweep().base
    drawn, configs = [], []
    for result in (one for one in results.all() if one.run in runs):
        config = base.with_settings(**result.case, seed=result.seed)
        offer = _offer(sweep.name, result, config)
        _show_line(result, offer, config)
        if offer.history is not None:
            drawn.append(LookedInto(result.run, config.model.variant, offer.history))
            configs.append(config)
    if drawn:
        _show_history(sweep, drawn, configs)


def _show_history(sweep: Sweep, runs: Sequence[LookedInto], configs: Sequence[RunConfig]) -> None:
    histories, colours = [run.history for run in runs], colours_of_runs(configs)
    inside = [INSIDE_VIEW] if any(one.inside for one in histories) else []
    views = [CURVES_VIEW, *inside, NUMBERS_VIEW]
    view = choose_run_view("What to see of the training", views, "ticked_view", histories, colours)
    if view == INSIDE_VIEW:
        show_looks(runs, colours, current_theme())
    elif view == CURVES_VIEW:
        whose, task = " ".join(run.run for run in runs), task_of(sweep.base)
        lines = baseline_lines(sweep.corpora, f"validation_{task.score.field}") if task.counted_by else {}
        epochs = max(config.training.epochs for config in configs)
        guessing = task.guess(configs[0])
        show_curves(histories, configs, whose, epochs, lines, guessing=guessing, colours=colours)


def _offer(question: str, result: Result, config: RunConfig) -> Offer:
    """Read the store, else what was published; a run that is in neither has its numbers alone."""
    store, name = Store(), f"seed {result.seed}"
    try:
        run = store.runs.get(result.run)
        drawn = replace(read_so_far(store, run).history, name=name)
        if (store.folder(run.id) / WEIGHTS).exists():
            return Offer(drawn, model=run.id, in_store=True)
        why = "it diverged, so no weights were kept" if run.state == DIVERGED else "its weights are gone"
        return Offer(drawn, in_store=True, lacks=f"It can't be watched reading: {why}.")
    except UnknownRunError:
        return _published_offer(question, result, config, name)
    except RunError as error:
        return Offer(None, lacks=literal(str(error)))


def _published_offer(question: str, result: Result, config: RunConfig, name: str) -> Offer:
    drawn, model, problems = None, "", []
    try:
        if records := read_curves(question, result.run, config.model.variant, config.task):
            drawn = history(name, records, config.task)
    except _PROBLEMS as error:
        problems.append(str(error))
    try:
        if folder := networks_by_run().get(result.run):
            model = folder.name
    except _PROBLEMS as error:
        problems.append(str(error))
    lacks = literal(" ".join(problems))
    if not (problems or model):
        lacks = (
            "Only its numbers are here: it was trained on another machine, or deleted on this one."
            if drawn is None
            else "Its network does not come with the app."
        )
    return Offer(drawn, model, lacks=lacks)


def _show_line(result: Result, offer: Offer, config: RunConfig) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        measure = task_of(config).score
        score = result.score("test", measure)
        said = "diverged" if score is None else f"{score:{measure.number}} test {measure.name}"
        st.markdown(f"Seed {result.seed}: {said}", width="content")
        if offer.in_store:
            address.link("pages/train.py", "Open on Train", {keys.RUN: result.run}, "show_chart")
        if offer.lacks:
            st.caption(offer.lacks, width="content")
        if offer.model:
            address.link("pages/read.py", "Watch it read", {keys.MODEL: offer.model}, "menu_book")
        else:
            took = f"{duration(result.seconds)} on {result.machine.partition(';')[0]}"
            help = f"Opens the form on Train with exactly these settings. This run took {took}."
            query = settings.train_address(config)
            address.link("pages/train.py", "Train this case", query, "model_training", help=help)
