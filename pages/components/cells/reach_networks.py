"""The networks whose reach is compared, and their gradients: on a text, on reviews, or kept from training."""

from collections.abc import Generator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.found_by import found_by
from pages.components.shared.histories import history_of
from pages.components.shared.model_picker import (
    BY_FILES,
    can_give_verdict,
    changed_at,
    config_of,
    load,
    model_title,
)
from pages.components.shared.panel_chart import saying_why_not
from rnn_core.data.corpus import Corpus
from rnn_core.figures.looks import LineLook, looks_of_networks
from rnn_core.figures.vanishing import ReachCurve
from rnn_core.inspection.vanishing import REVIEWS, Reach, reach_of_text, reach_over_reviews
from rnn_core.models.catalogue import ModelEntry, list_models, one_of_each_cell
from rnn_core.models.folder import WEIGHTS
from rnn_core.models.model import KeptModel
from rnn_core.progress import Progress
from rnn_core.runs.naming import distinct_names, short_names
from rnn_core.symbols import state
from rnn_core.training.history import Seen

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
    entries = {
        entry.name: entry
        for entry in list_models()
        if (entry.folder / WEIGHTS).exists() and can_give_verdict(config_of(entry.folder))
    }
    if not entries:
        st.info("No network is trained on this machine yet, so there is nothing to measure.")
        return []
    _follow_address(entries)
    titles = distinct_names({name: model_title(entry.folder) for name, entry in entries.items()})
    names = dict(zip(titles, short_names([*titles.values()]), strict=True))
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
    address.write(keys.NETWORKS, _PICKED, ".".join(picked) if picked != _usual(entries) else None)
    if not picked:
        st.info("Pick a network, and its gradients are drawn.", icon=":material/show_chart:")
    models = {name: model for name in picked if (model := load(entries[name].folder)) is not None}
    # A pretrained network has a short name of its own; where a run has it too, all are called as listed.
    short = {name: names[name] if entries[name].is_run else name for name in models}
    if len(set(short.values())) < len(short):
        short = names
    return [
        Network(short[name], entries[name], model, changed_at(entries[name].folder))
        for name, model in models.items()
    ]


def _follow_address(entries: dict[str, ModelEntry]) -> None:
    asked = address.new_value(keys.NETWORKS, _PICKED)
    if asked is not None:
        known = [name for name in dict.fromkeys(asked.split(".")) if name in entries]
        st.session_state[_PICKED] = known[:MOST]
    elif _PICKED not in st.session_state:
        st.session_state[_PICKED] = _usual(entries)
    else:
        still = [name for name in st.session_state[_PICKED] if name in entries]
        if still != st.session_state[_PICKED]:
            st.session_state[_PICKED] = still


def _usual(entries: dict[str, ModelEntry]) -> list[str]:
    read = {name: config_of(entry.folder) for name, entry in entries.items() if entry.is_pretrained}
    configs = {name: config for name, config in read.items() if config is not None}
    return one_of_each_cell(configs, lambda config: config.model.variant)[:MOST] or [*configs][:1]


def reaches_on_text(networks: Sequence[Network], text: str) -> dict[str, Reach]:
    """Returns the reach by entry, of networks that find words to read in this text and do not overflow."""
    found = {}
    for network in networks:
        with saying_why_not():
            found[network.entry.name] = _reach_of_text(network.model, text)
    return {name: reach for name, reach in found.items() if reach is not None}


_reach_of_text = st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_FILES)(reach_of_text)


def reaches_on_reviews(ready: Sequence[tuple[Network, Corpus]]) -> dict[str, Reach] | None:
    """Returns the reach by entry; None, with the progress on the page, while reviews are read."""
    about = " ".join(f"{network.entry.folder} {network.mark} {corpus.mark}" for network, corpus in ready)

    def read() -> Generator[Progress, None, dict[str, Reach]]:
        kept, found = _kept(), {}
        for network, corpus in ready:
            key = (network.entry.folder, network.mark, corpus.mark, REVIEWS)
            if key not in kept:
                kept[key] = yield from reach_over_reviews(network.model, corpus)
            found[network.entry.name] = kept[key]
        return found

    found: dict[str, Reach] | None = found_by("reach", about, read, "Reading validation texts")
    return found


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[object, ...], Reach]:
    """Return what was measured on validation reviews since the server began."""
    return {}


def looks_into(network: Network) -> tuple[Seen, ...]:
    """Return the looks inside while it was trained; empty where none was recorded, or can't be read."""
    return history_of(network.entry.folder, network.model.config).inside


def recorded_networks() -> list[str]:
    """The names of those that come with the app and have such a record."""
    found = []
    for entry in list_models():
        config = config_of(entry.folder) if entry.is_pretrained else None
        if config is not None and history_of(entry.folder, config).inside:
            found.append(entry.name)
    return found


def _looks(networks: Sequence[Network]) -> list[LineLook]:
    return looks_of_networks([network.model.config.model.variant for network in networks])


def curves_of(networks: Sequence[Network], found: Mapping[str, Reach]) -> list[ReachCurve]:
    """Return the measurements as the picture draws them."""
    return [
        ReachCurve(
            network=network.name,
            look=look,
            state=state(letter),
            is_one_of_several=len(reach.norms) > 1,
            distance=np.arange(reach.distances),
            norm=reach.middle(letter),
            quarters=reach.quarters(letter) if reach.texts > 1 else None,
            mean=reach.mean(letter) if reach.texts > 1 else None,
        )
        for network, look in zip(networks, _looks(networks), strict=True)
        if (reach := found.get(network.entry.name)) is not None
        for letter in reach.norms
    ]


def curves_of_looks(networks: Sequence[Network], seen: Mapping[str, Seen]) -> list[ReachCurve]:
    """Return the looks at one evaluation of each; what was no finite number is left out."""
    return [
        ReachCurve(
            network=network.name,
            look=look,
            state=state(letter),
            is_one_of_several=len(inside["gradients"]) > 1,
            distance=np.asarray(inside["distance"])[finite],
            norm=np.asarray(norms, np.float64)[finite],
        )
        for network, look in zip(networks, _looks(networks), strict=True)
        if network.entry.name in seen
        for inside in [seen[network.entry.name][1]]
        for letter, norms in inside["gradients"].items()
        if (finite := np.isfinite(norms)).any()
    ]
