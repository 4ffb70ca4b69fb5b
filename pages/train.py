"""Pick a network, train it, and watch its curves grow."""

import streamlit as st

from pages.components.shared import guard
from pages.components.shared.begun_here import keep_begun
from pages.components.shared.cost import show_cost
from pages.components.shared.data_source import data_source
from pages.components.shared.live_chart import load_charts
from pages.components.shared.own_cell import say_of_cell
from pages.components.train.disk import show_all_unreadable, show_disk, show_store_warnings
from pages.components.train.form import begin_form, show_form
from pages.components.train.run_choice import runs_or_stop, shown_run
from pages.components.train.run_list import show_run_list, take_in_a_run
from pages.components.train.run_panel import show_first_picture, show_run_view
from pages.components.train.run_results import show_results
from pages.components.train.start import show_problem, start_button
from rnn_core.runs.store import Store

guard.enter("pages/train.py")

st.title("Train a network")
st.caption("Pick what it reads and how it remembers, start, and watch it learn on this machine.")

store = Store()
with st.container():  # What comes and goes has a place of its own, so that what is open below stays open.
    show_problem()
    show_store_warnings(store)
    begin_form()
form = show_form(store)
config = form.config

with form.picture:
    load_charts()
    with st.container():
        ready = config is not None and data_source(config.corpus)
    if config is not None and ready:
        with form.start:
            start_button(store, config)
    runs = runs_or_stop(store)
    run = shown_run(runs)
    if run is None:
        show_first_picture()
    else:
        show_run_view(store, runs, run, config)
        say_of_cell(run.config, store.folder(run.id))

with st.container():
    if run is not None and run.scores:
        show_results(store, run)
    show_all_unreadable(store)
if runs:
    show_run_list(store, runs)
take_in_a_run(store)
show_disk(store)
keep_begun()
if config is not None:
    with form.cost:
        show_cost(config)
