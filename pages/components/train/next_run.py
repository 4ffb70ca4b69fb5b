"""Beside the curves: which run they are of, its settings, and where the form of the next run differs."""

from typing import Any

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.format import literal
from rnn_core.config.corpora import corpus_named
from rnn_core.config.nouns import Nouns
from rnn_core.config.run import RunConfig
from rnn_core.config.words import setting_in_words
from rnn_core.runs.naming import in_detail
from rnn_core.runs.run import Run

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
