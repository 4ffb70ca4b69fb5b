"""Moments of reviews in a list: each in its words, with its number and the label of its review."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.components.shared.assets import style
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.inspection.moments import Moment, context
from rnn_core.models.folder import LoadedModel
from rnn_core.text.tokenizer import spelled


def list_moments(
    model: LoadedModel, corpus: Corpus, moments: Sequence[Moment], number: str, theme: Theme
) -> None:
    """A line each; `number` is how its value is written. What reviews say is escaped."""
    lines, rules = [], model.config.tokens
    for moment in moments:
        words = context(model, corpus, moment)
        colour = ink(POSITIVE if moment.label == "positive" else NEGATIVE, theme)
        before = html.escape(("… " if words.goes_on_before else "") + spelled(words.before, rules))
        after = html.escape(spelled(words.after, rules) + (" …" if words.goes_on_after else ""))
        lines.append(
            f'<div class="gs-moment" style="--gs-colour:{colour}">'
            f'<span class="value">{number.format(moment.value)}</span>'
            f'<span class="label">{moment.label}</span>'
            f'<span class="words" dir="auto">{before} <b>{html.escape(words.word)}</b> {after}</span></div>'
        )
    st.html(style(__file__, muted=theme.muted, text=theme.text) + "".join(lines))
