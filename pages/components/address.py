"""What a widget keeps in the address, so that a link leads to what was shown.

`bind="query-params"` does that for widgets whose options are short words; these functions for the rest.
"""

import streamlit as st


def news(name: str, key: str) -> str | None:
    """What the address says under `name`, unless the widget of this key wrote it there itself."""
    said = st.query_params.get(name)
    return None if said == st.session_state.get(_written(key)) else said


def take(name: str, key: str) -> str | None:
    """The same once: what was taken is no news again, also where the address still says it."""
    said = news(name, key)
    if said is not None:
        st.session_state[_written(key)] = said
    return said


def remove(name: str) -> None:
    """Say nothing under `name` from now on."""
    if name in st.query_params:
        del st.query_params[name]


def last(key: str) -> str | None:
    """What was written last for the widget of this key."""
    return st.session_state.get(_written(key))


def write(name: str, key: str, value: str) -> None:
    """Put a widget's value into the address."""
    st.query_params[name] = st.session_state[_written(key)] = value


def _written(key: str) -> str:
    return f"{key}_in_address"
