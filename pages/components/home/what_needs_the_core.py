"""What Home shows below its first words: a network that answers, what to try, and what is ready.

Apart, since it imports torch, which takes seconds the first time; the page imports it once its title stands.
"""

import streamlit as st

from pages.components.home.answer import answer_while_typing
from pages.components.home.first_things import offer_first_things
from pages.components.home.ready import show_data, show_models, show_runs
from pages.components.shared.data_source import offer_downloads
from pages.components.shared.live_chart import load_charts
from rnn_core.models.catalogue import list_models


def show_what_needs_the_core() -> None:
    """All of it, from the top down."""
    models = list_models()
    if models:
        load_charts()
        answer_while_typing(models)
        offer_first_things([model.name for model in models])

    st.subheader("What is ready", anchor=False)
    with st.grid(3, min_column_width=260):
        with st.container(border=True, height="stretch"):
            show_data()
        with st.container(border=True, height="stretch"):
            show_models(models)
        with st.container(border=True, height="stretch"):
            show_runs()
    offer_downloads()
