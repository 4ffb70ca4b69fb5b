"""Choose one token of a review, and one unit of the network."""

import html
import re
from collections.abc import Sequence

import streamlit as st

from pages.components.shared import address
from pages.components.shared.assets import style
from pages.components.shared.token_strip import EFFECTS, Chip, Effect, chip_colours, direction
from rnn_core.figures.colours import Theme
from rnn_core.figures.text import shorten
from rnn_core.inspection.one_step import most_moved_unit, most_telling_token
from rnn_core.inspection.trace import Trace

_TOKEN, _UNIT, _OF_TEXT, _COLOURED = "token", "unit", "token_of_text", "words_coloured"
_SLIDER = "token_slider"
"""Counts from 1, as all that is shown does; the address and the strip count tokens from 0."""
_AROUND = 40
"""Tokens shown on each side of the chosen one; what does not fit on the line is cut."""
_LONGEST = 24
_NUMBER = re.compile(r"[0-9]{1,9}")
"""What an address may say; Python refuses to read a number of thousands of digits."""


def choose_token(trace: Trace, text: str) -> int:
    """The time step to look at, counted from 0, kept in the address as `token`.

    A new text begins at the token that moved the verdict most.
    """
    steps = len(trace.logits)
    if st.session_state.get(_OF_TEXT, text) != text:
        st.session_state.pop(_TOKEN, None)
    elif (wanted := address.new_value(_TOKEN, _TOKEN)) is not None and _NUMBER.fullmatch(wanted):
        st.session_state[_TOKEN] = int(wanted)
    st.session_state[_OF_TEXT] = text
    if steps == 1:
        return 0
    if st.session_state.get(_TOKEN) not in range(steps):
        st.session_state[_TOKEN] = most_telling_token(trace)
    # Set by hand, since a slider of another length, or of another page, would begin at its first token.
    st.session_state[_SLIDER] = st.session_state[_TOKEN] + 1
    st.slider(
        "Token",
        min_value=1,
        max_value=steps,
        key=_SLIDER,
        on_change=_take_slider,
        help="The time step to look at. The arrow keys move it by one. It begins at the token that moved the "
        "verdict most.",
    )
    time = int(st.session_state[_TOKEN])
    # Not bound to the address: a slider of another length would take the token of the text before from there.
    address.write(_TOKEN, _TOKEN, str(time))
    return time


def _take_slider() -> None:
    st.session_state[_TOKEN] = st.session_state[_SLIDER] - 1


def choose_effect(unit: str = "word") -> Effect:
    """In which sense tokens are coloured by what they did to the verdict; `unit` is what one is called."""
    return st.selectbox(
        f"{unit.capitalize()}s coloured",
        EFFECTS,
        format_func=lambda effect: effect.name,
        key=_COLOURED,
        persist_state="session",
        help=f"By how far the logit moved when the network read the {unit}, or by what the final logit would "
        f"lose with `<unk>` in its place (occlusion): a {unit} may move the logit and be forgotten later.",
    )


def show_around(strip: Sequence[Chip], time: int, theme: Theme) -> None:
    """The chosen token among its neighbours."""
    st.html(around_html([chip for chip in strip if chip.step is not None], time, theme))


def around_html(read: Sequence[Chip], time: int, theme: Theme) -> str:
    """The chosen token among its neighbours, as HTML. Everything a user wrote in it is escaped."""
    before = "".join(map(_word, read[max(time - _AROUND, 0) : time]))
    after = "".join(map(_word, read[time + 1 : time + 1 + _AROUND]))
    chosen = _word(read[time])
    return (
        style(__file__, "token_chips.css", **chip_colours(theme))
        + f'<div class="gs-around gs-chips" dir="{direction(read)}"><span>{before}</span>'
        + f"<b>{chosen}</b><span>{after}</span></div>"
    )


def _word(chip: Chip) -> str:
    text = shorten(chip.text, _LONGEST)
    if chip.kind == "unknown":
        return (
            f'<i class="unknown" title="not in the vocabulary, read as &lt;unk&gt;">{html.escape(text)}</i>'
        )
    return f"<i>{html.escape(text)}</i>"


def choose_unit(trace: Trace, time: int) -> tuple[int, str]:
    """The unit to look at, kept in the address as `unit`, and in words why it is this one."""
    units = trace.arrays["h"].shape[1]
    chosen = st.session_state.get(_UNIT)
    if chosen is not None and not 0 <= chosen < units:
        st.session_state[_UNIT] = None
    chosen = st.number_input(
        "Unit",
        min_value=0,
        max_value=units - 1,
        value=None,
        step=1,
        key=_UNIT,
        bind="query-params",
        persist_state="session",
        placeholder="the one that changes most",
        help="Which of the numbers of the hidden state to follow, counted from 0. Left empty it is the one "
        "that changes most at this token.",
    )
    most = most_moved_unit(trace, time)
    unit = most if chosen is None else chosen
    if unit == most:
        return unit, f"unit {unit} of {units:,}, the one whose hidden state changes most at this token"
    return unit, f"unit {unit} of {units:,}, as you chose; unit {most} changes most at this token"
