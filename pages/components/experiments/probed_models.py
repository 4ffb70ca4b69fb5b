"""Who answered the probes: every network that comes with the app, and the baselines that count words."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from pages.components.shared.format import literal
from pages.components.shared.probe_answers import probe_answers
from rnn_core.baselines.scores import read_baselines
from rnn_core.config.words import recipes_apart
from rnn_core.errors import BaselineError, ModelFolderError, OverflowedError
from rnn_core.models.catalogue import ModelEntry, list_models
from rnn_core.models.folder import read_config
from rnn_core.models.model import Model
from rnn_core.progress import RateLimit
from rnn_core.sweeps.findings.understanding import Understood

_REVIEWS = "imdb"
"""Whose baselines answered the probes."""
_PATIENCE = 0.3
"""Seconds before a bar says how far it is."""


def probed_networks(probes: str) -> list[Understood]:
    """The networks that can be read, from the least understanding to the most; a sentence on any other."""
    pretrained = [entry for entry in list_models() if entry.kind == "pretrained"]
    place, is_slow, found = st.empty(), RateLimit(_PATIENCE, from_now=True), []
    for done, entry in enumerate(pretrained):
        if is_slow():
            place.progress(done / len(pretrained), f"{done:,} of {len(pretrained):,} networks have answered")
        if (answered := _answer_of(entry, probes)) is not None:
            found.append(answered)
    place.empty()
    return sorted(found, key=lambda one: (one.shares.all.pairs_right, one.name))


def probed_baselines(probes: str) -> Mapping[str, Understood]:
    """Returns what baselines answer, by name; empty where none was asked, or the file is damaged."""
    try:
        baselines = read_baselines(_REVIEWS)
    except BaselineError as error:
        st.warning(literal(str(error)))
        return {}
    asked = {one.name: (one.title, one.probes(probes)) for one in baselines}
    return {name: Understood(title, shares) for name, (title, shares) in asked.items() if shares is not None}


def recipes_of(networks: Sequence[Understood]) -> str:
    """A sentence where their recipes differ, so that what they understand does not compare their cells."""
    folders = {entry.name: entry.folder for entry in list_models()}
    return recipes_apart([read_config(folders[network.name]) for network in networks])


def _answer_of(entry: ModelEntry, probes: str) -> Understood | None:
    try:
        answers = probe_answers(entry.folder, probes, partial(Model.load, entry.folder))
        composed = read_config(entry.folder).training.composed > 0
    except ModelFolderError as error:
        st.error(literal(f"{error} The others have answered."), icon=":material/broken_image:")
        return None
    except OverflowedError as error:
        st.error(literal(f"{entry.name}: {error} The others have answered."), icon=":material/error:")
        return None
    return Understood(entry.name, answers.scores.shares(answers.undecided), composed)
