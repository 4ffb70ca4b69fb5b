"""Choice of the cell that the page shows, and of a trained model of it for the numbers."""

import streamlit as st

from pages.components.shared import address, settings
from pages.components.shared import address_keys as keys
from pages.components.shared.model_picker import (
    can_give_verdict,
    config_of,
    load_and_say_of_cell,
    select_model,
    usual_model,
)
from rnn_core.cell_files.declared import UntracedDeclaration
from rnn_core.config.model_settings import ModelConfig
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import KeptModel
from rnn_core.symbols import CELLS
from rnn_core.tasks.task import task_of

_PICKED = "cells_variant"


def pick_variant() -> str:
    """Name of the cell to show, kept in the address as `variant`."""
    before = {"gru-before": "gru"}  # what addresses of earlier versions say
    # The cell of a run of before is listed where its equations are known, though no new run can have it.
    of_models = (config.model.variant for entry in list_models() if (config := config_of(entry.folder)))
    cells = list(dict.fromkeys([*CELLS, *of_models]))
    cells = [cell for cell in cells if not isinstance(CELLS[cell], UntracedDeclaration)]
    address.follow(keys.VARIANT, _PICKED, cells, lambda: ModelConfig().variant, formerly=before)
    st.selectbox(
        "Cell",
        cells,
        format_func=lambda name: CELLS[name].title,
        key=_PICKED,
        persist_state="session",
        help="What computes the next state from a word and the state before it. Some kinds have several "
        "variants, which differ in a setting.",
    )
    name: str = st.session_state[_PICKED]
    address.write(keys.VARIANT, _PICKED, name)
    return name


def choose_variant(name: str) -> None:
    """Let the next run of the page show this one, as if it had been picked."""
    st.session_state[_PICKED] = name


def pick_model_of(name: str) -> KeptModel | None:
    """A trained model of this variant; None, with the reason on the page, where none was trained or loads."""
    declared = CELLS[name]
    models = [(entry, config_of(entry.folder)) for entry in list_models()]
    of_variant = [(entry, of) for entry, of in models if of is not None and of.model.variant == name]
    of_variant.sort(key=lambda model: not can_give_verdict(model[1]))  # those that read texts come first
    entries = {entry.name: entry for entry, of in of_variant if task_of(of).can_be_read}
    if not entries:
        st.info(
            f"No {declared.title} is trained on this machine yet, so there are no numbers to show. "
            "Train one, and the numbers appear here. Its equations, its code and its speed are below.",
            icon=":material/model_training:",
        )
        address.link(
            "pages/train.py",
            label="Train one",
            icon=":material/arrow_forward:",
            query={settings.KEYS[name]: str(value) for name, value in declared.run_settings.items()},
        )
        return None
    key = f"cells_model_{name}"
    address.follow(keys.MODEL, key, entries, lambda: usual_model(entries))
    picked = select_model(
        "Model",
        entries,
        key=key,
        help="Whose weights the numbers come from: the models that come with the app, then your own runs.",
    )
    address.write(keys.MODEL, key, picked)
    return load_and_say_of_cell(entries[picked].folder)
