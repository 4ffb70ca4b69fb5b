"""What the figures of the reviews share: their size, and a legend above."""

from typing import Any

from rnn_core.figures.colours import Theme

DATA_HEIGHT = 380
DATA_MARGIN = {"l": 52, "r": 18, "t": 40, "b": 46}


def legend_above(theme: Theme) -> dict[str, Any]:
    """One line above the picture, which Plotly breaks where it is narrow."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "font": {"size": 12, "color": theme.text},
        "bgcolor": "rgba(0,0,0,0)",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
    }
