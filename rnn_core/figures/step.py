"""One time step of a cell, drawn for one unit: what comes in, the gates, what goes on, all with its numbers.

Places are in pixels of a drawing `WIDTH` wide, from its top left corner; on a wider page it is stretched,
its letters are not. Every number is a point of the one data series "numbers", with its name and its exact
value in `customdata`, so that the pointer and a test can read them.

The columns, with a gate, a candidate and the only state; a reset acts on what h contributes in its row:

    _WORD          _MEMORY        _INSIDE       _VALUE             _MIX            _AFTER

    x              h before ----------------------------------------.
    |              |                                                v
    x W_z + b_z  + h U_z        = together -σ-> z writes  -----> kept (1 - z) h --.
                                                    |                             +-> h' after
    x W_n + b_n  + (r h) U_n    = together tanh> n proposes ---> written z n -----'

A gate that shows, and the hidden state that it shows, stand below. A state that only feeds the memory
stands aside, over `_INSIDE`. Each of several memories of a unit has a row of `_COLUMNS` below the gates.
"""

import math
import re
from typing import Any

import plotly.graph_objects as go

from rnn_core.equations.expressions import Apply, Number
from rnn_core.equations.expressions import value as value_of
from rnn_core.equations.latex import as_drawn, letter_in_drawing
from rnn_core.figures.builder import FigureBuilder
from rnn_core.figures.colours import Theme, colour_of, fade, ink, mix
from rnn_core.figures.text import plain, shorten
from rnn_core.inspection.one_step import OneStep
from rnn_core.symbols import CellDeclaration, Reset, Role, Symbol, Update

WIDTH = 752
"""Pixels that the drawing needs for its letters not to touch."""

DRAWING_CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False}
"""Plotly's settings, which a page passes to the chart beside the figure."""

_MARGIN = 4
_WORD, _MEMORY, _INSIDE, _VALUE, _MIX, _AFTER = 60, 180, 296, 424, 576, 692
_OF_WEIGHT = 252  # a gate of which a share is made, where no memory comes in
_HALF = 44  # of a number's box, across
_STATE_HALF = _HALF + 12  # of a state's box
_MIX_HALF = 50  # of the room of a box in _MIX, where arrows end and begin
_RIGHT = _VALUE + _HALF + 10  # where the arrows from a gate or candidate begin
_TALL = 25  # half of a box, down
_INPUTS, _FIRST = 30, 128  # where the states come in, and the first row
_TRACK = 62  # from memory to memory, where a unit has several
_COLUMNS = (46, 146, 246, 346, 446, 546)  # of these memories
_CAPTIONS = ("before", "stays", "from the word", "comes in", "after", "from the word")
_ASIDE = 72  # what states that stand aside need below that
_BELOW = 52  # what the drawing needs below the middle of its last row
_LONG = 10_000.0  # from here on a number has no room for its digits
_MOST_LETTERS = 12
_LONGEST_LETTER = 6  # "forget lets through" is as wide as its box
_MOST_IN_BOX = 17

_Place = tuple[float, float]


def digits(value: float) -> str:
    """A number as the drawing has it: three digits after the point, and no zero below zero.

    >>> digits(-0.2504), digits(-0.0001), digits(1.06e36)
    ('−0.250', '0.000', '1.06e+36')
    """
    text = f"{value:.3f}" if abs(value) < _LONG else f"{value:.3g}"
    sign = "−" if float(text) < 0 else ""
    return sign + text.removeprefix("-")


def _pitch(rows: int) -> int:
    """Pixels from row to row; a fourth row takes some of the air between the others."""
    return 92 if rows < 4 else 82


def drawing_height(declared: CellDeclaration) -> int:
    """Pixels of a drawing with a row for each gate and candidate, and one for states that stand aside."""
    rows, update, below = len(_rows(declared)), declared.update, 0
    if update is not None and update.tracks:
        return _tracks_from(rows) + len(update.tracks) * _TRACK
    if update is not None and (not update.gates or (update.memory != "h" and update.shows is None)):
        below = _pitch(rows)  # of what a fixed share writes, or of an h' that no gate shows
    return _FIRST + (rows - 1) * _pitch(rows) + below + _BELOW + (_ASIDE if _aside(declared) else 0)


def _rows(declared: CellDeclaration) -> list[str]:
    """The letters of the gates and candidates that have a row of their own."""
    return [letter for letter in declared.parts if not declared[letter].family]


def _tracks_from(rows: int) -> int:
    """Pixels from the top to the middle of the first of several memories, below so many rows."""
    return _FIRST + rows * _pitch(rows) + 22


def _aside(declared: CellDeclaration) -> list[str]:
    """The letters of the states of which the memory is made."""
    return [letter for letter in declared.states if letter not in declared.memories]


def is_drawn(step: OneStep) -> bool:
    """True if a drawing shows how the new states are made; else their numbers stand in a table."""
    parts, declared = [*step.parts], step.declared
    update = declared.update
    if not parts or any(len(letter) > _LONGEST_LETTER for letter in (*parts, *declared.states)):
        return False
    if update is None:
        return parts == [*declared.states]
    return update.shows not in update.gates  # its row is the memory's, too


def step_drawing(step: OneStep, *, word: str, theme: Theme, token: str = "word") -> go.Figure:
    """One time step of one unit; `word` is what is read, `token` what a token is called."""
    height, margin = drawing_height(step.declared), dict.fromkeys("lrtb", _MARGIN)
    board = _Board(step, theme, height=height, margin=margin)
    _draw_inputs(board, word, token)
    if step.declared.reset is not None:
        _draw_reset(board, step.declared.reset)
    if step.declared.update is None:
        _draw_plain(board)
    elif step.declared.update.tracks:
        _draw_tracks(board, step.declared.update)
    else:
        _draw_update(board, step.declared.update)
    board.draw_numbers()
    hidden = {"visible": False, "fixedrange": True}
    board.lay_out(
        xaxis={**hidden, "range": [0, WIDTH]},
        yaxis={**hidden, "range": [height - 2 * _MARGIN, 0]},
        dragmode=False,
        hovermode="closest",
    )
    return board.build()


class _Board(FigureBuilder):
    """The drawing so far."""

    def __init__(self, step: OneStep, theme: Theme, *, height: int, margin: dict[str, int]) -> None:
        super().__init__(theme, height=height, margin=margin)
        self.step = step
        self.numbers: list[tuple[float, float, float, str, str]] = []
        """x, y, value, name, hover text"""

    def row(self, letter: str) -> float:
        """The height of the row of a gate or candidate."""
        rows = _rows(self.step.declared)
        return _FIRST + rows.index(letter) * _pitch(len(rows))

    def colour(self, letter: str) -> str:
        """The colour of a quantity; that of the word, which has no letter, is muted."""
        return colour_of(self.step.declared[letter]) if letter else self.theme.muted

    def box(self, x: float, y: float, half: float, colour: str = "") -> None:
        left, right, top, bottom, bend = x - half, x + half, y - _TALL, y + _TALL, 6
        self.mark(
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

    def band(self, x: float, top: float, bottom: float, letter: str) -> None:
        """A stripe behind boxes: all of them come from what stands above it."""
        half = _STATE_HALF
        place = {"x0": x - half, "x1": x + half, "y0": top, "y1": bottom, "layer": "below"}
        self.mark(type="rect", **place, line={"width": 0}, fillcolor=fade(self.colour(letter), 0.13))

    def sign(self, x: float, y: float, text: str) -> None:
        """A sign between two boxes."""
        self.write(text, x=x, y=y, size=15, colour=self.theme.text)

    def value(
        self, x: float, y: float, half: float, value: float,
        *, name: str, hover: str, label: str, letter: str = "",
    ) -> None:  # fmt: skip
        """A box with a number and the label below it, in the colours of a quantity where its letter is given.

        `name` is what a test calls the number, `hover` what the pointer shows beside it.
        """
        colour = self.colour(letter) if letter else ""
        self.box(x, y, half, colour)
        self.numbers.append((x, y - 8, value, name, hover))
        self.write(label, x=x, y=y + 13, colour=ink(colour, self.theme) if letter else "")

    def arrow(self, letter: str, *places: _Place, dash: str = "solid") -> None:
        """An arrow through these places, in the colour of a quantity."""
        colour = self.colour(letter)
        path = "M" + " L".join(f"{x},{y}" for x, y in places)
        line = {"color": colour, "width": 2, "dash": dash}
        self.mark(type="path", layer="below", path=path, line=line)
        (x0, y0), (x1, y1) = places[-2:]
        length = max(abs(x1 - x0), abs(y1 - y0))
        tail = {"axref": "x", "ax": x1 - (x1 - x0) * 7 / length}
        tail |= {"ayref": "y", "ay": y1 - (y1 - y0) * 7 / length}
        head = {"showarrow": True, "arrowhead": 2, "arrowsize": 0.9, "arrowwidth": 2, "arrowcolor": colour}
        self.write("", x=x1, y=y1, **tail, **head)

    def draw_numbers(self) -> None:
        xs, ys, values, names, hovers = map(list, zip(*self.numbers, strict=True))
        self.scatter(
            name="numbers",
            x=xs,
            y=ys,
            mode="text",
            text=[digits(value) for value in values],
            textfont={"size": 16, "color": self.theme.text},
            customdata=[list(one) for one in zip(names, values, hovers, strict=True)],
            hover="%{customdata[2]}<br><b>%{customdata[1]:.6f}</b>",
        )


def _draw_inputs(board: _Board, word: str, token: str) -> None:
    """Draws the input and the two stripes of its products."""
    step, theme = board.step, board.theme
    rows, update = _rows(step.declared), step.declared.update
    bottom = board.row(rows[-1]) + _TALL + 12
    sources = [(_WORD, "", f"from the {token}")]
    if any(step.declared[letter].of_memory for letter in rows):
        sources.append((_MEMORY, "h", "from the memory"))
    for x, letter, words in sources:
        board.band(x, 72, bottom, letter)
        board.arrow(letter, (x, _INPUTS + _TALL), (x, 71))
        board.write(words, x=x, y=86, colour=theme.text)
    board.box(_WORD, _INPUTS, _STATE_HALF, theme.muted)
    board.sign(_WORD, _INPUTS - 8, f"<b>{plain(shorten(word, _MOST_LETTERS))}</b>")
    board.write(f"x, the {token}", x=_WORD, y=_INPUTS + 13)
    if update is None or not update.tracks:
        _state(board, _MEMORY, _INPUTS, "h", "before")
    for letter in rows:
        _draw_row(board, letter)
    for place, letter in enumerate(_aside(step.declared)):
        for y, when in ((_INPUTS, "before"), (bottom + _ASIDE - _TALL, "after")):
            _state(board, _INSIDE + place * 2 * (_HALF - 1), y, letter, when, half=_HALF - 8)


def _state(board: _Board, x: float, y: float, letter: str, when: str, half: float = _STATE_HALF) -> None:
    """A state before or after the step."""
    step = board.step
    states, mark = (step.before, letter) if when == "before" else (step.after, f"{letter}′")
    hover, label = f"{mark}, the {step.declared[letter].name} {when}", f"<b>{mark}</b> {when}"
    name = f"{letter} {when}"
    board.value(x, y, half, states[letter], name=name, hover=hover, label=label, letter=letter)


def _draw_row(board: _Board, letter: str) -> None:
    """One gate or candidate: what the word contributes, what the memory contributes, and the result."""
    step, theme = board.step, board.theme
    part, y = step.parts[letter], board.row(letter)
    known, reset = step.declared[letter], step.declared.reset
    of_memory, times_gate = _box_text(known.of_memory, "the memory"), ""
    if reset is not None and reset.after and letter == reset.candidate:
        tint = ink(board.colour(reset.gate), theme)
        times_gate = f" <span style='color:{tint}'>{reset.gate} ×</span>"
    terms = [(_WORD, part.word, "word", _box_text(known.of_word, "the word"))]
    if of_memory:
        size = 13 if times_gate else 15
        board.write(f"+{times_gate}", x=(_WORD + _MEMORY) / 2, y=y, size=size, colour=theme.text)
        board.sign((_MEMORY + _INSIDE) / 2 + 5, y, "=")
        terms += [(_MEMORY, part.memory, "memory", of_memory), (_INSIDE, part.inside, "inside", "together")]
    for x, value, name, label in terms:
        board.value(x, y, _HALF, value, name=f"{letter} {name}", hover=label, label=label)
    made = None if of_memory else step.declared.made_of(letter)
    made = made if made is not None and not made.family else None
    x, start = _VALUE if made is None else _OF_WEIGHT, (_INSIDE if of_memory else _WORD) + _HALF
    left = x - _HALF - 10
    board.arrow(letter, (start, y), (left, y))
    middle = (_INSIDE + _HALF + left) / 2 if made is None else (start + left) / 2
    middle = min(middle, left - 4 * len(known.function))  # a long name is longer than the arrow
    middle = max(middle - 2, start + 4 * len(known.function))  # and not over the box that it comes from
    board.write(known.function, x=middle, y=y - 10, colour=theme.text)
    if step.declared.update is None:
        _state(board, _VALUE, y, letter, "after")
        return
    _draw_value(board, x, y, known)
    if made is not None:  # by a weight of the unit
        board.arrow(made.letter, (x + _HALF + 10, y), (_VALUE - _HALF - 10, y))
        weight = letter_in_drawing(made.weight)
        board.write(weight, x=(x + _VALUE) / 2 - 2, y=y - 10, colour=theme.text)
        _draw_value(board, _VALUE, y, made)


def _box_text(contributed: str, otherwise: str) -> str:
    """Returns a contribution with its indices below the line; `otherwise` if it is too long for the box."""
    return re.sub(r"_(\w+)", r"<sub>\1</sub>", contributed if len(contributed) <= _MOST_IN_BOX else otherwise)


def _draw_value(board: _Board, x: float, y: float, known: Symbol) -> None:
    """The value of a gate or candidate, with what it does."""
    letter = known.letter
    name, hover, label = f"{letter} value", f"{letter}, the {known.name}", f"<b>{letter}</b> {known.role}"
    value = board.step.values[letter]
    board.value(x, y, _HALF + 10, value, name=name, hover=hover, label=label, letter=letter)


def _draw_plain(board: _Board) -> None:
    """Draws a cell without an update: its state, and how much of a change passes."""
    step = board.step
    slope = next((known for known in step.declared.symbols if known.role is Role.SLOPE), None)
    if slope is None:
        return
    y = board.row("h")
    board.arrow("h", (_VALUE + _STATE_HALF, y), (_MIX - 14, y), dash="dot")
    hover, label = f"the {slope.name} where it stands now", f"slope, {slope.mark.replace('h', 'h′')}"
    board.value(_MIX + 44, y, 56, step.slope, name="slope", hover=hover, label=label)


def _draw_reset(board: _Board, reset: Reset) -> None:
    """Draws the arrow from the gate to the memory of the candidate on which it acts, just below."""
    gate, candidate = board.row(reset.gate), board.row(reset.candidate)
    target: _Place = (_MEMORY, candidate - _TALL)
    if reset.after:
        target = ((_WORD + _MEMORY) / 2 + 8, candidate - 12)
    between = (gate + candidate) / 2
    path = ((_VALUE, gate + _TALL), (_VALUE, between), (target[0], between), target)
    board.arrow(reset.gate, *path)


def _draw_update(board: _Board, update: Update) -> None:
    """Draws the way from the old memory and the candidate to the new memory, and to what is shown."""
    memory, candidate = update.memory, board.row(update.candidate)
    kept = board.row(update.gates[0]) if update.gates else candidate
    if memory == "h":
        board.arrow("h", (_MEMORY + _STATE_HALF, _INPUTS), (_MIX, _INPUTS), (_MIX, kept - _TALL))
    else:
        _state(board, _MIX, _INPUTS, memory, "before")
        board.arrow(memory, (_MIX, _INPUTS + _TALL), (_MIX, kept - _TALL))
    bus = _RIGHT + 24
    if update.gates:
        board.arrow(update.gates[0], (_RIGHT, kept), (_MIX - _MIX_HALF, kept))
    from_gate: tuple[_Place, ...]
    from_candidate: tuple[_Place, ...]
    if not update.gates:  # the same share at every time step
        written = kept + _pitch(len(_rows(board.step.declared)))
        after = (kept + written) / 2 if memory == "h" else kept
        from_gate = ()
        from_candidate = ((_RIGHT, kept), (bus, kept), (bus, written), (_MIX - _MIX_HALF, written))
    elif len(update.gates) == 1:  # the new memory stands between the two terms
        written, after = candidate, (kept + candidate) / 2 if memory == "h" else kept
        from_gate = (
            ((bus, kept), (bus, written - 12), (_MIX - _MIX_HALF, written - 12)) if update.writes else ()
        )
        from_candidate = ((_RIGHT, written + 8), (_MIX - _MIX_HALF, written + 8))
    else:  # what is written stands between its gate and the candidate
        writes = board.row(update.gates[-1])
        written, after = (writes + candidate) / 2, writes
        from_gate = ((_RIGHT, writes), (bus, writes), (bus, written - 8), (_MIX - _MIX_HALF, written - 8))
        from_candidate = (
            (_RIGHT, candidate),
            (bus, candidate),
            (bus, written + 8),
            (_MIX - _MIX_HALF, written + 8),
        )
    if from_gate:
        board.arrow(update.gates[-1], *from_gate)
    board.arrow(update.candidate, *from_candidate)
    for gate in update.gates:
        made = board.step.declared.made_of(gate)
        if made is not None and board.step.declared[gate].of_memory:  # no room for a box of its own
            value = board.step.values[made.letter]
            y = board.row(gate)
            board.numbers.append((bus, y - 27, value, f"{made.letter} value", made.name))
            colour = ink(board.colour(made.letter), board.theme)
            board.write(f"<b>{made.letter}</b>", x=bus, y=y - 11, colour=colour)
    _mixed(board, _MIX, kept, board.step.kept, "kept", update.kept)
    _mixed(board, _MIX, written, board.step.written, "written", update.written)
    _draw_sum(board, update, kept, written, after)
    if memory != "h":
        _draw_shown(board, update, after)


def _draw_tracks(board: _Board, update: Update) -> None:
    """Several memories below each other: each with what stays of it, what comes in, and what is shown."""
    step, theme = board.step, board.theme
    first = _tracks_from(len(_rows(step.declared)))
    ys = [first + number * _TRACK for number in range(len(update.tracks))]
    for x, words in zip(_COLUMNS, _CAPTIONS, strict=True):
        board.write(words, x=x, y=first - 40, colour=theme.text)
    middle, bus = (ys[0] + ys[-1]) / 2, _COLUMNS[-1] + _HALF + 16
    edge = _HALF - 4
    for track, y in zip(update.tracks, ys, strict=True):
        written = value_of(track.takes, step.values) * step.values[update.candidate]
        what_comes = _indexed(f"{as_drawn(track.takes)} {update.candidate}")
        for x, value, name, letter, label in (
            (_COLUMNS[0], step.before[track.state], f"{track.state} before", track.state, ""),
            (_COLUMNS[1], step.values[track.kept], f"{track.kept} value", track.kept, ""),
            (_COLUMNS[2], step.values[track.comes], f"{track.comes} value", track.comes, ""),
            (_COLUMNS[3], written, f"{track.state} written", "", what_comes),
            (_COLUMNS[4], step.after[track.state], f"{track.state} after", track.state, "′"),
            (_COLUMNS[5], step.values[track.shows], f"{track.shows} value", track.shows, ""),
        ):
            text = f"<b>{_indexed(letter)}{label}</b>" if letter else label
            board.value(x, y, edge, value, name=name, hover=name, label=text, letter=letter)
        for place, sign in ((0, "×"), (1, "+"), (3, "="), (4, "×")):
            between = (_COLUMNS[place] + _COLUMNS[place + 1]) / 2
            board.sign(between, y, sign)
        board.arrow(track.comes, (_COLUMNS[2] + edge, y), (_COLUMNS[3] - edge, y))
        out = ((_COLUMNS[5] + edge, y), (bus, y), (bus, middle), (_AFTER - _STATE_HALF, middle))
        board.arrow(track.shows, *out)
    _state(board, _AFTER, middle, "h", "after")
    board.sign(bus + 12, middle - 12, "+")
    if update.shown in (None, Number(0)):
        return
    row = board.row(update.candidate)
    shown = math.fsum(step.values[track.shows] * step.after[track.state] for track in update.tracks)
    board.arrow(update.candidate, (_RIGHT, row), (_MIX - _MIX_HALF, row))
    _mixed(board, _MIX, row, step.after["h"] - shown, "skipped", as_drawn(update.shown))
    board.arrow(update.candidate, (_MIX + _MIX_HALF, row), (_AFTER, row), (_AFTER, middle - _TALL))
    board.sign(_AFTER - 12, middle - _TALL - 14, "+")


def _indexed(letter: str) -> str:
    return re.sub(r"([^\W\d_])(\d+)", r"\1<sub>\2</sub>", letter)


def _draw_sum(board: _Board, update: Update, kept: float, written: float, after: float) -> None:
    """Draws the arrows from both terms to the new memory, one from above and one from below."""
    memory, begin = update.memory, (_MIX + _MIX_HALF, kept)
    x = _AFTER if memory == "h" else _AFTER - 30  # beside it the memory goes on to be shown
    out = written if len(update.gates) > 1 or memory == "h" else written - 12
    if after != kept:
        board.arrow(memory, begin, (_AFTER, kept), (_AFTER, after - _TALL))
        sign_x, sign_y = _sign_place(kept, after)
    else:
        board.arrow(memory, begin, (_AFTER - _STATE_HALF, kept))
        sign_x, sign_y = x - 12, after + _TALL + 14
    board.arrow(memory, (_MIX + _MIX_HALF, out), (x, out), (x, after + _TALL))
    board.sign(sign_x, sign_y, "+")
    if update.memory == "h":
        board.sign(*_sign_place(written, after), "+")
    _state(board, _AFTER, after, update.memory, "after")


def _sign_place(term: float, after: float) -> _Place:
    """The place of the sign of a term: beside its arrow, or outside its line where the arrow is short."""
    inwards = 1 if after > term else -1
    if abs(after - term) > 2 * _TALL:
        return _AFTER - 12, term + 22 * inwards
    return _AFTER - 30, term - 9 * inwards


def _draw_shown(board: _Board, update: Update, after: float) -> None:
    """Draws the way from the new memory to the hidden state: through a tanh, and the gate that shows it."""
    candidate, memory = board.row(update.candidate), update.memory
    has_two = len(update.gates) > 1
    squashed = candidate + (12 if has_two else 27)
    below_rows = candidate + _pitch(len(_rows(board.step.declared)))
    gate = below_rows if update.shows is None else board.row(update.shows)
    _state(board, _AFTER, gate, "h", "after")
    if update.shows is not None:
        board.arrow(update.shows, (_RIGHT, gate), (_AFTER - 58, gate))
    if isinstance(update.shown, Apply):
        _mixed(board, _AFTER, squashed, board.step.squashed, *_function_of(update.shown))
        board.arrow(memory, (_AFTER + 20, after + _TALL), (_AFTER + 20, squashed - _TALL))
        after = squashed
    board.arrow(memory, (_AFTER, after + _TALL), (_AFTER, gate - _TALL))
    if update.shows is not None:
        below = (candidate + gate) / 2 + 5 if has_two else (squashed + gate) / 2
        board.sign(_AFTER - 14, below, "×")


def _function_of(shown: Apply) -> tuple[str, str]:
    """The name of a function and what it is applied to; of all else what is shown, and its formula."""
    if len(shown.arguments) == 1 and shown.function != "-":
        return shown.function, as_drawn(shown.arguments[0])
    return "shown", as_drawn(shown)


def _mixed(board: _Board, x: float, y: float, value: float, name: str, label: str) -> None:
    """The product of two values; `label` is its formula."""
    words = f"{name} {label}"
    below = words if len(words) <= _MOST_IN_BOX else label
    board.value(x, y, 50, value, name=name, hover=f"{name}: {label}", label=below)
