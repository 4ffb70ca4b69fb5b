"""The part of a page that a link leads to comes into sight, once."""

import streamlit as st

from pages.components.shared.address import remove
from pages.components.shared.assets import component

PART = "part"
"""The name in the address."""

_arrival = component("gatescope_arrival", __file__)


def come_into_sight(part: str) -> None:
    """Scroll to this place where the address asks for this part; after that it asks for it no longer."""
    if st.query_params.get(PART) == part:
        remove(PART)
        _arrival(key=f"arrival_{part}", height=1)
