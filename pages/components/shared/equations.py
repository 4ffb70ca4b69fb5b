"""The equations of each cell, its symbols in the colours of their roles."""

import re

import streamlit as st

from pages.components.shared.assets import style
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.symbols import CELLS


def show_equations(latex: str) -> None:
    """Equations as KaTeX; in a narrow column they scroll."""
    st.html(style(__file__))
    st.latex(latex)


def equations(cell: str, theme: Theme) -> str:
    """The cell's equations as KaTeX; a symbol is coloured wherever it stands alone, not as an index."""
    declared = CELLS[cell]
    body = "\n".join(
        rf"{letter}{chr(39) if letter in declared.states else ''} &= {declared[letter].equation} \\"
        for letter in declared.equations
    )
    colours = {letter: ink(colour_of(declared[letter]), theme) for letter in declared.equations}
    coloured = re.sub(
        # A letter on its own: not part of a command such as \sigma or \tanh, not an index.
        rf"(?<![\\a-zA-Z_])([{''.join(colours)}])(?![a-zA-Z])",
        lambda found: rf"\textcolor{{{colours[found[1]]}}}{{{found[1]}}}",
        body,
    )
    return rf"\begin{{aligned}}{coloured}\end{{aligned}}"


def explain(cell: str, theme: Theme) -> None:
    """What each gate and state does, and the equations, side by side."""
    words, formulas = st.columns([3, 2], gap="large")
    with words:
        for known in CELLS[cell].symbols:
            if known.equation:
                colour = ink(colour_of(known), theme)
                st.markdown(
                    rf"$\textcolor{{{colour}}}{{\mathbf{{{known.letter}}}}}$ &nbsp;**{known.name}**"
                    f" {known.role}: {known.meaning}."
                )
    with formulas:
        show_equations(equations(cell, theme))
    st.caption(convention(cell))


def convention(cell: str) -> str:
    """Which of the ways to write this cell is meant, in a sentence or two."""
    return CELLS[cell].convention
