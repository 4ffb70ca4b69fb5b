"""A choice of which a few are in view and the others one click away, each with a sentence.

The panels of Read are chosen in `read_panels`: all they need is a menu, since the question of the panel
stands over it, and one control under the key of the address.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import streamlit as st

from pages.components.shared.format import literal


class Offered(NamedTuple):
    """One of the choices."""

    title: str
    says: str
    """A sentence on it, as Markdown."""


def choose(
    label: str,
    offered: Mapping[str, Offered],
    in_view: Sequence[str],
    key: str,
    *,
    help: str,
    more: str,
    width: Literal["stretch", "content"] = "content",
    on_change: Callable[[], None] = lambda: None,
) -> str:
    """Draws the few as buttons, and all behind the button `more`, which shows the choice if it is another.

    The choice is `st.session_state[key]`, which the caller has set; None where none of them is chosen.
    Returns the sentence on the choice, empty without one.
    """
    chosen, few, is_open = st.session_state[key], f"{key}_in_view", f"{key}_open"
    st.session_state[few] = chosen if chosen in in_view else None

    def take(shown: str) -> None:
        st.session_state[key], st.session_state[is_open] = st.session_state[shown], False
        on_change()

    st.segmented_control(
        label,
        in_view,
        format_func=lambda name: offered[name].title,
        required=True,
        key=few,
        on_change=take,
        args=(few,),
        help=help,
        width=width,
    )
    is_behind = chosen is not None and chosen not in in_view
    label_behind = offered[chosen].title if is_behind else more
    with st.popover(
        label_behind,
        type="primary" if is_behind else "secondary",
        width=width,
        key=is_open,
        on_change="rerun",
    ):
        names = list(offered)
        st.radio(
            label,
            names,
            index=names.index(chosen) if chosen in names else None,
            format_func=lambda name: offered[name].title,
            captions=[one.says for one in offered.values()],
            key=key,
            on_change=take,
            args=(key,),
            help=help,
            label_visibility="collapsed",
        )
    return f"**{literal(offered[chosen].title)}**: {offered[chosen].says}" if chosen is not None else ""
