"""Moments of reviews in a list: each in its words, with its number and the label of its review."""

import html
from collections.abc import Sequence

import streamlit as st

from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.inspection.moments import Moment, context
from rnn_core.models.folder import LoadedModel


def list_moments(
    model: LoadedModel, corpus: Corpus, moments: Sequence[Moment], number: str, theme: Theme
) -> None:
    """A line each; `number` is how its value is written. What reviews say is escaped."""
    lines = []
    for moment in moments:
        words = context(model, corpus, moment)
        colour = ink(POSITIVE if moment.label == "positive" else NEGATIVE, theme)
        before = html.escape(("… " if words.goes_on_before else "") + " ".join(words.before))
        after = html.escape(" ".join(words.after) + (" …" if words.goes_on_after else ""))
        lines.append(
            f'<div style="display:flex;gap:.8rem;align-items:baseline;font-size:.92rem;line-height:1.7">'
            f'<span style="font-variant-numeric:tabular-nums;min-width:3rem;text-align:right">'
            f"{number.format(moment.value)}</span>"
            f'<span style="color:{colour};min-width:4.4rem">{moment.label}</span>'
            f'<span style="color:{theme.muted}">{before} <b style="color:{theme.text}">'
            f"{html.escape(words.word)}</b> {after}</span></div>"
        )
    st.html("".join(lines))
