"""What a page says where a network has no verdict on a text: nothing to read in it, or numbers too large."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.format import literal
from rnn_core.errors import NoVerdictError


@contextmanager
def saying_why_not(place: DeltaGenerator | None = None) -> Iterator[None]:
    """What is drawn here ends with a sentence at `place` where there is no verdict; the page goes on."""
    try:
        yield
    except NoVerdictError as error:
        (st if place is None else place).warning(literal(str(error)), icon=":material/error:")
