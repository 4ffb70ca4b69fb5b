"""The four cells that Cells shows, and a trained model of each."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.model_picker import load, model_title
from rnn_core.config import ModelConfig
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import LoadedModel, ModelFolderError, read_config
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import make_cell

_VARIANT, _MODEL = "variant", "model"
"""Their names in the address."""
_PICKED = "cells_variant"


class Variant(NamedTuple):
    """A cell, of a GRU with the place of its reset gate."""

    title: str
    cell: str
    reset: str
    torch_name: str
    """torch's own module of that kind."""

    def new_cell(self) -> Cell:
        """An untrained one of the sizes that a run has unless it is told otherwise."""
        config = ModelConfig(cell=self.cell, reset=self.reset)
        return make_cell(config, config.embedding_size)


VARIANTS = {
    "elman": Variant("Elman", "elman", "before", "nn.RNN"),
    "gru-before": Variant("GRU, reset before", "gru", "before", "nn.GRU"),
    "gru-after": Variant("GRU, reset after", "gru", "after", "nn.GRU"),
    "lstm": Variant("LSTM", "lstm", "before", "nn.LSTM"),
}


def pick_variant() -> str:
    """Name of the cell to show, kept in the address as `variant`."""
    _follow_address(_VARIANT, VARIANTS, _PICKED)
    if st.session_state.get(_PICKED) not in VARIANTS:
        st.session_state[_PICKED] = "gru-before"
    name = st.segmented_control(
        "Cell",
        list(VARIANTS),
        required=True,
        format_func=lambda name: VARIANTS[name].title,
        key=_PICKED,
        persist_state="session",
        wrap=True,
        help="What computes the next state from a word and the state before it. A GRU's reset gate acts "
        "before the product with the recurrent weights or after it.",
    )
    _write_address(_VARIANT, name)
    return name


def pick_model_of(name: str) -> LoadedModel | None:
    """A trained model of this variant, kept in the address as `model`.

    None, with the reason on the page, where none was trained yet or the one picked does not load.
    """
    variant = VARIANTS[name]
    entries = {entry.name: entry for entry in list_models() if _is_of(entry, variant)}
    if not entries:
        st.info(
            f"No {variant.title} is trained on this machine yet, so there are no numbers to show. Train one "
            "and they stand here; its equations, its code and its speed are below.",
            icon=":material/model_training:",
        )
        st.page_link(
            "pages/train.py",
            label="Train one",
            icon=":material/arrow_forward:",
            query_params={"cell": variant.cell, "reset": variant.reset},
        )
        return None
    key = f"cells_model_{name}"
    _follow_address(_MODEL, entries, key)
    if st.session_state.get(key) not in entries:
        st.session_state[key] = next(iter(entries))
    picked = st.selectbox(
        "Model",
        list(entries),
        format_func=lambda model: model_title(entries[model].folder),
        key=key,
        persist_state="session",
        help="Whose weights the numbers come from: the models that come with the app, then your own runs.",
    )
    _write_address(_MODEL, picked)
    return load(entries[picked].folder)


def _is_of(entry: ModelEntry, variant: Variant) -> bool:
    try:
        network = read_config(entry.folder).model
    except ModelFolderError:
        return False  # Home names it as damaged
    return network.cell == variant.cell and (network.cell != "gru" or network.reset == variant.reset)


def _follow_address(name: str, choices: Mapping[str, object], key: str) -> None:
    """Pick what the address names, when that is news; `bind` would put the long titles there."""
    wanted = st.query_params.get(name)
    if wanted in choices and wanted != st.session_state.get(_written(name)):
        st.session_state[key] = wanted


def _write_address(name: str, value: str) -> None:
    st.query_params[name] = st.session_state[_written(name)] = value


def _written(name: str) -> str:
    return f"cells_{name}_in_address"
