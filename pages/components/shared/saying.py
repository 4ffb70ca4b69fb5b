"""One sentence below a picture, and what explains more of it, folded away."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.format import literal


def say(sentence: str) -> None:
    """Write what a picture shows; nothing where there is nothing to say."""
    if sentence:
        st.markdown(literal(sentence))


def folded(title: str) -> DeltaGenerator:
    """A place for an explanation, which is opened where it is wanted."""
    return st.expander(title, icon=":material/notes:")
