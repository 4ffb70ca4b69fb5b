"""Files that the browser is offered."""

from collections.abc import Callable
from typing import Any

import streamlit as st

Content = str | bytes | Callable[[], bytes]


def offer_file(
    label: str, content: Content, name: str, mime: str, icon: str | None = ":material/download:", **more: Any
) -> None:
    """Draw a button that saves a file of this name and kind; `more` is for Streamlit.

    The page doesn't run again: when a run ends, Streamlit throws away files that no page shows, such as one
    that is made for a click and not yet fetched. Where a file can't be made, Streamlit says so.
    """
    st.download_button(label, content, name, mime, icon=icon, on_click="ignore", **more)


def offer_in_grey(label: str, content: Content, name: str, mime: str, **more: Any) -> None:
    """Draw one in small grey letters, for the line below what it saves."""
    grey = f":small[:gray[:material/download: {label}]]"  # an icon of its own would not be grey
    offer_file(grey, content, name, mime, None, type="tertiary", **more)
