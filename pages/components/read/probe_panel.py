"""What does it understand? Two networks and the probes, phenomenon by phenomenon and pair by pair."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.read.other_model import choose_other
from pages.components.read.probe_pairs import list_pairs
from pages.components.read.probe_words import what_is_asked, what_it_understands, without_opinion
from pages.components.read.readings import Reading
from pages.components.read.what_differs import what_differs
from pages.components.shared import address
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import model_names
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.probe_answers import ProbeAnswers, probe_answers
from rnn_core.config.run import is_built_in
from rnn_core.data.probes.pairs import DEVELOPMENT, HALVES, PHENOMENA, REPORTED, pairs, texts_without_opinion
from rnn_core.figures.colours import Theme
from rnn_core.figures.understanding import understanding
from rnn_core.inspection.tables import probes_table
from rnn_core.models.folder import LoadedModel
from rnn_core.models.probing import ProbeScores

_HALF, _PHENOMENON = "probes_half", "phenomenon"
_AT_FIRST = "negation"


def show_probes(reading: Reading, text: str, theme: Theme) -> None:
    """The network that reads and another one, side by side; a sentence that is chosen is read by the page."""
    if not is_built_in(reading.model.config.data):
        st.info(
            "These sentences are opinions about films. They ask nothing of a network that learned from "
            f"{literal(reading.model.config.data)}: choose one that learned from reviews to see its answers."
        )
        return
    about = st.container()
    picture, sentences = st.columns([6, 7], gap="medium")
    with picture:
        beside, which = st.columns(2, gap="medium")
    with beside:
        other = choose_other(reading, "It answers the same sentences.")
    with which:
        half = _choose_half()
    with sentences:
        phenomenon = _choose_phenomenon()
    about.caption(explained(what_is_asked(pairs(half), half), "probes"))
    networks = [model for model in (reading.model, other) if model is not None]
    with st.spinner("Letting it read the pairs of sentences"):
        answers = dict(zip(model_names(networks), (_answers(model, half) for model in networks), strict=True))
    scores = {name: one.scores for name, one in answers.items()}
    figure = understanding(scores, phenomenon, theme)
    with picture:
        _show_picture(figure, scores, half, reading.model.name)
        st.markdown(" ".join(what_it_understands(name, one) for name, one in scores.items()))
        open_texts = {name: one.undecided for name, one in answers.items()}
        st.markdown(without_opinion(open_texts, len(texts_without_opinion(half))))
        if other is not None:
            st.caption(what_differs([*scores], [model.config for model in networks]))
    with sentences:
        st.markdown(f"Choose a sentence, and **{literal(next(iter(scores)))}** reads it above.")
        of_phenomenon = {name: one.of(phenomenon) for name, one in scores.items()}
        list_pairs(of_phenomenon, PHENOMENA[phenomenon], text, theme, height=figure.layout.height)


def _answers(model: LoadedModel, half: str) -> ProbeAnswers:
    return probe_answers(model.folder, half, lambda: model)


def _choose_half() -> str:
    address.follow(_HALF, _HALF, HALVES, lambda: REPORTED)
    half = str(
        st.segmented_control(
            "Half of the pairs",
            [REPORTED, DEVELOPMENT],
            required=True,
            key=_HALF,
            persist_state="session",
            help="The halves have different authors, other words and other patterns. Settings of networks "
            "are chosen on the development half alone, so the reported half says how far what was learned "
            "reaches.",
        )
    )
    address.write(_HALF, _HALF, half)
    return half


def _choose_phenomenon() -> str:
    address.follow(_PHENOMENON, _PHENOMENON, PHENOMENA, lambda: _AT_FIRST)
    chosen = st.selectbox(
        "Phenomenon",
        list(PHENOMENA),
        format_func=PHENOMENA.__getitem__,
        key=_PHENOMENON,
        persist_state="session",
        help="Which pairs are listed. A click on a row of the picture chooses it, too.",
    )
    address.write(_PHENOMENON, _PHENOMENON, chosen)
    return chosen


def _show_picture(figure: Any, scores: Mapping[str, ProbeScores], half: str, name: str) -> None:
    shares = ", ".join(f"{network} {one.whole_pairs:.0%}" for network, one in scores.items())
    panel_chart(
        figure,
        key="probes",
        alt=f"Shares of sentences and of pairs that are right, by phenomenon. Of all pairs: {shares}.",
        table=lambda: probes_table(scores),
        saved_as=f"gatescope-{name}-probes-{half}",
        on_point=_take_row,
    )


def _take_row(key: object) -> None:
    if key in PHENOMENA:
        st.session_state[_PHENOMENON] = key
