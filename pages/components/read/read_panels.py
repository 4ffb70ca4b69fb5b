"""The questions that can be asked of a review below its picture, one at a time."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from pages.components.read.at_cursor import show_cursor
from pages.components.read.export_panel import show_export
from pages.components.read.hold_panel import show_hold
from pages.components.read.layer_panel import show_layers
from pages.components.read.padding_panel import show_padding_lab
from pages.components.read.plane_panel import show_plane
from pages.components.read.probe_panel import show_probes
from pages.components.read.readings import Reading
from pages.components.read.table_panel import show_table
from pages.components.read.tracking_panel import show_tracking
from pages.components.read.two_models import show_two_models
from pages.components.read.unit_panel import show_units
from pages.components.read.what_if_panel import show_other_window, show_what_if
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.read_links import HOLD, UNDERSTANDING
from rnn_core.figures.colours import Theme

_AT_TOKEN, _EXPORT = "At this token", "Export"
_ANOTHER_WORD, _TWO, _LAYERS = "Another word", "Two models", "What does each layer add?"
_TRACKING, _PLANE = "Units that keep track", "The plane of states"
_IN_VIEW = 3
"""The first panels, as many as find room in a line; a menu lists the others."""
_MENU = "more_panels"


class _Panel(NamedTuple):
    asks: str
    """The question that it answers."""
    show: Callable[[], None]


def ask_further(reading: Reading, text: str, time: int, theme: Theme) -> None:
    """The cursor stands at `time`. What is not asked costs nothing."""
    unit = reading.unit
    panels = {
        _AT_TOKEN: _Panel(
            "What did the network keep, write and drop here?", lambda: show_cursor(reading, time, theme)
        ),
        _ANOTHER_WORD: _Panel(
            f"What would it say with another {unit} here?", lambda: show_what_if(reading, time, theme)
        ),
        _TRACKING: _Panel(
            "Which unit counts, or remembers what the rule needs?",
            lambda: show_tracking(reading, text, time, theme),
        ),
        HOLD: _Panel(
            "What would it say if a gate or a state stayed at one value?",
            lambda: show_hold(reading, time, theme),
        ),
        "Another window": _Panel(
            "What if it knew or read less?", lambda: show_other_window(reading, time, theme)
        ),
        "Padding": _Panel(
            "What does padding do to the verdict?", lambda: show_padding_lab(reading, text, theme)
        ),
        _TWO: _Panel(
            "How does another network read it?", lambda: show_two_models(reading, text, time, theme)
        ),
        _LAYERS: _Panel(
            "What would it say if a lower layer gave the verdict?", lambda: show_layers(reading, time, theme)
        ),
        UNDERSTANDING: _Panel(
            "Which negations, comparisons and turns with “but” does it get right?",
            lambda: show_probes(reading, text, theme),
        ),
        _PLANE: _Panel("Where do its states go?", lambda: show_plane(reading, time, theme)),
        "Units": _Panel("What does a single unit respond to?", lambda: show_units(reading, time, theme)),
        "A whole table": _Panel("What does it say of many texts?", lambda: show_table(reading)),
        _EXPORT: _Panel("How can I keep or share this?", lambda: show_export(reading, text, time)),
    }
    if not reading.gives_verdict:
        of_language = (_TRACKING, _PLANE) if reading.model.config.corpus.language is not None else ()
        offered = (_AT_TOKEN, *of_language[:1], HOLD, *of_language[1:], _TWO, _EXPORT)
        panels = {name: panels[name] for name in offered}
    else:
        panels.pop(_TRACKING)
    shown_as = {_ANOTHER_WORD: f"Another {unit}"}
    if reading.trace.layers == 1:
        panels.pop(_LAYERS, None)
    elif reading.trace.layers == 2:
        shown_as[_LAYERS] = "What does layer 2 add?"
    panel = _choose(panels, shown_as)
    st.caption(panel.asks)
    with saying_why_not():
        panel.show()


def _choose(panels: Mapping[str, _Panel], shown_as: Mapping[str, str]) -> _Panel:
    """The panel that is chosen, kept in the address; one of the menu then stands beside those in view.

    `few_and_more` would need a second control under another key, and says a sentence on what is chosen.
    """
    names = list(panels)
    in_view, others = names[:_IN_VIEW], names[_IN_VIEW:]
    chosen = address.follow(keys.PANEL, keys.PANEL, names, lambda: names[0])

    def title(name: str) -> str:
        return shown_as.get(name, name)

    def named(name: str) -> str:
        return (
            f"**{title(name)}**" if title(name).endswith("?") else f"**{title(name)}**: {panels[name].asks}"
        )

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            "Ask further",
            [*in_view, *([chosen] if chosen in others else [])],
            required=True,
            key=keys.PANEL,
            persist_state="session",
            label_visibility="collapsed",
            wrap=True,
            format_func=title,
        )
        st.menu_button(
            "More",
            others,
            key=_MENU,
            format_func=named,
            on_click=lambda: st.session_state.update({keys.PANEL: st.session_state[_MENU]}),
        )
    if chosen == names[0]:
        address.remove(keys.PANEL)
    else:
        address.write(keys.PANEL, keys.PANEL, chosen)
    return panels[chosen]
