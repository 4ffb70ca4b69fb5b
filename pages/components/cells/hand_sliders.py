"""A slider for every weight of one unit, gate by gate, and for the states that it begins with."""

import re
from itertools import groupby

import streamlit as st

from pages.components.cells.hand_values import ByHand, reach_of, set_value
from rnn_core.bench.forms import usual_cell
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.inspection.by_hand import Knob, knobs, of_unit
from rnn_core.symbols import CELLS, CellDeclaration

_STEP = 0.05


def show_sliders(name: str, now: ByHand, unit: int, theme: Theme) -> None:
    """Shows the sliders of a unit; what one sets is kept before the page runs again."""
    declared, reach = CELLS[name], reach_of(name, now.units)
    cell = usual_cell(name, hidden_size=now.units, embedding_size=1)
    own = [knob for knob in knobs(cell) if knob.unit == unit]
    order = [*(part for part in declared.parts if part in cell.blocks), *cell.blocks, ""]
    own.sort(key=lambda knob: order.index(knob.block))  # the sort keeps the order of the parameters
    for block, of_block in groupby(own, key=lambda knob: knob.block):
        st.markdown(_heading(declared, block, theme))
        with st.grid(3, min_column_width=84, gap="small"):
            for knob in of_block:
                explained = _help(knob, declared)
                _slider(name, now, knob.name, _label(knob, now.units), explained, reach[knob.name])
    st.markdown("Before the first time step")
    with st.grid(3, min_column_width=84, gap="small"):
        for letter in declared.states:
            key = letter + of_unit(unit, now.units)
            _slider(
                name,
                now,
                key,
                letter,
                f"The {declared[letter].name} it begins with.",
                reach[key],
            )


def _heading(declared: CellDeclaration, block: str, theme: Theme) -> str:
    if not block:
        return "Beside the gates"
    known = declared[block]
    return rf"$\textcolor{{{ink(colour_of(known), theme)}}}{{\mathbf{{{block}}}}}$ &nbsp;{known.name}"


def _label(knob: Knob, units: int) -> str:
    """Plain letters: a screen reader says a formula as LaTeX."""
    product = "x W" if knob.parameter == "W" else knob.parameter
    block = f" of {knob.block}" if knob.block else ""
    source = f" from {knob.source}" if knob.source is not None and units > 1 else ""
    return product + block + source


def _help(knob: Knob, declared: CellDeclaration) -> str:
    if knob.parameter == "W":
        return "What the word contributes."
    if knob.source is not None:
        return f"What the hidden state of unit {knob.source} is multiplied with."
    of_memory = " ".join(symbol.of_memory for symbol in declared.symbols)
    of_state = re.search(rf"\b{knob.parameter}_? ([a-z])\b", of_memory)  # such as "p_ c", a number a unit
    if of_state:
        return f"What the {declared[of_state[1]].name} of this unit alone is multiplied with."
    return "What is added, whatever comes."


def _slider(name: str, now: ByHand, of: str, label: str, help_text: str, reach: tuple[float, float]) -> None:
    key = f"by_hand_{name}_{now.units}_{of}"
    st.session_state[key] = min(max(now.values.get(of, 0.0), reach[0]), reach[1])
    st.slider(
        label, *reach, step=_STEP, key=key, on_change=_keep, args=(name, of, key), help=help_text,
        format="%.2f",
    )  # fmt: skip


def _keep(name: str, of: str, key: str) -> None:
    set_value(name, of, round(st.session_state[key], 4))
