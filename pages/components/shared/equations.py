"""The equations of each cell, its symbols in the colours of their roles."""

import re

import streamlit as st

from rnn_core.figures.colours import Theme, ink, symbols

_GRU = r"""
r &= \sigma(W_r x + U_r h + b_r) \\
z &= \sigma(W_z x + U_z h + b_z) \\
n &= \tanh({candidate}) \\
h' &= (1 - z) \odot h + z \odot n
"""

_CANDIDATES = {
    "before": r"W_n x + U_n (r \odot h) + b_n",
    "after": r"W_n x + b_n + r \odot (U_n h + d)",
}

_LSTM = r"""
i &= \sigma(W_i x + U_i h + b_i) \\
f &= \sigma(W_f x + U_f h + b_f) \\
o &= \sigma(W_o x + U_o h + b_o) \\
g &= \tanh(W_g x + U_g h + b_g) \\
c' &= f \odot c + i \odot g \\
h' &= o \odot \tanh(c')
"""

_ELMAN = r"h' &= \tanh(W x + U h + b) \\"

_NOTES = {
    "elman": (
        "An Elman cell has no gates: every word goes through the same tanh. Shown instead is the slope "
        "of that tanh, 1 − h². Where it is near 0 the unit is saturated, and what came before can "
        "hardly reach the verdict."
    ),
    "gru": (
        "Convention: z = 1 takes the candidate, as in Chung et al., 2014 (PyTorch has z the other way "
        "round). The reset gate acts {reset}."
    ),
    "lstm": (
        "g is a tanh, so it is a candidate and not a gate. The cell state c has no bounds; the hidden "
        "state h is what the output gate shows of it."
    ),
}

_RESETS = {
    "before": "before the product with the recurrent weights (arXiv 1406.1078v3)",
    "after": "after the product with the recurrent weights, as in PyTorch and cuDNN",
}


def equations(cell: str, reset: str, theme: Theme) -> str:
    """The cell's equations as KaTeX; a symbol is coloured wherever it stands alone, not as an index."""
    body = {"elman": _ELMAN, "lstm": _LSTM}.get(cell, _GRU.replace("{candidate}", _CANDIDATES[reset]))
    colours = {known.letter: ink(known.colour, theme) for known in symbols(cell)}
    letters = "".join(letter for letter in colours if len(letter) == 1)
    coloured = re.sub(
        # A letter on its own: not part of a command such as \sigma or \tanh, not an index.
        rf"(?<![\\a-zA-Z_])([{letters}])(?![a-zA-Z])",
        lambda found: rf"\textcolor{{{colours[found[1]]}}}{{{found[1]}}}",
        body,
    )
    return rf"\begin{{aligned}}{coloured}\end{{aligned}}"


def explain(cell: str, reset: str, theme: Theme) -> None:
    """What each gate and state does, and the equations, side by side."""
    words, formulas = st.columns([3, 2], gap="large")
    with words:
        for known in symbols(cell):
            if len(known.letter) == 1:
                colour = ink(known.colour, theme)
                st.markdown(
                    rf"$\textcolor{{{colour}}}{{\mathbf{{{known.letter}}}}}$ &nbsp;**{known.name}**"
                    f" {known.deed}: {known.meaning}."
                )
    with formulas:
        st.latex(equations(cell, reset, theme))
    st.caption(convention(cell, reset))


def convention(cell: str, reset: str) -> str:
    """Which of the ways to write this cell is meant, in a sentence or two."""
    return _NOTES[cell].format(reset=_RESETS[reset])
