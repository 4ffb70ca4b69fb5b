"""A run as the page shows it: its curves beside those of others, which run that is, and how they differ."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.baselines import offer_baselines
from pages.components.shared.format import literal
from pages.components.train.run_choice import choose_run, runs_beside
from pages.components.train.run_list import show_comparison
from pages.components.train.run_panel import run_panel
from rnn_core.config.corpora import corpus_named
from rnn_core.config.nouns import Nouns
from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words
from rnn_core.runs.naming import in_detail
from rnn_core.runs.run import Run
from rnn_core.runs.store import Store


def show_run_view(store: Store, runs: Sequence[Run], run: Run, of_form: RunConfig | None) -> None:
    """Draws a run; `runs` are those to choose from, `of_form` are the settings of the next one."""
    with st.container(key="train_run"):
        beside = runs_beside(runs, run)
        with st.container():  # so that what is open below stays open, however much stands in it
            show_settings(run, of_form)
        run_panel(store, run, beside)
        offer_baselines(run.config.corpus)
        choose_run(store, runs, run)
        show_comparison(store, [run, *beside])


_MOST = 4
"""So many settings are named."""


def show_settings(run: Run, of_form: RunConfig | None) -> None:
    """The run on the charts by name, its settings, and those that the form has otherwise."""
    differing = differing_settings(run.config, of_form)
    gone = run.config.corpus.why_gone(run.config.identity)
    st.caption(
        f"The charts show **{literal(run.title)}**: {literal(in_detail(run.config))}."
        f"{'' if differing else ' The form has the same settings.'}"
        f"{f' :material/folder_off: {literal(gone)}' if gone else ''}"
    )
    if differing:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_beside_form(differing, run.config.corpus.nouns), width="content")
            st.button(
                "Use its settings",
                icon=":material/tune:",
                key="use_its_settings",
                type="tertiary",
                on_click=settings.fill,
                args=(run.config,),
                help="Fill the form with what this run was trained with.",
            )


def _beside_form(differing: dict[str, Any], nouns: Nouns) -> str:
    words = [literal(_in_words(name, value, nouns)) for name, value in differing.items()]
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return f"The form has others in place of: {', '.join(words[:_MOST])}{more}."


def differing_settings(of_run: RunConfig, of_form: RunConfig | None) -> dict[str, Any]:
    """The settings of a run that a form has otherwise, "data" first; all of them where it holds none."""
    if of_form is None:
        return {"data": of_run.data, **of_run.values()}
    reviews = {"data": of_run.data} if of_run.data != of_form.data else {}
    return {**reviews, **of_run.differences(of_form)}


def _in_words(name: str, value: Any, nouns: Nouns) -> str:
    return corpus_named(value).title if name == "data" else setting_in_words(name, value, nouns)
