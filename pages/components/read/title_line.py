"""A page's title and the sentence on what to do there on one line, where the picture needs the height."""

import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.glossary import explained


def title_line(title: str, sentence: str) -> None:
    """Draw title and sentence on one line; on a narrow page the sentence stands below."""
    st.html(style(__file__))
    with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
        st.title(title, width="content")
        st.caption(explained(sentence, "about"), width="content")
