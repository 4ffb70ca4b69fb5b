"""Panel on gates and states held at a value: the verdict before and after."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import streamlit as st

from pages.components.read.holding import (
    MOST_CHARACTERS,
    Holding,
    OtherText,
    held_in,
    holding,
    is_above,
    list_held,
    other_trace,
    step_name,
    what_is_held,
    write_address,
)
from pages.components.read.panels import panel
from pages.components.read.readings import Reading
from pages.components.read.what_if_panel import show_both
from pages.components.shared.format import literal
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.read_links import HOLD
from pages.components.shared.token_strip import chips, labels
from pages.components.shared.went_wrong import saying
from rnn_core.errors import ClampError
from rnn_core.figures.colours import Theme
from rnn_core.inspection.clamps import LARGEST, Clamp, Held, holdable, parse_units, units_in_short
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.what_if import same_text, times_of_tokens
from rnn_core.refusals import listing


@panel(HOLD, "What would it say if a gate or a state stayed at one value?")
@st.fragment
@saying_why_not()
def show_hold(reading: Reading, time: int, theme: Theme) -> None:
    """Choose what is held; below it what is, and both readings beside it.

    A fragment, so that a slider that moves draws nothing above it again.
    """
    kept = holding()
    with st.container(horizontal=True):
        for number, (label, clamp, help) in enumerate(_ready(reading, time)):
            st.button(
                label,
                key=f"ready_{number}",
                help=help,
                disabled=clamp is None or bool(kept.why_full),
                on_click=kept.add,
                args=(clamp,),
            )
    _show_form(kept, reading, time)
    controls, picture = st.columns([2, 3], gap="large")
    with controls:
        list_held(kept, reading)
        _take_state(kept, reading, time)
        if reading.model.config.model.bidirectional:
            st.caption(
                "This network reads in both directions. The cell that reads forwards is held; the other one "
                "is left as it is."
            )
    write_address(kept)
    if reading.writer is not None:
        st.caption("What it writes while this is held stands above, beside the free text.")
        if not is_above(kept):
            st.rerun()
    held = held_in(reading)
    with picture:
        if held is None:
            st.info(
                "Nothing is held in what is shown of this text."
                if any(what_is_held(reading))
                else "Nothing is held. Press a button, or choose a gate or a state: the text is then read "
                "again with it held at that value, and all that follows is computed from it."
            )
            return
        show_held(held, reading, time, theme)


def show_held(held: Held, reading: Reading, time: int, theme: Theme) -> None:
    """The text read as it is and with what is held, beside each other."""
    changed = same_text(reading.trace, held.after)
    show_both(changed, reading, time, ("as it is", "held"), theme, "held")


TURN = "but"  # the word after which the first of the ready ones begins, where a text has it
MOST_UNITS = 10

_HERE, _FROM_HERE, _THROUGHOUT = "At this token", "From this token on", "Throughout"
_ALL, _SOME, _WEIGHTIEST = "All", "By number", f"The {MOST_UNITS} that count most"


def _ready(reading: Reading, time: int) -> Iterator[tuple[str, Clamp | None, str]]:
    """Yields the label, the clamp (None where it can't be held) and the help text of each."""
    trace, names = reading.trace, reading.names
    update, reset = trace.declared.update, trace.declared.reset
    symbols = {symbol.letter: symbol.name.capitalize() for symbol in holdable(trace.declared)}
    if update is not None and update.writes in symbols:
        turn = turning_token(trace, time)
        label = f"{symbols[update.writes]} {'open' if update.shut else 'shut'} after {step_name(turn, names)}"
        # Of an exponential gate it is the exponent.
        shut = -LARGEST if trace.declared[update.writes].bounds is None else update.shut
        clamp, help = None, "After the last token there is nothing to hold: move the cursor to one before it."
        if turn + 1 < len(names) or reading.writer is not None:
            clamp = Clamp(letter=update.writes, value=shut, first=reading.since + turn + 1)
            nothing = f"nothing more is written into {update.memory}."
            help = f"{update.writes} = {shut:,g} from the next token on: {nothing}"
        yield label, clamp, help
    opened: list[tuple[str | None, str, str]] = []
    if update is not None:
        opened.append((update.keeps, " always open", ", whatever the network computes."))
    if reset is not None:
        reaches = f": all of the old state reaches the candidate {reset.candidate}."
        opened.append((reset.gate, ": never reset", reaches))
    for letter, what, why in opened:
        if letter in symbols:
            clamp = Clamp(letter=letter, value=1.0)
            yield f"{symbols[letter]}{what}", clamp, f"{letter} = 1 throughout{why}"


def turning_token(trace: Trace, time: int) -> int:
    """The time step of the first "but" that was read and is not the last token, else `time`."""
    times = times_of_tokens(trace.review)
    found = [step for token, step in zip(trace.review.tokens, times, strict=True) if token.lower() == TURN]
    return next((int(step) for step in found if 0 <= step < len(trace.logits) - 1), time)


def _show_form(kept: Holding, reading: Reading, time: int) -> None:
    """Draw the form. What is held begins at 0, and is then moved by its own slider."""
    declared = reading.trace.declared
    letters = [symbol.letter for symbol in holdable(declared)]
    choose = partial(st.segmented_control, required=True, persist_state="session", wrap=True)
    units = None
    with st.container(horizontal=True, vertical_alignment="bottom"), saying(ClampError, by=st.warning):
        letter = choose(
            "Gate or state",
            letters,
            default=letters[0],
            key=f"hold_{'_'.join(letters)}",
            format_func=lambda letter: declared[letter].title,
            help="What is held, by its letter in the equations. All that follows is computed from it.",
        )
        when = choose(
            f"When: the cursor is at {step_name(time, reading.names)}",
            [_HERE, _FROM_HERE, _THROUGHOUT],
            default=_FROM_HERE if reading.writer is None else _THROUGHOUT,
            key="hold_when" if reading.writer is None else "hold_when_it_writes",
            help="Move the cursor above to choose another token. Before the first time step at which "
            "something is held nothing changes.",
        )
        memory = _memory(reading.trace, letter)
        which = choose(
            "Units",
            [_ALL, _SOME, _WEIGHTIEST] if reading.gives_verdict else [_ALL, _SOME],
            default=_ALL,
            key="hold_units" if reading.gives_verdict else "hold_units_next",
            help=f"Those that count most: the {MOST_UNITS} units whose {memory} contributes most to the "
            f"verdict on this text, by the sum over all time steps of |d(logit)/d{memory} × {memory}|."
            if reading.gives_verdict
            else "Counted from 0.",
        )
        units = _units(reading, letter, which)
        first = 0 if when == _THROUGHOUT else reading.since + time
        last = first if when == _HERE else None
        st.button(
            f"Hold {letter}",
            icon=":material/back_hand:",
            key="hold_it",
            disabled=bool(kept.why_full),
            help=kept.why_full or "It is held at 0 at first; a slider then changes the value.",
            on_click=kept.add,
            args=(Clamp(letter=letter, value=0.0, first=first, last=last, units=units),),
        )
    if which == _WEIGHTIEST and units is not None:
        numbers = units_in_short(units).replace(",", ", ")
        st.caption(f"The units that count most here: {numbers}.")


def _units(reading: Reading, letter: str, which: str) -> tuple[int, ...] | None:
    """Raises ClampError."""
    if which == _WEIGHTIEST:
        relevance = reading.attribution.relevance[_memory(reading.trace, letter)]
        return tuple(sorted(np.argsort(-relevance, kind="stable")[:MOST_UNITS].tolist()))
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


def _memory(trace: Trace, letter: str) -> str:
    """The state itself, or the one that is the memory of the cell."""
    update = trace.declared.update
    return letter if letter in trace.declared.carriers else "h" if update is None else update.state


def _take_state(kept: Holding, reading: Reading, time: int) -> None:
    other = kept.other
    with st.expander("The state of another text", icon=":material/move_down:", expanded=bool(other.text)):
        box, token, place = (
            f"{key}_{kept.taken}"
            for key in ("other_text", "other_text_token", f"other_text_at_{reading.since}")
        )
        st.session_state.setdefault(box, other.text)
        text = st.text_input(
            "Another text",
            key=box,
            live="300ms",
            max_chars=MOST_CHARACTERS,
            placeholder="nothing: no state is taken",
            help="The same network reads it. Its state after one of its tokens then takes the place of the "
            "state after a token of the text above, and the network goes on from there.",
        )
        if text != other.text:
            st.session_state.pop(token, None)
            kept.other = OtherText(
                text, token=MOST_CHARACTERS, at=other.at if other.text else reading.since + time
            )
        source = other_trace(kept, reading)
        if source is None:
            if text.strip():
                st.info(f"There is no {reading.unit} in this text. Type one, and its state is taken.")
            return
        theirs = labels(chips(source))
        kept.other.token = _choose(token, "State after token", kept.other.token, theirs)
        at = kept.other.at - reading.since
        if reading.writer is None or at in range(len(reading.names)):  # else it is beyond what is written
            at = _choose(place, "In the place of the state after token", at, reading.names)
            kept.other.at = reading.since + at
        states = listing([literal(letter) for letter in source.states])
        become = "become those" if len(source.states) > 1 else "becomes that"
        st.caption(
            f"{states} after {step_name(kept.other.token, theirs)} of the other text {become} after "
            f"{step_name(at, reading.names)} of this one."
        )


def _choose(key: str, label: str, chosen: int, names: Sequence[str]) -> int:
    """A time step, counted from 0; past the end it is the last one. The slider counts from 1."""
    last = len(names) - 1
    if last == 0:
        return 0
    st.session_state[key] = min(st.session_state.get(key, chosen + 1), last + 1)
    return st.slider(label, 1, last + 1, key=key) - 1
