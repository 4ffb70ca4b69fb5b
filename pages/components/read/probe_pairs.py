"""Pairs of probes, each sentence with the answers of networks; a click lets the page read it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.components.shared.assets import component
from pages.components.shared.review_box import fill_in
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.text import percent
from rnn_core.models.probing import ProbeScores

_LIST, _READER = "probe_pairs", "token_strip"
"""Keys of elements: the list, and what it brings into sight when a sentence is chosen."""

_pairs = component("gatescope_probe_pairs", __file__)


def list_pairs(
    scores: Mapping[str, ProbeScores], title: str, read: str, theme: Theme, *, height: int
) -> None:
    """Pairs with the answers of networks, in `height` pixels at most; `read` is the text of the page."""
    pairs = _pairs_in_words(scores)
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
            "reader": _READER,
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


def _pairs_in_words(scores: Mapping[str, ProbeScores]) -> list[list[dict[str, Any]]]:
    """The two sentences of each pair."""
    asked = next(iter(scores.values())).pairs
    return [
        [
            {"text": text, "label": label, "answers": [_answer(one, row, place) for one in scores.values()]}
            for place, (text, label) in enumerate([(pair.positive, "positive"), (pair.negative, "negative")])
        ]
        for row, pair in enumerate(asked)
    ]


def _answer(scores: ProbeScores, row: int, place: int) -> dict[str, Any]:
    share = float(scores.probabilities[row, place])
    return {
        "share": percent(share),
        "verdict": "positive" if share > 0.5 else "negative",
        "isRight": bool(scores.right[row, place]),
    }
