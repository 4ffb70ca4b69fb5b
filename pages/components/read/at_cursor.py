"""The update at the cursor, in numbers: what was kept, written and dropped, and one unit's equations."""

import pandas as pd
import streamlit as st

from pages.components.read.panels import panel
from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import pack
from pages.components.shared.assets import style
from pages.components.shared.choose_view import layer_query, tick_a_row
from pages.components.shared.equations import show_numbers
from pages.components.shared.format import literal
from pages.components.shared.glossary import explained
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.figures.in_words import update_in_words
from rnn_core.figures.text import counted
from rnn_core.inspection.one_step import Cursor, Size, cursor_at, one_step
from rnn_core.symbols import CellDeclaration

_NUMBERS = ("before", "after", "change")


@panel("At this token", "What did the network keep, write and drop here?")
def show_cursor(reading: Reading, time: int, theme: Theme) -> None:
    """Numbers of one time step, and the way to its drawing on the page Cells."""
    model, trace = reading.model, reading.trace
    cursor = cursor_at(model, trace, time)
    numbers, units = st.columns([3, 2], gap="large")
    with units:
        unit = _choose_unit(cursor, time, " in the equations" if trace.declared.parts else "")
    with numbers:
        st.markdown(
            explained(f"**At time step {counted(time)}**, the norms of what the update is made of", "cursor")
        )
        st.html(_numbers_html(cursor, trace.declared, theme))
        st.markdown(literal(update_in_words(reading.names, cursor)))
        step = one_step(model, trace, time, unit)
        st.markdown(f"**{'The equations with the' if step.parts else 'The'} numbers of unit {unit}**")
        show_numbers(step, theme)
        if reading.since:  # Cells reads a text from its first token on
            return
        query = {
            keys.VARIANT: trace.cell,
            keys.MODEL: model.name,
            keys.TOKEN: str(time),
            keys.UNIT: str(unit),
        }
        query |= layer_query(trace.layer, trace.layers)
        query |= {} if reading.writer is None else {keys.TEXT: pack(reading.text)}
        address.link("pages/cells.py", f"See unit {unit} go through this time step", query)


def _choose_unit(cursor: Cursor, time: int, where: str) -> int:
    """The units that moved most, of each state; the one that is ticked, else that of h which moved most.

    `where` says where its numbers are seen.
    """
    ticked: list[int] = []
    for letter, moves in cursor.moved.items():
        st.markdown(f"**Units of {letter}** that moved most")
        numbers = [(move.unit, move.before, move.after, move.after - move.before) for move in moves]
        rows = tick_a_row(
            pd.DataFrame(numbers, columns=["unit", *_NUMBERS]),
            f"moved_{letter}_{time}",
            f"The units of {letter} that moved most at time step {counted(time)}.",
            height="content",
            column_config=dict.fromkeys(_NUMBERS, st.column_config.NumberColumn(format="%.3f")),
        )
        ticked += [moves[row].unit for row in rows]
    st.caption(f"Tick one to see its numbers{where}.")
    return ticked[0] if ticked else cursor.moved["h"][0].unit


def _numbers_html(cursor: Cursor, declared: CellDeclaration, theme: Theme) -> str:
    def colour(size: Size) -> str:
        usual = theme.muted if size.is_beside else theme.text
        return ink(colour_of(declared[size.letter]), theme) if size.letter else usual

    numbers = "".join(
        f'<div style="--gs-colour:{colour(size)}">'
        f'<div class="name">{size.name}</div><div class="value">{size.value:.2f}</div></div>'
        for size in cursor.sizes
    )
    return f'{style(__file__, muted=theme.muted)}<div class="gs-numbers">{numbers}</div>'
