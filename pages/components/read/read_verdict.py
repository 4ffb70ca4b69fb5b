"""The verdict on a review, and what the author of an example means."""

import streamlit as st

from pages.components.read.class_list import list_classes
from pages.components.read.readings import Reading
from pages.components.shared.verdict_box import verdict_box
from rnn_core.figures.colours import Theme


def show_verdict(reading: Reading, text: str, theme: Theme) -> None:
    """The verdict box and, of more than two classes, all of them, each to be followed with a click.

    Under it, where the text is an example as it was written, whether it is right.
    """
    probability, steps = reading.trace.probability, len(reading.trace.logits)
    verdict_box(reading.trace, theme, aside=f"after {steps:,} time steps")
    if len(reading.trace.classes) > 2:
        list_classes(reading.trace, theme)
    examples = reading.model.config.corpus.examples
    example = next((example for example in examples if example.text == text), None)
    if example is None:
        return
    meant = "positive" if example.positive else "negative"
    if example.is_read_right(probability):
        st.caption(f"Its author means **{meant}**, and the network says so, too. {example.asks}")
    else:
        st.caption(
            f"Its author means **{meant}**: the network is **wrong** here. {example.asks} Look for the word "
            "at which its verdict goes wrong, and at what its gates do there."
        )
