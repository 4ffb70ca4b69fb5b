"""The look of the page, handed to every figure on it."""

import streamlit as st

from rnn_core.figures.colours import DARK, LIGHT, Look


def current_look() -> Look:
    """The look of the theme that this browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT
