"""The verdict in a word, a number and a bar."""

import html

import streamlit as st

from rnn_core.figures.colours import Theme, class_colours, ink
from rnn_core.figures.text import percent, shorten, shorten_apart
from rnn_core.inspection.trace import Trace

_LONGEST_WORD, _LONGEST_END = 48, 24
_BOX = """
<div role="img" aria-label="The network says {word}, probability {share}"
     class="gs-verdict" data-verdict="{share}{word}"
     style="--gs-ink:{ink};--gs-colour:{colour};--gs-left:{left:.2f}%;--gs-width:{width:.2f}%">
  <div class="answer">
    <bdi class="word">{word}</bdi> <span class="share">{share}</span> <span class="aside">{aside}</span>
  </div>
  <div class="bar"><div class="filled"></div>{middle}</div>
  <div class="ends"><bdi>{low}</bdi><bdi>{high}</bdi></div>
</div>
"""


def verdict_box(trace: Trace, theme: Theme, aside: str = "") -> None:
    """Show the predicted class and its probability after the last token; `aside` is our own text."""
    st.html(box_html(trace, theme, aside))


def box_html(trace: Trace, theme: Theme, aside: str = "") -> str:
    """The box as HTML, names escaped; of two classes the bar goes from the middle, of more from 0."""
    colours = class_colours([trace.classes[number] for number in trace.coloured], len(trace.classes))
    colour = colours.get(trace.label, theme.muted)
    probability = trace.probability
    if len(trace.classes) == 2:
        (low, high), middle = trace.sides, '<div class="middle"></div>'
        share, left = max(probability, 1 - probability), min(probability, 0.5)
        width = abs(probability - 0.5)
    else:
        low, high, middle = "0%", "100%", ""
        share = width = float(trace.probabilities_of_classes[-1].max())
        left = 0.0
    low, high = map(html.escape, shorten_apart((low, high), _LONGEST_END))
    return _BOX.format(
        word=html.escape(shorten(trace.label, _LONGEST_WORD)),
        share=percent(share),
        aside=aside,
        left=left * 100,
        width=width * 100,
        middle=middle,
        low=low,
        high=high,
        colour=colour,
        ink=ink(colour, theme),
    )
