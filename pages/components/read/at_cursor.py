"""The update at the cursor, in numbers: what was kept, written and dropped, and one unit's equations."""

import pandas as pd
import streamlit as st

from pages.components.shared.assets import style
from pages.components.shared.choose_view import layer_query
from pages.components.shared.equations import show_equations, worked
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from pages.components.shared.token_strip import chips, labels
from rnn_core.config.words import unit_of
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.figures.in_words import update_in_words
from rnn_core.figures.text import counted
from rnn_core.inspection.one_step import Cursor, GatedUpdate, PlainUpdate, at_cursor, one_step
from rnn_core.inspection.trace import Trace
from rnn_core.models.model import Model

_NUMBER = (
    '<div style="--gs-colour:{colour}"><div class="name">{name}</div><div class="value">{value}</div></div>'
)


def show_cursor(model: Model, trace: Trace, time: int, theme: Theme) -> None:
    """Numbers of one time step, and the way to its drawing on the page Cells."""
    cursor = at_cursor(model, trace, time)
    numbers, units = st.columns([3, 2], gap="large")
    with units:
        unit = _choose_unit(cursor, time)
    with numbers:
        st.markdown(
            explained(f"**At time step {counted(time)}**, the norms of what the update is made of", "cursor")
        )
        st.html(_numbers_html(cursor, model, trace, theme))
        st.markdown(literal(update_in_words(labels(chips(trace)), cursor)))
        st.markdown(f"**The equations with the numbers of unit {unit}**")
        show_equations(worked(one_step(model, trace, time, unit), theme))
        st.page_link(
            "pages/cells.py",
            label=f"See unit {unit} go through this time step",
            icon=":material/arrow_forward:",
            query_params={
                "variant": trace.cell,
                "model": model.name,
                "token": str(time),
                "unit": str(unit),
                **layer_query(trace.layer, trace.layers),
            },
        )


def _choose_unit(cursor: Cursor, time: int) -> int:
    """The units that moved most, of each state; the one that is ticked, else that of h which moved most."""
    ticked: list[int] = []
    for letter, moves in cursor.moved.items():
        st.markdown(f"**Units of {letter}** that moved most")
        chosen = st.dataframe(
            pd.DataFrame(
                {
                    "unit": [move.unit for move in moves],
                    "before": [move.before for move in moves],
                    "after": [move.after for move in moves],
                    "change": [move.after - move.before for move in moves],
                }
            ),
            hide_index=True,
            height="content",
            column_config={
                name: st.column_config.NumberColumn(format="%.3f") for name in ("before", "after", "change")
            },
            selection_mode="single-row",
            on_select="rerun",
            key=f"moved_{letter}_{time}",
            alt=f"The units of {letter} that moved most at time step {counted(time)}.",
        )
        ticked += [moves[row].unit for row in chosen.selection.rows]
    st.caption("Tick one to see its numbers in the equations.")
    return ticked[0] if ticked else cursor.moved["h"][0].unit


def _numbers_html(cursor: Cursor, model: Model, trace: Trace, theme: Theme) -> str:
    declared = trace.declared
    update, memory = declared.update, "h"
    if update is not None and isinstance(cursor.update, GatedUpdate):
        memory = update.memory
        shown = [
            (
                f"{update.kept}, kept",
                f"{cursor.update.kept:.2f}",
                colour_of(declared[update.keeps or memory]),
            ),
            (
                f"{update.written}, written",
                f"{cursor.update.written:.2f}",
                colour_of(declared[update.writes]),
            ),
            (f"{update.dropped}, dropped", f"{cursor.update.dropped:.2f}", theme.muted),
        ]
    elif isinstance(cursor.update, PlainUpdate):
        read = f"the {unit_of(model.config.tokens)}" if trace.layer == 1 else f"layer {trace.layer - 1}"
        shown = [
            (f"W x + b, {read}", f"{cursor.update.word:.2f}", theme.text),
            (
                f"{declared[declared.parts[0]].of_memory.replace('_', '')}, the memory",
                f"{cursor.update.memory:.2f}",
                colour_of(declared[memory]),
            ),
        ]
        if cursor.update.slope is not None:
            shown.append((f"mean slope {declared['slope'].mark}", f"{cursor.update.slope:.2f}", theme.muted))
    size = float((trace.arrays[memory][cursor.time] ** 2).sum() ** 0.5)
    shown.append((f"‖{memory}‖ afterwards", f"{size:.2f}", colour_of(declared[memory])))
    cells = "".join(
        _NUMBER.format(name=name, value=value, colour=_inked(colour, theme)) for name, value, colour in shown
    )
    return f'{style(__file__, muted=theme.muted)}<div class="gs-numbers">{cells}</div>'


def _inked(colour: str, theme: Theme) -> str:
    return colour if colour in (theme.text, theme.muted) else ink(colour, theme)
