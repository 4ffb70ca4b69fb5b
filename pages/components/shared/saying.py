"""What explains more of a picture than the sentence below it, folded away."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def folded(title: str) -> DeltaGenerator:
    """A place for an explanation, which is opened where it is wanted."""
    return st.expander(title, icon=":material/notes:")
