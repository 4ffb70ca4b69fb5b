"""Which class is followed along the text: the predicted one, until another is chosen by a click or a link."""

import streamlit as st

from pages.components.read.readings import Reading, follow
from pages.components.shared import address
from rnn_core.config.class_names import place_of

FOLLOWED = "followed"
"""The name in the address, and the key of the session."""


def follow_chosen(reading: Reading, text: str) -> Reading:
    """The reading with the chosen class followed; as it is where its network has no such class.

    Of two classes there is nothing to choose: what speaks for one speaks against the other.
    """
    classes = reading.trace.classes
    asked = address.news(FOLLOWED, FOLLOWED)
    if asked is not None and (place := place_of(asked, classes)) is not None:
        st.session_state[FOLLOWED] = classes[place]
    chosen = st.session_state.get(FOLLOWED)
    if len(classes) == 2 or chosen not in classes:
        address.withdraw(FOLLOWED, FOLLOWED)
        return reading
    address.write(FOLLOWED, FOLLOWED, chosen)
    return follow(reading, text, classes.index(chosen))


def choose(name: str) -> None:
    """Follow a class, from a callback; a second click on it follows the predicted one again."""
    if st.session_state.get(FOLLOWED) == name:
        del st.session_state[FOLLOWED]
    else:
        st.session_state[FOLLOWED] = name
