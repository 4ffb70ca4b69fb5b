"""Watch it read: a review, and everything a network knew at each of its words."""

import streamlit as st

from pages.components.read.cursor_strip import cursor_strip
from pages.components.read.read_panels import ask_further
from pages.components.read.read_picture import show_heard, show_inside
from pages.components.read.readings import read
from pages.components.read.title_line import title_line
from pages.components.shared import guard
from pages.components.shared.equations import explain
from pages.components.shared.format import literal
from pages.components.shared.live_chart import load_charts
from pages.components.shared.model_picker import pick_model, show_facts
from pages.components.shared.review_box import review_box
from pages.components.shared.theme import current_theme
from pages.components.shared.token_choice import choose_effect, choose_token
from pages.components.shared.token_strip import OCCLUSION, chips, labels
from pages.components.shared.verdict_box import verdict_box
from rnn_core.errors import EmptyReviewError

INSIDE, HEARS = "What goes on inside", "What the verdict hears"

guard.enter("pages/read.py")

theme = current_theme()

title_line("Watch it read", "Pick a network, type a review, and follow what it made of every word.")
controls, picture = st.columns([3, 7], gap="medium")

with controls:
    model = pick_model()
    text = review_box(model.config.data) if model is not None else None
if model is None or text is None:
    st.stop()

try:
    reading = read(model, text)
except EmptyReviewError as error:
    picture.warning(literal(str(error)))
    st.stop()

trace = reading.trace
names = labels(chips(trace))
with controls:
    verdict_box(trace.probability, theme, aside=f"after {len(names):,} time steps")
    with st.expander("About this model", icon=":material/info:"):
        show_facts(model)
    load_charts()

with picture:
    if model.config.model.bidirectional:
        st.caption(
            "This network reads in both directions. Shown is the cell that reads forwards; the verdict hears "
            "both, and after each token both have read just that much."
        )
    strip_place = st.container()
    cursor, colouring, view = st.columns([6, 6, 12], gap="medium", vertical_alignment="bottom")
    with cursor:
        time = choose_token(trace, text)
    with colouring:
        effect = choose_effect()
    with strip_place:
        effects = -reading.occlusion if effect == OCCLUSION else None
        cursor_strip(chips(trace, effects), time, theme, "token", height=156, effect=effect)
    chosen = view.segmented_control(
        "Picture",
        (INSIDE, HEARS),
        default=INSIDE,
        required=True,
        key="read_view",
        persist_state="session",
        label_visibility="collapsed",
    )
    if chosen == INSIDE:
        show_inside(reading, names, time, theme)
    else:
        show_heard(reading, names, time, theme)

ask_further(reading, text, names, time, theme)

with st.expander("What the gates do", icon=":material/function:"):
    explain(trace.cell, trace.reset, theme)
