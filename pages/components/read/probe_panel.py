"""Panel on what a network understands: two of them and the probes, by phenomenon and pair by pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.components.read.panels import gives_verdict, panel
from pages.components.read.readings import Reading
from pages.components.read.two_models import choose_other, what_differs
from pages.components.shared import address_keys as keys
from pages.components.shared.assets import component
from pages.components.shared.choose_view import kept_choice
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.model_picker import model_names
from pages.components.shared.panel_chart import panel_chart
from pages.components.shared.probe_answers import (
    ProbeAnswers,
    choose_probe_set,
    probe_answers,
    show_what_is_shared,
)
from pages.components.shared.read_links import UNDERSTANDING
from pages.components.shared.review_box import fill_in
from rnn_core.data.composed.overlap import probes_summary
from rnn_core.data.probes.pairs import TITLES, Pair, pairs, phenomena_of, texts_without_opinion
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.text import percent
from rnn_core.figures.understanding import understanding
from rnn_core.inspection.tables import probes_table
from rnn_core.models.model import KeptModel
from rnn_core.models.probing import UNDECIDED, ProbeScores

_LIST = "probe_pairs"
_pairs = component("gatescope_probe_pairs", __file__)


def list_pairs(
    scores: Mapping[str, ProbeScores], title: str, read: str, theme: Theme, *, height: int
) -> None:
    """Pairs with the answers of networks, in `height` pixels at most; `read` is the text of the page."""

    def answer(scores: ProbeScores, row: int, place: int) -> dict[str, Any]:
        share = float(scores.probabilities[row, place])
        return {
            "share": percent(share),
            "verdict": "positive" if share > 0.5 else "negative",
            "isRight": bool(scores.right[row, place]),
        }

    pairs: list[list[dict[str, Any]]] = [
        [
            {"text": text, "label": label, "answers": [answer(one, row, place) for one in scores.values()]}
            for place, (text, label) in enumerate([(pair.positive, "positive"), (pair.negative, "negative")])
        ]
        for row, pair in enumerate(next(iter(scores.values())).pairs)
    ]
    sentences = {sentence["text"] for pair in pairs for sentence in pair}

    def take() -> None:
        chosen = st.session_state[_LIST]["sentence"]
        if chosen in sentences:
            fill_in(chosen)

    _pairs(
        key=_LIST,
        data={
            "label": f"Pairs of sentences: {title}",
            "names": list(scores),
            "pairs": pairs,
            "read": read,
            "reader": "token_strip",  # what a chosen sentence brings into sight
            "height": height,
            "colours": {
                "muted": theme.muted,
                "grid": theme.grid,
                "positive": ink(POSITIVE, theme),
                "negative": ink(NEGATIVE, theme),
            },
        },
        on_sentence_change=take,
    )


AT_FIRST = "but"


@panel(
    UNDERSTANDING, "Which negations, comparisons and turns with “but” does it get right?", needs=gives_verdict
)
def show_probes(reading: Reading, time: int, theme: Theme) -> None:
    """The network that reads and another one, side by side; a sentence that is chosen is read by the page."""
    if not reading.model.config.corpus.of_films:
        st.info(
            "These sentences are opinions about films. They ask nothing of a network that learned from "
            f"{literal(reading.model.config.data)}: choose one that learned from reviews to see its answers."
        )
        return

    def take_row(key: object) -> None:
        if key in TITLES:
            st.session_state[keys.PHENOMENON] = key

    def ask(model: KeptModel) -> ProbeAnswers:
        return probe_answers(model.folder, probes, lambda: model)

    about = st.container()
    picture, sentences = st.columns([6, 7], gap="medium")
    with picture:
        beside, which = st.columns(2, gap="medium")
    with beside:
        other = choose_other(reading, "It answers the same sentences.")
    with which:
        probes = choose_probe_set()
    with sentences:
        titles = phenomena_of(probes)
        phenomenon = kept_choice(
            "Phenomenon",
            titles,
            keys.PHENOMENON,
            keys.PHENOMENON,
            lambda: AT_FIRST if AT_FIRST in titles else next(iter(titles)),
            format_func=titles.__getitem__,
            help="Which pairs are listed. A click on a row of the picture chooses it, too.",
        )
    about.caption(explained(what_is_asked(pairs(probes), probes), "probes"))
    networks = [model for model in (reading.model, other) if model is not None]
    with st.spinner("Letting it read the pairs of sentences"):
        answers = dict(zip(model_names(networks), map(ask, networks), strict=True))
    scores = {name: one.scores for name, one in answers.items()}
    figure = understanding(scores, phenomenon, theme)
    with picture:
        shares = ", ".join(f"{network} {one.whole_pairs:.0%}" for network, one in scores.items())
        panel_chart(
            figure,
            key="probes",
            alt=f"Shares of sentences and of pairs that are right, by phenomenon. Of all pairs: {shares}.",
            table=lambda: probes_table(scores),
            saved_as=f"gatescope-{reading.model.name}-probes-{probes}",
            on_point=take_row,
        )
        st.markdown(" ".join(what_it_understands(name, one) for name, one in scores.items()))
        undecided = {name: one.undecided for name, one in answers.items()}
        st.markdown(undecided_sentence(undecided, len(texts_without_opinion(probes))))
        if other is not None:
            st.caption(what_differs([*scores], [model.config for model in networks]))
        show_what_is_shared()
    with sentences:
        st.markdown(f"Choose a sentence, and **{literal(next(iter(scores)))}** reads it above.")
        of_phenomenon = {name: one.phenomenon(phenomenon) for name, one in scores.items()}
        list_pairs(of_phenomenon, TITLES[phenomenon], reading.text, theme, height=figure.layout.height)


def what_is_asked(pairs: Sequence[Pair], probes: str) -> str:
    """Say where the pairs come from, what is right, and what counting words can't do."""
    in_order = sum(pair.differs_in_order_alone for pair in pairs)
    return (
        "Pairs of sentences that differ in little and in their verdict, written for this project in the "
        f"manner of CheckList (Ribeiro et al., 2020). {probes_summary(probes)} A sentence is right where its "
        "verdict gets more than 50%, a pair where both its sentences are right. In "
        f"{in_order:,} of the {len(pairs):,} pairs both sentences have the same words in another order: "
        "counting words can't set these apart."
    )


def what_it_understands(name: str, scores: ProbeScores) -> str:
    """Say how many of all pairs a network gets right, and the phenomena at which it is best and worst."""
    right = scores.right_pairs
    sentence = (
        f"**{literal(name)}** gets {scores.sentences:.0%} of the sentences and {scores.whole_pairs:.0%} of "
        f"the pairs right ({right.sum():,} of {len(right):,})"
    )
    by_title = {title: scores.phenomenon(key) for key, title in scores.phenomena.items()}
    shares = [some.whole_pairs for some in by_title.values()]
    if min(shares) == max(shares):
        return f"{sentence}, the same share at every phenomenon."
    return f"{sentence}: best at {_titles(by_title, max(shares))}, worst at {_titles(by_title, min(shares))}."


def _titles(by_title: Mapping[str, ProbeScores], share: float) -> str:
    """The phenomena of which this share of the pairs is right."""
    (title, some), *others = ((title, some) for title, some in by_title.items() if some.whole_pairs == share)
    if others:
        noun = "other" if len(others) == 1 else "others"
        return f"*{title}* and {len(others)} {noun} ({share:.0%} of the pairs of each)"
    return f"*{title}* ({some.right_pairs.sum()} of {len(some.pairs)} pairs)"


def undecided_sentence(undecided: Mapping[str, float | None], texts: int) -> str:
    """Say how many texts without an opinion each network, by name, leaves undecided; "" without any."""
    low, high = UNDECIDED
    answered = [(name, share) for name, share in undecided.items() if share is not None]
    if not answered:
        return ""
    (name, share), *others = answered
    sentence = (
        f"Of {texts} texts without an opinion **{literal(name)}** leaves **{share * texts:.0f}** undecided, "
        f"between {low:.0%} and {high:.0%} positive"
    )
    more = "".join(f"; **{literal(name)}** leaves **{share * texts:.0f}**" for name, share in others)
    return f"{sentence}{more}."
