"""What a widget keeps in the address, so that a link leads to what was shown.

`bind="query-params"` does that for widgets whose options are short words; these functions for the rest.
"""

import streamlit as st


def news(name: str, key: str) -> str | None:
    """What the address says under `name`, unless the widget of this key wrote it there itself."""
    said = st.query_params.get(name)
    return None if said == st.session_state.get(_written(key)) else said


def last(key: str) -> str | None:
    """What was written last for the widget of this key."""
    return st.session_state.get(_written(key))


def write(name: str, key: str, value: str) -> None:
    """Put a widget's value into the address."""
    st.query_params[name] = st.session_state[_written(key)] = value


def _written(key: str) -> str:
    return f"{key}_in_address"
