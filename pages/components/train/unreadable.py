"""Runs that can't be read: each with what is wrong with it, and the way to get rid of it."""

import streamlit as st

from pages.components.shared.format import literal
from rnn_core.errors import RunError, UnreadableRunError
from rnn_core.runs.store import Store


def show_unreadable(name: str, error: UnreadableRunError, then: str) -> None:
    """Say what is wrong with a run of this name, and what that means here."""
    st.error(
        f"**{literal(name)}** can't be read by this version of Gatescope: {literal(error.why)}. {then}",
        icon=":material/broken_image:",
    )


def show_all_unreadable(store: Store) -> None:
    """The runs that are in no list because their settings or scores can't be read, each with its Delete."""
    for error in store.runs.unreadable():
        message, button = st.columns([6, 1], vertical_alignment="center")
        with message:
            show_unreadable(
                error.name or error.run_id, error, "It is in no list; its files stay until you delete it."
            )
        if button.button(
            "Delete", icon=":material/delete:", key=f"delete_unreadable_{error.run_id}", width="stretch",
            help="Deletes this run, its curves and its model for good.",
        ):  # fmt: skip
            _delete(store, error.run_id)


def _delete(store: Store, run_id: str) -> None:
    try:
        store.delete(run_id)
    except RunError as error:
        st.error(literal(str(error)))
        return
    st.rerun()
