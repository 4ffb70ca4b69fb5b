"""The questions that can be asked of a review below its picture, one at a time; each registers itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st

from pages.components.read.readings import Reading
from pages.components.shared import address
from pages.components.shared import address_keys as keys
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.read_links import HOLD, UNDERSTANDING
from rnn_core.figures.colours import Theme
from rnn_core.registry import Registry

_IN_VIEW = 3
"""The first panels, as many as find room in a line; a menu lists the others."""
_MENU = "more_panels"
Show = Callable[[Reading, int, Theme], None]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A question, and how it is answered for a reading of a text with the cursor at a time step."""

    asks: str
    """The question, with a place for what a token is called."""
    show: Show
    needs: Callable[[Reading], bool] = lambda reading: True
    """True if the reading has what it shows."""
    title: Callable[[Reading], str] | None = None
    """Returns what it is called, where that is not its name."""


PANELS: Registry[Panel] = Registry("panel of Read")
_IN_ORDER = (
    "At this token",
    "Units that keep track",
    "Another word",
    HOLD,
    "Where is it surprised?",
    "It learns while it reads",
    "Another window",
    "Padding",
    "Two models",
    "What does each layer add?",
    UNDERSTANDING,
    "While it learned",
    "The plane of states",
    "Units",
    "A whole table",
    "Export",
)
"""The places of the panels, the first of them in view; one that is not named here comes last."""


def panel(name: str, asks: str, **more: Any) -> Callable[[Show], Show]:
    """Register what shows a panel of this name; `more` is the rest of its `Panel`."""

    def register(show: Show) -> Show:
        PANELS.register(name, Panel(asks=asks, show=show, **more))
        return show

    return register


@cache
def _find() -> None:
    """Let every file of this folder register its panels."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        import_module(f"{__package__}.{file.stem}")


def offered(reading: Reading) -> dict[str, Panel]:
    """The panels that have something to show of a reading, in their order."""
    _find()
    places = {name: place for place, name in enumerate(_IN_ORDER)}
    names = sorted(PANELS, key=lambda name: places.get(name, len(places)))
    return {name: PANELS[name] for name in names if PANELS[name].needs(reading)}


def gives_verdict(reading: Reading) -> bool:
    """True where the network gives a verdict; else it says what comes next."""
    return reading.gives_verdict


def writes(reading: Reading) -> bool:
    """True where the network learned from real text to say what comes next."""
    return reading.model.config.tokens.exact


def learned_a_language(reading: Reading) -> bool:
    """True of verdicts, and where the network learned a made-up language."""
    return reading.gives_verdict or reading.model.config.corpus.language is not None


def ask_further(reading: Reading, time: int, theme: Theme) -> None:
    """The cursor stands at `time`. What is not asked costs nothing."""
    chosen = _choose(reading, offered(reading))
    st.caption(chosen.asks.format(unit=reading.unit))
    with saying_why_not():
        chosen.show(reading, time, theme)


def _choose(reading: Reading, panels: Mapping[str, Panel]) -> Panel:
    """The panel that is chosen, kept in the address; one of the menu then stands beside those in view.

    `few_and_more` would need a second control under another key, and says a sentence on what is chosen.
    """
    names = list(panels)
    in_view, others = names[:_IN_VIEW], names[_IN_VIEW:]
    chosen = address.follow(keys.PANEL, keys.PANEL, names, lambda: names[0])

    def title(name: str) -> str:
        of = panels[name].title
        return name if of is None else of(reading)

    def named(name: str) -> str:
        asks = panels[name].asks.format(unit=reading.unit)
        return f"**{title(name)}**" if title(name).endswith("?") else f"**{title(name)}**: {asks}"

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
