"""What counting words is worth, as lines on the accuracy plots."""

from collections.abc import Sequence

import streamlit as st

from pages.components.words import literal
from rnn_core.experiments.bar_scores import BarsError, bars_path, read_bars

MEASURES = ("validation_accuracy", "test_accuracy")


_MAJORITY = {"Majority class": 0.5}
"""In every corpus here half of the reviews are positive."""


def bar_lines(corpora: Sequence[str], measure: str) -> dict[str, float]:
    """Name -> accuracy of the bars on these reviews; none where it is no such measure.

    On several corpora, or where they were not measured, the majority class alone. What is wrong with a
    damaged file stands on the page Experiments.
    """
    if measure not in MEASURES:
        return {}
    path = bars_path(corpora[0])
    if len(corpora) > 1 or not path.exists():
        return _MAJORITY
    try:
        return _lines(corpora[0], measure, path.stat().st_mtime)
    except BarsError:
        return _MAJORITY


def warn_of_bars(data: str) -> None:
    """Say why there are no lines, where the file is damaged."""
    try:
        read_bars(data)
    except BarsError as error:
        st.warning(literal(str(error)))


@st.cache_data(max_entries=8, show_spinner=False)
def _lines(data: str, measure: str, changed: float) -> dict[str, float]:
    return {bar.title: getattr(bar, measure) for bar in read_bars(data)}
