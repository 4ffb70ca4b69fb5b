"""How long each unit of a trained cell holds what it read, where each unit remembers by itself."""

import numpy as np
import streamlit as st

from rnn_core.config.words import unit_of
from rnn_core.figures.builder import SHOW_CONFIG
from rnn_core.figures.colours import Theme
from rnn_core.figures.time_constants import time_constants
from rnn_core.models.folder import LoadedModel


def show_memory_of_units(model: LoadedModel | None, layer: int, theme: Theme) -> None:
    """The chart of a layer, from 1, and what it shows; nothing where units don't remember by themselves."""
    found = None if model is None else model.classifier.layers[layer - 1].time_constants()
    if model is None or found is None:
        return
    values, token = found.numpy(), unit_of(model.config.tokens)
    st.subheader("How long each unit remembers", anchor=False)
    st.plotly_chart(
        time_constants(values, theme, token),
        theme=None,
        config=SHOW_CONFIG,
        key="time_constants",
        alt=in_words(values, token),
    )
    st.caption(
        f"With nothing new to read, what a unit holds falls to 1/e in −1 / ln u {token}s; where u is not "
        "positive it is gone at once. "
        f"{in_words(values, token)}"
    )


def in_words(values: np.ndarray, token: str) -> str:
    """Half of the units, and those that remember longest."""
    finite, never = values[np.isfinite(values)], int(np.isinf(values).sum())
    half = float(np.median(values))
    sentence = f"Half of the {len(values):,} units forget within {half:.3g} {token}s"
    if np.isinf(half):
        sentence = f"Of {len(values):,} units at least half never forget"
    if len(finite):
        sentence += f"; the longest that is measured is {finite.max():.3g}"
    if never:
        sentence += f"; {never:,} never forget (u = 1)"
    return f"{sentence}."
