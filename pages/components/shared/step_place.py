"""The place where a time step is drawn: as wide as the drawing must be; on a narrow page it scrolls."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.assets import style
from rnn_core.figures.step import WIDTH


def place_of_drawing(key: str) -> DeltaGenerator:
    """Makes the place where a time step is drawn: on a narrow page it scrolls, and a line above says so."""
    st.html(style(__file__, step_width=f"{WIDTH + 8}px"))
    words = "The drawing is wider than this screen: move it sideways to see its gates."
    st.html(f'<div class="gs-scrolls">{words}</div>')
    return st.container(key=key)
