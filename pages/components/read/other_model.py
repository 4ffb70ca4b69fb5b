"""The model beside the one that reads: one choice for all panels that compare two."""

import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared.model_picker import load, model_title, select_model
from rnn_core.models.catalogue import list_models
from rnn_core.models.folder import LoadedModel

_OTHER = "other_model"
_MISSING = "The model that the address names is not on this machine, or it is the first one; here is another."


def choose_other(reading: Reading, help: str) -> LoadedModel | None:
    """A list of all other models, kept in the address; None, with a sentence, where none loads.

    `help` says what the second model does in the panel. See `_first_beside` for the one it begins with.
    """
    entries = {entry.name: entry for entry in list_models() if entry.name != reading.model.name}
    if not entries:
        st.info("There is only one model on this machine. Train another one to compare them.")
        return None
    address.follow(
        _OTHER,
        _OTHER,
        entries,
        lambda: next(name for name in (*_first_beside(reading), *entries) if name in entries),
        _MISSING,
        formerly={model_title(entry.folder): name for name, entry in entries.items()},
    )
    name = select_model("Beside it", entries, key=_OTHER, help=help)
    address.write(_OTHER, _OTHER, name)
    return load(entries[name].folder)


def _first_beside(reading: Reading) -> tuple[str, str]:
    """The name of the model that shows most beside this one, and of the next best.

    Beside `reader` that is `gru`: the same cell of the same size, which learned from reviews alone, so what
    differs is mostly what was learned. Beside other networks with gates it is `reader`, for what they lack;
    beside a plain RNN it is `gru`, since gates are what that lacks first.
    """
    if reading.model.name == "reader":
        return "gru", "elman"
    return ("gru", "reader") if reading.trace.declared.update is None else ("reader", "elman")
