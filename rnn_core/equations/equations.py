"""The equations of a cell, checked: its states, its weights with their shapes, and how wide each quantity is.

What is not declared follows from where it stands. What x is multiplied with by `@` is (E, H), what a quantity
of H numbers is, (H, H); any other name that nothing computes is a weight of one number a unit, (H,).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from rnn_core.equations import expressions, reading
from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, parts, walk
from rnn_core.equations.functions import INITIAL
from rnn_core.equations.printing import LAST, digest, line_text, printed
from rnn_core.equations.reading import TOKEN, Constant, Equation, First, Limit, Line, Start, Width, read

MOST_STATES = 16
Size = str | int
"""E, H, or a whole number."""
_NamesOf = Callable[[Expression], Iterator[str]]
_OfLayer = TypeVar("_OfLayer", First, Limit)


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter as the equations name it."""

    name: str
    sizes: tuple[Size, ...]
    """(rows, columns) of a matrix, (numbers,) of a vector."""

    @property
    def is_matrix(self) -> bool:
        """True if it has rows and columns."""
        return len(self.sizes) == 2

    @property
    def multiplies_x(self) -> bool:
        """True if x is multiplied with it."""
        return self.is_matrix and self.sizes[0] == "E"

    @property
    def stem(self) -> str:
        """The part of the name before the first _, such as W of W_r."""
        return self.name.partition("_")[0]


class Equations:
    """The content of the text of a cell. `read_cell` makes it."""

    def __init__(
        self, lines: tuple[Line, ...], weights: Mapping[str, Weight], widths: Mapping[str, Size]
    ) -> None:
        self.lines = lines
        self.weights = weights
        """Each weight by name: first those with declared widths, then the rest in the order of their use."""
        self.widths = widths
        """The width of each quantity and new state by name: H, or a number where all units share it."""
        self.text = "\n".join(map(line_text, lines))
        """All lines in their one form, without comments."""
        self.digest = digest(self.text)
        """A short name for these equations, the same however the text sets its blanks."""
        self.constants = {line.name: line.value for line in lines if isinstance(line, Constant)}
        """The numbers that have a name."""
        self.starts = {line.state: line.value for line in lines if isinstance(line, Start)}
        """The value of each state before the first time step, where not 0: a number, or a weight's name."""
        self.everything = tuple(line for line in lines if isinstance(line, Equation))
        """All equations in their order."""
        self.letters = tuple(line.name.removesuffix("'") for line in self.everything)
        """The letters of all equations, a state by its own."""
        self._by_letter = dict(zip(self.letters, self.everything, strict=True))
        made = [line.name[:-1] for line in self.everything if line.name.endswith("'")]
        self.states = tuple(sorted(made, key=lambda letter: (letter != "h", letter)))
        """The letters of what goes from one time step to the next: h, then the others by the alphabet."""
        needed, given = self.made_of(f"{state}'" for state in self.states), {*weights, *self.states, "x"}
        self.shown = tuple(
            line
            for line in self.everything
            if line.name not in needed and given.isdisjoint(names(line.right))
        )
        """The equations only shown: no state depends on them, and they read no weight, no state and no x."""
        self.computed = tuple(line for line in self.everything if line not in self.shown)
        """The equations computed at a time step, in their order."""
        self.quantities = tuple(line.name.removesuffix("'") for line in self.computed)
        """The letters of all that is computed, a state by its own: r, z, n, h."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Equations) and self.lines == other.lines

    def __hash__(self) -> int:
        return hash(self.text)

    def made_of(self, wanted: Iterable[str]) -> set[str]:
        """These names, and all that a time step makes them of."""
        found = {*wanted}
        for line in reversed(self.everything):
            if line.name in found:
                found |= {*names(line.right)}
        return found

    @cached_property
    def mixes_units(self) -> bool:
        """True if each unit gets something of every other: by a product with states in it, or by a mean."""
        return any(
            not {*self.states}.isdisjoint(self.made_of(names(part.left)))
            if isinstance(part, Product)
            else isinstance(part, Apply) and part.function == "mean"
            for line in self.computed
            for part in walk(line.right)
        )

    def firsts(self, *, is_last_layer: bool) -> Mapping[str, Expression]:
        """Returns the first values of weights, where the run's *initialisation* does not say them."""
        return {line.weight: line.value for line in self._lines_for_layer(First, is_last_layer)}

    def limits(self, *, is_last_layer: bool) -> Mapping[str, tuple[float, float]]:
        """The least and the largest value of each weight that has bounds."""
        return {line.weight: (line.least, line.most) for line in self._lines_for_layer(Limit, is_last_layer)}

    def _lines_for_layer(self, kind: type[_OfLayer], is_last_layer: bool) -> list[_OfLayer]:
        """The lines of a kind that hold for a layer; behind them those for the last one, which win."""
        lines = (line for line in self.lines if isinstance(line, kind))
        found = [line for line in lines if is_last_layer or not line.is_last_layer]
        return sorted(found, key=lambda line: line.is_last_layer)

    def __getitem__(self, letter: str) -> Equation:
        """The equation of a quantity, a shown one too, or, by its letter, of a state. Raises KeyError."""
        return self._by_letter[letter]

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """The parameters of a network: key -> the weights side by side in it.

        Those whose names begin alike, W_r, W_z and W_n, stand in one, W, if their rows are alike.
        """
        by_stem: dict[str, list[Weight]] = {}
        for weight in self.weights.values():
            by_stem.setdefault(weight.stem, []).append(weight)
        found: dict[str, tuple[str, ...]] = {}
        for stem, some in by_stem.items():
            if len({weight.sizes[:-1] for weight in some}) == 1:
                found[stem] = tuple(weight.name for weight in some)
            else:
                found |= {weight.name: (weight.name,) for weight in some}
        return found

    def shape(self, weight: str, input_size: int, hidden_size: int) -> tuple[int, ...]:
        """The shape of a weight in numbers."""
        known = {"E": input_size, "H": hidden_size}
        return tuple(known[size] if isinstance(size, str) else size for size in self.weights[weight].sizes)


def reached(made: Mapping[str, Equation], name: str, read: _NamesOf = names, *, over_time: bool) -> set[str]:
    """All names that a quantity is made of, at one time step or over many; a state's are h and h'.

    `made` are the equations by the name of what each makes; `read` gives the names in a right side.
    """
    found, left = set[str](), [name]
    while left:
        one = left.pop()
        if one in made and one not in found:
            left += read(made[one].right)
        if over_time and f"{one}'" in made and one not in found:
            left.append(f"{one}'")
        found.add(one)
    return found


def read_cell(text: str) -> Equations:
    """The equations that a text says. Raises EquationsError with all that is wrong in it.

    >>> gru = read_cell('''
    ... r  = sigmoid(x @ W_r + h @ U_r + b_r)
    ... z  = sigmoid(x @ W_z + h @ U_z + b_z)
    ... n  = tanh(x @ W_n + (r * h) @ U_n + b_n)
    ... h' = (1 - z) * h + z * n
    ... ''')
    >>> gru.states, gru.parameters["U"], gru.weights["U_n"].sizes
    (('h',), ('U_r', 'U_z', 'U_n'), ('H', 'H'))
    """
    return _Check(text).equations


class _Check:
    """Infers the shape of each weight and the width of each quantity, line by line, and notes mistakes."""

    def __init__(self, text: str) -> None:
        self.lines, self.raw = read(text), reading.lines_of(text)
        self.mistakes: list[reading.Mistake] = []
        self.weights: dict[str, Weight] = {}
        self.widths: dict[str, Size] = {}
        equations = [line for line in self.lines if isinstance(line, Equation)]
        self.made = {line.name: line for line in equations}
        self.states = [name[:-1] for name in self.made if name.endswith("'")]
        self.constants = {line.name: line.value for line in self.lines if isinstance(line, Constant)}
        widths = [line for line in self.lines if isinstance(line, Width)]
        self.declared = {weight: line.sizes for line in widths for weight in line.weights}
        self._all_is_said_once()
        for line in equations:
            self._equation(line)
        self._states_are_made()
        self._weights_are_there()
        if not self.mistakes:
            self._all_is_used()
        if self.mistakes:
            raise reading.EquationsError(*sorted(self.mistakes, key=lambda one: (one.line, one.column)))
        order = {name: self.weights[name] for name in (*self.declared, *self.weights)}
        self.equations = Equations(tuple(self.lines), order, self.widths)

    def _wrong(self, line: int, culprit: str, sentence: str, place: int = 0) -> None:
        """Notes a mistake in a name or sign, the first one in the line from the place on."""
        word = culprit.removesuffix("'")
        there = (
            found.start() for found in TOKEN.finditer(self.raw[line - 1], place) if found.group() == word
        )
        self.mistakes.append(reading.Mistake(line, next(there, place) + 1, len(culprit), sentence))

    def _all_is_said_once(self) -> None:
        said: dict[str, int] = {}
        for line in self.lines:
            if isinstance(line, Equation | Constant) and line.name in self.states:
                self._wrong(line.line, line.name, f"{line.name} is a state: give this another name.")
            for name, what in _subjects(line):
                if what in said:
                    self._wrong(line.line, name, f"Line {said[what]} already says {what}.")
                said.setdefault(what, line.line)

    def _equation(self, line: Equation) -> None:
        width, name = self._width(line.right, line), line.name
        if name.endswith("'") and width != "H":
            count = "one number for all units" if width in (None, 1) else f"{width} numbers"
            self._wrong(line.line, name, f"{name} would be {count}, but a state is a number a unit.")
        elif width is None:
            self._wrong(line.line, name, f"{name} is a number that never changes: write const {name} = ….")
        self._is_finite(line.right, line.line)
        self.widths[name] = width or "H"

    def _is_finite(self, expression: Expression, line: int) -> None:
        try:
            expressions.number_of(expression, self.constants)
        except expressions.NotFiniteError as error:
            wrong = error.expression
            self._wrong(line, wrong.function, f"{printed(wrong)} is no finite number.", wrong.place)

    def _width(self, expression: Expression, line: Equation) -> Size | None:
        """Return its width, and take up the weights in it.

        "H" or another size; 1 of one number for all units, None of a number that never changes. It is "H"
        after a mistake, so that none is said twice.
        """
        match expression:
            case Number():
                return None
            case Name(name="x", place=place):
                self._wrong(line.line, "x", "x has E numbers: multiply it by a matrix first, x @ W.", place)
                return "H"
            case Name(name=name, place=place):
                return self._width_of(name, place, line)
            case Product(left=left, matrix=matrix, place=place):
                rows = "E" if left == Name("x") else self._width(left, line)
                return self._matrix(matrix, rows, place, line)
            case Apply(function="^", arguments=(_, Name(name=name, place=place))) if (
                name not in self.constants
            ):
                self._wrong(line.line, name, f"A power is by a number or a constant; {name} is none.", place)
                return "H"
            case Apply(function=function, arguments=arguments, place=place):
                widths = dict.fromkeys(self._width(one, line) for one in arguments)
                wide = [width for width in widths if width not in (None, 1)]
                if len(wide) > 1:
                    said = f"{wide[0]} numbers can't be combined with {wide[1]} numbers."
                    self._wrong(line.line, function, said, place)
                if [*widths] == [None]:
                    return None
                return wide[0] if wide and function != "mean" else 1

    def _width_of(self, name: str, place: int, line: Equation) -> Size | None:
        if name in self.constants:
            return None
        if name in self.widths:
            return self.widths[name]
        if name in self.states:
            return "H"
        if name in self.made or name.endswith("'"):
            self._wrong(line.line, name, self._why_not_there(name, line.name), place)
            return "H"
        return self._weight(name, (), line.line, place)

    def _why_not_there(self, name: str, reader: str) -> str:
        if name not in self.made:
            return f"{name} is never made: no line begins with {name} =."
        if name == reader:
            return f"{name} can't be made of itself: only what a state was can be read, such as h in h' = …."
        if reader in reached(self.made, name, over_time=False):
            return (
                f"{name} and {reader} are made of each other: one of them must come first without the other."
            )
        return f"{name} is computed below, in line {self.made[name].line}: move that line up."

    def _matrix(self, name: str, rows: Size | None, place: int, line: Equation) -> Size:
        if name in {*self.made, *self.states, *self.constants}:
            said = f"{name} is no matrix: write the matrix on the right of @, as in h @ U."
            self._wrong(line.line, name, said, place)
        elif rows is None:
            self._wrong(line.line, "@", "A number is multiplied by *, not by @.", place)
        else:
            return self._weight(name, (rows,), line.line, place)
        return "H"

    def _weight(self, name: str, rows: tuple[Size, ...], line: int, place: int = 0) -> Size:
        """Take up a weight; the columns of a matrix or, where `rows` are none, the numbers of a vector."""
        weight = Weight(name, self.declared.get(name, (*rows, "H")))
        sizes = self.weights.setdefault(name, weight).sizes
        if sizes[:-1] != rows:
            is_now, has_to_be = (f"({', '.join(map(str, some))})" for some in (sizes, (*rows, sizes[-1])))
            self._wrong(line, name, f"{name} is {is_now}, but here it has to be {has_to_be}.", place)
        return sizes[-1]

    def _states_are_made(self) -> None:
        if "h" not in self.states:
            last = max((line.line for line in self.lines), default=1)
            line = self.made["h"].line if "h" in self.made else last
            said = "No line makes the hidden state: write h' = …, such as h' = tanh(x @ W + h @ U + b)."
            self._wrong(line, "h", said)
        for state in self.states[MOST_STATES:]:
            said = f"These are {len(self.states)} states; a cell has at most {MOST_STATES}."
            self._wrong(self.made[f"{state}'"].line, state, said)
        for start in self.lines:
            if isinstance(start, Start):
                self._start(start)

    def _start(self, line: Start) -> None:
        state, value = line.state, line.value
        if state not in self.states:
            self._wrong(line.line, state, f"{state} is no state: no line begins with {state}' =.")
        elif isinstance(value, str) and value in {*self.constants, *self.made, *self.states}:
            self._wrong(line.line, value, f"{state}(0) is a number or a weight, not {value}.")
        elif isinstance(value, str) and (width := self._weight(value, (), line.line)) not in ("H", 1):
            self._wrong(
                line.line, value, f"{state}(0) would be {width} numbers, but a state is a number a unit."
            )

    def _weights_are_there(self) -> None:
        for line in self.lines:
            if isinstance(line, Width | First | Limit):
                for name, _ in _subjects(line):
                    if name not in self.weights:
                        self._wrong(line.line, name, f"{name} is no weight: no equation has it as one.")
            if isinstance(line, First) and line.weight in self.weights:
                self._first(line, self.weights[line.weight])

    def _first(self, line: First, weight: Weight) -> None:
        self._is_finite(line.value, line.line)
        for part in walk(line.value):
            match part:
                case Name(name=name) if name in reading.SIZES:
                    pass
                case Name(name=name) | Product(matrix=name) if name not in INITIAL:
                    self._wrong(line.line, name, f"{weight.name} begins as numbers: {name} is none.")
                case Name(name=name) if not weight.is_matrix:
                    self._wrong(line.line, name, f"{weight.name} is no matrix and can't begin as {name}.")
                case Apply(function="uniform", arguments=(Number(value=a), Number(value=b))) if a <= b:
                    pass
                case Apply(function="uniform" as name):
                    self._wrong(line.line, name, "uniform(a, b) has two numbers, the larger one last.")
                case Apply(function="normal", arguments=(Number(), Number(value=b))) if b >= 0:
                    pass
                case Apply(function="normal" as name):
                    said = "normal(a, b) has a mean and a standard deviation, which is not below 0."
                    self._wrong(line.line, name, said)

    def _all_is_used(self) -> None:
        """A quantity that h does not depend on may be there to be seen; no weight may stand in it alone."""
        used, trained = (reached(self.made, "h'", read, over_time=True) for read in (names, _trained))
        for line in self.made.values():
            idle = [name for name in names(line.right) if name in self.weights and name not in trained]
            if idle and idle[0] in used:
                said = f"{idle[0]} is not trained: h depends on it by the q of a where(q, a, b) alone."
                self._wrong(line.line, idle[0], said)
            elif idle:
                said = f"h does not depend on {line.name}: use it, or leave this line out."
                self._wrong(line.line, line.name, said)
        stand = {name for line in self.made.values() for name in names(line.right)}
        for constant in self.lines:
            if isinstance(constant, Constant) and constant.name not in stand:
                self._wrong(
                    constant.line, constant.name, f"{constant.name} is never used: leave this line out."
                )
        if "x" not in used:
            self._wrong(self.made["h'"].line, "h'", "h does not depend on x: multiply it by a matrix, x @ W.")


def _trained(expression: Expression) -> Iterator[str]:
    """The names in it that a gradient reaches: none in a condition."""
    match expression:
        case Name(name=name) | Product(matrix=name):
            yield name
    is_where = isinstance(expression, Apply) and expression.function == "where"
    for one in parts(expression)[1 if is_where else 0 :]:
        yield from _trained(one)


def _subjects(line: Line) -> Iterator[tuple[str, str]]:
    """The names that a line says something of, each with what it says."""
    match line:
        case Equation(name=name) | Constant(name=name):
            yield name, f"what {name} is"
        case Start(state=state):
            yield state, f"what {state}(0) is"
        case Width(weights=weights):
            yield from ((weight, f"how wide {weight} is") for weight in weights)
        case First(weight=weight, is_last_layer=is_last):
            yield weight, f"what {weight} begins as{LAST * is_last}"
        case Limit(weight=weight, is_last_layer=is_last):
            yield weight, f"where {weight} stays{LAST * is_last}"
