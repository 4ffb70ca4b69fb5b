"""A text area that hands over what is typed while one types, and is written to only where Python has another.

The text is `st.session_state[key]`; set it before `live_text` is called, or in a callback, for another one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import streamlit as st

from pages.components.shared.assets import component
from pages.components.shared.shared_value import SharedValue

PAUSE = 150
"""Milliseconds from the last key until Python gets the text while it answers those before; else at once."""

_LABEL_HEIGHT = 28

_ITS_OWN = "streamlit_names.js", "shared_value.js"
_box = component("gatescope_live_text", __file__, *_ITS_OWN)
_marked_box = component("gatescope_marked_text", __file__, *_ITS_OWN, "marked_lines.js", "marked_lines.css")


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence on a text, or on a place in it."""

    kind: Literal["wrong", "doubtful", "right"]
    sentence: str
    line: int = 0
    """Counted from 1, as the column is; 0 where it is on all of the text."""
    column: int = 1
    length: int = 1


def live_text(
    label: str,
    value: str,
    key: str,
    *,
    height: int = 190,
    placeholder: str = "",
    help: str = "",
    notes: Sequence[Note] | None = None,
) -> str:
    """A text area, `height` pixels high with its label; returns its text, of any length, at first `value`.

    With `notes` on the text that it has now it shows lines with their numbers, is as high as they need, marks
    the places in them, and says the sentences below.
    """
    st.session_state.setdefault(key, value)
    text = st.session_state[key]
    shared = _shared(key)
    is_new = shared.is_new
    data = {"label": label, "height": height - _LABEL_HEIGHT, "placeholder": placeholder, "help": help}
    data |= {"pause": PAUSE, **shared.offer(text)}
    if notes is not None:
        lines = ["", *text.split("\n")]
        noted = {note.line: lines[note.line] for note in notes if note.line < len(lines)}
        data |= {"notes": [asdict(note) for note in notes], "lines": noted}
    box = (_box if notes is None else _marked_box)(
        key=shared.mounted, data=data, on_changed_change=shared.take
    )
    if is_new and box.changed is not None:
        # The server was started again under an open page, which brings along what was typed before.
        shared.accept(box.changed)
        st.rerun()
    return text


def _shared(key: str) -> SharedValue:
    # A lone half of a surrogate pair can be typed but not encoded, so it could be sent nowhere.
    def whole(typed: str) -> str:
        return typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    return SharedValue(key, f"{key}_box", clean=whole)
