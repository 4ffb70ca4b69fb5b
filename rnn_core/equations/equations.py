"""The equations of a cell, checked: its states, its weights with their shapes, and how wide each quantity is.

What is not declared follows from where it stands. What x is multiplied with by `@` is (E, H), what a quantity
of H numbers is, (H, H); any other name that nothing computes is a weight of one number a unit, (H,).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rnn_core.equations.expressions import Apply, Expression, Name, Number, Product, names, walk
from rnn_core.equations.printing import digest, line_text
from rnn_core.equations.reading import (
    INITIAL,
    Constant,
    Equation,
    EquationsError,
    First,
    Limit,
    Line,
    Mistake,
    Start,
    Width,
    read,
)

MOST_STATES = 16
Size = str | int
"""E, H, or a whole number."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A parameter as the equations name it."""

    name: str
    sizes: tuple[Size, ...]
    """(rows, columns) of a matrix, (numbers,) of a vector."""

    @property
    def is_matrix(self) -> bool:
        """Whether it has rows and columns."""
        return len(self.sizes) == 2

    @property
    def of_word(self) -> bool:
        """Whether x is multiplied with it."""
        return self.is_matrix and self.sizes[0] == "E"

    @property
    def stem(self) -> str:
        """What stands before the first _, W of W_r."""
        return self.name.partition("_")[0]


@dataclass(frozen=True)
class Equations:
    """What the text of a cell says. `read_cell` makes it."""

    lines: tuple[Line, ...]
    weights: Mapping[str, Weight]
    """By name: those with a width in the order of these, then in the order in which they first stand."""
    widths: Mapping[str, Size]
    """Of each quantity and new state by name: H, or a number where all units share it."""

    @cached_property
    def text(self) -> str:
        """All lines in their one form, without comments."""
        return "\n".join(map(line_text, self.lines))

    @cached_property
    def digest(self) -> str:
        """A short name for these equations, the same however the text sets its blanks."""
        return digest(self.text)

    @cached_property
    def computed(self) -> tuple[Equation, ...]:
        """What is computed at a time step, in its order."""
        return tuple(line for line in self.lines if isinstance(line, Equation))

    @cached_property
    def states(self) -> tuple[str, ...]:
        """The letters of what goes from one time step to the next: h, then the others by the alphabet."""
        made = [line.name[:-1] for line in self.computed if line.name.endswith("'")]
        return tuple(sorted(made, key=lambda letter: (letter != "h", letter)))

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The letters of all that is computed, a state by its own: r, z, n, h."""
        return tuple(line.name.removesuffix("'") for line in self.computed)

    @cached_property
    def shown_only(self) -> tuple[str, ...]:
        """The letters of the quantities that no state depends on."""
        needed = {f"{state}'" for state in self.states}
        for line in reversed(self.computed):
            if line.name in needed:
                needed |= {*names(line.right)}
        return tuple(line.name for line in self.computed if line.name not in needed)

    @cached_property
    def constants(self) -> Mapping[str, float]:
        """The numbers that have a name."""
        return {line.name: line.value for line in self.lines if isinstance(line, Constant)}

    @cached_property
    def starts(self) -> Mapping[str, float | str]:
        """What a state is before the first time step, where that is not 0: a number, or a weight's name."""
        return {line.state: line.value for line in self.lines if isinstance(line, Start)}

    def firsts(self, *, is_last_layer: bool) -> Mapping[str, Expression]:
        """What weights begin as, where the run's *initialisation* does not say it."""
        found = [
            line for line in self.lines if isinstance(line, First) and line.is_last_layer <= is_last_layer
        ]
        return {line.weight: line.value for line in sorted(found, key=lambda line: line.is_last_layer)}

    def limits(self, *, is_last_layer: bool) -> Mapping[str, tuple[float, float]]:
        """Between which numbers a weight stays."""
        found = [
            line for line in self.lines if isinstance(line, Limit) and line.is_last_layer <= is_last_layer
        ]
        return {
            line.weight: (line.least, line.most)
            for line in sorted(found, key=lambda line: line.is_last_layer)
        }

    def __getitem__(self, letter: str) -> Equation:
        """The equation of a quantity or, by its letter, of a state. Raises KeyError."""
        by_letter = dict(zip(self.quantities, self.computed, strict=True))
        return by_letter[letter]

    @cached_property
    def parameters(self) -> Mapping[str, tuple[str, ...]]:
        """How the weights lie in the parameters of a network: its key -> the weights side by side in it.

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
    return _Check(read(text)).equations


class _Check:
    """Goes through the lines in their order, and notes what is wrong."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines, self.mistakes = lines, list[Mistake]()
        self.seen: dict[tuple[type, object], int] = {}
        self.weights: dict[str, Weight] = {}
        self.widths: dict[str, Size | None] = {}
        equations = [line for line in lines if isinstance(line, Equation)]
        self.made = {line.name: line for line in equations}
        self.states = [line.name[:-1] for line in equations if line.name.endswith("'")]
        self.declared = {
            weight: line.sizes for line in lines if isinstance(line, Width) for weight in line.weights
        }
        self.constants = {line.name for line in lines if isinstance(line, Constant)}
        self._names_are_free()
        for line in equations:
            self._equation(line)
        self._states_are_made()
        self._weights_are_there()
        if not self.mistakes:
            self._all_is_used(equations)
        if self.mistakes:
            raise EquationsError(*sorted(self.mistakes, key=lambda one: (one.line, one.column)))
        widths = {name: width or "H" for name, width in self.widths.items()}
        order = {name: self.weights[name] for name in (*self.declared, *self.weights)}
        self.equations = Equations(tuple(lines), order, widths)

    def _wrong(self, line: int, sentence: str, place: int = 0, length: int = 1) -> None:
        self.mistakes.append(Mistake(line, place + 1, length, sentence))

    def _names_are_free(self) -> None:
        for line in self.lines:
            match line:
                case Equation(name=name) | Constant(name=name):
                    self._once(Equation, name, line.line, name)
                case Start(state=state):
                    self._once(Start, state, line.line, f"{state}(0)")
                case Width(weights=weights):
                    for weight in weights:
                        self._once(Width, weight, line.line, f"the width of {weight}")
                case First(weight=weight) | Limit(weight=weight):
                    what = (weight, line.is_last_layer)
                    self._once(type(line), what, line.line, f"this of {weight}")
            if isinstance(line, Equation | Constant) and line.name in self.states:
                self._wrong(line.line, f"{line.name} is a state: give this quantity another name.")

    def _once(self, kind: type, what: object, line: int, said: str) -> None:
        before = self.seen.setdefault((kind, what), line)
        if before != line:
            self._wrong(line, f"{said} stands in line {before} already.")

    def _equation(self, line: Equation) -> None:
        width = self._width(line.right, line)
        if width is None or width == 1:
            if line.name.endswith("'"):
                self._wrong(line.line, f"{line.name} would be one number for all units, but a state has H.")
        elif width != "H" and line.name.endswith("'"):
            self._wrong(line.line, f"{line.name} would have {width} numbers, but a state has H.")
        self.widths[line.name] = width

    def _width(self, expression: Expression, line: Equation) -> Size | None:
        """How many numbers it has; None of a number."""
        match expression:
            case Number():
                return None
            case Name(name="x", place=place):
                self._wrong(line.line, "x has E numbers: multiply it by a matrix first, x @ W.", place)
                return "H"
            case Name(name=name, place=place):
                return self._width_of(name, place, line)
            case Product(left=Name(name="x"), matrix=matrix, place=place):
                return self._matrix(matrix, "E", place, line)
            case Product(left=left, matrix=matrix, place=place):
                return self._matrix(matrix, self._width(left, line) or 1, place, line)
            case Apply(function="^", arguments=(base, exponent), place=place):
                if isinstance(exponent, Name) and exponent.name not in self.constants:
                    self._wrong(line.line, f"A power is by a number, and {exponent.name} is none.", place)
                return self._width(base, line)
            case Apply(function="mean", arguments=(one,)):
                self._width(one, line)
                return 1
            case Apply(arguments=arguments, place=place):
                widths = [self._width(one, line) for one in arguments]
                wide = {width for width in widths if width not in (None, 1)}
                if len(wide) > 1:
                    first, second = sorted(map(str, wide))
                    self._wrong(line.line, f"{first} numbers can't be combined with {second}.", place)
                return next(iter(wide), 1 if 1 in widths else None)

    def _width_of(self, name: str, place: int, line: Equation) -> Size | None:
        if name in self.constants:
            return None
        if name in self.widths:
            return self.widths[name]
        if name in self.states:
            return "H"
        if name in self.made:
            where = self.made[name].line
            said = f"{name} is computed in line {where}"
            self._wrong(line.line, f"{said}: it can't be used before." if where != line.line else
                        f"{name} can't be made of itself.", place, len(name))  # fmt: skip
            return "H"
        if name.endswith("'"):
            self._wrong(line.line, f"{name} is never made: there is no line {name} = ….", place, len(name))
            return "H"
        sizes = self.declared.get(name, ("H",))
        self._weight(Weight(name, sizes), 1, place, line)
        return sizes[-1]

    def _matrix(self, name: str, rows: Size, place: int, line: Equation) -> Size:
        if name in self.made or name in self.states or name in self.constants:
            self._wrong(line.line, f"{name} is no matrix: after @ stands a weight.", place)
            return "H"
        sizes = self.declared.get(name, (rows, "H"))
        self._weight(Weight(name, sizes), 2, place, line)
        if len(sizes) == 2 and sizes[0] != rows:
            self._wrong(line.line, f"{name} has {sizes[0]} rows, and {rows} numbers come to it.", place)
        return sizes[-1]

    def _weight(self, weight: Weight, dimensions: int, place: int, line: Equation) -> None:
        before = self.weights.setdefault(weight.name, weight)
        if before != weight or len(weight.sizes) != dimensions:
            was = ", ".join(map(str, before.sizes))
            is_as = "a matrix" if dimensions == 2 else "one number a unit"
            if before != weight and dimensions == 2 == len(before.sizes):
                is_as = f"({', '.join(map(str, weight.sizes))})"
            self._wrong(line.line, f"{weight.name} is ({was}) and can't be {is_as}, too.", place)

    def _states_are_made(self) -> None:
        if "h" not in self.states:
            last = max((line.line for line in self.lines), default=1)
            self._wrong(last, "No line makes the hidden state: write h' = … and what it becomes.")
        if len(self.states) > MOST_STATES:
            self._wrong(1, f"These are {len(self.states)} states; a cell has at most {MOST_STATES}.")
        for line in self.lines:
            if isinstance(line, Start):
                if line.state not in self.states:
                    self._wrong(line.line, f"{line.state} is no state: no line makes {line.state}'.")
                elif isinstance(line.value, str):
                    if line.value in self.constants or line.value in self.made or line.value in self.states:
                        self._wrong(line.line, f"{line.state}(0) is a number or a weight, not {line.value}.")
                    else:
                        sizes = self.declared.get(line.value, ("H",))
                        self.weights.setdefault(line.value, Weight(line.value, sizes))

    def _weights_are_there(self) -> None:
        for line in self.lines:
            if isinstance(line, Width) and "E" in (line.sizes if len(line.sizes) == 1 else line.sizes[1:]):
                self._wrong(line.line, "Only the rows of a matrix can be E, those that x is multiplied with.")
            named = (
                line.weights
                if isinstance(line, Width)
                else (line.weight,)
                if isinstance(line, First | Limit)
                else ()
            )
            for name in named:
                if name not in self.weights:
                    self._wrong(line.line, f"{name} is no weight of these equations.")
                elif isinstance(line, First):
                    self._first(line, self.weights[name])

    def _first(self, line: First, weight: Weight) -> None:
        for name in names(line.value):
            if name not in INITIAL:
                self._wrong(line.line, f"What {line.weight} begins as is made of numbers, not of {name}.")
            elif name in INITIAL and not weight.is_matrix:
                self._wrong(line.line, f"{weight.name} is no matrix and can't begin as {name}.")
        if any(isinstance(part, Product) or part == Name("x") for part in walk(line.value)):
            self._wrong(line.line, f"What {line.weight} begins as is made of numbers.")

    def _all_is_used(self, equations: list[Equation]) -> None:
        needed = {f"{state}'" for state in self.states} | set(self.states)
        for line in reversed(equations):
            if line.name in needed:
                needed |= {*names(line.right)}
        needed |= {
            line.value for line in self.lines if isinstance(line, Start) and isinstance(line.value, str)
        }
        for weight in self.weights:
            if weight not in needed:
                where = next(line for line in equations if weight in names(line.right))
                said = f"No state depends on {weight}, which stands in {where.name} alone."
                self._wrong(where.line, said)
        for name in self.constants - {name for line in equations for name in names(line.right)}:
            where_set = next(line for line in self.lines if isinstance(line, Constant) and line.name == name)
            self._wrong(where_set.line, f"{name} is never used.")
        if not any(weight.of_word for weight in self.weights.values()):
            self._wrong(equations[-1].line, "No state depends on x: multiply it by a matrix, x @ W.")


def used(equations: Equations, letter: str) -> Iterator[str]:
    """The names in the equation of a quantity, each once."""
    yield from dict.fromkeys(names(equations[letter].right))
