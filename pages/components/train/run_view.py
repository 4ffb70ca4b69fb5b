"""A run as the page shows it: its curves beside those of others, which run that is, and how they differ."""

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.own_baselines import offer_baselines
from pages.components.train.comparison import show_comparison
from pages.components.train.next_run import show_settings
from pages.components.train.run_choice import choose_run, runs_beside
from pages.components.train.run_panel import run_panel
from rnn_core.config.run import RunConfig
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store


def show_run_view(store: Store, runs: Sequence[Run], run: Run, of_form: RunConfig | None) -> None:
    """All of it; `runs` are those to choose from, `of_form` are the settings of the next one."""
    with st.container(key="train_run"):
        beside = runs_beside(runs, run)
        with st.container():  # so that what is open below stays open, however much stands in it
            show_settings(run, of_form)
        run_panel(store, run, beside)
        offer_baselines(run.config.corpus)
        choose_run(store, runs, run)
        show_comparison(store, [run, *beside])
