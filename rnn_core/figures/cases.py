"""What named cases came to, one below the other: the mean over the seeds, and the reach of the seeds."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from rnn_core.figures.colours import Look, run_colour
from rnn_core.figures.layout import Sheet, axis, in_sight, plain, write_aside

_MARGIN = {"l": 24, "r": 24, "t": 48, "b": 56}
_ROW, _NAME_ABOVE = 46, 15  # pixels; a name stands over its row, so that a narrow window has room for both
_LEAST_ROWS = 5


def named_cases(
    table: pd.DataFrame,
    measure: str,
    cases: Sequence[str],
    *,
    title: str,
    number: str = ".1%",
    lines: Mapping[str, float] | None = None,
    look: Look,
) -> go.Figure:
    """`measure` of each case, from top to bottom in the order of `cases`; one without a run has its place.

    `table` has a row a run, its case named in the column `case`. The bars reach from the lowest to the
    highest of the seeds; `title` says what the measure is called, `number` is d3's format of it, `lines` are
    drawn down: name -> value. The `customdata` of a point are the ids of its runs.
    """
    sheet = Sheet(
        look, height=_MARGIN["t"] + _MARGIN["b"] + _ROW * max(len(cases), _LEAST_ROWS), margin=_MARGIN
    )
    of_case = table.dropna(subset=[measure]).groupby("case")
    runs = of_case[measure]
    shown = [case for case in cases if case in runs.groups]
    means, lowest, highest, counts = (
        getattr(runs, what)().reindex(shown).to_numpy() for what in ("mean", "min", "max", "count")
    )
    colour = run_colour(0)
    sheet.draw(
        go.Scatter(
            x=means,
            y=[plain(case) for case in shown],
            mode="markers",
            marker={"size": 10, "color": colour},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": highest - means,
                "arrayminus": means - lowest,
                "color": colour,
                "thickness": 1.5,
                "width": 6,
            },
            customdata=[of_case["run"].get_group(case).tolist() for case in shown],
            text=[f"{count:d}" for count in counts],
            hovertemplate=f"%{{y}}: %{{x:{number}}}, mean of %{{text}}<extra></extra>",
        )
    )
    for case in cases:
        sheet.write(
            plain(case), x=0, xref="paper", xanchor="left", y=plain(case), yanchor="middle",
            yshift=_NAME_ABOVE, font={"size": 13, "color": look.text}, bgcolor=look.background,
        )  # fmt: skip
    drawn, far_below = in_sight(lines or {}, list(table[measure].dropna()))
    write_aside(sheet, far_below, look, bgcolor=look.background)  # a line may be drawn down through it
    for place, (name, value) in enumerate(drawn.items()):
        sheet.mark(
            type="line", yref="paper", y0=0, y1=1, x0=value, x1=value, layer="below",
            line={"color": look.muted, "width": 1.2, "dash": "dot"},
        )  # fmt: skip
        sheet.write(
            plain(name), y=1, yref="paper", yanchor="bottom", x=value, xanchor="center",
            yshift=14 * (place % 2), font={"size": 12, "color": look.muted},
        )  # fmt: skip
    sheet.lay_out(
        hovermode="closest",
        xaxis=axis(
            look, tickformat=number, nticks=7,
            title={"text": title, "standoff": 8, "font": {"size": 13, "color": look.text}},
        ),
        yaxis={
            **axis(look, type="category", categoryorder="array"),
            "categoryarray": [plain(case) for case in cases],
            "range": [len(cases) - 0.3, -0.6],  # with room for a note below the last
            "showticklabels": False,
        },
    )  # fmt: skip
    return sheet.figure()
