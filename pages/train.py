"""Pick a network, train it, and watch its curves grow."""

import streamlit as st

from pages.components.shared import corpora, guard, settings
from pages.components.shared.cost import show_cost
from pages.components.shared.data_source import data_source
from pages.components.shared.format import literal
from pages.components.shared.live_chart import load_charts
from pages.components.shared.settings_form import main_controls, more_controls, preset_control
from pages.components.train.comparison import show_comparison
from pages.components.train.disk import show_disk
from pages.components.train.failures import failures_button
from pages.components.train.first_picture import show_first_picture
from pages.components.train.next_run import compare_with_form, title_form
from pages.components.train.run_choice import choose_run, runs_beside, shown_run
from pages.components.train.run_list import show_run_list, take_in_a_run
from pages.components.train.run_panel import run_panel
from pages.components.train.run_results import show_results
from pages.components.train.start import start_button
from pages.components.train.store_warnings import show_trouble
from pages.components.train.unreadable import show_all_unreadable
from rnn_core.errors import ConfigError, RunError
from rnn_core.runs.store import Store

guard.enter("pages/train.py")

st.title("Train a network")
st.caption("Pick what it reads and how it remembers, start, and watch it learn on this machine.")

store = Store()
with st.container():  # What comes and goes has a place of its own, so that what is open below stays open.
    show_trouble(store)
    settings.begin(corpora.usual_data())
    if refused := settings.refused():
        st.warning(f"The address asks for what can't be. {' '.join(refused)}", icon=":material/link_off:")

presets, cost, start = st.columns([23, 19, 10], gap="medium", vertical_alignment="bottom")
with presets.container(horizontal=True, vertical_alignment="bottom"):
    preset_control()
    failures_button(store)
controls, picture = st.columns([3, 7], gap="medium")
with controls:
    title_form()
    main_controls()
    below_form = st.container()
with st.expander("More settings", icon=":material/tune:"):
    more_controls()
settings.write_address()

config = None
try:
    config = settings.current_config()
except ConfigError as error:
    st.error(literal(str(error)), icon=":material/block:")

with picture:
    load_charts()
    with st.container():
        ready = config is not None and data_source(config.corpus)
    if config is not None and ready:
        with start:
            start_button(store, config)
    try:
        runs = store.runs()
    except RunError as error:
        st.error(literal(str(error)))
        st.stop()
    run = shown_run(runs)
    if run is None:
        show_first_picture()
    else:
        beside = runs_beside(runs, run)
        run_panel(store, run, beside)
        choose_run(store, runs, run)
        show_comparison(store, [run, *beside])
        with below_form:
            compare_with_form(run, config)

with st.container():
    if run is not None and run.scores:
        show_results(store, run)
    show_all_unreadable(store)
if runs:
    show_run_list(store, runs)
take_in_a_run(store)
show_disk(store)
if config is not None:
    with cost.container(height=56, border=False):
        show_cost(config)
