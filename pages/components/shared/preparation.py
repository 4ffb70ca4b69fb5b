"""Reviews that take much disk and time to prepare: asked about first, since a link alone may name them."""

import streamlit as st

from pages.components.shared import corpora
from rnn_core.data.sources import preparation
from rnn_core.progress import duration


def ask_to_prepare(data: str) -> None:
    """Say what preparing these reviews takes, and offer it."""
    takes = preparation(data)
    words = data.removeprefix("verdict").removeprefix("-")
    st.info(
        f"The verdict corpus with {int(words):,} words after each verdict is not prepared on this machine. "
        f"It takes about {takes.bytes / 1e6:,.0f} MB of disk and {duration(takes.seconds)}.",
        icon=":material/hard_drive:",
    )
    st.button(
        "Prepare it", icon=":material/build:", key=f"prepare_{data}", on_click=corpora.begin, args=(data,),
        help="You can delete it on Train to free disk space, and prepare it again at any time.",
    )  # fmt: skip
