"""A part of a page that runs by itself draws only while its page stands there.

Streamlit forgets the fragments of a page that was left once the next page has run to its end. Where that run
is ended before, as by a click, one that a timer had asked for runs after all, and writes into places that the
browser no longer has ("Bad delta path index").
"""

import functools
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

_STANDS = "page_that_stands"
_NONE = ""

_Given = ParamSpec("_Given")


def clear_page() -> None:
    """Call this before anything of a page is drawn: no page stands there."""
    st.session_state[_STANDS] = _NONE


def note_page() -> None:
    """Call this on a page, which stands there from now on."""
    st.session_state[_STANDS] = _script()


def on_its_page(draw: Callable[_Given, None]) -> Callable[_Given, None]:
    """The function, which does nothing where another page than its own stands; for `st.fragment`."""

    @functools.wraps(draw)
    def drawn(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        if st.session_state.get(_STANDS) in (None, _script()):
            draw(*args, **kwargs)

    return drawn


def _script() -> str | None:
    """The page that this is a part of; None where a release of Streamlit does not say it."""
    try:
        from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

        return ThreadState.get().active_script_hash
    except (ImportError, AttributeError):
        return None
