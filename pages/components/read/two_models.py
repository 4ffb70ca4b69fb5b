"""Two models on one review: the same words, another memory."""

import numpy as np
import streamlit as st

from pages.components.read.other_model import choose_other
from pages.components.read.readings import Reading, read
from pages.components.shared.format import literal
from pages.components.shared.panel_chart import panel_chart
from rnn_core.figures.colours import Theme
from rnn_core.figures.pairs import two_readings
from rnn_core.figures.text import percent
from rnn_core.inspection.tables import two_models_table
from rnn_core.inspection.what_if import by_token, times_of_tokens


def show_two_models(reading: Reading, text: str, time: int, theme: Theme) -> None:
    """Pick another model and lay its verdicts over those of the first, token by token of the text."""
    model = choose_other(
        reading, "It reads the same text, with its own vocabulary and its own maximum length."
    )
    if model is None:
        return
    other = read(model, text)
    both = (reading.trace, other.trace)
    names = (reading.model.name, model.name)
    tokens = reading.trace.review.tokens
    at = np.flatnonzero(times_of_tokens(reading.trace.review) == time)
    st.markdown(
        f"**{literal(names[0])}** ends at **{percent(both[0].probability)}** positive, "
        f"**{literal(names[1])}** at **{percent(both[1].probability)}**."
    )
    panel_chart(
        two_readings(
            labels=tokens,
            names=names,
            probabilities=[by_token(trace.review, trace.probabilities) for trace in both],
            norms=[by_token(trace.review, np.linalg.norm(trace.arrays["h"], axis=1)) for trace in both],
            apart=None,
            cursor=int(at[0]) if len(at) else None,
            theme=theme,
        ),
        key="two_models_chart",
        alt=f"Verdicts of {names[0]} and {names[1]} after each word.",
        table=lambda: two_models_table(both, names),
        saved_as=f"gatescope-{reading.model.name}-two-models",
    )
