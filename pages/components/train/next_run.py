"""What the form stands for: the next run. Beside another run it says in which settings that one differs."""

from typing import Any

import streamlit as st

from pages.components.shared import settings
from pages.components.shared.format import literal
from rnn_core.config.run import RunConfig
from rnn_core.config.words import data_name, setting_in_words
from rnn_core.runs.own_corpus import why_gone
from rnn_core.runs.run import Run

_MOST = 6
"""So many settings are named."""


def compare_with_form(run: Run, config: RunConfig | None) -> None:
    """Below the form: the run on the charts, and its settings where the form has others."""
    differing = differing_settings(run.config, config)
    with st.container(border=True):
        if gone := why_gone(run.config):
            st.caption(f":material/folder_off: {literal(gone)}")
        shown = f"The charts show **{literal(run.title)}**"
        if not differing:
            st.markdown(f"{shown}, trained with these settings.")
            return
        words = [literal(_in_words(name, value)) for name, value in differing.items()]
        more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
        st.markdown(f"{shown}, trained with other settings: {', '.join(words[:_MOST])}{more}.")
        st.button(
            "Use its settings",
            icon=":material/tune:",
            key="use_its_settings",
            on_click=settings.fill,
            args=(run.config,),
            help="Fill the form with what this run was trained with.",
        )


def differing_settings(of_run: RunConfig, of_form: RunConfig | None) -> dict[str, Any]:
    """The settings of a run that a form has otherwise, "data" first; all of them where it holds none."""
    if of_form is None:
        return {"data": of_run.data, **of_run.values()}
    reviews = {"data": of_run.data} if of_run.data != of_form.data else {}
    return {**reviews, **of_run.differences(of_form)}


def _in_words(name: str, value: Any) -> str:
    return data_name(value) if name == "data" else setting_in_words(name, value)
