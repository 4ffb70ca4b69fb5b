"""A page's title and the sentence on what to do there on one line, where the picture needs the height."""

import streamlit as st

_STYLE = """
<style>
.st-key-title_line {column-gap:1.5rem; row-gap:0}
.st-key-title_line h1 {padding:0}
.st-key-title_line p {margin:.2rem 0 0}
</style>
"""


def title_line(title: str, sentence: str) -> None:
    """Both on one line; on a narrow page the sentence stands below."""
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="center", key="title_line"):
        st.title(title, width="content")
        st.caption(sentence, width="content")
