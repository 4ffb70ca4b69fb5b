"""A Plotly chart that is drawn again in place, so that a zoom outlives new data.

`st.plotly_chart` replaces its node whenever the data changes. This one calls `Plotly.react` on the node it
has; the figure's constant `uirevision` keeps zoom and pan.
"""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.components.shared.assets import component
from pages.components.shared.plotly_library import bring_plotly
from pages.components.shared.sent_figure import packed, sent
from rnn_core.figures.builder import SHOW_CONFIG

_PLAIN = "plain_charts"
"""Set in a session whose browser did not get plotly.js from here: Streamlit's own chart takes over."""

_chart = component("gatescope_chart", __file__, isolate_styles=False)


def load_charts() -> None:
    """Bring plotly.js to the browser: once on a page, outside of what is drawn every second."""
    try:
        bring_plotly()
    except OSError:
        _take_plain_charts()


def _take_plain_charts() -> None:
    st.session_state[_PLAIN] = True


def live_chart(
    figure: go.Figure, key: str, alt: str, whose: str, config: dict[str, Any] = SHOW_CONFIG,
    on_point: Callable[[Any], None] | None = None,
) -> None:  # fmt: skip
    """Draw a figure of a fixed height; `alt` says in a sentence what it shows, `config` is Plotly's.

    A zoom lasts as long as `whose`, what the figure is of, stays the same. `on_point` gets the `customdata`
    of a point that is clicked, before the page runs again.
    """
    if st.session_state.get(_PLAIN):
        figure.layout.uirevision = whose
        st.plotly_chart(figure, theme=None, config=config, key=f"plain_{key}", alt=alt)
        return
    drawn = sent(figure)
    drawn["layout"]["uirevision"] = whose  # in the figure itself Plotly would check all of the layout again
    height = drawn["layout"]["height"]
    chart = {"figure": drawn, "config": config, "height": height, "alt": alt, "chooses": on_point is not None}
    callbacks: dict[str, Any] = {"on_missing_change": _take_plain_charts}
    if on_point is not None:
        callbacks["on_point_change"] = lambda: on_point(st.session_state[key]["point"])
    _chart(key=key, data=packed(chart), height=height, **callbacks)
