"""A page that ends before its end forgets what ran by itself on the page before it.

Streamlit forgets the fragments of former runs where a run comes to its end, and keeps them where `st.stop`
ends it. One that a timer has asked for, whose request comes a moment later, would draw into places that the
browser no longer has ("Bad delta path index").
"""

from typing import NoReturn

import streamlit as st


def end_page() -> NoReturn:
    """End the page here, in place of `st.stop`."""
    _forget_fragments()
    st.stop()


def _forget_fragments() -> None:
    """All but those of this run; nothing where a release of Streamlit keeps them elsewhere."""
    try:
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        if (context := get_script_run_ctx()) is not None:
            context.fragment_storage.clear(new_fragment_ids=context.shared.new_fragment_ids.snapshot())
    except (ImportError, AttributeError, TypeError):
        return
