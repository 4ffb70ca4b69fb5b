"""What a network says of the probes, asked once: Read and Experiments share the answers."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.components.shared.model_picker import changed_at
from rnn_core.models.model import Model
from rnn_core.models.probing import ProbeScores, probe, undecided
from rnn_core.nn.threads import use_threads


class ProbeAnswers(NamedTuple):
    """What a network said of one set."""

    scores: ProbeScores
    undecided: float | None
    """Share of the texts without an opinion, 0 to 1; None for a set that has none."""


def probe_answers(folder: Path, name: str, load: Callable[[], Model]) -> ProbeAnswers:
    """Those of the network in a folder; `load` is called where it was not asked yet, and may raise."""
    return _asked(folder, changed_at(folder), name, load)


@st.cache_data(max_entries=60, show_spinner=False)
def _asked(folder: Path, changed: tuple[float, ...], name: str, _load: Callable[[], Model]) -> ProbeAnswers:
    use_threads()
    model = _load()
    return ProbeAnswers(probe(model, name), undecided(model, name))
