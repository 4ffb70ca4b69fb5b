"""A Plotly chart that is drawn again in place, so that a zoom outlives new data.

`st.plotly_chart` replaces its node whenever the data changes. This one calls `Plotly.react` on the node it
has; the figure's constant `uirevision` keeps zoom and pan.
"""

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
import plotly
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray
from typing_extensions import override

from pages.components.shared.assets import component
from rnn_core.figures.builder import SHOW_CONFIG

_PLAIN = "plain_charts"
"""Set in a session whose browser did not get plotly.js from here: Streamlit's own chart takes over."""

_PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
"""A file of 5 MB, for a browser to keep; some distributions take it out."""
_chart = component(
    "gatescope_chart",
    __file__,
    "charts.js",
    isolate_styles=False,
    library=_PLOTLY_JS.read_bytes() + b"\n" if _PLOTLY_JS.exists() else b"",
)


def load_charts() -> None:
    """Bring plotly.js to the browser: at the top of a page, while what is drawn is computed."""
    if _PLOTLY_JS.exists():
        _chart(key="plotly_library", data=None, height=1, on_missing_change=_take_plain_charts)
    else:
        _take_plain_charts()


def _take_plain_charts() -> None:
    st.session_state[_PLAIN] = True


def live_chart(
    figure: go.Figure,
    key: str,
    alt: str,
    whose: str,
    config: dict[str, Any] = SHOW_CONFIG,
    on_point: Callable[[Any], None] | None = None,
) -> None:
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


_SMALL = np.int8, np.int16
_EVERY = 8  # bytes; no number of an array is longer
_LEVEL = 1  # how hard zlib compresses: higher levels take four times as long, for 4 % less


def packed(chart: dict[str, Any]) -> bytes:
    """Return all that a chart is drawn from, packed; each array in it as bytes."""
    encoder = _Encoder(separators=(",", ":"))
    text = encoder.encode(chart).encode()
    text += b" " * (-(4 + len(text)) % _EVERY)
    return zlib.compress(b"".join([len(text).to_bytes(4, "little"), text, *encoder.arrays]), _LEVEL)


def sent(figure: Any) -> dict[str, Any]:
    """A Plotly figure in Plotly's words, with arrays that are as short as can be."""
    traces = [trace.to_plotly_json() for trace in figure.data]
    for trace in traces:
        if trace["type"] in ("scatter", "bar"):
            _shorten_x(trace)
        if "digits" in (trace.get("meta") or {}):
            _round(trace, "z" if trace["type"] == "heatmap" else "y", trace["meta"]["digits"])
    return {"data": traces, "layout": figure.layout.to_plotly_json()}


class _Rounded:
    """Whole numbers that stand for numbers with so many digits after the point."""

    def __init__(self, whole: NDArray[Any], digits: int) -> None:
        self.whole, self.digits = whole, digits


class _Encoder(json.JSONEncoder):
    """Puts arrays of numbers behind the text, and null where a number is none, as Plotly takes it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.arrays: list[bytes] = []
        self._length = 0

    @override
    def encode(self, o: Any) -> str:
        text = super().encode(o)
        if "NaN" in text or "Infinity" in text:
            text = super().encode(json.loads(text, parse_constant=lambda _: None))
        return text

    @override
    def default(self, o: Any) -> Any:
        if isinstance(o, _Rounded):
            return self._placed(o.whole) | {"digits": o.digits}
        if isinstance(o, np.ndarray) and o.dtype.kind in "iuf":
            return self._placed(_readable(o))
        if isinstance(o, np.ndarray | np.generic):
            return o.tolist()
        return super().default(o)

    def _placed(self, values: NDArray[Any]) -> dict[str, Any]:
        written = values.tobytes()
        place = {"dtype": f"{values.dtype.kind}{values.itemsize}", "at": self._length, "shape": values.shape}
        written += b" " * (-len(written) % _EVERY)
        self.arrays.append(written)
        self._length += len(written)
        return place


def _readable(values: NDArray[Any]) -> NDArray[Any]:
    """The numbers in a kind that JavaScript has an array for."""
    if values.dtype.kind == "f":
        return values.astype(np.float32 if values.itemsize <= 4 else np.float64)
    whole = _fitted(values, (*_SMALL, np.int32))
    return values.astype(np.float64) if whole is None else whole


def _shorten_x(trace: dict[str, Any]) -> None:
    x, y = trace.get("x"), trace.get("y")
    if not _is_finite(x):
        return
    if _is_array(y) and len(y) and np.array_equal(x, x[0] + np.arange(len(y))):
        del trace["x"]
        trace["x0"] = float(x[0])
    elif (whole := _fitted(x, (np.int16,))) is not None:
        trace["x"] = _Rounded(whole, 0)


def _round(trace: dict[str, Any], name: str, digits: int) -> None:
    values = trace.get(name)
    if not _is_finite(values):
        return
    whole = _fitted(np.rint(values.astype(np.float64) * 10**digits), _SMALL)
    if whole is not None:
        trace[name] = _Rounded(whole, digits)


def _is_array(values: Any) -> TypeGuard[NDArray[Any]]:
    return isinstance(values, np.ndarray) and values.dtype.kind in "iuf"


def _is_finite(values: Any) -> TypeGuard[NDArray[Any]]:
    return _is_array(values) and bool(np.isfinite(values).all())


def _fitted(values: NDArray[Any], kinds: tuple[type[np.signedinteger[Any]], ...]) -> NDArray[Any] | None:
    """Values as the first of these kinds of whole numbers that holds them all; None where none does."""
    for kind in kinds:
        limits = np.iinfo(kind)
        if values.size and limits.min <= values.min() and values.max() <= limits.max:
            whole = values.astype(kind)
            if np.array_equal(whole, values):
                return whole
    return None
