"""The state of another text, put in the place of one of this text (patching)."""

from collections.abc import Sequence

import streamlit as st

from pages.components.read.held_list import at
from pages.components.read.holding import MOST_CHARACTERS, Holding, OtherText, other_trace
from pages.components.read.readings import Reading
from pages.components.shared.format import listed, literal
from pages.components.shared.token_strip import chips, labels

_TEXT, _TOKEN, _AT = "other_text", "other_text_token", "other_text_at"


def take_state(kept: Holding, reading: Reading, names: Sequence[str], time: int) -> None:
    """Type the other text and choose the two time steps; an empty box takes nothing."""
    other = kept.other
    with st.expander("The state of another text", icon=":material/move_down:", expanded=bool(other.text)):
        box, token, place = (f"{key}_{kept.taken}" for key in (_TEXT, _TOKEN, _AT))
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
            kept.other = OtherText(text, token=MOST_CHARACTERS, at=other.at if other.text else time)
        source = other_trace(kept, reading)
        if source is None:
            if text.strip():
                st.info(f"There is no {reading.unit} in this text. Type one, and its state is taken.")
            return
        theirs = labels(chips(source))
        kept.other.token = _choose(token, "State after token", kept.other.token, theirs)
        kept.other.at = _choose(place, "In the place of the state after token", kept.other.at, names)
        states = listed([literal(letter) for letter in source.states])
        st.caption(
            f"{states} after {at(kept.other.token, theirs)} of the other text become those after "
            f"{at(kept.other.at, names)} of this one."
            if len(source.states) > 1
            else f"{states} after {at(kept.other.token, theirs)} of the other text becomes that after "
            f"{at(kept.other.at, names)} of this one."
        )


def _choose(key: str, label: str, chosen: int, names: Sequence[str]) -> int:
    """A time step, counted from 0; past the end it is the last one. The slider counts from 1."""
    last = len(names) - 1
    if last == 0:
        return 0
    st.session_state[key] = min(st.session_state.get(key, chosen + 1), last + 1)
    return st.slider(label, 1, last + 1, key=key) - 1
