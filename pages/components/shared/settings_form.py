"""The control of a setting, made from its declaration in rnn_core.config."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.shared.settings import DECLARED, declared_for
from rnn_core.config.corpora import corpus_named
from rnn_core.config.training_settings import DEFAULT_IMDB_REVIEWS
from rnn_core.config.words import short_name
from rnn_core.data.sources import recommended_config
from rnn_core.symbols import KINDS

_FEW = (10, 20, 50, 100, 200)
"""What a corpus of few texts needs."""
_STEPS: dict[str, Sequence[int]] = {
    "vocab_size": (4, *_FEW, 500, 1_000, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 50_000),
    "max_length": (2, 4, 8, 16, 32, 64, 100, 128, 200, 256, 300, 400, 512, 800, 1_200),
    "verdict_distance": (0, 10, 25, 50, 100, 200, 400, 800),
    "bigrams": (0, 100, 1_000, 5_000, 20_000, 50_000, 100_000, 200_000),
    "counted_bigrams": (0, 100, 1_000, 5_000, 20_000, 50_000, 100_000, 200_000, 400_000),
    "snippets": (0, 100, 1_000, 5_000, 10_000, 20_000, 40_000, 80_000),
    "composed": (0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000),
    "reviews": (2, *_FEW, 500, 1_000, 2_000, 5_000, 10_000, DEFAULT_IMDB_REVIEWS),
}

_SIDE_BY_SIDE = 2
"""So many corpora stand side by side; more are in a list."""
_OF_CLASSES = ("head", "counted_bigrams", "label_odds")
_FINE_STEPS = {"learning_rate": 0.001, "weight_decay": 0.01, "weight_averaging": 0.001, "adversarial": 0.1}


def idle(value: Callable[[str], Any], name: str) -> str:
    """Why a setting changes nothing at present, where `value` gives the others; else empty."""
    if name == "padding" and value("skip_padding"):
        return "Padding is skipped, so its side changes nothing."
    if name == "layer_dropout" and value("layers") == 1 and not value(name):
        return "There is one layer, so nothing lies between layers."
    if name in _OF_CLASSES:
        return _of_classes(value, name, len(recommended_config(value("data")).classes))
    return corpus_named(value("data")).idle(name) if value(name) == DECLARED[name].default else ""


def _of_classes(value: Callable[[str], Any], name: str, classes: int) -> str:
    """Says why a setting is idle with so many classes; a value that can't be can still be taken back."""
    if name == "head" and classes > 2:
        return f"With {classes} classes the head has a logit for each."
    if name != "head" and max(2, value("embedding_size")) < classes and not value(name):
        return f"Label odds of {classes} classes need an embedding size of {classes} at least."
    return ""


def choose_data(key: str, names: Sequence[str], first: str | None = None, **more: Any) -> str:
    """Which reviews or texts, under a key of the session, at first these; `more` is for Streamlit."""
    shared: dict[str, Any] = {
        "format_func": lambda name: corpus_named(name).listed_as,
        "key": key,
        "help": "What the network reads: real reviews of films, generated ones, or texts of your own that "
        "you added on Data. The generated ones need no download and train in a minute; the last verdict in a "
        "text decides its label. Some texts are set aside to check the network while it learns, others to "
        "score it at the end.",
        **more,
    }
    if len(names) <= _SIDE_BY_SIDE:
        begins: dict[str, Any] = {} if first is None else {"default": first}
        return str(st.segmented_control("Reviews", names, required=True, width="stretch", **begins, **shared))
    place = 0 if first is None else names.index(first)
    return str(st.selectbox("Reviews or texts", names, place, **shared))


def setting_control(
    name: str, key: str, held: Any, data: str, all_texts: int = DEFAULT_IMDB_REVIEWS, **more: Any
) -> Any:
    """The control of a setting under a key of the session, and what it says; `held` is what it held last.

    `all_texts` is how many of `data` there are to learn from; `more` is for Streamlit.
    """
    declared = declared_for(data, name)
    shared: dict[str, Any] = {"label": declared.label, "key": key, "help": declared.help, **more}
    if declared.choices:
        return st.segmented_control(
            options=list(declared.choices),
            format_func=lambda choice: KINDS[choice].full_name if name == "cell" else short_name(choice),
            required=True,
            wrap=True,
            width="stretch",
            **shared,
        )
    if declared.kind is bool:
        return st.toggle(**shared)
    if name in _STEPS:
        offered = [step for step in _STEPS[name] if step < all_texts] if name == "reviews" else _STEPS[name]
        steps = sorted({*offered, held, *([all_texts] if name == "reviews" else [])})
        return st.select_slider(
            options=steps, format_func=lambda step: _step_name(name, step, all_texts), **shared
        )
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


def _step_name(name: str, step: int, all_texts: int) -> str:
    words = {
        ("reviews", all_texts): "all",
        ("bigrams", 0): "none",
        ("counted_bigrams", 0): "none",
        ("composed", 0): "none",
        ("snippets", 0): "none",
        ("verdict_distance", 0): "as they come",
    }
    return words.get((name, step), f"{step:,}")
