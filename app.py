"""Gatescope: see what a recurrent network does, word by word."""

import streamlit as st

st.set_page_config(page_title="Gatescope", page_icon=":material/sensor_door:", layout="wide")

st.navigation(
    [
        st.Page(
            "pages/home.py",
            title="Home",
            icon=":material/home:",
            default=True,
            help="What Gatescope is, and a network that answers while you type.",
        ),
        st.Page(
            "pages/train.py",
            title="Train",
            icon=":material/model_training:",
            help="Pick a network, train it on reviews and watch its curves grow.",
        ),
        st.Page(
            "pages/read.py",
            title="Read",
            icon=":material/menu_book:",
            help="Type a review and see inside the network at every word.",
        ),
    ],
    position="top",
).run()
