"""What counting words is worth, as lines on the accuracy plots."""

import streamlit as st

from pages.components.words import literal
from rnn_core.experiments.bar_scores import BarsError, bars_path, read_bars

MEASURES = ("validation_accuracy", "test_accuracy")


def bar_lines(data: str, measure: str) -> dict[str, float]:
    """Name -> accuracy of the bars on these reviews; none where they can't be read, or it is no such measure.

    What is wrong with a damaged file stands on the page Experiments.
    """
    path = bars_path(data)
    if measure not in MEASURES or not path.exists():
        return {}
    try:
        return _lines(data, measure, path.stat().st_mtime)
    except BarsError:
        return {}


def warn_of_bars(data: str) -> None:
    """Say why there are no lines, where the file is damaged."""
    try:
        read_bars(data)
    except BarsError as error:
        st.warning(literal(str(error)))


@st.cache_data(max_entries=8, show_spinner=False)
def _lines(data: str, measure: str, changed: float) -> dict[str, float]:
    return {bar.title: getattr(bar, measure) for bar in read_bars(data)}
