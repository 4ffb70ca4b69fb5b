"""Watch it read: a text, and everything a network knew at each of its words."""

import streamlit as st

from pages.components.read import answers
from pages.components.read.elsewhere import say_where_it_belongs
from pages.components.read.model_facts import show_facts
from pages.components.read.panels import ask_further
from pages.components.read.read_picture import choose_picture, say_what_is_shown
from pages.components.shared import guard
from pages.components.shared.assets import current_theme, style
from pages.components.shared.choose_view import choose_layer
from pages.components.shared.equations import explain
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import load_charts
from pages.components.shared.model_picker import pick_model
from pages.components.shared.review_box import review_box
from pages.components.shared.streamlit_private import end_page
from pages.components.shared.token_strip import choose_token

guard.enter("pages/read.py")
theme = current_theme()
st.html(style(__file__))  # title and sentence on one line, since the picture needs the height
with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
    st.title("Watch it read", width="content")
    about = st.empty()
controls, picture = st.columns([3, 7], gap="medium")
with controls.container(key="read_controls"):
    model = pick_model()
    about.caption(explained(answers.say_what_is_seen(model), "about"), width="content")
    layer = choose_layer(model)
    text = review_box(model.config.corpus, model.config.tokens) if model is not None else None
if model is None or text is None:
    end_page()
with controls:
    say_where_it_belongs(model, text)
    answer = st.container()
    show_facts(model)
    load_charts()
with picture:
    reading = answers.read_and_follow(model, text, layer)
    say_what_is_shown(reading.trace, model)
    strip = st.container()
    cursor, colouring, choice = st.columns([6, 6, 12], gap="medium", vertical_alignment="bottom")
    with cursor:
        time = choose_token(model, reading.trace, text)
    with colouring:
        effect = answers.choose_colouring(reading)
    with strip:
        answers.show_strip(reading, time, effect)
    with answer:
        answers.show_answer(reading, time, theme)
    with choice:
        show_picture = choose_picture(reading)
    show_picture(reading, time, theme)

ask_further(reading, time, theme)
with st.expander("How its cell computes a time step", icon=":material/function:"):
    explain(reading.trace.cell, theme)
