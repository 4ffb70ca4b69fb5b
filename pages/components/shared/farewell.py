"""What the terminal says when the server ends while runs go on.

Only `app.py` uses it. It is here since each room is for one page alone, and `app.py` is for all of them.
"""

import atexit
import sys

import streamlit as st

from rnn_core.errors import RunError
from rnn_core.runs.queue import farewell
from rnn_core.runs.store import Store


@st.cache_resource(show_spinner=False)
def say_farewell_at_the_end() -> None:
    """Once in a server's life: at its end, say which runs go on, and how to stop them."""
    atexit.register(_say)


def _say() -> None:
    try:
        sentence = farewell(Store())
    except RunError as error:
        sentence = str(error)
    if sentence:
        print(f"\n{sentence}", file=sys.stderr, flush=True)
