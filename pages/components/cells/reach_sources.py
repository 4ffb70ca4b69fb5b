"""Where the gradients come from: a text, validation reviews, or what was recorded during the training."""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from pages.components.cells.reach_networks import Network, config_of
from pages.components.shared import corpora
from pages.components.shared.found_by import found_by
from pages.components.shared.histories import read_so_far
from pages.components.shared.model_picker import changed_at
from pages.components.shared.no_verdict import saying_why_not
from rnn_core.data.corpus import Corpus
from rnn_core.errors import ModelFolderError, RunError
from rnn_core.figures.looks import Look, looks_of_networks
from rnn_core.figures.vanishing import ReachCurve
from rnn_core.inspection.vanishing import REVIEWS, Reach, reach_of_text, reach_over_reviews
from rnn_core.models.catalogue import list_models
from rnn_core.models.model import KeptModel
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from rnn_core.symbols import state
from rnn_core.training.history import Seen, history
from rnn_core.training.records import read_history

_PATIENCE = 3.0  # seconds


def of_text(networks: Sequence[Network], text: str) -> dict[str, Reach]:
    """By the entry of each network that finds something to read in this text, and does not overflow on it."""
    found = {}
    for network in networks:
        with saying_why_not():
            found[network.entry.name] = _of_text(network.model.folder, network.mark, text, network.model)
    return {name: reach for name, reach in found.items() if reach is not None}


@st.cache_data(max_entries=64, show_spinner=False)
def _of_text(folder: Path, changed: tuple[float, ...], text: str, _model: KeptModel) -> Reach | None:
    return reach_of_text(_model, text)


def reviews_of(network: Network) -> Corpus | None:
    """The reviews it learned from; None where they are not ready. Those at hand are prepared meanwhile."""
    return corpora.opened(network.model.config.corpus, _PATIENCE)


def of_reviews(ready: Sequence[tuple[Network, Corpus]]) -> dict[str, Reach] | None:
    """By the entry of each network; None, with the progress on the page, while its reviews are read."""
    about = " ".join(f"{network.entry.folder} {network.mark} {corpus.mark}" for network, corpus in ready)
    found: dict[str, Reach] | None = found_by(
        "reach", about, lambda: _read(ready), "Reading validation texts"
    )
    return found


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[object, ...], Reach]:
    """What was measured on validation reviews since the server began."""
    return {}


def _read(ready: Sequence[tuple[Network, Corpus]]) -> Generator[Progress, None, dict[str, Reach]]:
    kept, found = _kept(), {}
    for network, corpus in ready:
        key = (network.entry.folder, network.mark, corpus.mark, REVIEWS)
        if key not in kept:
            kept[key] = yield from reach_over_reviews(network.model, corpus)
        found[network.entry.name] = kept[key]
    return found


def looks_into(network: Network) -> tuple[Seen, ...]:
    """What was seen inside while it was trained; empty where nothing was recorded, or can't be read."""
    if network.entry.kind != "run":
        return _recorded(network.entry.folder, network.mark, network.model.config.model.variant)
    store = Store()
    try:
        return read_so_far(store, store.get(network.entry.name)).history.inside
    except RunError:  # Train says what is the matter
        return ()


def recorded_networks() -> list[str]:
    """The names of those that come with the app and have such a record."""
    found = []
    for entry in list_models():
        config = config_of(entry.folder, changed_at(entry.folder)) if entry.kind == "pretrained" else None
        if config is not None and _recorded(entry.folder, changed_at(entry.folder), config.model.variant):
            found.append(entry.name)
    return found


@st.cache_data(max_entries=32, show_spinner=False)
def _recorded(folder: Path, changed: tuple[float, ...], variant: str) -> tuple[Seen, ...]:
    try:
        return history(folder.name, read_history(folder, variant)).inside
    except ModelFolderError:  # Train names what is damaged
        return ()


def _looks(networks: Sequence[Network]) -> list[Look]:
    return looks_of_networks([network.model.config.model.variant for network in networks])


def curves_of(networks: Sequence[Network], found: Mapping[str, Reach]) -> list[ReachCurve]:
    """What was measured, as the picture draws it."""
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
    """What was recorded at one evaluation of each; what was no finite number is left out."""
    curves = []
    for network, look in zip(networks, _looks(networks), strict=True):
        if network.entry.name not in seen:
            continue
        inside = seen[network.entry.name][1]
        for letter, norms in inside["gradients"].items():
            finite = np.isfinite(norms)
            if finite.any():
                curves.append(
                    ReachCurve(
                        network=network.name,
                        look=look,
                        state=state(letter),
                        is_one_of_several=len(inside["gradients"]) > 1,
                        distance=np.asarray(inside["distance"])[finite],
                        norm=np.asarray(norms, np.float64)[finite],
                    )
                )
    return curves
