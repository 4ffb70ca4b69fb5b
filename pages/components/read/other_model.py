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

    `help` says what the second model does in the panel.
    """
    entries = {entry.name: entry for entry in list_models() if entry.name != reading.model.name}
    if not entries:
        st.info("There is only one model on this machine. Train another one to compare them.")
        return None
    first = "gru" if reading.trace.declared.update is None else "elman"
    address.follow(
        _OTHER,
        _OTHER,
        entries,
        lambda: first if first in entries else next(iter(entries)),
        _MISSING,
        formerly={model_title(entry.folder): name for name, entry in entries.items()},
    )
    name = select_model("Beside it", entries, key=_OTHER, help=help)
    address.write(_OTHER, _OTHER, name)
    return load(entries[name].folder)
