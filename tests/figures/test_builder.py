"""A figure where Plotly has no way past its checks."""

import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, scatter
from rnn_core.figures.colours import LIGHT


def test_a_plotly_that_always_checks_gives_the_same_figure(monkeypatch) -> None:
    drawn = FigureBuilder(LIGHT, height=200, margin={"l": 40})
    drawn.draw(scatter(x=[0, 1], y=[2.0, 3.0], name="loss"))
    drawn.mark(type="line", x0=0, x1=1, y0=2, y1=2)
    unchecked, real = drawn.build(), go.Figure

    def checking(data, layout=None):
        return real(data, layout)

    monkeypatch.setattr(go, "Figure", checking)
    assert drawn.build().to_plotly_json() == unchecked.to_plotly_json()
