"""The check of a figure that the app leaves out."""

import plotly.graph_objects as go
import pytest

from rnn_core.figures.builder import FigureBuilder


@pytest.fixture(autouse=True)
def checked(monkeypatch):
    """Plotly raises an error where a trace or a layout has a part or a value that it does not know."""
    build = FigureBuilder.build

    def build_checked(builder, **parts):
        figure = build(builder, **parts)
        go.Figure(figure.to_dict())
        return figure

    monkeypatch.setattr(FigureBuilder, "build", build_checked)
