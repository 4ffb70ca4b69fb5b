"""The four cells that Cells shows, and a trained model of each."""

from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared.model_picker import load, model_title, usual_model
from rnn_core.config import ModelConfig
from rnn_core.errors import ModelFolderError
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import LoadedModel, read_config
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


def variant_of(cell: str, reset: str) -> str:
    """Name of the variant that a network is of."""
    return f"gru-{reset}" if cell == "gru" else cell


def pick_variant() -> str:
    """Name of the cell to show, kept in the address as `variant`."""
    wanted = address.news(_VARIANT, _PICKED)
    if wanted in VARIANTS:
        st.session_state[_PICKED] = wanted
    if st.session_state.get(_PICKED) not in VARIANTS:
        st.session_state[_PICKED] = "gru-before"
    st.segmented_control(
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
    name: str = st.session_state[_PICKED]
    address.write(_VARIANT, _PICKED, name)
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
    wanted = address.news(_MODEL, key)
    if wanted in entries:
        st.session_state[key] = wanted
    if st.session_state.get(key) not in entries:
        st.session_state[key] = list(entries)[usual_model(list(entries.values()))]
    picked = st.selectbox(
        "Model",
        list(entries),
        format_func=lambda model: model_title(entries[model].folder),
        key=key,
        persist_state="session",
        help="Whose weights the numbers come from: the models that come with the app, then your own runs.",
    )
    address.write(_MODEL, key, picked)
    return load(entries[picked].folder)


def _is_of(entry: ModelEntry, variant: Variant) -> bool:
    try:
        network = read_config(entry.folder).model
    except ModelFolderError:
        return False  # Home names it as damaged
    return VARIANTS[variant_of(network.cell, network.reset)] == variant
