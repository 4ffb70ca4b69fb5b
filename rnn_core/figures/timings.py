"""How long each form of a cell takes, as bars, with the floor that none of them can pass."""

from collections.abc import Mapping

import plotly.graph_objects as go

from rnn_core.figures.builder import FigureBuilder, axis, axis_title, bar
from rnn_core.figures.colours import Theme, mix

BARS_HEIGHT = 300

_NAMES = {"naive": "Naive", "fused": "Fused", "sequence": "Sequence"}


def against(milliseconds: float, sequence: float) -> str:
    """How the sequence form does against another, in words.

    >>> against(200.0, 100.0), against(90.0, 100.0)
    ('sequence 2.0 times faster', 'sequence 1.1 times slower')
    """
    if milliseconds >= sequence:
        return f"sequence {milliseconds / sequence:.1f} times faster"
    return f"sequence {sequence / milliseconds:.1f} times slower"


def form_bars(milliseconds: Mapping[str, float], *, torch_name: str, theme: Theme) -> go.Figure:
    """A bar for each form: naive, fused, sequence and torch's module, by name of the form.

    "floor", the matrix products alone, is a line across all of them. What wasn't measured is left out.
    """
    names = {**_NAMES, "torch": f"torch, {torch_name}"}
    shown = [form for form in names if form in milliseconds]
    longest = max([*milliseconds.values(), 1e-9])
    builder = FigureBuilder(theme, height=BARS_HEIGHT, margin={"l": 8, "r": 8, "t": 8, "b": 64})
    builder.draw(
        bar(
            x=[milliseconds[form] for form in shown],
            y=list(range(len(shown))),
            orientation="h",
            width=0.42,
            offset=-0.06,
            marker={
                "color": [
                    theme.text if form == "sequence" else mix(theme.muted, theme.background, 0.45)
                    for form in shown
                ],
                "pattern": {
                    "shape": ["/" if form == "torch" else "" for form in shown],
                    "fgcolor": theme.background,
                    "fgopacity": 0.5,
                },
            },
            customdata=[names[form] for form in shown],
            hovertemplate="%{customdata}: %{x:.1f} ms<extra></extra>",
        )
    )
    for place, form in enumerate(shown):
        text = f"<b>{names[form]}</b>  {milliseconds[form]:.0f} ms"
        if form != "sequence" and "sequence" in milliseconds:
            text += f", {against(milliseconds[form], milliseconds['sequence'])}"
        builder.write(
            x=0,
            y=place - 0.08,
            text=text,
            xanchor="left",
            yanchor="bottom",
            borderpad=0,
            bgcolor=theme.background,  # the line of the floor passes behind it
            font={"size": 13, "color": theme.text},
        )
    builder.lay_out(
        xaxis=axis(
            theme,
            range=[0, longest * 1.03],
            fixedrange=True,
            nticks=6,
            title=axis_title("ms for the forward and backward pass of one optimizer step", theme, standoff=6),
        ),
        yaxis={"visible": False, "fixedrange": True, "range": [3.95, -0.5]},
        dragmode=False,
        hovermode="closest",
    )
    if "floor" in milliseconds:
        _draw_floor(builder, milliseconds["floor"], longest, theme)
    return builder.build()


def _draw_floor(builder: FigureBuilder, floor: float, longest: float, theme: Theme) -> None:
    builder.mark(
        type="line",
        x0=floor,
        x1=floor,
        y0=-0.5,
        y1=3.95,
        line={"color": theme.text, "width": 1.5, "dash": "dash"},
    )
    builder.write(
        x=floor,
        y=3.92,
        text=f"floor {floor:.0f} ms: the products alone",
        name="floor",
        xanchor="left" if floor < longest / 2 else "right",
        xshift=5 if floor < longest / 2 else -5,
        yanchor="bottom",
        font={"size": 12, "color": theme.text},
    )
