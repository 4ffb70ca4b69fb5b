"""Looks of lines where cells or runs are compared: colour, dash and marker.

A cell looks the same in every picture that compares cells. A family shares a colour, and its simpler member
is dashed. Where something else is compared, lines take their looks in a fixed order. A picture uses one of
the two and says which; inside a cell colours are those of the roles (`rnn_core.figures.colours`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from rnn_core.config.run import RunConfig
from rnn_core.figures import colours
from rnn_core.figures.colours import DASHES, LETS_THROUGH, run_colour
from rnn_core.symbols import CELLS, KINDS, settings_of_cells


class LineLook(NamedTuple):
    """The look of a line and its points; dash and marker as Plotly calls them."""

    colour: str
    dash: str
    marker: str


BY_CELL = "Colours, dashes and markers are those of the cells, the same on every page."
BY_ORDER = "Colours are those of the lines, in their order; they say nothing of a cell."

_OTHER_CELLS = LETS_THROUGH
_MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
_VARIANTS = ("longdash", "longdashdot", "14px,3px,3px,3px,3px,3px")
"""Dashes of the variants of a cell, after the usual one; `BEHIND` is not among them."""
BEHIND = "dot"
"""The dash of a state that the verdict reads only through the hidden state."""
_FILLS = ("", "-open", "-dot", "-open-dot")


def cell_looks(cells: Sequence[str]) -> list[LineLook]:
    """The look of each of these cells, by its variant, its kind or its name in words.

    A cell whose text says no look has that of all others, and is set apart by dash and marker in the order in
    which they are shown.

    >>> [look.dash for look in cell_looks(["gru", "mingru", "mine", "mine too"])]
    ['solid', 'dash', 'solid', 'dash']
    """
    known, numbers = dict[str, LineLook](), defaultdict[str, Iterator[int]](count)
    for kind, usual in KINDS.items():
        if usual.look:
            colour, dash, marker = usual.look.split()
            known[kind] = known[usual.name] = LineLook(getattr(colours, colour.upper()), dash, marker)
    for name, declared in CELLS.registered().items():
        if name not in known and (look := known.get(declared.kind)) is not None:
            dash = _VARIANTS[next(numbers[declared.kind]) % len(_VARIANTS)]
            known[name] = look._replace(dash=dash, marker=f"{look.marker}-dot")
    looks: dict[str, LineLook] = {}
    others = count()
    for cell in cells:
        if cell not in looks:
            looks[cell] = known.get(cell) or _look(_OTHER_CELLS, next(others))
    return [looks[cell] for cell in cells]


def look_at(place: int) -> LineLook:
    """The look of the line that is drawn at this place, counted from 0, where no cells are compared."""
    return _look(run_colour(place), place)


def looks_of_networks(cells: Sequence[str]) -> list[LineLook]:
    """The look of each network, given its variant: that of its cell where no two have the same."""
    return cell_looks(cells) if is_by_cell(cells) else [look_at(place) for place in range(len(cells))]


def is_by_cell(cells: Sequence[str]) -> bool:
    """True if `looks_of_networks` gives these the looks of their cells."""
    return len(set(cells)) == len(cells)


def refilled(look: LineLook, number: int) -> LineLook:
    """A look with its marker filled in another way, for the lines of a cell after its first one (0)."""
    shape = look.marker.removesuffix("-open")
    first = _FILLS.index(look.marker.removeprefix(shape))
    return look._replace(marker=shape + _FILLS[(first + number) % len(_FILLS)])


def colours_of_runs(configs: Sequence[RunConfig]) -> list[str]:
    """The colours of runs in a picture: of their cells where only these differ, and each has its own."""
    of_cells = [look.colour for look in cell_looks([config.model.variant for config in configs])]
    differing = {name for config in configs for name in config.differences(configs[0])}
    alike = differing <= {*settings_of_cells()}
    if len(configs) > 1 and alike and len(set(of_cells)) == len(of_cells):
        return of_cells
    return [run_colour(place) for place in range(len(configs))]


def _look(colour: str, place: int) -> LineLook:
    return LineLook(colour, DASHES[place % len(DASHES)], _MARKERS[place % len(_MARKERS)])
