"""Questions about text and networks, answered by many runs: those that come with the app, and one's own."""

import streamlit as st

from pages.components import guard
from pages.components.live_chart import load_charts
from pages.components.look import current_look
from pages.components.sweep_form import ask_your_own
from pages.components.sweep_picker import pick_sweep
from pages.components.sweep_picture import show_sweep
from pages.components.sweep_work import show_work

guard.enter("pages/experiments.py")

st.title("What makes a network better?")
st.caption("Pick a question and see what many runs answered, or vary a setting yourself.")
controls, picture = st.columns([3, 7], gap="medium")

with controls:
    sweep = pick_sweep()
    if sweep is not None:
        show_work(sweep)
    load_charts()

with picture:
    if sweep is not None:
        show_sweep(sweep, current_look())

ask_your_own()
