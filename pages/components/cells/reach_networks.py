"""Which networks' reach is compared: by default one of each cell, alike in all else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared.model_picker import changed_at, load, model_title
from pages.components.shared.read_links import NETWORKS
from rnn_core.config.run import RunConfig
from rnn_core.errors import ModelFolderError
from rnn_core.models.alike import one_of_each_cell
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import WEIGHTS, read_config
from rnn_core.models.model import KeptModel
from rnn_core.runs.naming import distinct_names, short_names

MOST = 8
_PICKED = "reach_networks"


class Network(NamedTuple):
    """A network that is compared."""

    name: str
    """The name in the picture; no two that are compared have the same."""
    entry: ModelEntry
    model: KeptModel
    mark: tuple[float, ...]
    """When its files last changed."""


def pick_networks() -> list[Network]:
    """The control, and the networks that were picked and load."""
    entries = {entry.name: entry for entry in list_models() if (entry.folder / WEIGHTS).exists()}
    if not entries:
        st.info("No network is trained on this machine yet, so there is nothing to measure.")
        return []
    _follow_address(entries)
    names = _names(entries)
    picked = st.multiselect(
        "Networks",
        list(entries),
        format_func=names.__getitem__,
        key=_PICKED,
        persist_state="session",
        max_selections=MOST,
        placeholder="Pick networks to compare",
        help="Whose gradients are drawn. At first they are networks that come with the app: one of each "
        "cell, of the same size, that read the same words.",
    )
    if picked == _usual(entries):
        address.withdraw(NETWORKS, _PICKED)
    else:
        address.write(NETWORKS, _PICKED, ".".join(picked))
    if not picked:
        st.info("Pick a network, and its gradients are drawn.", icon=":material/show_chart:")
    models = {name: model for name in picked if (model := load(entries[name].folder)) is not None}
    short = _in_picture([entries[name] for name in models], names)
    return [
        Network(short[name], entries[name], model, changed_at(entries[name].folder))
        for name, model in models.items()
    ]


def _follow_address(entries: dict[str, ModelEntry]) -> None:
    asked = address.news(NETWORKS, _PICKED)
    if asked is not None:
        st.session_state[_PICKED] = [name for name in dict.fromkeys(asked.split(".")) if name in entries][
            :MOST
        ]
    elif _PICKED not in st.session_state:
        st.session_state[_PICKED] = _usual(entries)
    else:
        still = [name for name in st.session_state[_PICKED] if name in entries]
        if still != st.session_state[_PICKED]:
            st.session_state[_PICKED] = still


def _usual(entries: dict[str, ModelEntry]) -> list[str]:
    configs: dict[str, RunConfig] = {}
    for name, entry in entries.items():
        if entry.kind == "pretrained" and (config := config_of(entry.folder, changed_at(entry.folder))):
            configs[name] = config
    return one_of_each_cell(configs, lambda config: config.model.variant)[:MOST] or [*configs][:1]


@st.cache_data(max_entries=200, show_spinner=False)
def config_of(folder: Path, changed: tuple[float, ...]) -> RunConfig | None:
    """The settings of a model; None where they can't be read."""
    try:
        return read_config(folder)
    except ModelFolderError:  # `load` names what is damaged
        return None


def _names(entries: dict[str, ModelEntry]) -> dict[str, str]:
    titles = distinct_names({name: model_title(entry.folder) for name, entry in entries.items()})
    return dict(zip(titles, short_names([*titles.values()]), strict=True))


def _in_picture(entries: Sequence[ModelEntry], names: Mapping[str, str]) -> dict[str, str]:
    """A pretrained network has a short name of its own; where a run has it too, all are called as listed."""
    short = {entry.name: names[entry.name] if entry.kind == "run" else entry.name for entry in entries}
    return short if len(set(short.values())) == len(short) else {name: names[name] for name in short}
