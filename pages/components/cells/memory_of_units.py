"""How long each unit of a trained cell holds what it read, where each unit remembers by itself."""

import numpy as np
import streamlit as st

from pages.components.shared.format import literal
from rnn_core.figures.builder import SHOW_CONFIG
from rnn_core.figures.cell_figures import time_constants
from rnn_core.figures.colours import Theme
from rnn_core.models.model import Model


def show_memory_of_units(model: Model | None, layer: int, theme: Theme) -> None:
    """The chart of a layer, from 1, and what it shows; nothing where units don't remember by themselves."""
    found = None if model is None else model.classifier.layers[layer - 1].time_constants()
    if model is None or found is None:
        return
    values, token = found.numpy(), model.config.tokens.noun
    st.subheader("How long each unit remembers", anchor=False)
    st.plotly_chart(
        time_constants(values, theme, token),
        theme=None,
        config=SHOW_CONFIG,
        key="time_constants",
        alt=in_words(values, token),
    )
    st.markdown(literal(in_words(values, token)))
    never = int(np.isinf(values).sum())
    st.caption(
        f"A unit forgets in −1 / ln u {token}s: with nothing new to read, what it holds has then fallen to "
        f"1/e. Where u is not positive it is gone at once. Of the {len(values):,} units {never:,} never "
        "forget (u = 1)."
    )


def in_words(values: np.ndarray, token: str) -> str:
    """How soon half of the units forget, and the last of those that do."""
    finite, half = values[np.isfinite(values)], float(np.median(values))
    if np.isinf(half):
        return "Half of the units or more never forget."
    return (
        f"Half of the units forget within {half:.3g} {token}s, and the last that forgets at all takes "
        f"{finite.max():.3g}."
    )
