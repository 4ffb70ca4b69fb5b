"""A figure as it is sent to the browser: what Plotly knows by itself, or no picture shows, is left out.

    x of a curve that counts its points    none: Plotly counts them, from x0
    x of whole numbers                     16 bits a number in place of 32
    z of a heat map whose meta has digits  so many after the point, 8 or 16 bits a number

Plotly reads no z in hundredths: `plotly_library.js` makes the numbers of it again.
"""

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SMALL = np.int8, np.int16


def sent(figure: dict[str, Any]) -> dict[str, Any]:
    """The figure, given as Plotly's JSON, which is changed."""
    for trace in figure["data"]:
        if trace["type"] in ("scatter", "bar"):
            _shorten_x(trace)
        elif trace["type"] == "heatmap" and "digits" in trace.get("meta", {}):
            _round_z(trace, trace["meta"]["digits"])
    return figure


def _shorten_x(trace: dict[str, Any]) -> None:
    x = _numbers(trace.get("x"))
    if x is None or not np.isfinite(x).all():
        return
    y = _numbers(trace.get("y"))
    if y is not None and len(y) and np.array_equal(x, x[0] + np.arange(len(y))):
        del trace["x"]
        trace["x0"] = float(x[0])
    elif (whole := _fitted(x, (np.int16,))) is not None:
        trace["x"] = {"dtype": "i2", "bdata": _letters(whole)}


def _round_z(trace: dict[str, Any], digits: int) -> None:
    z = _numbers(trace.get("z"))
    if z is None or not np.isfinite(z).all():
        return
    rounded = _fitted(np.rint(z.astype(np.float64) * 10**digits), _SMALL)
    if rounded is not None:
        kind = f"i{rounded.itemsize}"
        shape = trace["z"]["shape"]
        trace["z"] = {"dtype": kind, "bdata": _letters(rounded), "shape": shape, "digits": digits}


def _numbers(sent: Any) -> NDArray[Any] | None:
    """The array that Plotly wrote as letters; None for a list."""
    if not isinstance(sent, dict) or "bdata" not in sent:
        return None
    return np.frombuffer(base64.b64decode(sent["bdata"]), sent["dtype"])


def _fitted(values: NDArray[Any], kinds: tuple[type[np.signedinteger[Any]], ...]) -> NDArray[Any] | None:
    """Values as the first of these kinds of whole numbers that holds them all; None where none does."""
    for kind in kinds:
        limits = np.iinfo(kind)
        if len(values) and limits.min <= values.min() and values.max() <= limits.max:
            whole = values.astype(kind)
            if np.array_equal(whole, values):
                return whole
    return None


def _letters(values: NDArray[Any]) -> str:
    return base64.b64encode(values.tobytes()).decode()
