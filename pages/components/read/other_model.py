"""The model beside the one that reads: one choice for all panels that compare two."""

from pathlib import Path

import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.model_picker import changed_at, load, model_title, select_model
from rnn_core.config.run import RunConfig
from rnn_core.config.tokens import TokenRules
from rnn_core.errors import ModelFolderError
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import read_config
from rnn_core.models.model import KeptModel

_OTHER = "other_model"
_MISSING = "The model that the address names is not on this machine, or it is the first one; here is another."


def choose_other(reading: Reading, help: str) -> KeptModel | None:
    """A list of all other models with the same classes and tokens, kept in the address.

    None, with a sentence, where none loads. `help` says what the second model does in the panel. See
    `_first_beside` for the one it begins with.
    """
    others = _others(reading)
    entries = {entry.name: entry for entry in others if _fits(entry, reading.model.config)}
    if not entries:
        st.info(
            "No other model on this machine has the same classes and tokens. Train another one on "
            f"{literal(reading.model.config.data)} to compare them."
            if others
            else "There is only one model on this machine. Train another one to compare them."
        )
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


def say_what_is_left_out(reading: Reading) -> None:
    """How many models are not in the list, and why."""
    left_out = sum(not _fits(entry, reading.model.config) for entry in _others(reading))
    if left_out:
        st.caption(
            f"{left_out:,} {'model' if left_out == 1 else 'models'} with other classes or other tokens "
            "can't be compared with this one, and are not in the list."
        )


def _others(reading: Reading) -> list[ModelEntry]:
    return [entry for entry in list_models() if entry.name != reading.model.name]


def _fits(entry: ModelEntry, config: RunConfig) -> bool:
    """Whether a model has the classes and tokens of another; a damaged one is listed, to be named as such."""
    theirs = _what_it_reads(entry.folder, changed_at(entry.folder))
    return theirs is None or theirs == (frozenset(config.classes), config.tokens)


@st.cache_data(max_entries=200, show_spinner=False)
def _what_it_reads(folder: Path, changed: tuple[float, ...]) -> tuple[frozenset[str], TokenRules] | None:
    try:
        config = read_config(folder)
    except ModelFolderError:
        return None
    return frozenset(config.classes), config.tokens


def _first_beside(reading: Reading) -> tuple[str, str]:
    """The name of the model that shows most beside this one, and of the next best.

    Beside `reader` that is `gru`: the same cell of the same size, which learned from reviews alone, so what
    differs is mostly what was learned. Beside other networks with gates it is `reader`, for what they lack;
    beside a plain RNN it is `gru`, since gates are what that lacks first.
    """
    if reading.model.name == "reader":
        return "gru", "elman"
    return ("gru", "reader") if reading.trace.declared.update is None else ("reader", "elman")
