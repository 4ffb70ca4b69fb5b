"""A Plotly chart that is drawn again in place, so that a zoom outlives new data.

`st.plotly_chart` replaces its node whenever the data changes. This one calls `Plotly.react` on the node it
has; the figure's constant `uirevision` keeps zoom and pan.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import plotly
import plotly.graph_objects as go
import streamlit as st

from pages.components.shared.assets import component
from pages.components.shared.sent_figure import sent
from rnn_core.figures.builder import SHOW_CONFIG

_PLAIN = "plain_charts"
"""Set in a session whose browser did not get plotly.js from here: Streamlit's own chart takes over."""

_chart = component("gatescope_chart", __file__, isolate_styles=False)


@cache
def _library() -> Any:
    """The component that brings plotly.js, which comes with the Python package; it shows nothing."""
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    ours = Path(__file__).with_name("plotly_library.js")
    return st.components.v2.component(
        "gatescope_plotly",
        js="\n".join(file.read_text(encoding="utf-8") for file in (library, ours)),
        css=Path(__file__).with_name("plotly_library.css").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def load_charts() -> None:
    """Bring plotly.js to the browser: once on a page, outside of what is drawn every second."""
    try:
        _library()(key="plotly_library", height=1)
    except OSError:  # some distributions take it out of the package
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
    figure.layout.uirevision = whose
    height = figure.layout.height
    if st.session_state.get(_PLAIN):
        st.plotly_chart(figure, theme=None, config=config, key=f"plain_{key}", alt=alt)
        return
    data = {"figure": sent(json.loads(figure.to_json())), "config": config, "height": height, "alt": alt}
    callbacks: dict[str, Any] = {"on_missing_change": _take_plain_charts}
    if on_point is not None:
        data["chooses"] = True
        callbacks["on_point_change"] = lambda: on_point(st.session_state[key]["point"])
    _chart(key=key, data=data, height=height, **callbacks)
