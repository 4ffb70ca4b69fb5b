"""The questions that can be asked of a review below its picture, one at a time."""

from collections.abc import Callable

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
from pages.components.shared.choose_view import choose_view
from pages.components.shared.panel_chart import saying_why_not
from pages.components.shared.read_links import HOLD, PANEL, UNDERSTANDING
from rnn_core.figures.colours import Theme

_AT_TOKEN, _EXPORT = "At this token", "Export"
_ANOTHER_WORD, _TWO, _LAYERS = "Another word", "Two models", "What does each layer add?"
_TRACKING, _PLANE = "Units that keep track", "The plane of states"


def ask_further(reading: Reading, text: str, time: int, theme: Theme) -> None:
    """The cursor stands at `time`. What is not asked costs nothing."""
    panels: dict[str, Callable[[], None]] = {
        _AT_TOKEN: lambda: show_cursor(reading, time, theme),
        _ANOTHER_WORD: lambda: show_what_if(reading, time, theme),
        _TRACKING: lambda: show_tracking(reading, text, time, theme),
        HOLD: lambda: show_hold(reading, time, theme),
        "Another window": lambda: show_other_window(reading, time, theme),
        "Padding": lambda: show_padding_lab(reading, text, theme),
        _TWO: lambda: show_two_models(reading, text, time, theme),
        _LAYERS: lambda: show_layers(reading, time, theme),
        UNDERSTANDING: lambda: show_probes(reading, text, theme),
        _PLANE: lambda: show_plane(reading, time, theme),
        "Units": lambda: show_units(reading, time, theme),
        "A whole table": lambda: show_table(reading),
        _EXPORT: lambda: show_export(reading, text, time),
    }
    if not reading.gives_verdict:
        of_language = (_TRACKING, _PLANE) if reading.model.config.corpus.language is not None else ()
        panels = {name: panels[name] for name in (_AT_TOKEN, *of_language, HOLD, _TWO, _EXPORT)}
    else:
        panels.pop(_TRACKING)
    shown_as = {_ANOTHER_WORD: f"Another {reading.unit}"}
    if reading.trace.layers == 1:
        panels.pop(_LAYERS, None)
    elif reading.trace.layers == 2:
        shown_as[_LAYERS] = "What does layer 2 add?"
    show = choose_view(
        "Ask further",
        panels,
        **address.bound(PANEL),
        wrap=True,
        format_func=lambda name: shown_as.get(name, name),
    )
    with saying_why_not():
        show()
