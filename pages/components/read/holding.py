"""Clamps and patches of Read, for every network and text, kept for the session and in the address."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.components.read.readings import Reading, read
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.address import DamagedTextError, pack, unpack
from pages.components.shared.format import literal
from pages.components.shared.went_wrong import refusal_of
from rnn_core.errors import ClampError, EmptyReviewError
from rnn_core.figures.text import counted, shorten
from rnn_core.inspection.clamps import (
    LARGEST,
    MOST_CLAMPS,
    Clamp,
    Held,
    Patch,
    check_held,
    hold,
    parse_clamps,
    parse_places,
    units_in_short,
)
from rnn_core.inspection.trace import Trace
from rnn_core.symbols import Symbol

MOST_CHARACTERS = 2_000  # of the text whose state is taken
_ABOVE = "held_above"


@dataclass
class OtherText:
    """A text whose state is taken after a time step, and at which time step of this text it is put."""

    text: str = ""
    token: int = 0
    at: int = 0


@dataclass
class Holding:
    """The clamps and the patch of the user, also where the network and the text that are open forbid them."""

    clamps: dict[int, Clamp] = field(default_factory=dict)
    """Clamps by a number that none has had before."""
    given: int = 0
    """The number of all there have been."""
    other: OtherText = field(default_factory=OtherText)
    taken: int = 0
    """The number of links that brought another text; the widgets that show it begin again with each."""

    def add(self, clamp: Clamp) -> None:
        """Hold one more."""
        self.clamps[self.given] = clamp
        self.given += 1

    def let_go(self, number: int) -> None:
        """Hold it no longer."""
        self.clamps.pop(number, None)

    @property
    def why_full(self) -> str:
        """The reason why no more can be held; empty while more can."""
        is_full = len(self.clamps) >= MOST_CLAMPS
        return f"At most {MOST_CLAMPS} are held at once: let one go first." if is_full else ""


def holding() -> Holding:
    """Return what the session holds, with what the address asks for, which is taken once."""
    kept: Holding = st.session_state.setdefault("holding", Holding())
    asked = address.read_once(keys.HOLD, keys.HOLD)
    if asked is not None:
        kept.clamps.clear()
        try:
            for clamp in parse_clamps(asked):
                kept.add(clamp)
        except ClampError as error:
            st.warning(f"What this link holds can't be read, so nothing is held. {literal(str(error))}")
    places = address.read_once(keys.PATCH, keys.PATCH)
    packed = address.read_once(keys.PATCH_TEXT, keys.PATCH_TEXT)
    if packed is not None:
        kept.taken += 1
        try:
            at, token = parse_places((address.value(keys.PATCH) or "") if places is None else places)
            kept.other = OtherText(unpack(packed, MOST_CHARACTERS), token, at)
        except (ClampError, DamagedTextError):
            kept.other = OtherText()
            st.warning(
                "The other text in this link is damaged, probably because the link was cut short, so its "
                "state is not taken. Copy the whole link again."
            )
    return kept


def holding_address(kept: Holding) -> dict[keys.Key, str]:
    """Return the part of a link that says it."""
    said = {keys.HOLD: " ".join(map(str, kept.clamps.values()))} if kept.clamps else {}
    if kept.other.text.strip():
        said |= {keys.PATCH: f"{kept.other.at}={kept.other.token}", keys.PATCH_TEXT: pack(kept.other.text)}
    return said


def write_address(kept: Holding) -> None:
    """Let the address say what is held."""
    said = holding_address(kept)
    for name in (keys.HOLD, keys.PATCH, keys.PATCH_TEXT):
        address.write(name, name, said.get(name))


def why_not_held(clamp: Clamp, reading: Reading) -> str:
    """Say, for Markdown, why it can't be held while this network reads this text; empty if it can."""
    refused = refusal_of(check_held, reading.trace, [clamp], goes_on=reading.writer is not None)
    return f"{literal(str(clamp))} is not held here. {literal(refused)}" if refused else ""


def other_trace(kept: Holding, reading: Reading) -> Trace | None:
    """The other text as this network reads it; None where there is none, or no word in it."""
    if not kept.other.text.strip():
        return None
    try:
        return read(reading.model, kept.other.text, reading.trace.layer).trace
    except EmptyReviewError:
        return None


def what_is_held(reading: Reading) -> tuple[list[Clamp], list[Patch]]:
    """All that is held and can be; where the text goes on, also beyond its end."""
    kept, patches = holding(), []
    clamps = [clamp for clamp in kept.clamps.values() if not why_not_held(clamp, reading)]
    if (source := other_trace(kept, reading)) is not None:  # past the end of a text it is its last time step
        token = min(kept.other.token, len(source.logits) - 1)
        last = len(reading.trace.logits) - 1
        at = kept.other.at if reading.writer is not None else min(kept.other.at, last)
        patches.append(Patch(source=source, token=token, at=at))
    return clamps, patches


def held_in(reading: Reading) -> Held | None:
    """The reading with all that is held within it; None where that is nothing."""
    steps, (clamps, patches) = range(len(reading.trace.logits)), what_is_held(reading)
    within = [
        replace(
            clamp, first=max(clamp.first, 0), last=None if clamp.last is None else min(clamp.last, steps[-1])
        )
        for clamp in (_shown(clamp, reading.since) for clamp in clamps)
        if clamp.first < len(steps) and (clamp.last is None or clamp.last >= 0)
    ]
    moved = [replace(patch, at=patch.at - reading.since) for patch in patches]
    return hold(reading.model, reading.trace, within, [patch for patch in moved if patch.at in steps])


def _shown(clamp: Clamp, since: int) -> Clamp:
    """A clamp with its time steps as the trace counts them, below 0 where they are before it."""
    last = None if clamp.last is None else clamp.last - since
    return replace(clamp, first=clamp.first - since if clamp.first else 0, last=last)


def note_above(kept: Holding) -> None:
    """Note that the page has drawn above what this makes of the text."""
    st.session_state[_ABOVE] = holding_address(kept)


def is_above(kept: Holding) -> bool:
    """True unless another thing was held when the page was drawn."""
    return st.session_state.get(_ABOVE) == holding_address(kept)


_MOST_CHARACTERS_OF_UNITS, _LONGEST_WORD = 16, 16


def list_held(kept: Holding, reading: Reading) -> None:
    """Draw a slider for each clamp that is held."""
    for number, clamp in list(kept.clamps.items()):
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"held_{number}"):
            if refused := why_not_held(clamp, reading):
                with st.container():
                    st.markdown(refused)
            else:
                _value(kept, number, reading)
            st.button(
                "",
                icon=":material/close:",
                type="tertiary",
                key=f"let_go_{number}",
                help="Hold it no longer.",
                on_click=kept.let_go,
                args=(number,),
            )


def _value(kept: Holding, number: int, reading: Reading) -> None:
    clamp, trace = kept.clamps[number], reading.trace
    symbol, in_units = trace.declared[clamp.letter], "all units"
    low, high = bounds(symbol, trace, clamp.value)
    key = f"held_value_{number}"
    now = st.session_state.get(key, math.nan)
    # Set by hand, since a slider whose ends have moved would begin at its lowest value.
    st.session_state[key] = now if low <= now <= high else clamp.value
    if clamp.units is not None:
        in_units = f"the units {units_in_short(clamp.units)}"
    value = st.slider(
        clamp_in_words(clamp, reading),
        low,
        high,
        key=key,
        step=0.01,
        help=f"{symbol.letter} is {symbol.meaning}. Here it is held at this value in {in_units}, whatever "
        "the network computes. As it is written in a shell, which counts time steps from 0: "
        f"`--clamp {clamp}`.",
    )
    if value != clamp.value:
        kept.clamps[number] = replace(clamp, value=value)


def clamp_in_words(clamp: Clamp, reading: Reading) -> str:
    """Names what is held, at which time steps and in which units, for Markdown."""
    symbol, of_units = reading.trace.declared[clamp.letter], ""
    if clamp.units is not None:
        numbers = units_in_short(clamp.units)
        of_units = f", unit{'s' if len(clamp.units) > 1 else ''} {numbers.replace(',', ', ')}"
        if len(numbers) > _MOST_CHARACTERS_OF_UNITS:
            of_units = f", {len(clamp.units):,} units"
    times = when(_shown(clamp, reading.since), reading.names)
    return f"{symbol.common_name.capitalize()} {symbol.letter}, {times}{of_units}"


def bounds(symbol: Symbol, trace: Trace, value: float) -> tuple[float, float]:
    """The bounds of a quantity; where there are none above, how far it and `value` go in this text."""
    low, high = symbol.bounds or (-math.inf, math.inf)
    if math.isfinite(high):
        return low, high
    reach = max(float(abs(trace.arrays[symbol.letter]).max()), abs(value), 1.0)
    reach = float(min(math.ceil(reach), LARGEST))
    return max(low, -reach), reach


def when(clamp: Clamp, names: Sequence[str]) -> str:
    """Return the time steps in words, for Markdown."""
    if clamp.last is None:
        return f"from {step_name(clamp.first, names)} on" if clamp.first else "throughout"
    if clamp.last == clamp.first:
        return f"at {step_name(clamp.first, names)}"
    return f"from {step_name(clamp.first, names)} to {step_name(clamp.last, names)}"


def step_name(time: int, names: Sequence[str]) -> str:
    """A time step by its token and its number; one beyond the end of a text by its number.

    Below 0 it is before the part of a long text that is shown.
    """
    if time < 0:
        return "an earlier time step"
    if time >= len(names):
        return f"time step {counted(time)}"
    return f"“{literal(shorten(names[time], _LONGEST_WORD))}” ({counted(time)})"
