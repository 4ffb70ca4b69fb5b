"""A Plotly chart that is drawn anew in place, so that a zoom outlives new data.

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

from rnn_core.figures.layout import SHOW_CONFIG

_READY = "gatescope-plotly-ready"
_PATIENCE = 10_000  # milliseconds
_PLAIN = "plain_charts"
"""Set in a session whose browser did not get plotly.js from here: Streamlit's own chart takes over."""

_LIBRARY_TAIL = f"""
window.GatescopePlotly = self.moduleName ?? window.Plotly
window.dispatchEvent(new Event("{_READY}"))
export default function () {{}}
"""

_CHART_JS = """
const latest = new WeakMap()
const waiting = new Set()
const listening = new WeakSet()
let isDrawing = false
const ROOM_LEVEL = 60 // pixels that a word takes along the axis
const ROOM_TURNED = 15
const LETTER = 5.4

// A figure on the token axis: what has no room on a narrow page.
function fit(layout, width) {
  if (layout.meta?.words === undefined) return
  if (layout.meta.words) fitTicks(layout, width)
  const titles = layout.annotations.filter(({ xref, x }) => xref === "paper" && x === 0)
  for (const title of titles) fitTitle(title, width - layout.margin.l)
}

// What stands quieter beside a title goes, from its end on, until the rest is not cut.
function fitTitle(title, room) {
  const isTooLong = () => title.text.replace(/<[^>]*>/g, "").length * LETTER > room
  const withoutLast = () => title.text.replace(/\\s*<span[^>]*>(?:(?!<span).)*<\\/span>$/, "")
  while (isTooLong() && withoutLast() !== title.text) title.text = withoutLast()
}

// Words below the axis are turned, and some left out, so that none lies on another.
function fitTicks({ xaxis, margin }, width) {
  const room = (width - margin.l - margin.r) / xaxis.tickvals.length
  if (room >= ROOM_LEVEL) return
  xaxis.tickangle ||= -50
  const each = Math.ceil(ROOM_TURNED / room)
  const isKept = (_, place) => place % each === 0
  xaxis.tickvals = xaxis.tickvals.filter(isKept)
  xaxis.ticktext = xaxis.ticktext.filter(isKept)
}

// One chart a frame: the first is seen while the others are drawn, and a click need not wait for all of them.
function draw(node) {
  waiting.add(node)
  if (!isDrawing) drawNext()
}

function drawNext() {
  const [node] = waiting
  isDrawing = node !== undefined
  if (!isDrawing) return
  waiting.delete(node)
  requestAnimationFrame(drawNext)
  const { figure, config, choose } = latest.get(node)
  fit(figure.layout, node.clientWidth)
  window.GatescopePlotly.react(node, figure.data, figure.layout, config)
  if (choose && !listening.has(node)) {
    listening.add(node)
    node.on("plotly_click", ({ points }) => latest.get(node).choose(points[0].customdata))
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const node = parentElement.querySelector(".gs-chart")
  const isNew = !latest.has(node)
  node.style.height = data.height + "px"
  node.setAttribute("aria-label", data.alt)
  latest.set(node, {
    figure: structuredClone(data.figure),
    config: { ...data.config, responsive: true },
    choose: data.chooses ? (point) => setStateValue("point", point) : null,
  })
  if (window.GatescopePlotly) {
    draw(node)
  } else if (isNew) {
    window.addEventListener("READY", () => draw(node), { once: true })
    window.setTimeout(() => window.GatescopePlotly || setTriggerValue("missing", true), PATIENCE)
  }
  return () => {
    waiting.delete(node)
    listening.delete(node)
    window.GatescopePlotly?.purge(node)
  }
}
""".replace("READY", _READY).replace("PATIENCE", str(_PATIENCE))

_chart = st.components.v2.component(
    "gatescope_chart",
    html='<div class="gs-chart" role="img"></div>',
    js=_CHART_JS,
    isolate_styles=False,
)


@cache
def _library() -> Any:
    """The component that brings plotly.js, which comes with the Python package; it shows nothing."""
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return st.components.v2.component(
        "gatescope_plotly", js=script.read_text(encoding="utf-8") + _LIBRARY_TAIL
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
    of a point that is clicked, before the page runs anew.
    """
    figure.layout.uirevision = whose
    height = figure.layout.height
    if st.session_state.get(_PLAIN):
        st.plotly_chart(figure, theme=None, config=config, key=f"plain_{key}", alt=alt)
        return
    data = {"figure": json.loads(figure.to_json()), "config": config, "height": height, "alt": alt}
    callbacks: dict[str, Any] = {"on_missing_change": _take_plain_charts}
    if on_point is not None:
        data["chooses"] = True
        callbacks["on_point_change"] = lambda: on_point(st.session_state[key]["point"])
    _chart(key=key, data=data, height=height, **callbacks)
