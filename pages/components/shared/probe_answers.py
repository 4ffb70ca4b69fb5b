"""The probes and the answers of networks to them: one choice for Read and Experiments."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address_keys as keys
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.model_picker import changed_at
from rnn_core.data.composed.overlap import what_is_shared
from rnn_core.data.probes.pairs import DEVELOPMENT, REPORTED, SETS, STRICT, THIRD
from rnn_core.models.model import Model
from rnn_core.models.probing import ProbeScores, probe, undecided
from rnn_core.nn.threads import use_threads


class ProbeAnswers(NamedTuple):
    """The answers of a network to one set."""

    scores: ProbeScores
    undecided: float | None
    """Share of the texts without an opinion, 0 to 1; None for a set that has none."""


def probe_answers(folder: Path, name: str, load: Callable[[], Model]) -> ProbeAnswers:
    """The answers of the network in a folder; `load` is called where it was not asked yet, and may raise."""
    return _asked(folder, changed_at(folder), name, load)


@st.cache_data(max_entries=60, show_spinner=False)
def _asked(folder: Path, changed: tuple[float, ...], name: str, _load: Callable[[], Model]) -> ProbeAnswers:
    use_threads()
    model = _load()
    return ProbeAnswers(probe(model, name), undecided(model, name))


_LABELS = {
    STRICT: "Reported half, strict",
    REPORTED: "Reported half",
    THIRD: "Third set",
    DEVELOPMENT: "Development half",
}


def choose_probe_set() -> str:
    """A list of all sets of probes, kept in the address."""
    return kept_choice(
        "Pairs of sentences",
        SETS,
        keys.PROBE_SET,
        keys.PROBE_SET,
        lambda: STRICT,
        format_func=_LABELS.__getitem__,
        help="The halves have different authors, other words and other patterns; settings of networks "
        "are chosen on the development half alone. The strict part leaves out what stands near a "
        "composed sentence. The third set asks for other phenomena.",
    )


def show_what_is_shared() -> None:
    """Show, folded away, what probes and composed sentences have in common."""
    with st.expander("What probes and composed sentences share"):
        st.markdown(what_is_shared())
