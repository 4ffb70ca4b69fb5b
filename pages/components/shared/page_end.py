"""A page that ends before its end forgets what ran by itself on the page before it.

Streamlit forgets the fragments of former runs where a run comes to its end, and keeps them where `st.stop`
ends it. One that a timer has asked for, whose request comes a moment later, would draw into places that the
browser no longer has ("Bad delta path index").
"""

from typing import NoReturn

import streamlit as st

from pages.components.shared.streamlit_private import forget_fragments


def end_page() -> NoReturn:
    """End the page here, in place of `st.stop`."""
    forget_fragments()
    st.stop()
