"""What if a gate stayed shut? Gates and states held at a value, and the verdict before and after."""

from collections.abc import Sequence

import streamlit as st

from pages.components.read.held_list import list_held
from pages.components.read.hold_form import offer_ready, show_form
from pages.components.read.holding import held_in, holding, write_address
from pages.components.read.other_text import take_state
from pages.components.read.readings import Reading
from pages.components.read.two_versions import show_both
from pages.components.shared.no_verdict import saying_why_not
from rnn_core.figures.colours import Theme
from rnn_core.inspection.what_if import same_text


@st.fragment
@saying_why_not()
def show_hold(reading: Reading, names: Sequence[str], time: int, theme: Theme) -> None:
    """Choose what is held; below it what is, and both readings beside it.

    A fragment, so that a slider that moves draws nothing above it again.
    """
    kept = holding()
    offer_ready(kept, reading, names, time)
    show_form(kept, reading, names, time)
    controls, picture = st.columns([2, 3], gap="large")
    with controls:
        list_held(kept, reading.trace, names)
        take_state(kept, reading, names, time)
        if reading.model.config.model.bidirectional:
            st.caption(
                "This network reads in both directions. The cell that reads forwards is held; the other one "
                "is left as it is."
            )
    write_address(kept)
    held = held_in(reading)
    with picture:
        if held is None:
            st.info(
                "Nothing is held. Press a button, or choose a gate or a state: the text is then read again "
                "with it held at that value, and all that follows is computed from it."
            )
            return
        changed = same_text(reading.trace, held.after)
        saved_as = f"gatescope-{reading.model.name}-held"
        show_both(changed, reading, names, time, ("as it is", "held"), theme, saved_as=saved_as)
