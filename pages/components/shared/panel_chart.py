"""A chart of a panel: its picture, its numbers, what explains it, and why there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.downloads import offer_in_grey
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.live_chart import live_chart
from pages.components.shared.went_wrong import saying
from rnn_core.errors import CellError, NoVerdictError
from rnn_core.figures.builder import SHOW_CONFIG
from rnn_core.inspection.tables import to_csv

_FORMAT = "picture_format"
_SCALES = {"PNG": 2, "SVG": 1}  # how many dots a pixel becomes; an SVG, which has none, would only grow
_USUAL = "PNG"


def panel_chart(
    figure: Any,
    key: str,
    alt: str,
    table: Callable[[], pd.DataFrame],
    *,
    saved_as: str,
    whose: str = "",
    says: str = "",
    on_point: Callable[[Any], None] | None = None,
) -> None:
    """Draw a Plotly figure; `table` gives all numbers behind it, and is called when they are asked for.

    `says` is a sentence, plain text, on what the figure shows. Files are called `saved_as`, with the ending
    of their kind. A zoom lasts as long as what is drawn has the same axes, and `whose`, what they are of
    where that may change, stays the same. `on_point` is that of `live_chart`.
    """
    layout, chosen = figure.layout, st.session_state.get(_FORMAT, _USUAL)
    axes = hash((str(layout.xaxis.range), str(layout.xaxis.ticktext), str(layout.height)))
    image = {"format": chosen.lower(), "scale": _SCALES[chosen], "filename": saved_as}
    config = {**SHOW_CONFIG, "toImageButtonOptions": image}
    with st.container(gap=None):
        live_chart(figure, key, alt, f"{whose}{axes}", config, on_point)
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", wrap=False
        ):
            if says:
                st.markdown(explained(literal(says), key), width="stretch")
            offer_in_grey(
                "CSV",
                lambda: to_csv(table()),
                f"{saved_as}.csv",
                "text/csv",
                key=f"{key}_csv",
                help="All numbers of this chart, also those that it does not draw.",
            )


def choose_picture_format() -> None:
    """Choose the format that the camera of every `panel_chart` saves, for the rest of the session."""
    st.segmented_control(
        "Pictures are saved as",
        list(_SCALES),
        default=_USUAL,
        required=True,
        key=_FORMAT,
        persist_state="session",
        help="PNG: dots, two for each pixel of the screen. SVG: lines and letters, sharp at any size.",
    )


def folded(title: str) -> DeltaGenerator:
    """A place for an explanation, which is opened where it is wanted."""
    return st.expander(title, icon=":material/notes:")


@contextmanager
def saying_why_not(place: DeltaGenerator | None = None) -> Iterator[None]:
    """Write a sentence at `place` in the end where there is no verdict, or a cell fails."""
    warn = st.warning if place is None else place.warning
    with saying(NoVerdictError, CellError, by=warn, icon=":material/error:"):
        yield
