"""The verdict in a word, a number and a bar."""

import streamlit as st

from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink
from rnn_core.figures.text import percent

_BOX = """
<div role="img" aria-label="The network says {word}, probability {share}"
     class="gs-verdict" data-verdict="{share}{word}">
  <div style="display:flex;align-items:baseline;gap:.6rem;flex-wrap:wrap">
    <span style="font-size:1.9rem;font-weight:650;line-height:1.2;color:{ink}">{word}</span>
    <span style="font-size:1.2rem;font-variant-numeric:tabular-nums">{share}</span>
    <span style="font-size:.9rem;color:{muted}">{aside}</span>
  </div>
  <div style="position:relative;height:10px;border-radius:5px;background:{grid};margin-top:.35rem">
    <div style="position:absolute;top:0;bottom:0;left:{left:.2f}%;width:{width:.2f}%;
                background:{colour};border-radius:5px"></div>
    <div style="position:absolute;left:50%;top:-3px;bottom:-3px;width:2px;margin-left:-1px;
                background:{text}"></div>
  </div>
  <div style="display:flex;justify-content:space-between;font-size:.8rem;color:{muted}">
    <span>negative</span><span>positive</span>
  </div>
</div>
"""


def verdict_box(probability: float, theme: Theme, aside: str = "") -> None:
    """Show the probability (0 to 1) of a positive review; `aside` is our own text, never a user's."""
    positive = probability > 0.5
    colour = POSITIVE if positive else NEGATIVE
    st.html(
        _BOX.format(
            word="positive" if positive else "negative",
            share=percent(max(probability, 1 - probability)),
            aside=aside,
            left=min(probability, 0.5) * 100,
            width=abs(probability - 0.5) * 100,
            colour=colour,
            ink=ink(colour, theme),
            muted=theme.muted,
            grid=theme.grid,
            text=theme.text,
        )
    )
