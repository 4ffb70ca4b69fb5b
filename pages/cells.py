"""One time step of a cell: its equations, its numbers, its code and its speed."""

import streamlit as st

from pages.components.cells.all_cells import show_all_cells
from pages.components.cells.by_hand import show_by_hand
from pages.components.cells.chosen_cell import pick_model_of, pick_variant, show_drawing, show_formulas
from pages.components.cells.forms import show_forms, show_speed
from pages.components.cells.vanishing import show_memory_of_units, show_vanishing
from pages.components.shared import guard
from pages.components.shared.assets import current_theme
from pages.components.shared.choose_view import choose_layer
from pages.components.shared.live_chart import load_charts
from pages.components.shared.model_picker import can_give_verdict
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.review_box import review_box
from pages.components.shared.token_strip import choose_token, choose_unit
from rnn_core.inspection.one_step import one_step
from rnn_core.inspection.trace import trace
from rnn_core.symbols import CELLS

guard.enter("pages/cells.py")
load_charts()

theme = current_theme()
st.title("What happens at one time step?")
st.caption("Pick a cell and a token, and follow one unit from the state before it to the state after it.")
controls, picture = st.columns([3, 7], gap="medium")
with picture:
    cell, token = st.columns([2, 1], gap="medium")
with cell:
    name = pick_variant()
with controls:
    model = pick_model_of(name)
    layer = choose_layer(model)
    text = review_box(model.config.corpus, model.config.tokens) if model is not None else None

step = None
if model is not None and text is not None:
    with saying_why_not(picture):
        read = trace(model, text, layer=layer)
        with token:
            time = choose_token(model, read, text)
        with controls:
            unit, why = choose_unit(read, time)
        step = one_step(model, read, time, unit)
        with picture:
            show_drawing(step, read, time, why, model.config.tokens.noun, theme)

show_formulas(name, step, theme)
time_all_cells = show_all_cells(CELLS[name].kind)
show_memory_of_units(model, layer, theme)
show_by_hand(name, theme)
show_vanishing(text, theme, reads_texts=model is None or can_give_verdict(model.config))
show_forms(name)
show_speed(name, theme)
time_all_cells()
