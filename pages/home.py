"""What Gatescope is, a network that answers while you type, and what is ready on this machine."""

import streamlit as st

from pages.components.shared import guard
from pages.components.shared.garbage_collection import spare_what_was_imported
from pages.components.shared.glossary import explained


def _show_what_needs_the_core() -> None:
    """A network that answers, and what is ready.

    Imported here: torch takes seconds the first time, and what stands above is read meanwhile.
    """
    with st.spinner("The network that answers wakes up: some seconds, after a start."):
        from pages.components.home.answer import answer_while_typing
        from pages.components.home.first_things import offer_first_things
        from pages.components.home.ready import show_data, show_models, show_runs
        from pages.components.shared.data_source import offer_imdb
        from pages.components.shared.live_chart import load_charts
        from rnn_core.models.catalogue import list_models

        spare_what_was_imported()
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
    offer_imdb()


guard.enter("pages/home.py")

st.title("See what a recurrent network does, word by word")
st.markdown(
    explained(
        "Gatescope trains small recurrent networks on film reviews, or texts of your own, on this machine, "
        "and shows their insides. Each reads a text one word at a time and keeps all it knows in a short "
        "list of numbers, its hidden state. Watch which words move its verdict, what its gates let through, "
        "and how far back it remembers.",
        "about",
    )
)
_show_what_needs_the_core()
