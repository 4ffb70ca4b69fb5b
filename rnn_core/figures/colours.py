"""Colours that carry meaning, the same in every figure, and the theme of the page around them.

Roles own colours, not cells: what writes new content is green in a GRU and in an LSTM. The palette is
that of Okabe and Ito, whose colours colour-blind readers can distinguish.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # they take a second to import, and every page begins with the colours
    from rnn_core.symbols import Role, Symbol

WRITES = "#009E73"
LETS_THROUGH = "#CC79A7"
PROPOSES = "#56B4E9"
SHOWS = "#E69F00"
REMEMBERS = "#64748B"
REMEMBERS_CELL = "#7A5195"
POSITIVE = "#0072B2"
NEGATIVE = "#D55E00"
NEXT_CLASSES = (SHOWS, LETS_THROUGH)
"""The colours of the classes next to the followed one, where there are more than two."""

RUN_COLOURS = (POSITIVE, NEGATIVE, WRITES, LETS_THROUGH, SHOWS, PROPOSES, REMEMBERS_CELL, REMEMBERS)

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The look of the page that a figure stands on; colours as #rrggbb."""

    dark: bool
    background: str
    surface: str
    """Background of parts set apart from the page, such as a box."""
    text: str
    muted: str
    grid: str
    border: str
    link: str
    font: str = FONT


LIGHT = Theme(
    dark=False,
    background="#FFFFFF",
    surface="#F3F5F8",
    text="#1B2430",
    muted="#5B6675",
    grid="#E3E8EE",
    border="#D5DCE4",
    link="#005A8D",
)
DARK = Theme(
    dark=True,
    background="#10151C",
    surface="#1A212B",
    text="#E8EDF3",
    muted="#A3AEBB",
    grid="#2A333F",
    border="#2A333F",
    link="#6DB6E3",
)

_OF_ROLES = {
    "writes": (WRITES, "solid"),
    "lets through": (LETS_THROUGH, "dash"),
    "lets go": (LETS_THROUGH, "dash"),
    "proposes": (PROPOSES, "dashdot"),
    "shows": (SHOWS, "dot"),
    "remembers": (REMEMBERS, "solid"),
    "slope": (REMEMBERS, "dash"),
}
"""Role -> its colour, and the dash of its line."""
_VARIABLES = {
    "positive": POSITIVE,
    "negative": NEGATIVE,
    "writes": WRITES,
    "keeps": LETS_THROUGH,
    "proposes": PROPOSES,
    "shows": SHOWS,
    "remembers": REMEMBERS,
    "remembers-cell": REMEMBERS_CELL,
}
_OF_THEME = ("background", "surface", "text", "muted", "grid", "border", "link", "font")

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_KEPT_SHARES = ("longdash", "dash", "dot", "dashdot")
_BEHIND = ("dash", "dashdot", "longdash", "longdashdot")


def colour_of(symbol: "Symbol") -> str:
    """The colour of a quantity of a cell: that of its role."""
    return REMEMBERS_CELL if symbol.is_behind else _OF_ROLES[symbol.role][0]


def colour_of_role(role: "Role", letter: str) -> str:
    """The colour of a letter of which no more than its role is known; states other than h share one."""
    return REMEMBERS_CELL if role == "remembers" and letter != "h" else _OF_ROLES[role][0]


def dash_of(symbol: "Symbol") -> str:
    """Plotly's name of the dash of its line, which sets it apart from the others of a cell without colour."""
    if symbol.is_behind:
        return _BEHIND[symbol.place % len(_BEHIND)]
    is_kept_share = symbol.of_gate and symbol.role == "lets through"
    return _KEPT_SHARES[symbol.place % len(_KEPT_SHARES)] if is_kept_share else _OF_ROLES[symbol.role][1]


def class_colours(in_sight: Sequence[str], classes: int) -> dict[str, str]:
    """The colours of the classes in sight by their names: the followed one first, then those that come next.

    >>> class_colours(["positive", "negative"], 2)
    {'positive': '#0072B2', 'negative': '#D55E00'}
    """
    next_ones = (NEGATIVE,) if classes == 2 else NEXT_CLASSES
    return dict(zip(in_sight, (POSITIVE, *next_ones), strict=False))


def run_colour(place: int) -> str:
    """The colour of the run that is drawn at this place, counted from 0; they repeat after eight."""
    return RUN_COLOURS[place % len(RUN_COLOURS)]


def pair_colour(place: int, theme: Theme) -> str:
    """The colour of the first (0) or second (1) of two models side by side; none that a verdict has."""
    return ink(run_colour(2), theme) if place else theme.text


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` stirred in.

    >>> mix("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def fade(colour: str, opacity: float) -> str:
    """The colour as rgba(), for what lies behind.

    >>> fade("#0072B2", 0.25)
    'rgba(0,114,178,0.25)'
    """
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def ink(colour: str, theme: Theme) -> str:
    """A role's colour for letters: drawn towards the text colour, which small type needs."""
    return mix(colour, theme.text, 0.35)


def sequential(colour: str, theme: Theme) -> list[list[float | str]]:
    """Plotly colour scale for 0 to 1: from the page's background to the role's colour."""
    return [[0.0, theme.background], [1.0, colour]]


def diverging(theme: Theme) -> list[list[float | str]]:
    """Plotly colour scale centred on zero: vermilion over the page's background to blue."""
    return [[0.0, NEGATIVE], [0.5, theme.background], [1.0, POSITIVE]]


def css_variables(theme: Theme, prefix: str = "--") -> str:
    """The colours as variables of CSS; that of a role has a second one for letters, `--writes-ink`."""
    values = {name: getattr(theme, name) for name in _OF_THEME} | _VARIABLES
    values |= {f"{role}-ink": ink(colour, theme) for role, colour in _VARIABLES.items()}
    return "\n  ".join(f"{prefix}{name}: {value};" for name, value in values.items())
