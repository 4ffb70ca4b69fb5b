"""One time step of a cell, drawn for one unit: what comes in, the gates, what goes on, all with its numbers.

Places are in pixels of a drawing `WIDTH` wide, from its top left corner; on a wider page it is stretched,
its letters are not. Every number is a point of the one data series "numbers", with its name and its exact
value in `customdata`, so that it tells them to the pointer and to a test.
"""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from rnn_core.figures.colours import Theme, fade, ink, mix, symbol
from rnn_core.figures.layout import FigureBuilder, plain, shorten
from rnn_core.inspection.one_step import OneStep

WIDTH = 752
"""What the drawing needs, in pixels, for its letters not to touch."""
HEIGHTS = {"elman": 180, "gru": 364, "lstm": 426}

DRAWING_CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False}
"""What a page hands to the chart beside the figure."""

_MARGIN = 4
_WORD, _MEMORY, _INSIDE, _VALUE, _MIX, _AFTER = 60, 180, 296, 424, 576, 692
_HALF = 44  # of a number's box, across
_TALL = 25  # half of a box, down
_INPUTS, _FIRST = 30, 128  # where the states come in, and the first row
_PITCH = {"elman": 92, "gru": 92, "lstm": 82}  # from row to row
_MOST_LETTERS = 12


def digits(value: float) -> str:
    """A number as the drawing has it: three digits after the point, and no zero below zero.

    >>> digits(-0.2504), digits(-0.0001)
    ('−0.250', '0.000')
    """
    text = f"{value:.3f}"
    return ("−" + text[1:] if float(text) < 0 else text.lstrip("-")) if text[0] == "-" else text


def step_drawing(step: OneStep, *, word: str, theme: Theme) -> go.Figure:
    """One time step of one unit; `word` is the token as the page names it."""
    height, margin = HEIGHTS[step.cell], dict.fromkeys("lrtb", _MARGIN)
    board = _Board(step, theme, FigureBuilder(theme, height=height, margin=margin))
    _draw_inputs(board, word)
    if step.cell == "elman":
        _draw_elman(board)
    elif step.cell == "gru":
        _draw_gru(board)
    else:
        _draw_lstm(board)
    board.draw_numbers()
    hidden = {"visible": False, "fixedrange": True}
    board.builder.lay_out(
        xaxis={**hidden, "range": [0, WIDTH]},
        yaxis={**hidden, "range": [height - 2 * _MARGIN, 0]},
        dragmode=False,
        hovermode="closest",
    )
    return board.builder.build()


@dataclass
class _Board:
    """What has been drawn so far."""

    step: OneStep
    theme: Theme
    builder: FigureBuilder
    numbers: list[tuple[float, float, float, str, str, str]] = field(default_factory=list)
    """x, y, value, name, colour, what the pointer is told"""

    def row(self, letter: str) -> int:
        """Where the row of a gate or candidate lies."""
        return _FIRST + list(self.step.parts).index(letter) * _PITCH[self.step.cell]

    def colour(self, letter: str) -> str:
        return symbol(self.step.cell, letter).colour

    def box(self, x: float, y: float, half: float, colour: str = "", tall: float = _TALL) -> None:
        left, right, top, bottom, bend = x - half, x + half, y - tall, y + tall, 6
        self.builder.mark(
            type="path",
            layer="below",
            path=(
                f"M{left + bend},{top} L{right - bend},{top} Q{right},{top} {right},{top + bend} "
                f"L{right},{bottom - bend} Q{right},{bottom} {right - bend},{bottom} "
                f"L{left + bend},{bottom} Q{left},{bottom} {left},{bottom - bend} "
                f"L{left},{top + bend} Q{left},{top} {left + bend},{top} Z"
            ),
            line={"color": colour or self.theme.grid, "width": 2 if colour else 1},
            fillcolor=mix(self.theme.background, colour or self.theme.grid, 0.2 if colour else 0),
        )

    def band(self, x: float, half: float, top: float, bottom: float, colour: str) -> None:
        """A stripe behind boxes: all of them come from what stands above it."""
        self.builder.mark(
            type="rect",
            layer="below",
            x0=x - half,
            x1=x + half,
            y0=top,
            y1=bottom,
            line={"width": 0},
            fillcolor=fade(colour, 0.13),
        )

    def write(self, x: float, y: float, text: str, *, size: int = 12, colour: str = "", **more: Any) -> None:
        self.builder.write(
            text,
            x=x,
            y=y,
            font={"size": size, "color": colour or self.theme.muted},
            **more,
        )

    def number(self, x: float, y: float, value: float, name: str, told: str, colour: str = "") -> None:
        """A number in its place; `name` is how a test calls it, `told` what the pointer is told of it."""
        self.numbers.append((x, y, value, name, colour or self.theme.text, told))

    def line(self, *places: tuple[float, float], colour: str, dash: str = "solid") -> None:
        """A line through these places, with an arrow's head at the last."""
        path = "M" + " L".join(f"{x},{y}" for x, y in places)
        self.builder.mark(
            type="path",
            layer="below",
            path=path,
            line={"color": colour, "width": 2, "dash": dash},
        )
        (x0, y0), (x1, y1) = places[-2:]
        length = max(abs(x1 - x0), abs(y1 - y0))
        near = (x1 - (x1 - x0) * 7 / length, y1 - (y1 - y0) * 7 / length)
        self.builder.write(
            "",
            x=x1,
            y=y1,
            ax=near[0],
            ay=near[1],
            axref="x",
            ayref="y",
            showarrow=True,
            arrowhead=2,
            arrowsize=0.9,
            arrowwidth=2,
            arrowcolor=colour,
        )

    def draw_numbers(self) -> None:
        xs, ys, values, names, colours, told = zip(*self.numbers, strict=True)
        self.builder.draw(
            go.Scatter(
                name="numbers",
                x=list(xs),
                y=list(ys),
                mode="text",
                text=[digits(value) for value in values],
                textfont={"size": 16, "color": list(colours)},
                customdata=[list(both) for both in zip(names, values, told, strict=True)],
                hovertemplate="%{customdata[2]}<br><b>%{customdata[1]:.6f}</b><extra></extra>",
            )
        )


def _draw_inputs(board: _Board, word: str) -> None:
    """What comes in, and the two stripes of what is made of it."""
    step, theme = board.step, board.theme
    bottom = board.row(list(step.parts)[-1]) + _TALL + 12
    h = board.colour("h")
    for x, colour, words in ((_WORD, theme.muted, "from the word"), (_MEMORY, h, "from the memory")):
        board.band(x, _HALF + 12, 72, bottom, colour)
        board.line((x, _INPUTS + _TALL), (x, 71), colour=colour)
        board.write(x, 86, words, colour=theme.text)
    board.box(_WORD, _INPUTS, _HALF + 12, theme.muted)
    board.write(
        _WORD, _INPUTS - 8, f"<b>{plain(shorten(word, _MOST_LETTERS))}</b>", size=15, colour=theme.text
    )
    board.write(_WORD, _INPUTS + 13, "x, the word")
    _state(board, _MEMORY, _INPUTS, "h", "before")
    for part in step.parts.values():
        _draw_row(board, part.letter)


def _state(board: _Board, x: float, y: float, letter: str, when: str) -> None:
    """A state before or after the step."""
    step, theme = board.step, board.theme
    value = (step.before if when == "before" else step.after)[letter]
    mark = letter if when == "before" else f"{letter}′"
    board.box(x, y, _HALF + 12, board.colour(letter))
    board.number(x, y - 8, value, f"{letter} {when}", f"{mark}, the {symbol(step.cell, letter).name} {when}")
    board.write(x, y + 13, f"<b>{mark}</b> {when}", colour=ink(board.colour(letter), theme))


def _draw_row(board: _Board, letter: str) -> None:
    """One gate or candidate: what the word says, what the memory says, and what comes of both."""
    step, theme = board.step, board.theme
    part, y = step.parts[letter], board.row(letter)
    index = f"<sub>{letter}</sub>" if step.cell != "elman" else ""
    is_gate = letter in "zrifo" and step.cell != "elman"
    resets_after = letter == "n" and step.reset == "after"
    of_memory = f"h U{index}"
    if letter == "n":
        of_memory = f"h U{index} + d" if resets_after else f"(r h) U{index}"
    for x, value, name, label in (
        (_WORD, part.word, "word", f"x W{index} + b{index}"),
        (_MEMORY, part.memory, "memory", of_memory),
        (_INSIDE, part.inside, "inside", "together"),
    ):
        board.box(x, y, _HALF)
        board.number(x, y - 8, value, f"{letter} {name}", label)
        board.write(x, y + 13, label)
    times_r = f" <span style='color:{ink(board.colour('r'), theme)}'>r ×</span>" if resets_after else ""
    board.write((_WORD + _MEMORY) / 2, y, f"+{times_r}", size=13 if resets_after else 15, colour=theme.text)
    board.write((_MEMORY + _INSIDE) / 2 + 5, y, "=", size=15, colour=theme.text)
    colour = board.colour(letter)
    left = _VALUE - _HALF - 10
    board.line((_INSIDE + _HALF, y), (left, y), colour=colour)
    board.write((_INSIDE + _HALF + left) / 2 - 2, y - 10, "σ" if is_gate else "tanh", colour=theme.text)
    if step.cell == "elman":
        _state(board, _VALUE, y, "h", "after")
        return
    known = symbol(step.cell, letter)
    board.box(_VALUE, y, _HALF + 10, colour)
    board.number(_VALUE, y - 8, part.value, f"{letter} value", f"{letter}, the {known.name}")
    board.write(_VALUE, y + 13, f"<b>{letter}</b> {known.deed}", colour=ink(colour, theme))


def _draw_elman(board: _Board) -> None:
    step, y = board.step, board.row("h")
    board.line((_VALUE + _HALF + 12, y), (_MIX - 14, y), colour=board.colour("h"), dash="dot")
    x = _MIX + 44
    board.box(x, y, 56)
    board.number(x, y - 8, step.slope, "slope", "the slope of the tanh where it stands now")
    board.write(x, y + 13, "slope, 1 − h′²")


def _mixed(board: _Board, x: float, y: float, value: float, name: str, label: str) -> None:
    """What comes of two values; `label` is its formula."""
    board.box(x, y, 50)
    board.number(x, y - 8, value, name, f"{name}: {label}")
    board.write(x, y + 13, f"{name} {label}")


def _draw_gru(board: _Board) -> None:
    step, h = board.step, board.colour("h")
    z, r, n = (board.row(letter) for letter in "zrn")
    right = _VALUE + _HALF + 10
    # The reset gate stands just above the candidate, on whose memory it acts.
    target = (_MEMORY, n - _TALL) if step.reset == "before" else ((_WORD + _MEMORY) / 2 + 8, n - 12)
    between = (r + n) / 2
    board.line((_VALUE, r + _TALL), (_VALUE, between), (target[0], between), target, colour=board.colour("r"))
    board.line((_MEMORY + _HALF + 12, _INPUTS), (_MIX, _INPUTS), (_MIX, z - _TALL), colour=h)
    board.line((right, z), (_MIX - 50, z), colour=board.colour("z"))
    bus = right + 24
    board.line((bus, z), (bus, n - 12), (_MIX - 50, n - 12), colour=board.colour("z"))
    board.line((right, n + 8), (_MIX - 50, n + 8), colour=board.colour("n"))
    _mixed(board, _MIX, z, step.kept, "kept", "(1 − z) h")
    _mixed(board, _MIX, n, step.written, "written", "z n")
    for y, edge in ((z, r - _TALL), (n, r + _TALL)):
        board.line((_MIX + 50, y), (_AFTER, y), (_AFTER, edge), colour=h)
    board.write(_AFTER - 12, z + 22, "+", size=15, colour=board.theme.text)
    board.write(_AFTER - 12, n - 22, "+", size=15, colour=board.theme.text)
    _state(board, _AFTER, r, "h", "after")


def _draw_lstm(board: _Board) -> None:
    step, c = board.step, board.colour("c")
    f, i, g, o = (board.row(letter) for letter in "figo")
    right = _VALUE + _HALF + 10
    middle = (i + g) / 2
    _state(board, _MIX, _INPUTS, "c", "before")
    board.line((_MIX, _INPUTS + _TALL), (_MIX, f - _TALL), colour=c)
    board.line((right, f), (_MIX - 50, f), colour=board.colour("f"))
    bus = right + 24
    board.line((right, i), (bus, i), (bus, middle - 8), (_MIX - 50, middle - 8), colour=board.colour("i"))
    board.line((right, g), (bus, g), (bus, middle + 8), (_MIX - 50, middle + 8), colour=board.colour("g"))
    _mixed(board, _MIX, f, step.kept, "kept", "f c")
    _mixed(board, _MIX, middle, step.written, "written", "i g")
    _state(board, _AFTER, i, "c", "after")
    board.line((_MIX + 50, f), (_AFTER, f), (_AFTER, i - _TALL), colour=c)
    board.line((_MIX + 50, middle), (_AFTER - 30, middle), (_AFTER - 30, i + _TALL), colour=c)
    board.write(_AFTER - 12, f + 22, "+", size=15, colour=board.theme.text)
    _mixed(board, _AFTER, g + 12, step.squashed, "tanh", "c′")
    board.line((_AFTER + 20, i + _TALL), (_AFTER + 20, g + 12 - _TALL), colour=c)
    _state(board, _AFTER, o, "h", "after")
    board.line((right, o), (_AFTER - 58, o), colour=board.colour("o"))
    board.line((_AFTER, g + 12 + _TALL), (_AFTER, o - _TALL), colour=c)
    board.write(_AFTER - 14, (g + o) / 2 + 5, "×", size=15, colour=board.theme.text)
