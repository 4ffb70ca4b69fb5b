"""The three forms of a cell as code, each with a sentence on what it is for."""

from typing import Literal

import streamlit as st

from rnn_core.bench.forms import usual_cell
from rnn_core.inspection.source import Source, form_sources

_HIGHEST = 520
"""Pixels; longer code scrolls."""


def show_forms(name: str) -> None:
    """Naive, fused and sequence code as it stands in the source."""
    st.subheader("Three forms of the same cell", anchor=False)
    st.caption(
        "They share their weights and agree to rounding. This is the code that runs, read from its file."
    )
    sources = form_sources(usual_cell(name))
    naive, fused, sequence = st.tabs(["Naive", "Fused", "Sequence"])
    with naive:
        st.markdown(
            "The equations word for word: each line multiplies its own matrices. It is here to be read and "
            "to test the other two against. What is set by hand on this page, or held on Read, is computed "
            "with it; nothing trains with it."
        )
        _show(sources.naive)
    with fused:
        st.markdown(
            "The products joined: `project` multiplies the words of all time steps by all of W at once, "
            "`update` does the rest at each time step. Autograd keeps track of every line, so it serves "
            "where a gradient of the gradient is asked for. Occlusion on Read uses it, too."
        )
        _show(sources.project)
        _show(sources.update)
    with sequence:
        if not sources.passes:
            st.markdown(
                "No time step of this cell is written by hand: the fused form goes through the sequence, and "
                "autograd back through it."
            )
        else:
            inherits = ": the class of the cell, then what it inherits" if len(sources.passes) > 1 else ""
            st.markdown(
                "The whole sequence, with back-propagation through time written by hand. Training, scoring "
                f"and the reading of a text use it. Shown is one time step forwards and backwards{inherits}."
            )
            for one in sources.passes:
                _show(one, height=_HIGHEST)
        with st.expander("What goes through a whole sequence with it", icon=":material/repeat:"):
            _show(sources.driver, height=_HIGHEST)


def _show(source: Source, height: int | Literal["content"] = "content") -> None:
    st.code(source.code, language="python", height=height)
    if source.file:
        st.caption(f"`{source.file}`, from line {source.line}")
