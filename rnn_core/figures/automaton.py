"""The automaton of a made-up language with the path of a string, and below it what is kept beside the node.

Nodes stand in columns, which are stretched with the page, and rows; circles, loops and letters are not
stretched. Below them places are in pixels.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from rnn_core.figures.builder import LEFT, FigureBuilder, Parts
from rnn_core.figures.colours import NEGATIVE, POSITIVE, Theme, ink, mix
from rnn_core.figures.text import plain, shorten
from rnn_core.languages.automaton import Cells, Count, Kept, Walk
from rnn_core.languages.law import Way

_ROW = 84  # pixels between rows of nodes
_SMALL, _LARGE, _FEW_LETTERS, _MOST_LETTERS = 13, 18, 2, 7  # radius of a node, by the letters in it
_EDGE, _LOOP = 24, 46  # pixels above the first and below the last row, and there where a loop stands
_APART = 11  # pixels that an arrow is moved aside where another one leads back
_LIST, _TITLE, _CELL, _BETWEEN, _BAR = 14, 20, 26, 10, 14  # pixels of the lists of what is kept
_PITCH, _IN_A_LINE, _MOST_LINES = 28, 12, 3  # cells; a phone has room for so many in a line
_MOST_UNITS = 40  # a bar of more is one piece
_MARGIN: Parts = {"l": 6, "r": 6, "t": 4, "b": 4}


def automaton_figure(walk: Walk, time: int, theme: Theme) -> go.Figure:
    """The path up to a time step, which counts from 0 before the first symbol; beyond a break, where it ends.

    The height is the same at all time steps of a string.
    """
    board = _Board(walk, time, theme)
    board.draw_arrows()
    board.draw_nodes()
    board.draw_kept()
    return board.build()


class _Board(FigureBuilder):
    """The drawing of a walk at a time step."""

    def __init__(self, walk: Walk, time: int, theme: Theme) -> None:
        self.walk, self.automaton = walk, walk.automaton
        self.at = min(time, len(walk.nodes) - 1)
        self.is_broken = time > self.at
        self.path_colour, self.broken_colour = ink(POSITIVE, theme), ink(NEGATIVE, theme)
        self.quiet_colour = mix(theme.muted, theme.background, 0.35)
        self.taken = walk.arrows[: self.at]
        nodes = self.automaton.nodes.values()
        self.radius = _LARGE if max(len(node.label) for node in nodes) > _FEW_LETTERS else _SMALL
        self.columns, self.rows = (
            max(along) for along in zip(*((node.x, node.y) for node in nodes), strict=True)
        )
        loops = {self._loop_side(arrow) for arrow in self.automaton.arrows if arrow.begin == arrow.end}
        self.top = _LOOP + _EDGE if 1 in loops else _EDGE
        self.bottom = _LOOP + _EDGE if -1 in loops else _EDGE
        self.below = self.top + self.rows * _ROW + self.bottom
        self.heights = [_height(kept) for kept in zip(*walk.kept, strict=True)]
        total = self.below + sum(self.heights) + (_LIST if self.heights else 0)
        super().__init__(theme, height=round(total) + _MARGIN["t"] + _MARGIN["b"], margin=_MARGIN)
        hidden: Parts = {"visible": False, "fixedrange": True}
        self.lay_out(
            xaxis={**hidden, "range": [-0.4, self.columns + 0.4]},
            yaxis={**hidden, "range": [total, 0]},
            dragmode=False,
            hovermode="closest",
        )

    def _place(self, name: str) -> tuple[float, float]:
        node = self.automaton.nodes[name]
        return node.x, self.top + node.y * _ROW

    def _loop_side(self, arrow: Way) -> int:
        """1 for a loop above its node, -1 for one below."""
        return 1 if self.automaton.nodes[arrow.begin].y <= self.rows / 2 else -1

    def draw_arrows(self) -> None:
        """All arrows: those that were taken strong, the last one strongest."""
        first = next(iter(self.automaton.nodes))
        x, y = self._place(first)
        self._arrow(x, y, "", self.path_colour, 2, standoff=self.radius + 2, ax=-self.radius - 22, ay=0)
        order = sorted(range(len(self.automaton.arrows)), key=lambda number: number in self.taken)
        for number in order:
            arrow = self.automaton.arrows[number]
            is_last = bool(self.taken) and number == self.taken[-1]
            colour = self.path_colour if number in self.taken else self.quiet_colour
            width = 3.5 if is_last else 2 if number in self.taken else 1.2
            if arrow.begin == arrow.end:
                self._loop(arrow, colour, width)
            else:
                self._straight(arrow, colour, width)
        for number in order:
            self._label(number)

    def _arrow(self, x: float, y: float, name: str, colour: str, width: float, **tail: Any) -> None:
        size = 0.7 if width > 3 else 1
        head: Parts = {"showarrow": True, "arrowhead": 2, "arrowsize": size, "arrowwidth": width}
        self.write("", x=x, y=y, name=name, arrowcolor=colour, **head, **tail)

    def _aside(self, arrow: Way) -> tuple[float, float]:
        """Pixels to the right and up by which an arrow is moved: to its left, where another leads back."""
        if not any((other.end, other.begin) == (arrow.begin, arrow.end) for other in self.automaton.arrows):
            return 0, 0
        (x0, y0), (x1, y1) = self._place(arrow.begin), self._place(arrow.end)
        across, down = (x1 - x0) * _ROW, y1 - y0
        length = (across**2 + down**2) ** 0.5
        return _APART * down / length, _APART * across / length

    def _straight(self, arrow: Way, colour: str, width: float) -> None:
        (x0, y0), (x1, y1), (right, up) = self._place(arrow.begin), self._place(arrow.end), self._aside(arrow)
        off = self.radius + 3 if not (right or up) else self.radius - 1
        tail: Parts = {"ax": x0, "ay": y0, "axref": "x", "ayref": "y", "standoff": off, "startstandoff": off}
        self._arrow(x1, y1, f"{arrow.begin} {arrow.end}", colour, width, **tail, xshift=right, yshift=up)

    def _loop(self, arrow: Way, colour: str, width: float) -> None:
        x, y = self._place(arrow.begin)
        side, r = self._loop_side(arrow), self.radius
        wide, far = 0.6 * r, r + _LOOP * 0.8
        path = (
            f"M{-wide},{side * 0.95 * r} C{-2.4 * wide},{side * far} {2.4 * wide},{side * far} "
            f"{wide},{side * (0.95 * r + 5)}"
        )
        pixels: Parts = {"xsizemode": "pixel", "ysizemode": "pixel", "xanchor": x, "yanchor": y}
        self.mark(type="path", path=path, line={"color": colour, "width": width}, layer="below", **pixels)
        tip: Parts = {"xshift": wide, "yshift": side * 0.95 * r, "ax": 3, "ay": -side * 8}
        self._arrow(x, y, f"{arrow.begin} {arrow.end}", colour, width, **tip)

    def _label(self, number: int) -> None:
        """The symbols of an arrow on it, the last that was read bold."""
        arrow, is_last = self.automaton.arrows[number], bool(self.taken) and number == self.taken[-1]
        text = plain(arrow.label or " ".join(arrow.symbols))
        place: Parts
        if arrow.begin == arrow.end:
            x, y = self._place(arrow.begin)
            side = self._loop_side(arrow)
            anchor = "bottom" if side == 1 else "top"
            place = {"x": x, "y": y, "yshift": side * (self.radius + _LOOP * 0.58), "yanchor": anchor}
        else:
            (x0, y0), (x1, y1), (right, up) = *map(self._place, (arrow.begin, arrow.end)), self._aside(arrow)
            place = {"x": (x0 + x1) / 2, "y": (y0 + y1) / 2, "xshift": right, "yshift": up}
            place |= {"bgcolor": self.theme.background, "borderpad": 1}
        colour = self.path_colour if number in self.taken else self.theme.muted
        self.write(f"<b>{text}</b>" if is_last else text, size=13, colour=colour, **place)

    def draw_nodes(self) -> None:
        """All nodes: those on the path tinted, the present one filled, those of an end with a second ring."""
        theme = self.theme
        names = list(self.automaton.nodes)
        here, passed = self.walk.nodes[self.at], set(self.walk.nodes[: self.at + 1])
        xs, ys = map(list, zip(*map(self._place, names), strict=True))
        strong = self.broken_colour if self.is_broken else self.path_colour
        colour = {name: self.path_colour if name in passed else self.quiet_colour for name in names} | {
            here: strong
        }
        fill = {name: mix(theme.background, POSITIVE, 0.2 if name in passed else 0) for name in names} | {
            here: strong
        }
        ends = [name for name in names if name in self.automaton.ends]
        ring: Parts = {"symbol": "circle-open", "size": 2 * self.radius + 7}
        self.scatter(
            name="ends",
            x=[xs[names.index(name)] for name in ends],
            y=[ys[names.index(name)] for name in ends],
            mode="markers",
            marker=ring | {"color": [colour[name] for name in ends], "line": {"width": 1.5}},
            hoverinfo="skip",
        )
        line: Parts = {
            "color": [colour[name] for name in names],
            "width": [2 if name in passed else 1.2 for name in names],
        }
        labels = [plain(shorten(self.automaton.nodes[name].label, _MOST_LETTERS)) for name in names]
        self.scatter(
            name="nodes",
            x=xs,
            y=ys,
            mode="markers+text",
            marker={
                "size": 2 * self.radius,
                "color": [fill[name] for name in names],
                "opacity": 1,
                "line": line,
            },
            text=[
                f"<b>{label}</b>" if name == here else label
                for name, label in zip(names, labels, strict=True)
            ],
            textfont={
                "size": 13,
                "color": [theme.background if name == here else theme.text for name in names],
            },
            customdata=[[plain(name), self._state_of(name, here, passed)] for name in names],
            hover="%{customdata[0]}: %{customdata[1]}",
        )

    def _state_of(self, name: str, here: str, passed: set[str]) -> str:
        if name == here:
            return "the string breaks the rule here" if self.is_broken else "the present state"
        return "passed" if name in passed else "not on the path yet"

    def draw_kept(self) -> None:
        """Draw the lists of kept values below the nodes."""
        top = self.below + _LIST
        for kept, most, height in zip(
            self.walk.kept[self.at], map(_most, zip(*self.walk.kept, strict=True)), self.heights, strict=True
        ):
            if isinstance(kept, Count):
                self._draw_count(kept, most, top)
            else:
                self._draw_cells(kept, top)
            top += height

    def _title(self, text: str, top: float) -> None:
        self.title(text, **LEFT, y=top, yanchor="middle")

    def _draw_count(self, kept: Count, most: int, top: float) -> None:
        """A bar of units: those that are counted filled, of the most that the string comes to."""
        self._title(f"{plain(kept.name)}  <b>{kept.value:,}</b>", top)
        y0 = top + _TITLE - 6
        whole: Parts = {"type": "rect", "xref": "paper", "y0": y0, "y1": y0 + _BAR, "layer": "below"}
        edge = {"color": self.quiet_colour, "width": 1}
        fill = mix(self.theme.background, POSITIVE, 0.55)
        self.mark(**whole, x0=0, x1=kept.value / most, fillcolor=fill, line={"width": 0}, name=kept.name)
        units = most if most <= _MOST_UNITS else 1
        for unit in range(units):
            self.mark(**whole, x0=unit / units, x1=(unit + 1) / units, line=edge)

    def _draw_cells(self, kept: Cells, top: float) -> None:
        """Boxes in lines of equally many, the last ones where there are too many."""
        left_out = max(len(kept.cells) - _MOST_LINES * _IN_A_LINE, 0)
        note = f" (the last {_MOST_LINES * _IN_A_LINE} of {len(kept.cells):,})" if left_out else ""
        self._title(f"{plain(kept.name)}{note}{'' if kept.cells else '  <b>none</b>'}", top)
        for place, cell in enumerate(kept.cells[left_out:]):
            is_marked = kept.marked is not None and place + left_out == kept.marked
            line, column = divmod(place, _IN_A_LINE)
            self.write(
                f"<b>{plain(cell)}</b>" if is_marked else plain(cell),
                **LEFT,
                xshift=column * _PITCH,
                y=top + _TITLE + line * _CELL + 5,
                yanchor="middle",
                width=_PITCH - 8,
                height=_CELL - 10,
                align="center",
                size=14,
                colour=self.theme.text,
                bgcolor=mix(self.theme.background, POSITIVE, 0.35 if is_marked else 0.1),
                bordercolor=self.path_colour if is_marked else self.quiet_colour,
                borderwidth=2 if is_marked else 1,
            )


def _most(kept: Sequence[Kept]) -> int:
    """The largest value of a counter along a string, or the most cells, at least 1."""
    return max(1, *(one.value if isinstance(one, Count) else len(one.cells) for one in kept))


def _height(kept: Sequence[Kept]) -> int:
    """Pixels of a list, the same at all time steps of a string."""
    if isinstance(kept[0], Count):
        return _TITLE + _BAR + _BETWEEN
    lines = min(-(-_most(kept) // _IN_A_LINE), _MOST_LINES)
    return _TITLE + lines * _CELL + _BETWEEN
