"""The control of a setting, made from its declaration in rnn_core.config.run."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.shared.settings import DECLARED
from rnn_core.config.run import DATA_SOURCES, DEFAULT_IMDB_REVIEWS
from rnn_core.config.words import DATA_NAMES, SHORT_NAMES
from rnn_core.symbols import declaration

_STEPS: dict[str, Sequence[int]] = {
    "vocab_size": (500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 50_000),
    "max_length": (32, 64, 100, 128, 200, 256, 300, 400, 512, 800, 1_200),
    "verdict_distance": (0, 10, 25, 50, 100, 200, 400, 800),
    "bigrams": (0, 5_000, 20_000, 50_000, 100_000, 200_000),
    "counted_bigrams": (0, 20_000, 50_000, 100_000, 200_000, 400_000),
    "snippets": (0, 5_000, 10_000, 20_000, 40_000, 80_000),
    "composed": (0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000),
    "reviews": (500, 1_000, 2_000, 5_000, 10_000, DEFAULT_IMDB_REVIEWS),
}

_FINE_STEPS = {"learning_rate": 0.001, "weight_decay": 0.01, "weight_averaging": 0.001, "adversarial": 0.1}


def idle(value: Callable[[str], Any], name: str) -> str:
    """Why a setting changes nothing at present, where `value` gives the others; else empty."""
    if name == "padding" and value("skip_padding"):
        return "Padding is skipped, so its side changes nothing."
    return ""


def choose_data(key: str, **more: Any) -> str:
    """Which reviews, under a key of the session; `more` is for Streamlit."""
    return str(
        st.segmented_control(
            "Reviews",
            DATA_SOURCES,
            format_func=lambda name: {**DATA_NAMES, "verdict": "Verdict corpus"}[name],
            key=key,
            required=True,
            width="stretch",
            help="What the network reads: real reviews of films, or generated ones. These need no "
            "download and train in a minute; the last verdict in a text decides its label. Some reviews are "
            "set aside to check the network while it learns, others to score it at the end.",
            **more,
        )
    )


def setting_control(name: str, key: str, held: Any, **more: Any) -> Any:
    """The control of a setting under a key of the session, and what it says; `held` is what it held last.

    `more` is for Streamlit.
    """
    declared = DECLARED[name]
    shared: dict[str, Any] = {"label": declared.label, "key": key, "help": declared.help, **more}
    if declared.choices:
        return st.segmented_control(
            options=declared.choices,
            format_func=lambda choice: (
                declaration(choice).full_name if name == "cell" else SHORT_NAMES.get(choice, choice)
            ),
            required=True,
            width="stretch",
            **shared,
        )
    if declared.kind is bool:
        return st.toggle(**shared)
    if name in _STEPS:
        steps = sorted({*_STEPS[name], held})
        return st.select_slider(options=steps, format_func=lambda step: _step_name(name, step), **shared)
    if declared.kind is float and declared.high <= 1 and name not in _FINE_STEPS:
        return st.slider(min_value=declared.low, max_value=declared.high, step=0.05, **shared)
    if declared.kind is float:
        return st.number_input(
            min_value=declared.low,
            max_value=declared.high,
            step=_FINE_STEPS.get(name, 0.5),
            format="%g",
            **shared,
        )
    return st.number_input(min_value=int(declared.low), max_value=int(declared.high), step=1, **shared)


def _step_name(name: str, step: int) -> str:
    words = {
        ("reviews", DEFAULT_IMDB_REVIEWS): "all",
        ("bigrams", 0): "none",
        ("counted_bigrams", 0): "none",
        ("composed", 0): "none",
        ("snippets", 0): "none",
        ("verdict_distance", 0): "as they come",
    }
    return words.get((name, step), f"{step:,}")
