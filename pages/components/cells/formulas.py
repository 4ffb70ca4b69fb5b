"""The equations of a cell, and beside them the same with the numbers of one unit."""

import streamlit as st

from pages.components.shared.equations import convention, equations, show_equations
from pages.components.shared.glossary import caption_with_terms
from pages.components.shared.worked_equations import worked
from rnn_core.figures.colours import Theme
from rnn_core.inspection.one_step import OneStep


def show_formulas(name: str, step: OneStep | None, theme: Theme) -> None:
    """Without a step there are no numbers."""
    formulas, numbers = st.columns([2, 3], gap="large")
    with formulas:
        st.subheader("The equations", anchor=False)
        show_equations(equations(name, theme))
        caption_with_terms(convention(name), "convention")
    if step is not None:
        with numbers:
            st.subheader(f"With the numbers of unit {step.unit}", anchor=False)
            show_equations(worked(step, theme))
