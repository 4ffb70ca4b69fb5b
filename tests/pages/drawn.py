"""What a page draws with components of its own, read without a browser."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def figures(app: AppTest) -> list[dict[str, Any]]:
    """The figures, as Plotly gets them, from the top of the page down."""
    return [chart["figure"] for chart in given(app, "figure")]


def configs(app: AppTest) -> list[dict[str, Any]]:
    """What Plotly gets beside each of them."""
    return [chart["config"] for chart in given(app, "figure")]


def given(app: AppTest, entry: str) -> list[dict[str, Any]]:
    """What those components were given whose data have this entry."""
    all_data = [json.loads(part.proto.json or "{}") for part in app.get("bidi_component")]
    return [data for data in all_data if entry in data]
