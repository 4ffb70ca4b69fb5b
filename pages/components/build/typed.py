"""*Your own*: a cell is typed as equations, and while one types stands beside them what they are."""

import streamlit as st

from pages.components.build.equations_field import (
    beginnings,
    offer_beginnings,
    show_field,
    show_how_to_write,
    show_idea,
    take_up,
)
from pages.components.build.meaning import meant, show_costs, show_equations_of, show_step
from pages.components.build.saving import show_saving
from rnn_core.figures.colours import Theme


def show_typed(theme: Theme) -> None:
    """The field on the left, and on the right what it means."""
    known = beginnings()
    now = take_up(known)
    offer_beginnings(now, known)
    left, right = st.columns(2, gap="medium")
    with left:
        typed = show_field(now, known)
    shown = meant(typed, known)
    with right:
        if shown is not None:
            show_equations_of(shown, theme)
        show_idea(typed)
    left, right = st.columns([760, 336], gap="medium")  # the drawing needs so many pixels
    with left:
        if shown is not None:
            show_step(shown, theme)
    with right:
        show_saving(typed)
        if shown is not None:
            show_costs(shown)
    show_how_to_write()
