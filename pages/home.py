"""The page Home: what Gatescope is, a network that answers while you type, what is ready on this machine."""

import streamlit as st

from pages.components.shared import guard
from pages.components.shared.glossary import explained

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
with st.spinner("Loading the network. After a start this takes a few seconds."):
    # Imported here: torch takes seconds the first time, and what stands above is read meanwhile.
    from pages.components.home.what_needs_the_core import show_what_needs_the_core

    guard.spare_what_was_imported()
show_what_needs_the_core()
