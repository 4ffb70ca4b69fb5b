"""All that is held, one below the other: its value to be changed, and a button that lets it go."""

import math
from collections.abc import Sequence

import streamlit as st

from pages.components.read.holding import Holding, why_not
from pages.components.shared.format import literal
from rnn_core.figures.text import counted, shorten
from rnn_core.inspection.clamps import LARGEST, Clamp, units_in_short
from rnn_core.inspection.trace import Trace
from rnn_core.symbols import Symbol

_MOST_UNITS = 16
"""Characters of the numbers of units that find room."""
_LONGEST_WORD = 16


def list_held(kept: Holding, trace: Trace, names: Sequence[str]) -> None:
    """A slider for each."""
    for number, clamp in list(kept.clamps.items()):
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"held_{number}"):
            refused = why_not(clamp, trace)
            if refused:
                with st.container():
                    st.markdown(f"{literal(str(clamp))} is not held here. {literal(refused)}")
            else:
                _value(kept, number, trace, names)
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                key=f"let_go_{number}",
                help="Hold it no longer.",
                on_click=kept.remove,
                args=(number,),
            )


def _value(kept: Holding, number: int, trace: Trace, names: Sequence[str]) -> None:
    clamp = kept.clamps[number]
    symbol = trace.declared[clamp.letter]
    low, high = bounds(symbol, trace, clamp.value)
    key = f"held_value_{number}"
    now = st.session_state.get(key, math.nan)
    # Set by hand, since a slider whose ends have moved would begin at its lowest value.
    st.session_state[key] = now if low <= now <= high else clamp.value
    value = st.slider(
        f"{symbol.name.capitalize()} {symbol.letter}, {when(clamp, names)}{_of_units(clamp)}",
        low,
        high,
        key=key,
        step=0.01,
        help=f"{symbol.letter} is {symbol.meaning}. Here it is held at this value"
        f"{' in all units' if clamp.units is None else f' in the units {units_in_short(clamp.units)}'}, "
        f"whatever the network computes. As it is written in a shell, which counts time steps from 0: "
        f"`--clamp {clamp}`.",
    )
    if value != clamp.value:
        kept.set_value(number, value)


def bounds(symbol: Symbol, trace: Trace, value: float) -> tuple[float, float]:
    """Those of the quantity; where it has none, as far as it goes in this text, and as far as `value`."""
    if symbol.bounds is not None:
        return symbol.bounds
    reach = max(float(abs(trace.arrays[symbol.letter]).max()), abs(value), 1.0)
    reach = min(math.ceil(reach), LARGEST)
    return -float(reach), float(reach)


def when(clamp: Clamp, names: Sequence[str]) -> str:
    """At which time steps, in words, for Markdown."""
    if clamp.last is None:
        return f"from {at(clamp.first, names)} on" if clamp.first else "throughout"
    if clamp.last == clamp.first:
        return f"at {at(clamp.first, names)}"
    return f"from {at(clamp.first, names)} to {at(clamp.last, names)}"


def at(time: int, names: Sequence[str]) -> str:
    """A time step by its token and its number."""
    return f"“{literal(shorten(names[time], _LONGEST_WORD))}” ({counted(time)})"


def _of_units(clamp: Clamp) -> str:
    if clamp.units is None:
        return ""
    numbers = units_in_short(clamp.units)
    if len(numbers) > _MOST_UNITS:
        return f", {len(clamp.units):,} units"
    return f", unit{'s' if len(clamp.units) > 1 else ''} {numbers.replace(',', ', ')}"
