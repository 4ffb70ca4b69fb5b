"""What to hold: ready ones by a click, or a quantity, at which time steps and in which units."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.components.read.held_list import at
from pages.components.read.holding import Holding
from pages.components.read.readings import Reading
from pages.components.shared.format import literal
from rnn_core.errors import ClampError
from rnn_core.inspection.clamps import MOST_CLAMPS, Clamp, holdable, parse_units, units_in_short
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.what_if import times_of_tokens
from rnn_core.symbols import Symbol

TURN = "but"
"""The word after which the first of the ready ones begins, where a text has it."""
MOST_UNITS = 10

_HERE, _FROM_HERE, _THROUGHOUT = "At this token", "From this token on", "Throughout"
_ALL, _SOME, _WEIGHTIEST = "All", "By number", f"The {MOST_UNITS} that count most"


class Ready(NamedTuple):
    """A clamp with a button of its own."""

    label: str
    clamp: Clamp | None
    """None where it can't be held here."""
    help: str


def ready(trace: Trace, names: Sequence[str], time: int) -> Iterator[Ready]:
    """Those that this cell has the gates for, by what its gates do."""
    declared = trace.declared
    can_hold = {symbol.letter for symbol in holdable(declared)}
    update, reset = declared.update, declared.reset
    if update is not None and update.writes in can_hold:
        symbol, after = declared[update.writes], turning_token(trace, time)
        yield Ready(
            f"{symbol.name.capitalize()} shut after {at(after, names)}",
            Clamp(letter=symbol.letter, value=0.0, first=after + 1) if after + 1 < len(names) else None,
            f"{symbol.letter} = 0 from the next token on: nothing more is written into {update.memory}."
            if after + 1 < len(names)
            else "After the last token there is nothing to hold: move the cursor to one before it.",
        )
    if update is not None and update.keeps in can_hold:
        symbol = declared[update.keeps]
        yield Ready(
            f"{symbol.name.capitalize()} always open",
            Clamp(letter=symbol.letter, value=1.0),
            f"{symbol.letter} = 1 throughout, whatever the network computes.",
        )
    if reset is not None and reset.gate in can_hold:
        symbol = declared[reset.gate]
        yield Ready(
            f"{symbol.name.capitalize()}: never reset",
            Clamp(letter=symbol.letter, value=1.0),
            f"{symbol.letter} = 1 throughout: all of the old state reaches the candidate {reset.candidate}.",
        )


def turning_token(trace: Trace, time: int) -> int:
    """The time step of the first "but" that was read and is not the last token, else `time`."""
    times = times_of_tokens(trace.review)
    found = [step for token, step in zip(trace.review.tokens, times, strict=True) if token.lower() == TURN]
    return next((int(step) for step in found if 0 <= step < len(trace.logits) - 1), time)


def offer_ready(kept: Holding, reading: Reading, names: Sequence[str], time: int) -> None:
    """A button for each."""
    with st.container(horizontal=True):
        for number, (label, clamp, help) in enumerate(ready(reading.trace, names, time)):
            st.button(
                label,
                key=f"ready_{number}",
                help=help,
                disabled=clamp is None or kept.is_full,
                on_click=kept.add,
                args=(clamp,),
            )


def show_form(kept: Holding, reading: Reading, names: Sequence[str], time: int) -> None:
    """Choose and press; what is held begins at 0, and is then moved by its own slider."""
    declared = reading.trace.declared
    letters = [symbol.letter for symbol in holdable(declared)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        letter = st.segmented_control(
            "Gate or state", letters, default=letters[0], required=True, key=f"hold_{'_'.join(letters)}",
            persist_state="session", wrap=True, format_func=lambda letter: _title(declared[letter]),
            help="What is held, by its letter in the equations. All that follows is computed from it.",
        )  # fmt: skip
        when = st.segmented_control(
            f"When: the cursor is at {at(time, names)}", [_HERE, _FROM_HERE, _THROUGHOUT],
            default=_FROM_HERE, required=True, key="hold_when", persist_state="session", wrap=True,
            help="Move the cursor above to choose another token. Before the first time step at which "
            "something is held nothing changes.",
        )  # fmt: skip
        which = st.segmented_control(
            "Units", [_ALL, _SOME, _WEIGHTIEST], default=_ALL, required=True, key="hold_units",
            persist_state="session", wrap=True, help=_weightiest_in_words(reading, letter),
        )  # fmt: skip
        try:
            units = _units(reading, letter, which)
        except ClampError as error:
            st.warning(literal(str(error)))
            return
        first = 0 if when == _THROUGHOUT else time
        last = time if when == _HERE else None
        st.button(
            f"Hold {letter}",
            icon=":material/back_hand:",
            key="hold_it",
            disabled=kept.is_full,
            help=f"At most {MOST_CLAMPS} are held at once: let one go first."
            if kept.is_full
            else "It is held at 0 at first; a slider then changes the value.",
            on_click=kept.add,
            args=(Clamp(letter=letter, value=0.0, first=first, last=last, units=units),),
        )
    if which == _WEIGHTIEST and units is not None:
        numbers = units_in_short(units).replace(",", ", ")
        st.caption(f"The units that count most here: {numbers}.")


def _units(reading: Reading, letter: str, which: str) -> tuple[int, ...] | None:
    """Raises ClampError."""
    if which == _WEIGHTIEST:
        return weightiest_units(reading, letter)
    if which != _SOME:
        return None
    H = reading.trace.arrays["h"].shape[1]
    written = st.text_input(
        "Numbers of units",
        "0",
        key="hold_numbers",
        max_chars=200,
        persist_state="session",
        width=180,
        help=f"Such as 3, 7-9. The units are counted from 0 to {H - 1:,}.",
    )
    units = parse_units(written)
    if units[-1] >= H:
        raise ClampError(f"There are {H:,} units, counted from 0 to {H - 1:,}, got {units[-1]:,}.")
    return units


def weightiest_units(reading: Reading, letter: str) -> tuple[int, ...]:
    """The units of a state, or of the memory that a gate acts on, that contribute most to the verdict."""
    relevance = reading.attribution.relevance[_memory(reading.trace, letter)]
    return tuple(sorted(np.argsort(-relevance, kind="stable")[:MOST_UNITS].tolist()))


def _weightiest_in_words(reading: Reading, letter: str) -> str:
    memory = _memory(reading.trace, letter)
    return (
        f"Those that count most: the {MOST_UNITS} units whose {memory} contributes most to the verdict on "
        f"this text, by the sum over all time steps of |d(logit)/d{memory} × {memory}|."
    )


def _memory(trace: Trace, letter: str) -> str:
    """The state itself, or the one that is the memory of the cell."""
    update = trace.declared.update
    return letter if letter in trace.states else "h" if update is None else update.memory


def _title(symbol: Symbol) -> str:
    return f"{symbol.letter}  {symbol.name.removesuffix(' gate').removesuffix(' state')}"
