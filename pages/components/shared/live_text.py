"""A text area that hands over what is typed while one types; `st.text_area` waits until one leaves it.

The text belongs to both sides. Python knows it as `st.session_state[key]`, and anyone who sets that before
`live_text` is called puts another text into the box. The box is written to only then: what comes back while
one goes on typing leaves text, caret, selection and the way back (undo) alone.
"""

import streamlit as st

from pages.components.shared.assets import component
from pages.components.shared.shared_value import SharedValue

PAUSE = 150
"""Milliseconds from the last key until Python gets the text while it answers those before; else at once."""

_LABEL_HEIGHT = 28

_box = component("gatescope_live_text", __file__, "streamlit_names.js", "shared_value.js")


def live_text(
    label: str, value: str, key: str, *, height: int = 190, placeholder: str = "", help: str = ""
) -> str:
    """A text area, `height` pixels high with its label; returns what stands in it, of any length.

    `value` is the text to begin with. From then on the text is `st.session_state[key]`, also after another
    page was visited; set it before this call, or in a callback, to put another text into the box. A test
    without a browser (AppTest) does the same: `app.session_state[key] = "a text"`, then `app.run()`.
    """
    st.session_state.setdefault(key, value)
    text = st.session_state[key]
    shared = _shared(key)
    is_new = shared.is_new
    data = {
        "label": label,
        "height": height - _LABEL_HEIGHT,
        "placeholder": placeholder,
        "help": help,
        "pause": PAUSE,
    }
    box = _box(key=shared.mounted, data=data | shared.offer(text), on_changed_change=shared.take)
    if is_new and box.changed is not None:
        # The server was started again under an open page, which brings along what was typed before.
        shared.accept(box.changed)
        st.rerun()
    return text


def _shared(key: str) -> SharedValue:
    return SharedValue(key, f"{key}_box", clean=_whole_signs)


def _whole_signs(typed: str) -> str:
    """A lone half of a surrogate pair can be typed but not encoded, so it could be sent nowhere."""
    return typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
