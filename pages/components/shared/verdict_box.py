"""The verdict in a word, a number and a bar."""

import streamlit as st

from pages.components.shared.assets import style
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.text import percent

_BOX = """
<div role="img" aria-label="The network says {word}, probability {share}"
     class="gs-verdict" data-verdict="{share}{word}"
     style="--gs-ink:{ink};--gs-colour:{colour};--gs-left:{left:.2f}%;--gs-width:{width:.2f}%">
  <div class="answer">
    <span class="word">{word}</span> <span class="share">{share}</span> <span class="aside">{aside}</span>
  </div>
  <div class="bar"><div class="filled"></div><div class="middle"></div></div>
  <div class="ends"><span>negative</span><span>positive</span></div>
</div>
"""


def verdict_box(probability: float, theme: Theme, aside: str = "") -> None:
    """Show the probability (0 to 1) of a positive review; `aside` is our own text, never a user's."""
    positive = probability > 0.5
    colour = POSITIVE if positive else NEGATIVE
    st.html(
        style(__file__, muted=theme.muted, grid=theme.grid, text=theme.text)
        + _BOX.format(
            word="positive" if positive else "negative",
            share=percent(max(probability, 1 - probability)),
            aside=aside,
            left=min(probability, 0.5) * 100,
            width=abs(probability - 0.5) * 100,
            colour=colour,
            ink=ink(colour, theme),
        )
    )
