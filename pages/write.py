"""Watch it write: a beginning, and what a network writes behind it, symbol by symbol."""

from functools import partial

import streamlit as st

from pages.components.read import answers
from pages.components.read.elsewhere import say_unknown
from pages.components.read.model_facts import show_facts
from pages.components.read.panels import ask_further
from pages.components.read.read_picture import choose_picture, say_what_is_shown
from pages.components.read.whats_next import show_next
from pages.components.shared import guard
from pages.components.shared.assets import current_theme, style
from pages.components.shared.choose_view import choose_layer
from pages.components.shared.equations import explain
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import load_charts
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.token_strip import SURPRISE
from pages.components.write import paper
from pages.components.write.beginning import beginning_box, pick_writer
from pages.components.write.choosing import choose_how
from pages.components.write.desk import Desk, begin, begin_held

guard.enter("pages/write.py")
theme = current_theme()
st.html(style("pages/read.py"))
with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
    st.title("Watch it write", width="content")
    says = "Type a beginning: the network writes on, from what it says comes next."
    st.caption(explained(says, "about"), width="content")
controls, sheet = st.columns([3, 7], gap="medium")
with controls.container(key="read_controls"):
    model = pick_writer()
    layer = choose_layer(model)
    beginning = beginning_box(model) if model is not None else None
if model is None or beginning is None:
    end_page()
with controls:
    say_unknown(model, beginning)
    how = choose_how()
    answer = st.container()
    show_facts(model)
    load_charts()
with sheet:
    begun = begin(model, beginning)
    if begun is None:
        end_page()
    desk = Desk(model, begun, how)
    desk.follow()
    reading = desk.reading(layer)
    held = begin_held(reading, beginning)
    paper.press_keys(desk)
    desk.write_address()
    if desk.is_writing:
        paper.watch(desk, layer, held)
    say_what_is_shown(reading.trace, model)
    strip = st.container()
    paper.show_open(desk, held)
    paper.show_others(desk)
    cursor, choice = st.columns(2, gap="medium", vertical_alignment="bottom")
    with cursor:
        time = paper.choose_place(reading, begun)
    with strip:
        answers.show_strip(reading, time, SURPRISE)
    with answer:
        show_next(reading, time, theme, how, partial(desk.branch, desk.place(reading, time)))
    with choice:
        show_picture = choose_picture(reading)
    show_picture(reading, time, theme)

ask_further(reading, time, theme)
with st.expander("How its cell computes a time step", icon=":material/function:"):
    explain(reading.trace.cell, theme)
