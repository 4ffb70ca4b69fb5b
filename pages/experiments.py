"""Questions about text and networks, answered by many runs: those that come with the app, and one's own."""

import streamlit as st

from pages.components.experiments.sweep_form import ask_your_own
from pages.components.experiments.sweep_picker import UNSWEPT, describe, pick_question, sweep_of
from pages.components.experiments.sweep_picture import show_sweep
from pages.components.shared import guard
from pages.components.shared.assets import current_theme
from pages.components.shared.live_chart import load_charts

guard.enter("pages/experiments.py")

st.title("What makes a network better?")
st.caption("Pick a question and see what many runs answered, or vary a setting yourself.")
question, shown = st.columns([4, 5], gap="medium")
with question:
    name = pick_question()
    sweep = sweep_of(name)
    describe(name, sweep)
theme, asks_where = current_theme(), False
if name in UNSWEPT:
    UNSWEPT[name].show(shown, theme)
elif sweep is not None:
    asks_where = show_sweep(sweep, shown, theme)
load_charts()
ask_your_own(sweep, asks_where=not asks_where)
