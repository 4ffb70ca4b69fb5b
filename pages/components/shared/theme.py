"""The theme of the page, passed to every figure on it."""

import streamlit as st

from rnn_core.figures.colours import DARK, LIGHT, Theme


def current_theme() -> Theme:
    """The theme that this browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT
