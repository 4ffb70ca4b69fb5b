"""Moments of reviews in a list: each in its words, with its number and the label of its review."""

import html
from collections.abc import Sequence

import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared.assets import style
from pages.components.shared.token_strip import direction_of
from rnn_core.data.corpus import Corpus
from rnn_core.figures.colours import Theme, class_colours, ink
from rnn_core.figures.text import shorten
from rnn_core.inspection.moments import Moment, context
from rnn_core.text.tokenizer import spelled

_LONGEST_NAME = 20
_AROUND = {"word": 6, "character": 16}
"""Tokens shown on either side."""


def list_moments(
    reading: Reading, corpus: Corpus, moments: Sequence[Moment], number: str, theme: Theme
) -> None:
    """A line each; `number` is how its value is written. What texts and names of classes say is escaped."""
    trace = reading.trace
    colours = class_colours([trace.classes[number] for number in trace.in_sight], len(trace.classes))
    names = {moment.label: shorten(moment.label, _LONGEST_NAME) for moment in moments}
    longest = max(map(len, names.values()), default=0)
    lines, rules = [], reading.model.config.tokens
    gap = " " if reading.unit == "word" else ""
    for moment in moments:
        words = context(reading.model, corpus, moment, _AROUND[reading.unit])
        colour = ink(colours.get(moment.label, theme.muted), theme)
        before = html.escape(("… " if words.goes_on_before else "") + spelled(words.before, rules))
        after = html.escape(spelled(words.after, rules) + (" …" if words.goes_on_after else ""))
        towards = direction_of([corpus.text(moment.review)])
        lines.append(
            f'<div class="gs-moment" style="--gs-colour:{colour}">'
            f'<span class="value">{number.format(moment.value)}</span>'
            f'<bdi class="label">{html.escape(names[moment.label])}</bdi>'
            f'<span class="words" dir="{towards}">{before}{gap}<b>{html.escape(words.word)}</b>{gap}{after}'
            "</span></div>"
        )
    st.html(
        style(__file__, muted=theme.muted, text=theme.text, label=f"{longest * 0.55:.1f}em") + "".join(lines)
    )
