"""Colours that carry meaning, the same in every figure, and the theme of the page around them.

Roles own colours, not cells: what writes new content is green in a GRU and in an LSTM. The palette is
that of Okabe and Ito, told apart by colour-blind readers.
"""

from dataclasses import dataclass
from typing import NamedTuple

WRITES = "#009E73"
LETS_THROUGH = "#CC79A7"
PROPOSES = "#56B4E9"
SHOWS = "#E69F00"
REMEMBERS = "#64748B"
REMEMBERS_CELL = "#7A5195"
POSITIVE = "#0072B2"
NEGATIVE = "#D55E00"

RUN_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#7A5195",
    "#64748B",
)

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", system-ui, sans-serif'


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What a figure needs to know of the page it stands on; colours as #rrggbb."""

    dark: bool
    background: str
    text: str
    muted: str
    grid: str
    font: str = FONT


LIGHT = Theme(dark=False, background="#FFFFFF", text="#1B2430", muted="#5B6675", grid="#E3E8EE")
DARK = Theme(dark=True, background="#10151C", text="#E8EDF3", muted="#A3AEBB", grid="#2A333F")


class Symbol(NamedTuple):
    """One quantity of a cell: its letter, what it is called and what it does."""

    letter: str
    name: str
    deed: str
    """What it does, in a word or two that fit beside a line: "writes"."""
    meaning: str
    colour: str
    dash: str
    """Plotly's name of the dash that tells its line apart without colour."""
    low: float | None
    high: float | None
    """Bounds of its values; None where there are none."""

    @property
    def is_gate(self) -> bool:
        """Whether it lies between 0 and 1: a gate, or an Elman cell's slope."""
        return self.low == 0.0


_HIDDEN = Symbol(
    "h",
    "hidden state",
    "remembers",
    "what the cell hands on, from one time step to the next and to the verdict",
    REMEMBERS,
    "solid",
    -1.0,
    1.0,
)

_SYMBOLS: dict[str, tuple[Symbol, ...]] = {
    "elman": (
        Symbol(
            "slope",
            "slope of the tanh, 1 − h²",
            "slope",
            "how much of a small change passes through the tanh; near 0 a unit is saturated",
            REMEMBERS,
            "dash",
            0.0,
            1.0,
        ),
        _HIDDEN,
    ),
    "gru": (
        Symbol(
            "z",
            "update gate",
            "writes",
            "how much of the candidate is written; as much of the old state is dropped",
            WRITES,
            "solid",
            0.0,
            1.0,
        ),
        Symbol(
            "r",
            "reset gate",
            "lets through",
            "how much of the old state reaches the candidate, and nothing else",
            LETS_THROUGH,
            "dash",
            0.0,
            1.0,
        ),
        Symbol(
            "n",
            "candidate state",
            "proposes",
            "the new content that the update gate may write",
            PROPOSES,
            "dot",
            -1.0,
            1.0,
        ),
        _HIDDEN,
    ),
    "lstm": (
        Symbol(
            "i",
            "input gate",
            "writes",
            "how much of the candidate is written into the cell state",
            WRITES,
            "solid",
            0.0,
            1.0,
        ),
        Symbol(
            "f",
            "forget gate",
            "lets through",
            "how much of the old cell state stays; near 0 it is forgotten",
            LETS_THROUGH,
            "dash",
            0.0,
            1.0,
        ),
        Symbol(
            "o",
            "output gate",
            "shows",
            "how much of the cell state the hidden state shows",
            SHOWS,
            "dot",
            0.0,
            1.0,
        ),
        Symbol(
            "g",
            "candidate cell state",
            "proposes",
            "the new content that the input gate may write",
            PROPOSES,
            "dashdot",
            -1.0,
            1.0,
        ),
        Symbol(
            "c",
            "cell state",
            "remembers",
            "the memory behind the hidden state; it has no bounds",
            REMEMBERS_CELL,
            "dash",
            None,
            None,
        ),
        _HIDDEN,
    ),
}

CELL_NAMES = {"elman": "Elman", "gru": "GRU", "lstm": "LSTM"}


def symbols(cell: str) -> tuple[Symbol, ...]:
    """What a cell computes at a time step, its gates first. Raises KeyError for an unknown cell."""
    return _SYMBOLS[cell]


def symbol(cell: str, letter: str) -> Symbol:
    """One of them by its letter. Raises KeyError where the cell has no such quantity."""
    return {known.letter: known for known in _SYMBOLS[cell]}[letter]


def run_colour(place: int) -> str:
    """The colour of the run that is drawn at this place, counted from 0; they repeat after eight."""
    return RUN_COLOURS[place % len(RUN_COLOURS)]


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
