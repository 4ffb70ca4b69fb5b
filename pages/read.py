"""Watch it read: a review, and everything a network knew at each of its words."""

import streamlit as st

from pages.components import guard
from pages.components.equations import explain
from pages.components.look import current_look
from pages.components.model_picker import pick_model, show_facts
from pages.components.review_box import review_box
from pages.components.token_strip import chips, labels, token_strip
from pages.components.variants import variant_of
from pages.components.verdict_box import verdict_box
from pages.components.words import literal
from rnn_core.figures.colours import symbol, symbols
from rnn_core.figures.layout import SHOW_CONFIG
from rnn_core.figures.reading import reading
from rnn_core.inspection.trace import EmptyReviewError, trace

guard.enter("pages/read.py")

look = current_look()

st.title("Watch it read")
st.caption("Pick a network, type a review, and follow what it made of every word.")
controls, picture = st.columns([3, 7], gap="medium")

with controls:
    model = pick_model()
    text = review_box() if model is not None else None
if model is None or text is None:
    st.stop()

try:
    read = trace(model, text)
except EmptyReviewError as error:
    picture.warning(literal(str(error)))
    st.stop()

strip = chips(read)
with controls:
    steps = len(read.review.window)
    verdict_box(read.probability, look, aside=f"after {steps:,} time steps")
    with st.expander("About this model", icon=":material/info:"):
        show_facts(model)

with picture:
    token_strip(strip, look)
    letters = [known.letter for known in symbols(read.cell)]
    shown = st.segmented_control(
        "Units shown in the heat map",
        letters,
        default=letters[0],
        required=True,
        format_func=lambda letter: (
            "1 − h²" if letter == "slope" else f"{letter}  {symbol(read.cell, letter).name}"
        ),
        key=f"shown_{read.cell}",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.plotly_chart(
        reading(
            cell=read.cell,
            labels=labels(strip),
            arrays=read.arrays,
            probabilities=read.probabilities,
            shown=shown,
            look=look,
        ),
        theme=None,
        config=SHOW_CONFIG,
        key="reading",
        alt=f"Verdict, norms, gates and units of {shown} over {steps} time steps; the verdict ends "
        f"at {read.probability:.0%} positive.",
    )

with st.expander("What the gates do", icon=":material/function:", expanded=True):
    explain(read.cell, read.reset, look)
    st.page_link(
        "pages/cells.py",
        label="Follow one unit through one time step",
        icon=":material/arrow_forward:",
        query_params={"variant": variant_of(read.cell, read.reset), "model": model.name},
    )
