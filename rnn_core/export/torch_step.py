"""A cell as a class on torch that a student can read, written from its equations.

`pytorch_parts/cell.jinja` puts the lines of a `TorchCell` into a class. A time step has a line for each
equation; x is multiplied with all its matrices at once, by a linear layer called `read`. The names of the
equations stand in it as `Identifiers` writes them, and as the keys of what is returned.
"""

import keyword
import re
import textwrap
from collections.abc import Iterable
from itertools import groupby

from torch import Tensor, nn
from typing_extensions import override

from rnn_core.equations.equations import Equations, Size
from rnn_core.equations.expressions import Expression, Name, Number, Product, names
from rnn_core.equations.functions import FUNCTIONS
from rnn_core.equations.printing import ATOM, POWER, SIGN, TERM, columns, number
from rnn_core.export.time_step import Identifiers, StepWriter
from rnn_core.nn.cells import Cell
from rnn_core.refusals import listing

_WIDTH = 100
"""Letters of a line."""
_CUT = textwrap.TextWrapper(
    _WIDTH - 26, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
)
_OURS = ("Tensor", "inputs", "letter", "nn", "self", "step", "steps", "super", "torch", "units", "x", "xs")


class TorchCell(StepWriter):
    """The lines of the class of a cell."""

    def __init__(self, equations: Equations) -> None:
        super().__init__(equations, [*keyword.kwlist, *keyword.softkwlist, *_OURS])
        self.letters = [name for name in equations.letters if self.step.width(Name(name)) == "H"]
        """The quantities that the class returns, those of one number a unit."""
        self.said = self.identifiers.equations(equations)
        """The equations."""
        attributes = Identifiers([*dir(nn.Module), *keyword.kwlist, "read", "units"])
        beside = {*self.step.words, *self.step.biases.values()}
        self._kept = {
            key: attributes.new(key) for key, some in equations.parameters.items() if not beside & {*some}
        }
        """Each parameter but those of `read` -> its name in the class."""
        for key, attribute in self._kept.items():
            first, *others = equations.parameters[key]
            if not others:
                self.identifiers[first] = f"self.{attribute}"
        self._words = self._name_words()
        self.begin = [*self._parts(), *self._starts()]
        """Statements before the first time step."""
        self.lines = [*self._cut_words(), *self._computed(), *self._keeps()]
        """Statements of a time step."""

    @property
    def parameters(self) -> list[str]:
        """The statements that make its parameters."""
        read = f"self.read = nn.Linear(inputs, {columns(self._sizes(self.step.words), 'units')}"
        read += ")  # x W + b" if self.step.biases else ", bias=False)  # x W"
        of_each = f"{read}: {listing([*self._words.values()])}, side by side" * (len(self._words) > 1)
        lines = [max((line for line in (read, of_each) if len(line) <= _WIDTH - 8), key=len)]
        for key, attribute in self._kept.items():
            some = self.equations.parameters[key]
            rows = [columns([size], "units") for size in self.equations.weights[some[0]].sizes[:-1]]
            shape = ", ".join([*rows, columns(self._sizes(some), "units")])
            lines.append(f"self.{attribute} = nn.Parameter(torch.empty({shape}))")
        return lines

    def weights(self, cell: Cell) -> dict[str, Tensor]:
        """Returns the parameters of the class by name, with the values of a cell."""
        W, b = cell.side_by_side([(name, self.step.biases.get(name)) for name in self.step.words])
        read = {"read.weight": W.T, "read.bias": b} if self.step.biases else {"read.weight": W.T}
        others = {attribute: cell.get_parameter(cell.keys[key]) for key, attribute in self._kept.items()}
        return {**read, **others}

    def _sizes(self, weights: Iterable[str]) -> list[Size]:
        """Returns the columns of each weight."""
        return [self.equations.weights[name].sizes[-1] for name in weights]

    def _name_words(self) -> dict[str, str]:
        """Names the product of x with each matrix: like the quantity that is it and nothing else."""
        alike = {
            right.matrix: self.identifiers[name]
            for name, right in self.step.lines.items()
            if isinstance(right, Product) and right.left == Name("x") and "'" not in name
        }
        if len(self.step.words) == 1:
            return dict.fromkeys(self.step.words, "x")
        short = {matrix: matrix.partition("_")[2] or matrix for matrix in self.step.words}
        return {
            matrix: alike.get(matrix) or self.identifiers.new(f"x_{short[matrix]}")
            for matrix in self.step.words
        }

    def _cut_words(self) -> list[str]:
        if len(self._words) == 1:
            return []
        return [f"{', '.join(self._words.values())} = x.{self._cut(self._words)}"]

    def _cut(self, weights: Iterable[str], dim: str = "") -> str:
        """Returns the call that cuts what weights lie in, or what they make, into its parts."""
        sizes = self._sizes(weights)
        if len({*sizes}) == 1:
            return f"chunk({len(sizes)}{dim})"
        runs = [(len([*run]), columns([size], "self.units")) for size, run in groupby(sizes)]
        lists = [f"{times} * [{size}]" if times > 1 else f"[{size}]" for times, size in runs]
        return f"split({' + '.join(lists)}{dim})"

    def _parts(self) -> Iterable[str]:
        for key, attribute in self._kept.items():
            some = self.equations.parameters[key]
            if len(some) > 1:
                dim = ", dim=1" if self.equations.weights[some[0]].is_matrix else ""
                yield f"{', '.join(map(self.name, some))} = self.{attribute}.{self._cut(some, dim)}"

    def _starts(self) -> Iterable[str]:
        starts = self.equations.starts
        zeros = [self.identifiers[state] for state in self.equations.states if not starts.get(state)]
        if zeros:
            several = f"{len(zeros)}, " if len(zeros) > 1 else ""
            yield f"{', '.join(zeros)} = xs.new_zeros({several}self.units)"
        for state, value in starts.items():
            if value:
                full = f"xs.new_full((self.units,), {value!r})"
                yield f"{self.identifiers[state]} = {self.name(value) if isinstance(value, str) else full}"

    def _computed(self) -> Iterable[str]:
        """Writes a line for each equation and logarithm; last come states that later lines still read."""
        later, replaced = [*self.step.lines.items()], []
        for name, right in self.step.lines.items():
            del later[0]
            mine = self.identifiers[name.removesuffix("'")]
            if name.endswith("'") and any(name[:-1] in names(other) for _, other in later):
                replaced.append(f"{mine} = {self.identifiers[name]}")
                mine = self.identifiers[name]
            if name in self.step.logarithms:
                log = self.identifiers[f"log {name}"] = self.identifiers.new(f"log_{mine}")
                yield from self._assigned(log, self.step.logarithms[name])
                yield f"{mine} = torch.exp({log})"
            elif self.code(right) != mine:
                yield from self._assigned(mine, right)
            self.identifiers[name] = mine
        yield from replaced

    def _assigned(self, name: str, right: Expression) -> Iterable[str]:
        line = f"{name} = {self.code(right)}"
        return [line] if len(line) <= _WIDTH - 12 else _wrapped(f"{name} = ({self.code(right)})")

    def _keeps(self) -> list[str]:
        named = {name.removesuffix("'"): self.identifiers[name] for name in self.step.lines}
        pairs = [f'"{letter}": {named[letter]}' for letter in self.letters]
        return _wrapped(f"steps.append({{{', '.join(pairs)}}})")

    @override
    def name(self, name: str) -> str:
        return self.identifiers[name]

    @override
    def product(self, product: Product) -> tuple[str, int]:
        match product.left:
            case Name(name="x"):
                return self._words[product.matrix], ATOM
            case Number(value=value):
                left = f"xs.new_full((1,), {value!r})"
            case left_side:
                left = self.code(left_side, POWER)
        return f"{left} @ {self.name(product.matrix)}", TERM

    @override
    def applied(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        match function, arguments:
            case "^", (base, exponent):
                base_code, power = self.code(base, ATOM), self.code(exponent)
                hugs = re.fullmatch(r"[\w.]+", base_code)
                return f"{base_code}**{power}" if hugs else f"{base_code} ** {power}", POWER
            case "where", (q, Number(value=above), Number(value=below)):
                return f"torch.where({self.code(q)} > 0, {above!r}, {below!r})", ATOM
            case "where", (q, above, below):
                return f"torch.where({self.code(q)} > 0, {self.code(above)}, {self.code(below)})", ATOM
            case (("max" | "min"), (Number(value=bound), one) | (one, Number(value=bound))):
                at = "min" if function == "max" else "max"
                return f"torch.clamp({self.code(one)}, {at}={number(bound)})", ATOM
            case "mean", (one,):
                return f"torch.mean({self.code(one)}, 0, keepdim=True)", ATOM
            case "share", (i, f):
                return f"torch.sigmoid({self.code(i)} - {self.code(f, TERM)})", ATOM
            case "beside", (log,):
                return f"torch.sqrt(-torch.expm1(2 * {self.code(log, SIGN)}))", ATOM
            case "logsigmoid", _:
                called = "nn.functional.logsigmoid"
            case _:
                called = FUNCTIONS[function].torch
                called = called if called.startswith("nn.") else f"torch.{called}"
        return f"{called}({', '.join(map(self.code, arguments))})", ATOM


def _wrapped(line: str) -> list[str]:
    """Cuts a line of a time step that is too long."""
    if len(line) <= _WIDTH - 12:
        return [line]
    *lines, last = _CUT.wrap(line)
    return [*lines, f"{last}  # fmt: skip"]
