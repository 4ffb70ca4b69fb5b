"""A cell's time step as code of any language computes it, its names in such code, and how that is written.

Both emitters, `javascript` and `torch_step`, begin here.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable

from typing_extensions import override

from rnn_core.equations.equations import Equations
from rnn_core.equations.expressions import Apply, Expression, Name, Number, names, number_of, replaced
from rnn_core.equations.latex import GREEK
from rnn_core.equations.printing import CodeWriter, line_text
from rnn_core.equations.reading import Constant, Equation, Start
from rnn_core.nn.step_code import Safe, fused

_NAME = re.compile(r"(?<!\w)[^\W\d_]\w*")
_SPELLED = {letter: name for name, letter in GREEK.items()}


class TimeStep(Safe):
    """The equations as `Safe` has them, but as a person reads them: no branch is guarded, a number is one.

    `lines` have the shown equations, too, and no bias of `biases`. The name "log f" is the logarithm of f.
    """

    def __init__(self, equations: Equations) -> None:
        form, read = fused(equations), (names(line.right) for line in equations.computed)
        places = Counter(itertools.chain(equations.starts.values(), *read))
        pairs = form.inputs.items()
        alone = {matrix: bias for matrix, bias in pairs if bias and places[bias] == places[matrix] == 1}
        beside = {name: {*some} for some in equations.parameters.values() for name in some}
        self.words = (*form.inputs,)
        """The matrices that x is multiplied with, in the order in which they lie in a network."""
        self.biases = {matrix: bias for matrix, bias in alone.items() if beside[bias] <= {*alone.values()}}
        """A matrix of x -> the bias that is added to this product and stands nowhere else."""
        self._numbers = {**dict.fromkeys(self.biases.values(), 0.0), **equations.constants}
        super().__init__(equations, held=False)
        lines = {**self.lines, **{line.name: self.safe(line.right) for line in equations.shown}}
        self.lines = {name: self._completed(right) for name, right in lines.items()}
        self.logarithms = {
            name: self._completed(self.parts[log])
            for name in self.lines
            if (log := f"log {name}") in self.parts
        }
        """The logarithm of each quantity of which it is read, as it is computed."""

    def _completed(self, expression: Expression) -> Expression:
        inside = {Name(name): part for name, part in self.parts.items() if name.startswith("inside ")}
        return replaced(expression, lambda one: inside.get(one) if isinstance(one, Name) else None)

    @override
    def _put(self, one: Expression) -> Expression | None:
        if (value := number_of(one, self._numbers)) is not None:
            return Number(value)
        match one:
            case Apply(function="where", arguments=(q, above, below)):
                value = number_of(q, self._numbers)
                return None if value is None else self.safe(above if value > 0 else below)
            case Apply(function="mean", arguments=(same,)) if self.width(same) in (None, 1):
                return self.safe(same)
            case Apply(function="+" | "-" as sign, arguments=(left, right)):
                left, right = self.safe(left), self.safe(right)
                if Number(0) not in (left, right):
                    return Apply(sign, (left, right))
                return left if right == Number(0) else right if sign == "+" else Apply("-", (right,))
        return super()._put(one)


class Identifiers:
    """The names of a cell in code: its own where they can be written in ASCII, and each another one."""

    def __init__(self, taken: Iterable[str], names: Iterable[str] = ()) -> None:
        self._taken = {*taken}
        self._of = {name: self.new(name) for name in dict.fromkeys(names)}

    def new(self, name: str) -> str:
        """Returns an identifier that was not given yet.

        >>> Identifiers(["lambda"]).new("λ"), Identifiers([]).new("Δ_ж")
        ('lambda_2', 'Delta_q')
        """
        plain = "".join(sign if sign.isascii() else _SPELLED.get(sign, "q") for sign in name)
        candidates = itertools.chain([plain], (f"{plain}_{count}" for count in itertools.count(2)))
        found = next(one for one in candidates if one not in self._taken)
        self._taken.add(found)
        return found

    def __getitem__(self, name: str) -> str:
        """Returns the identifier of a name of the equations, the same each time."""
        if name not in self._of:
            self._of[name] = self.new(name.replace("'", "_new"))
        return self._of[name]

    def __setitem__(self, name: str, identifier: str) -> None:
        self._of[name] = identifier

    def equations(self, known: Equations) -> list[str]:
        """Prints what is computed, with these names."""
        lines = [line_text(line) for line in known.lines if isinstance(line, Equation | Constant | Start)]
        given = {*known.states, *known.quantities, *known.weights, *known.constants}
        said = [
            _NAME.sub(lambda name: self[name[0]] if name[0] in given else name[0], line) for line in lines
        ]
        parted = [line.partition(" = ") for line in said]
        indent = max(len(left) for left, _, _ in parted)
        return [f"{left:{indent}} = {right}" for left, _, right in parted]


class StepWriter(CodeWriter):
    """Writes the time step of a cell under names of its own."""

    def __init__(self, equations: Equations, taken: Iterable[str]) -> None:
        self.equations, self.step = equations, TimeStep(equations)
        named = *equations.states, *equations.letters, *equations.weights
        self.identifiers = Identifiers(taken, named)
