"""What a page says beside a picture: what explains more of it, folded away, and why there is no verdict."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.format import literal
from rnn_core.errors import NoVerdictError


def folded(title: str) -> DeltaGenerator:
    """A place for an explanation, which is opened where it is wanted."""
    return st.expander(title, icon=":material/notes:")


@contextmanager
def saying_why_not(place: DeltaGenerator | None = None) -> Iterator[None]:
    """What is drawn here ends with a sentence at `place` where there is no verdict; the page goes on."""
    try:
        yield
    except NoVerdictError as error:
        (st if place is None else place).warning(literal(str(error)), icon=":material/error:")
