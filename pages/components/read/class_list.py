"""All classes, the most probable first, each with its bar; a click follows a class along the text."""

from typing import Any

import streamlit as st

from pages.components.read.followed_class import FOLLOWED, choose
from pages.components.shared.assets import component
from rnn_core.figures.colours import Theme, class_colours
from rnn_core.figures.text import percent
from rnn_core.inspection.trace import Trace

_LIST = "class_list"
_HEIGHT = 152
"""Pixels; of more classes than find room the list scrolls."""

_list = component("gatescope_class_list", __file__)


def list_classes(trace: Trace, theme: Theme) -> None:
    """Of more than two classes: those in sight in their colours, the followed one marked."""

    def take() -> None:
        name = st.session_state[_LIST]["followed"]
        if name in trace.classes:
            choose(name)

    _list(key=_LIST, data=rows(trace, theme), on_followed_change=take)


def rows(trace: Trace, theme: Theme) -> dict[str, Any]:
    """What the list is drawn from; the names are text, which the browser sets as such."""
    colours = class_colours([trace.classes[number] for number in trace.in_sight], len(trace.classes))
    in_the_end = trace.probabilities_of_classes[-1]
    ordered = [trace.classes[number] for number in (-in_the_end).argsort(kind="stable")]
    shares = dict(zip(trace.classes, in_the_end.tolist(), strict=True))
    return {
        "label": "Classes by their probability",
        "height": _HEIGHT,
        "classes": [
            {
                "name": name,
                "share": percent(shares[name]),
                "width": round(100 * shares[name], 2),
                "colour": colours.get(name, theme.muted),
            }
            for name in ordered
        ],
        "followed": trace.classes[trace.followed],
        "isChosen": st.session_state.get(FOLLOWED) == trace.classes[trace.followed],
        "colours": {"muted": theme.muted, "grid": theme.grid},
    }
