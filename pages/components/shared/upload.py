"""A file from the browser, up to a size, of which the server keeps nothing once the page has taken it in.

Streamlit enforces `server.maxUploadSize` for all uploaders alike, and keeps what came in until the session
ends, also when the uploader is gone or has another key.
"""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from pages.components.shared.format import literal
from pages.components.shared.streamlit_private import free

_MEGABYTE = 2**20  # as Streamlit counts them


def upload(
    label: str,
    *,
    endings: Sequence[str],
    key: str,
    most: int,
    otherwise: str,
    take_in: Callable[[UploadedFile], str],
) -> None:
    """A place for one file of at most `most` megabytes; `take_in` says what is wrong with it, or ""."""

    def take() -> None:
        file = st.session_state[_widget(key)]
        if file is None:
            return
        st.session_state[f"{key}_number"] = st.session_state.get(f"{key}_number", 0) + 1
        try:
            if file.size > most * _MEGABYTE:
                problem = f"It has more than the {most} MB that this page takes. {otherwise}"
            else:
                problem = literal(take_in(file))
        finally:
            free(file)  # the browser would have it freed only where a person takes the file back
        st.session_state[f"{key}_problem"] = problem and f"**{literal(file.name)}**: {problem}"

    st.file_uploader(label, type=list(endings), key=_widget(key), max_upload_size=most, on_change=take)
    st.caption(otherwise)
    if problem := st.session_state.get(f"{key}_problem"):
        st.error(problem, icon=":material/block:")


def _widget(key: str) -> str:
    """The key of the uploader, another after each file: an empty one."""
    return f"{key}_{st.session_state.get(f'{key}_number', 0)}"
