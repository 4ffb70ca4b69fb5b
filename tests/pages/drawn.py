"""What a page draws with components of its own, read without a browser."""

import json
import zlib
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def figures(app: AppTest) -> list[dict[str, Any]]:
    """The figures, as Plotly gets them, from the top of the page down."""
    return [chart["figure"] for chart in given(app, "figure")]


def configs(app: AppTest) -> list[dict[str, Any]]:
    """What Plotly gets beside each of them."""
    return [chart["config"] for chart in given(app, "figure")]


def given(app: AppTest, entry: str) -> list[dict[str, Any]]:
    """What those components were given whose data have this entry."""
    return [data for data in map(data_of, app.get("bidi_component")) if entry in data]


def data_of(part: Any) -> dict[str, Any]:
    """What a component of ours was given, arrays of a chart as lists."""
    if part.proto.bytes:
        return unpacked(part.proto.bytes)
    return json.loads(part.proto.json or "{}")


def is_chart(part: Any) -> bool:
    """Whether it is a chart that is drawn in place."""
    return part.type == "bidi_component" and part.proto.component_name == "gatescope_chart"


def unpacked(packed: bytes) -> dict[str, Any]:
    """What `live_chart.packed` was given, as the browser reads it, arrays as lists."""
    plain = zlib.decompress(packed)
    begin = 4 + int.from_bytes(plain[:4], "little")

    def filled(value: dict[str, Any]) -> Any:
        if "dtype" not in value:
            return value
        count, place = int(np.prod(value["shape"])), begin + value["at"]
        whole = np.frombuffer(plain, f"<{value['dtype']}", count, place).reshape(value["shape"])
        return (whole / 10 ** value["digits"] if value.get("digits") else whole).tolist()

    return json.loads(plain[4:begin], object_hook=filled)
