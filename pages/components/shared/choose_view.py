"""Choose one of several views, by name; the first is shown until then."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

View = TypeVar("View")


def choose_view(label: str, views: Mapping[str, View], key: str, *, wrap: bool = True, **more: Any) -> View:
    """The view that is chosen; `more` is for Streamlit. On a narrow page the names take several lines."""
    names = list(views)
    chosen = st.segmented_control(
        label, names, default=names[0], required=True, key=key, persist_state="session", wrap=wrap, **more
    )
    return views[names[0] if chosen is None else chosen]  # None: the address names it, but says nothing
