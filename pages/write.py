"""Watch it write: a beginning, and what a network writes behind it, symbol by symbol."""

from functools import partial

import streamlit as st

from pages.components.read import answers
from pages.components.read.model_facts import show_facts
from pages.components.read.panels import ask_further
from pages.components.read.read_picture import choose_picture
from pages.components.read.whats_next import show_next
from pages.components.shared import guard
from pages.components.shared.assets import current_theme, style
from pages.components.shared.equations import explain
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import load_charts
from pages.components.shared.token_strip import SURPRISE
from pages.components.write.beginning import choose_writing
from pages.components.write.paper import choose_place, lay_out

guard.enter("pages/write.py")
theme = current_theme()
st.html(style("pages/read.py"))
with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
    st.title("Watch it write", width="content")
    says = (
        "Type a beginning: the network writes on. What it writes is made up, even where it names real people."
    )
    st.caption(explained(says, "about"), width="content")
controls, sheet = st.columns([3, 7], gap="medium")
with controls.container(key="read_controls"):
    model, layer, beginning, how = choose_writing()
    answer = st.container()
    show_facts(model)
    load_charts()
with sheet:
    desk, reading, strip = lay_out(model, layer, beginning, how)
    cursor, choice = st.columns(2, gap="medium", vertical_alignment="bottom")
    with cursor:
        time = choose_place(desk, reading)
    with strip:
        answers.show_strip(reading, time, SURPRISE)
    with answer:
        branch = None if how.beam else partial(desk.branch, reading.since + time)
        drawn_by = None if how.beam else how
        show_next(reading, time, theme, drawn_by, branch, desk.why_full(reading.since + time))
    with choice:
        show_picture = choose_picture(reading)
    show_picture(reading, time, theme)

ask_further(reading, time, theme)
with st.expander("How its cell computes a time step", icon=":material/function:"):
    explain(reading.trace.cell, theme)
