"""A cell as a module of the exported page, written from its equations.

What the module exports, and what its time step is given, is said in `page/engine/layer.js`. The names of the
equations stand in it as `Identifiers` writes them, and as text in JSON.
"""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from typing_extensions import override

from rnn_core.equations.equations import Equations, Size
from rnn_core.equations.expressions import Apply, Expression, Name, Product
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.printing import ATOM, columns, number
from rnn_core.export.time_step import StepWriter
from rnn_core.symbols import Symbol

_TAKEN = """
    arguments await break case catch class const continue debugger default delete do else enum eval export
    extends false finally for function if implements import in instanceof interface let new null package
    private protected public return static super switch this throw true try typeof undefined var void while
    with yield Infinity Math NaN
    H cell compute divided fill j logarithmOf matrix numbers share vector x
"""
"""The keywords of JavaScript, and names of ours in a cell."""
_FUNCTIONS = {"^": "pow", "logsigmoid": "logSigmoid", "beside": "squareRootBeside", "share": "share"}
"""Functions that stand in no text of a cell, and powers -> their names in `page/engine/functions.js`."""


def cell_module(
    equations: Equations, symbols: Iterable[Symbol] = (), keys: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Writes the module of a cell, which also computes those of its `symbols` that follow from others.

    `keys`: key of `Equations.parameters` -> name of this parameter in the cell, where it is another one.
    """
    return _Module(equations, symbols, keys).source


class _Module(StepWriter):
    """A shown quantity has H places, even one number for all units; others are as wide as they are."""

    def __init__(self, equations: Equations, symbols: Iterable[Symbol], keys: Mapping[str, str]) -> None:
        super().__init__(equations, [*_TAKEN.split(), *FUNCTIONS, *_FUNCTIONS.values()])
        step, self.keys = self.step, keys
        self.given = {"H"}
        """The names that the time step takes from what it is given."""
        self.setup: list[str] = []
        """Statements that run once."""
        self.body: list[str] = []
        """Statements of a time step."""
        self.loop: Size = "H"
        """The number of places of the vector that is filled where code is written now."""
        self.words = [self.identifiers.new(f"x_{matrix}") for matrix in step.words]
        self.vectors: dict[Expression, str] = {
            Product(Name("x"), matrix): word for matrix, word in zip(step.words, self.words, strict=True)
        }
        """Each product and weight that has a vector of its own -> its identifier."""
        for name, right in step.lines.items():
            self._line(name, right)
        for symbol in symbols:
            if symbol.right is not None and symbol.letter not in equations.letters:
                self.body.append(f"compute({json.dumps(symbol.letter)}, (j) => {self.code(symbol.right)})")

    @property
    def source(self) -> str:
        """The module."""
        states = self.equations.states
        before = ", ".join(self.identifiers[letter] for letter in states)
        lines = [
            *(f"//   {line}" for line in self.identifiers.equations(self.equations)),
            "",
            "export const cell = {",
            f"  states: {json.dumps(states)},",
            f"  words: (H) => [{', '.join(map(self._word, self.step.words))}],",
            f"  starts: ({{ H, numbers, vector }}) => [{', '.join(map(self._start, states))}],",
            f"  makeStep({{ {', '.join(sorted(self.given))} }}) {{",
            *(f"    {line}" for line in self.setup),
            f"    return ([{', '.join(self.words)}], [{before}], compute) => {{",
            *(f"      {line}" for line in self.body),
            "    }",
            "  },",
            "}",
        ]
        return "\n".join(lines) + "\n"

    def _line(self, name: str, right: Expression) -> None:
        mine = self.identifiers[name]
        is_shown = self.equations.widths[name] in ("H", 1)
        places = "H" if is_shown else self.equations.widths[name]
        if name in self.step.logarithms:
            log = self._set_up(f"log_{mine}", f"{self._use('vector')}({places})")
            self.identifiers[f"log {name}"] = log
            code = f"{self._use('exp')}(({log}[j] = {self._written(self.step.logarithms[name], places)}))"
        else:
            code = self._written(right, places)
        if is_shown:
            code = f"compute({json.dumps(name.removesuffix(chr(39)))}, (j) => {code})"
        else:
            code = self._filled(mine, places, code)
        self.body.append(f"const {mine} = {code}")

    def _written(self, expression: Expression, places: Size) -> str:
        """Returns the code of number j of so many."""
        before, self.loop = self.loop, places
        code = self.code(expression)
        self.loop = before
        return code

    def _filled(self, name: str, places: Size, code: str) -> str:
        """Returns a vector that this code fills, the same vector at each time step."""
        made = self._set_up(f"{name}_place", f"{self._use('vector')}({places})")
        return f"{self._use('fill')}({made}, (j) => {code})"

    def _set_up(self, name: str, code: str) -> str:
        found = self.identifiers.new(name)
        self.setup.append(f"const {found} = {code}")
        return found

    def _use(self, given: str) -> str:
        if "." not in given:  # else it is a function of JavaScript, such as Math.atan
            self.given.add(given)
        return given

    @override
    def written(self, expression: Expression) -> tuple[str, int]:
        match expression:
            case Apply(function="/", arguments=(above, Name(name=name) as below)) if name in self.step.lines:
                return f"{self._use('divided')}({self.code(above)}, {self.code(below)})", ATOM
        return super().written(expression)

    def _element(self, vector: str, wide: Size | None) -> str:
        """Returns number j of a vector, or the only one."""
        return f"{vector}[{0 if wide == 1 else 'j'}]"

    @override
    def name(self, name: str) -> str:
        known = Name(name.removeprefix("log "))
        wide = self.step.width(known)
        if known.name not in self.equations.weights and self.loop == "H":
            wide = "H"  # one number for all units has so many places
        text = self._element(self._vector(known), wide)
        if known.name == name:
            return text
        return f"{self._use('logarithmOf')}({text}, {self._element(self.identifiers[name], wide)})"

    @override
    def product(self, product: Product) -> tuple[str, int]:
        return self._element(self._vector(product), self.step.width(product)), ATOM

    def _vector(self, expression: Expression) -> str:
        """Returns the vector of an expression, computed before the statement that is written now."""
        match expression:
            case _ if expression in self.vectors:
                return self.vectors[expression]
            case Name(name=name) if name not in self.equations.weights:
                return self.identifiers[name]
            case Name(name=name):
                made = f"{self._use('numbers')}({self._place(name)})"
                self.setup.append(f"const {self.identifiers[name]} = {made}")
                found = self.identifiers[name]
            case Product(left=left, matrix=name):
                vector, found = self._vector(left), self.identifiers.new(f"by_{name}")
                table = self._set_up(f"table_{name}", f"{self._use('matrix')}({self._place(name)})")
                self.body.append(f"const {found} = {table}.times({vector})")
            case _:
                places = self.step.width(expression) or 1
                return self._filled("factor", places, self._written(expression, places))
        self.vectors[expression] = found
        return found

    @override
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        match function, arguments:
            case "where", (q, above, below):
                return f"({self.code(q)} > 0 ? {self.code(above)} : {self.code(below)})", ATOM
            case "mean", (one,):
                places, found = self.step.width(one) or 1, self.identifiers.new("mean_of")
                code = f"{self._use('mean')}({places}, (j) => {self._written(one, places)})"
                self.body.append(f"const {found} = {code}")
                return found, ATOM
        called = _FUNCTIONS[function] if function in _FUNCTIONS else FUNCTIONS[function].javascript
        return f"{self._use(called)}({', '.join(map(self.code, arguments))})", ATOM

    def _place(self, name: str) -> str:
        """Returns a place, as the engine has it: parameter, first column of the weight, its columns."""
        [(key, some)] = ((key, some) for key, some in self.equations.parameters.items() if name in some)
        sizes = [self.equations.weights[one].sizes[-1] for one in some]
        place = some.index(name)
        return f"{json.dumps(self.keys.get(key, key))}, {columns(sizes[:place])}, {sizes[place]}"

    def _word(self, matrix: str) -> str:
        """Returns the places of a matrix of x and of its bias."""
        places = [self._place(name) for name in (matrix, self.step.biases.get(matrix)) if name is not None]
        return f"[{', '.join(f'[{place}]' for place in places)}]"

    def _start(self, state: str) -> str:
        value = self.equations.starts.get(state, 0.0)
        if isinstance(value, str):
            return f"numbers({self._place(value)})"
        return f"vector(H).fill({number(value)})" if value else "vector(H)"
