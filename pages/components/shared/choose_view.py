"""Choices of one of several views by its name, and of one layer of a network, kept in the address."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address_keys import Key
from rnn_core.models.model import Model
from rnn_core.tasks.task import task_of

View = TypeVar("View")


def choose_view(
    label: str, views: Mapping[str, View], key: str, *, usual: str = "", wrap: bool = True, **more: Any
) -> View:
    """The view that is chosen, at first `usual` or else the first one; `more` is for Streamlit.

    On a narrow page the names take several lines.
    """
    names, usual = list(views), usual or next(iter(views))
    chosen = st.segmented_control(
        label, names, default=usual, required=True, key=key, persist_state="session", wrap=wrap, **more
    )
    return views[usual if chosen is None else chosen]  # None: the address names it, but says nothing


def kept_choice(
    label: str,
    options: Collection[str],
    name: Key,
    key: str,
    usual: Callable[[], str],
    *,
    draw: Callable[..., Any] = st.selectbox,
    formerly: Mapping[str, str] | None = None,
    **more: Any,
) -> str:
    """One of these options, kept in the address under `name`; `draw` is Streamlit's control."""
    address.follow(name, key, options, usual, formerly=formerly)
    draw(label, list(options), key=key, persist_state="session", **more)
    chosen: str = st.session_state[key]
    address.write(name, key, chosen)
    return chosen


def tick_a_row(table: pd.DataFrame, key: str, alt: str, **more: Any) -> list[int]:
    """A table of which one row can be ticked; the place of the one that is."""
    chosen = st.dataframe(
        table, key=key, alt=alt, hide_index=True, selection_mode="single-row", on_select="rerun", **more
    )
    return list(chosen.selection.rows)


def choose_layer(model: Model | None) -> int:
    """The number of the layer, from 1, the lowest; at first the top one. Of one layer nothing is chosen."""
    layers = model.config.model.layers if model is not None else 1
    if layers == 1:
        address.remove(keys.LAYER)
        return 1
    answer = "verdict" if model is None or task_of(model.config).gives_verdict else "answer"
    names = [str(number) for number in range(1, layers + 1)]
    name = kept_choice(
        "Layer",
        names,
        keys.LAYER,
        _layer_key(layers),
        lambda: names[-1],
        draw=st.segmented_control,
        required=True,
        help="Whose gates, states and units are shown. Layer 1 reads the tokens, each further one the "
        f"hidden states of the one below. The {answer} is always that of all {layers}.",
    )
    return int(name)


def pick_layer(layer: int, layers: int) -> None:
    """Choose a layer of so many, from a callback."""
    if layers > 1:
        st.session_state[_layer_key(layers)] = str(layer)


def _layer_key(layers: int) -> str:
    return f"layer_of_{layers}"


def layer_query(layer: int, layers: int) -> dict[Key, str]:
    """Return the part of a link that names the layer; nothing where there is one."""
    return {keys.LAYER: str(layer)} if layers > 1 else {}
