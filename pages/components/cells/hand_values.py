"""The weights and states that are set by hand: their sliders, kept for the session and in the address."""

import re
from itertools import groupby
from typing import NamedTuple

import streamlit as st

from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.format import literal
from rnn_core.equations.latex import letter_in_drawing
from rnn_core.figures.colours import Theme, colour_of, ink
from rnn_core.inspection.by_hand import STEPS, Bench, Knob, unit_ending
from rnn_core.symbols import CellDeclaration

_OF = "by_hand_of"
_ITEM = re.compile(r"([A-Za-z][A-Za-z0-9]{0,11})_(-?\d{1,2}(?:\.\d{1,4})?)")


class ByHand(NamedTuple):
    """Everything that was set."""

    units: int
    steps: int
    values: dict[str, float]
    """Values by the name of each knob and state; what is not there is 0."""

    def packed(self) -> str:
        """The text in the address: units, time steps, and each value that is not 0.

        >>> ByHand(1, 40, {"bz": -2.2, "h": 0.8}).packed()
        '1~40~bz_-2.2~h_0.8'
        """
        items = [f"{name}_{value:g}" for name, value in sorted(self.values.items()) if value]
        return "~".join([f"{self.units}", f"{self.steps}", *items])


def unpack(text: str, variant: str) -> ByHand | None:
    """The inverse of `packed` for a cell; what it has no weight for is left out, and what is too far off is
    brought to the end of its slider. None where it is no such text.
    """
    units, _, rest = text.partition("~")
    steps, _, items = rest.partition("~")
    most = Bench(variant).most_units
    if units not in map(str, range(1, most + 1)) or not re.fullmatch(r"\d{1,3}", steps):
        return None
    found = [match for item in items.split("~")[:200] if (match := _ITEM.fullmatch(item))]
    values = Bench(variant, int(units)).inside({match[1]: float(match[2]) for match in found})
    return ByHand(int(units), min(max(int(steps), STEPS[0]), STEPS[2]), values)


def usual(bench: Bench) -> ByHand:
    """Return what a bench begins with."""
    return ByHand(bench.units, STEPS[1], dict(bench.usual))


def kept(variant: str) -> ByHand:
    """Return what is set for this cell, from the address where that is news."""
    asked = address.read_once(keys.BY_HAND, keys.BY_HAND)
    linked = unpack(asked, variant) if asked is not None else None
    if linked is not None:
        keep(variant, linked)
    elif st.session_state.get(_OF) != variant:
        keep(variant, usual(Bench(variant)))
    now = current()
    address.write(keys.BY_HAND, keys.BY_HAND, now.packed() if now != usual(Bench(variant)) else None)
    return now


def current() -> ByHand:
    """Return what is set now."""
    by_hand: ByHand = st.session_state[keys.BY_HAND]
    return by_hand


def keep(variant: str, by_hand: ByHand) -> None:
    """Set all of it."""
    st.session_state[keys.BY_HAND], st.session_state[_OF] = by_hand, variant


def show_sliders(bench: Bench, now: ByHand, unit: int, theme: Theme) -> None:
    """Shows the sliders of a unit; what one sets is kept before the page runs again."""
    declared = bench.declared
    own = [knob for knob in bench.knobs if knob.unit == unit]
    order = [*(part for part in declared.parts if part in bench.cell.blocks), *bench.cell.blocks, ""]
    own.sort(key=lambda knob: order.index(knob.block))  # the sort keeps the order of the parameters
    for block, of_block in groupby(own, key=lambda knob: knob.block):
        heading = "Beside the gates"
        if block:
            colour = ink(colour_of(declared[block]), theme)
            heading = rf"$\textcolor{{{colour}}}{{\mathbf{{{block}}}}}$ &nbsp;{declared[block].common_name}"
        st.markdown(heading)
        with st.grid(3, min_column_width=84, gap="small"):
            for knob in of_block:
                _slider(bench, now, knob.name, _label(knob, bench), _help(knob, declared))
    st.markdown("Before the first time step")
    with st.grid(3, min_column_width=84, gap="small"):
        for letter in declared.states:
            key = letter + unit_ending(unit, now.units)
            _slider(bench, now, key, letter, f"The {declared[letter].name} it begins with.")


def _label(knob: Knob, bench: Bench) -> str:
    """Return plain letters: a screen reader says a formula as LaTeX."""
    label = ("x " if knob.of_word else "") + letter_in_drawing(knob.parameter)
    if knob.block:
        label += f" of {knob.block}"
    if knob.which > 1:
        label += f" ({knob.which})"
    return f"{label} from {knob.source}" if knob.source is not None and bench.units > 1 else label


def _help(knob: Knob, declared: CellDeclaration) -> str:
    if not declared.parts:
        return f"One number of the parameter {literal(knob.parameter)}."
    if knob.of_word:
        return "What the word contributes."
    if knob.source is not None:
        return f"What the hidden state of unit {knob.source} is multiplied with."
    of_memory = " ".join(symbol.of_memory for symbol in declared.symbols)
    of_state = re.search(
        rf"\b{knob.parameter}(?:_\w+)? ([a-z])\b", of_memory
    )  # such as "p_ c", a number a unit
    if of_state:
        return f"What the {declared[of_state[1]].name} of this unit alone is multiplied with."
    of_weight = next((known for known in declared.symbols if known.weight == knob.parameter), None)
    if of_weight:
        return f"A weight of this unit, in the equation of the {of_weight.common_name} {of_weight.letter}."
    return "What is added, whatever comes."


def _slider(bench: Bench, now: ByHand, of: str, label: str, help_text: str) -> None:
    key, reach = f"by_hand_{bench.name}_{now.units}_{of}", bench.reach[of]

    def take() -> None:
        values = {**current().values, of: round(st.session_state[key], 4)}
        keep(bench.name, current()._replace(values=values))

    st.session_state[key] = min(max(now.values.get(of, 0.0), reach[0]), reach[1])
    st.slider(label, *reach, step=0.05, key=key, on_change=take, help=help_text, format="%.2f")
