"""What a run of a sweep offers: its curves, its network on Read, and where one is missing, its case on Train.

A run may be in the store of this machine, or published with its question; of some there are only numbers.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.baselines import baseline_lines
from pages.components.shared.format import literal
from pages.components.shared.histories import read_so_far
from pages.components.shared.inside import LookedInto, show_looks
from pages.components.shared.run_curves import (
    CURVES_VIEW,
    INSIDE_VIEW,
    NUMBERS_VIEW,
    show_curves,
    show_names,
    show_numbers,
)
from pages.components.shared.theme import current_theme
from rnn_core.config.run import RunConfig
from rnn_core.errors import ModelFolderError, RunError, SweepError, UnknownRunError
from rnn_core.figures.looks import colours_of_runs
from rnn_core.models.catalogue import networks_by_run
from rnn_core.models.folder import WEIGHTS
from rnn_core.progress import duration
from rnn_core.runs.run import DIVERGED
from rnn_core.runs.store import Store
from rnn_core.sweeps.curves import read_curves, runs_with_curves
from rnn_core.sweeps.results import Result, Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.task import task_of
from rnn_core.training.history import History, history

NUMBERS, CURVES, ALL = "numbers", "curves", "curves, network"
"""What there is of a run."""

_PROBLEMS = (RunError, SweepError, ModelFolderError)


class Offer(NamedTuple):
    """What there is of one run."""

    history: History | None
    model: str = ""
    """The name of its network, as Read knows it; empty where there is none."""
    in_store: bool = False
    lacks: str = ""
    """A sentence on what is not here, and why; empty where all is."""


def what_is_here(question: str, runs: Sequence[str]) -> list[str]:
    """NUMBERS, CURVES or ALL for each of these runs."""
    store = Store()
    try:
        stored = {run.id: (store.folder(run.id) / WEIGHTS).exists() for run in store.runs.all()}
        published, networks = set(runs_with_curves(question)), networks_by_run()
    except _PROBLEMS as error:
        st.warning(literal(str(error)))
        return [NUMBERS] * len(runs)
    return [
        ALL
        if stored.get(run) or run in networks
        else CURVES
        if run in stored or run in published
        else NUMBERS
        for run in runs
    ]


def promise(here: Collection[str]) -> str:
    """What ticking a run does, and of how many; `here` is what there is of each.

    >>> promise([CURVES, CURVES])[-66:]
    'see its curves. To watch one read, train its case on this machine.'
    """
    total = len(here)
    networks, curves = sum(one == ALL for one in here), sum(one != NUMBERS for one in here)
    tick = "Tick a run, or click on a point of the picture,"
    if not curves:
        return f"Of these runs only the numbers are here. {tick} to train its case on this machine."
    if networks == total:
        return f"{tick} to see its curves or to watch it read."
    which = "" if curves == total else f", which are here for {curves:,} of {total:,}"
    if not networks:
        return f"{tick} to see its curves{which}. To watch one read, train its case on this machine."
    return (
        f"{tick} to see its curves{which}; {networks:,} of {total:,} can be watched reading, and the case of "
        "any other can be trained."
    )


def show_runs(sweep: Sweep, runs: Collection[str]) -> None:
    """A line for each of these runs with what it offers, and below them the curves that there are."""
    results = Results(sweep.name)
    base = results.sweep().base
    drawn, configs = [], []
    for result in (one for one in results.all() if one.run in runs):
        config = base.with_settings(**result.case, seed=result.seed)
        cell = config.model.variant
        offer = _offer(sweep.name, result, cell)
        _show_line(result, offer, config)
        if offer.history is not None:
            drawn.append(LookedInto(result.run, cell, offer.history))
            configs.append(config)
    if drawn:
        _show_history(sweep, drawn, configs)


def _show_history(sweep: Sweep, runs: Sequence[LookedInto], configs: Sequence[RunConfig]) -> None:
    """Shows the views of trainings that Train has."""
    histories, colours = [run.history for run in runs], colours_of_runs(configs)
    inside = [INSIDE_VIEW] if any(one.inside for one in histories) else []
    view = st.segmented_control(
        "What to see of the training", [CURVES_VIEW, *inside, NUMBERS_VIEW],
        default=CURVES_VIEW, required=True, key="ticked_view", label_visibility="collapsed",
    )  # fmt: skip
    if len(histories) > 1 and view != NUMBERS_VIEW:
        show_names(histories, colours)
    if view == NUMBERS_VIEW:
        show_numbers(histories)
    elif view == INSIDE_VIEW:
        show_looks(runs, colours, current_theme())
    else:
        whose, lines = " ".join(run.run for run in runs), baseline_lines(sweep.corpora, "validation_accuracy")
        epochs = max(config.training.epochs for config in configs)
        guessing = task_of(sweep.base).guess(sweep.base)
        show_curves(histories, configs, whose, epochs, lines, guessing=guessing, colours=colours)


def _offer(question: str, result: Result, cell: str) -> Offer:
    """What is in the store, else what was published; a run that is in neither has its numbers alone."""
    store, name = Store(), f"seed {result.seed}"
    try:
        run = store.runs.get(result.run)
        drawn = replace(read_so_far(store, run).history, name=name)
        if (store.folder(run.id) / WEIGHTS).exists():
            return Offer(drawn, model=run.id, in_store=True)
        why = "it diverged, so no weights were kept" if run.state == DIVERGED else "its weights are gone"
        return Offer(drawn, in_store=True, lacks=f"It can't be watched reading: {why}.")
    except UnknownRunError:
        return _published_offer(question, result, cell, name)
    except RunError as error:
        return Offer(None, lacks=literal(str(error)))


def _published_offer(question: str, result: Result, cell: str, name: str) -> Offer:
    drawn, folder, problems = None, None, []
    try:
        records = read_curves(question, result.run, cell)
        drawn = history(name, records) if records else None
    except _PROBLEMS as error:
        problems.append(error)
    try:
        folder = networks_by_run().get(result.run)
    except _PROBLEMS as error:
        problems.append(error)
    if problems:
        reasons = literal(" ".join(map(str, problems)))
        return Offer(drawn, model="" if folder is None else folder.name, lacks=reasons)
    if folder is not None:
        return Offer(drawn, model=folder.name)
    if drawn is not None:
        return Offer(drawn, lacks="Its network does not come with the app.")
    return Offer(
        None, lacks="Only its numbers are here: it was trained on another machine, or deleted on this one."
    )


def _show_line(result: Result, offer: Offer, config: RunConfig) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        accuracy = "diverged" if result.test_accuracy is None else f"{result.test_accuracy:.1%} test accuracy"
        st.markdown(f"Seed {result.seed}: {accuracy}", width="content")
        if offer.in_store:
            st.page_link(
                "pages/train.py", label="Open on Train", icon=":material/show_chart:",
                query_params={"run": result.run},
            )  # fmt: skip
        if offer.lacks:
            st.caption(offer.lacks, width="content")
        if offer.model:
            st.page_link(
                "pages/read.py", label="Watch it read", icon=":material/menu_book:",
                query_params={"model": offer.model},
            )  # fmt: skip
        else:
            st.page_link(
                "pages/train.py", label="Train this case", icon=":material/model_training:",
                query_params=settings.in_address(config),
                help=f"Opens the form on Train with exactly these settings. This run took "
                f"{duration(result.seconds)} on {result.machine.partition(';')[0]}.",
            )  # fmt: skip
