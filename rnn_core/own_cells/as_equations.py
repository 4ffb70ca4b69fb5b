"""A student's cell as equations: traced at several sizes, compared with its code, with its first weights.

Nothing here knows any cell. What the equations are of a task is judged in `cell_check`.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Place, Sizes, Traced
from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.expressions import FUNCTIONS, OPERATORS, Apply, Expression, Name, Number, replaced
from rnn_core.equations.printing import line_text, number, printed
from rnn_core.equations.reading import Equation, EquationsError
from rnn_core.equations.reading import read as read_lines
from rnn_core.errors import CellError
from rnn_core.nn.equation_cell import cell_class
from rnn_core.own_cells import first_weights
from rnn_core.own_cells.first_weights import Drawn, law
from rnn_core.own_cells.lifting import Lifted, LiftError, Use, lift
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import Answer, error_of, warm
from rnn_core.progress import finish

SIZES = ((5, 7), (11, 13), (13, 11))
"""E and H at which a time step is traced: what is equal at all of them is so for every size."""
_ROWS = 2
COMPARED = 100
"""Inputs with which equations and code are compared, a part of them large."""
_LARGE = 60.0
_ERROR = 1e-9
_ERROR_SHORT = 1e-5

Ask = Callable[[str, Mapping[str, Any], Mapping[str, Tensor]], Generator[Any, None, Answer]]
"""Asks the process of the code for an operation."""


class NoEquationsError(CellError):
    """Why a cell has no equations, in a sentence without the name of its file, and the line."""

    def __init__(self, sentence: str, line: int | None = None, *, is_of_gradient: bool = False) -> None:
        """`is_of_gradient`: the values are those of the equations."""
        super().__init__(sentence)
        self.sentence, self.line, self.is_of_gradient = sentence.removesuffix("."), line, is_of_gradient
        self.lifted: Lifted | None = None
        """What was found at one size, though not in the language of equations, or not for all sizes."""


@dataclass(frozen=True)
class AsEquations:
    """A cell that was traced."""

    lifted: Lifted
    """At the first of `SIZES`."""
    states: tuple[str, ...]
    text: str
    """The equations in the language of `rnn_core.equations`, without first weights."""
    places: Mapping[str, Place]

    @cached_property
    def equations(self) -> Equations:
        """The equations, read."""
        return read_cell(self.text)


def traced(ask: Ask, states: Sequence[str]) -> Generator[Any, None, AsEquations]:
    """The equations of a cell. Raises NoEquationsError, and OwnCellError as asking does."""
    several = []
    for E, H in SIZES:
        answer = yield from ask("trace", {"E": E, "H": H, "B": _ROWS}, {})
        if why := answer.said.get("why"):
            raise NoEquationsError(why["sentence"], why["line"])
        try:
            several.append(lift(answer.said, states, E, H))
        except LiftError as error:
            raise NoEquationsError(error.sentence, error.line) from error
    try:
        return of_sizes(several, states)
    except NoEquationsError as error:
        error.lifted = several[0]
        raise


def of_sizes(several: Sequence[Lifted], states: Sequence[str]) -> AsEquations:
    """The equations for every size. Raises NoEquationsError where they differ from size to size."""
    first = several[0]
    lines = {name: _in_language(right, first.at.get(name)) for name, right in first.lines.items()}
    for other in several[1:]:
        same = {name: _in_language(right, first.at.get(name)) for name, right in other.lines.items()}
        for name in lines:
            if name not in same or printed(lines[name]) != printed(same[name]):
                raise NoEquationsError(
                    "It computes something else at other sizes E and H", first.at.get(name)
                )
    places = {name: _place([one.weights[name] for one in several]) for name in first.weights}
    text = "\n".join(_text(first, lines, [one.weights for one in several]))
    try:
        read_cell(text)
    except EquationsError as error:
        raise NoEquationsError(f"As equations: {error.mistakes[0].sentence}") from error
    return AsEquations(first, tuple(states), text, places)


def _text(
    lifted: Lifted, lines: Mapping[str, Expression], weights: Sequence[Mapping[str, Use]]
) -> Iterator[str]:
    for name, right in lines.items():
        yield line_text(Equation(name, right, 0, ""))
    for state, begins in lifted.starts.items():
        yield f"{state}(0) = {begins if isinstance(begins, str) else number(begins)}"
    for name in lifted.weights:
        sizes = [_size(several) for several in zip(*(one[name].places.shape for one in weights), strict=True)]
        if sizes[-1] != "H":
            yield f"{name} ({', '.join(sizes)})"


def _size(several: Sequence[int]) -> str:
    """A width as equations say it."""
    if len({*several}) == 1:
        return str(several[0])
    for letter, sizes in zip("EH", zip(*SIZES, strict=True), strict=True):
        if tuple(several) == sizes:
            return letter
    raise NoEquationsError("A weight has a width that is neither E, nor H, nor a number")


def _place(uses: Sequence[Use]) -> Place:
    """Where a weight lies in its parameter, at every size."""
    offsets = [int(use.places.flat[0]) for use in uses]
    axes = uses[0].places.ndim
    strides = [
        [
            int(use.places.take(1, axis).flat[0]) - int(use.places.flat[0])
            if use.places.shape[axis] > 1
            else 0
            for use in uses
        ]
        for axis in range(axes)
    ]
    for number_, use in enumerate(uses):
        grid = sum(np.indices(use.places.shape)[axis] * strides[axis][number_] for axis in range(axes))
        if (use.places != offsets[number_] + grid).any():
            raise NoEquationsError(f"It takes numbers of {use.parameter} out of their order")
    return Place(uses[0].parameter, _of_sizes(offsets), tuple(map(_of_sizes, strides)))


def _of_sizes(numbers: Sequence[int]) -> Sizes:
    """Whole numbers as a sum of as few as can be of 1, E, H, E * E, E * H and H * H, each some times."""
    table = np.array([[1, E, H, E * E, E * H, H * H] for E, H in SIZES], dtype=float)
    for count in range(len(SIZES) + 1):
        for some in combinations(range(table.shape[1]), count):
            times = np.rint(np.linalg.lstsq(table[:, some], np.array(numbers, dtype=float), rcond=None)[0])
            if (table[:, some] @ times == numbers).all():
                found = dict(zip(some, times.astype(int).tolist(), strict=True))
                one, E, H, EE, EH, HH = (found.get(place, 0) for place in range(6))
                return one, E, H, EE, EH, HH
    raise NoEquationsError("A weight lies where no rule of E and H finds it")


# What the language has no word for

_EXPANDED = {
    "silu": "a * sigmoid(a)",
    "mish": "a * tanh(softplus(a))",
    "hardsigmoid": "min(max(a / 6 + 0.5, 0), 1)",
    "elu": "where(a, a, exp(min(a, 0)) - 1)",
    "leaky relu": "where(a, a, b * a)",
    "sinh": "(exp(a) - exp(-a)) / 2",
    "cosh": "(exp(a) + exp(-a)) / 2",
}
"""Functions of torch by what they are in equations."""


def _in_language(expression: Expression, line: int | None) -> Expression:
    """An expression with functions that equations have. Raises NoEquationsError."""

    def put(one: Expression) -> Expression | None:
        if not isinstance(one, Apply):
            return None
        arguments = tuple(_in_language(part, line) for part in one.arguments)
        if one.function in (">", ">="):
            return _where(one, Number(1), Number(0), arguments)
        if one.function == "where":
            condition = one.arguments[0]
            if not (isinstance(condition, Apply) and condition.function in (">", ">=")):
                raise NoEquationsError("It chooses by something that is no comparison of two numbers", line)
            sides = tuple(_in_language(part, line) for part in condition.arguments)
            return _where(condition, arguments[1], arguments[2], sides)
        if one.function in _EXPANDED:
            given = dict(zip("ab", (*arguments, Number(0.01)), strict=False))
            right = read_lines(f"q = {_EXPANDED[one.function]}")[0]
            assert isinstance(right, Equation)
            return replaced(
                right.right, lambda part: given.get(part.name) if isinstance(part, Name) else None
            )
        if one.function not in (*FUNCTIONS, *OPERATORS):
            raise NoEquationsError(f"`{one.function}` has no equation here", line)
        if one.function == "softplus":
            arguments = arguments[:1]
        if len(arguments) != FUNCTIONS.get(one.function, len(arguments)):
            raise NoEquationsError(f"`{one.function}` with settings of its own has no equation here", line)
        return Apply(one.function, arguments)

    return replaced(expression, put)


def _where(condition: Apply, taken: Expression, other: Expression, sides: Sequence[Expression]) -> Expression:
    left, right = sides if condition.function == ">" else sides[::-1]
    apart = left if right == Number(0) else Apply("-", (left, right))
    return Apply("where", (apart, taken, other) if condition.function == ">" else (apart, other, taken))


# Compared with the code


def compared(ask: Ask, found: AsEquations, seed: int = 0) -> Generator[Any, None, None]:
    """Raises NoEquationsError where the code computes something else, or has another gradient."""
    E, H = SIZES[0]
    random = torch.Generator().manual_seed(seed)
    made = yield from ask("make", {"E": E, "H": H}, {})
    weights = {
        name: _draw(random, *one.shape, scale=0.5) if name.removeprefix(WEIGHT) in _trained(made) else one
        for name, one in made.arrays.items() if one.is_floating_point()
    }  # fmt: skip
    large = (torch.rand(COMPARED, 1, generator=random, dtype=torch.float64) < 0.4) * (_LARGE - 1) + 1
    given = {"x": _draw(random, COMPARED, E) * large}
    given |= {f"s{place}": _draw(random, COMPARED, H) * large for place in range(len(found.states))}
    back = {f"d{place}": _draw(random, COMPARED, H) for place in range(len(found.states))}
    said = {"E": E, "H": H, "dtype": "float64", "observe": False}
    answer = yield from ask("step", said, {**weights, **given, **back})
    ours = _computed(found, weights, given, back)
    is_short = any(
        one.dtype == torch.float32 for name, one in answer.arrays.items() if name.startswith("new")
    )
    for name, one in ours.items():
        theirs = answer.arrays.get(name)
        if theirs is None and name.startswith("gradient"):
            theirs = torch.zeros_like(one)
        if theirs is None or not _is_near(theirs.double(), one, _ERROR_SHORT if is_short else _ERROR):
            letter = found.states[int(name[3:])] if name.startswith("new") else ""
            what = f"the new {letter}" if letter else f"the gradient of {name.partition('.')[2]}"
            line = found.lifted.at.get(f"{letter}'")
            sentence = f"Its equations and its code differ in {what}"
            raise NoEquationsError(sentence, line, is_of_gradient=not letter)


def _trained(made: Answer) -> set[str]:
    return {name for name, is_trained in made.said["trainable"].items() if is_trained}


def _draw(random: torch.Generator, *shape: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=random, dtype=torch.float64)


def _is_near(theirs: Tensor, ours: Tensor, error: float) -> bool:
    scale = ours.abs().nan_to_num().clamp(1.0, 1e12)
    near = ((theirs - ours).abs() <= error * scale) | (theirs.isnan() & ours.isnan())
    return theirs.shape == ours.shape and bool((near | (theirs == ours)).all())


def _computed(
    found: AsEquations, weights: Mapping[str, Tensor], given: Mapping[str, Tensor], back: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The new states and all gradients, in the words of `operations.basic.step`."""
    E, H = SIZES[0]
    cell = cell_class(found.equations, "traced")(E, H).double()
    with torch.no_grad():
        for name, use in found.lifted.weights.items():
            cell.weight(name).copy_(
                weights[WEIGHT + use.parameter].double().flatten()[torch.tensor(use.places)]
            )
    leaves = {name: one.clone().requires_grad_() for name, one in given.items()}
    step = cell.naive(leaves["x"], tuple(leaves[f"s{place}"] for place in range(len(found.states))))
    new = [getattr(step, letter) for letter in found.states]
    asked = [*leaves.values(), *cell.parameters()]
    d = torch.autograd.grad(new, asked, [back[f"d{place}"] for place in range(len(new))], allow_unused=True)
    gradients = {f"gradient.{name}": one for name, one in zip(leaves, d, strict=False) if one is not None}
    of_cell = dict(zip(dict(cell.named_parameters()), d[len(leaves) :], strict=True))
    for name, one in cell.named_parameters():
        one.grad = of_cell[name]
    for name, use in found.lifted.weights.items():
        whole = weights[WEIGHT + use.parameter]
        into = gradients.setdefault(
            f"gradient.{use.parameter}", torch.zeros(whole.shape, dtype=torch.float64)
        )
        into.view(-1).index_add_(0, torch.tensor(use.places).flatten(), _gradient_of(cell, name).flatten())
    return {f"new{place}": one.detach() for place, one in enumerate(new)} | gradients


def _gradient_of(cell: Any, weight: str) -> Tensor:
    """The gradient of a weight, which lies in a parameter of the cell beside others."""
    for key, beside in cell.equations.parameters.items():
        if weight in beside:
            parameter = cell.get_parameter(cell.keys[key])
            whole = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            sizes = [cell.columns[name] for name in beside]
            return whole.split(sizes, dim=-1)[beside.index(weight)]
    raise KeyError(weight)


# First weights


def with_first_weights(ask: Ask, found: AsEquations) -> Generator[Any, None, tuple[str, tuple[str, ...]]]:
    """The text with what each weight begins as, and the weights that begin as no rule says."""
    drawn: dict[str, list[Drawn]] = {name: [] for name in found.places}
    for E, H in first_weights.SIZES:
        arrays = []
        for seed in first_weights.SEEDS:
            answer = yield from ask("first_weights", {"E": E, "H": H, "seed": seed}, {})
            arrays.append({name.removeprefix(WEIGHT): one.double() for name, one in answer.arrays.items()})
        for name, place in found.places.items():
            shape = found.equations.shape(name, E, H)
            values = [place.weight(one, shape, E, H).numpy() for one in arrays]
            drawn[name].append(Drawn(E, H, np.stack(values)))
    laws = {name: law(several) for name, several in drawn.items()}
    lines = [f"{name} ~ {printed(one)}" for name, one in laws.items() if one is not None]
    return "\n".join([found.text, *lines]), tuple(name for name, one in laws.items() if one is None)


def equations_of(file: CellFile) -> Traced:
    """The equations of a file, asked of a process that stays warm. Raises CellError on why there are none."""
    process = warm(file)

    def ask(
        operation: str, said: Mapping[str, Any], arrays: Mapping[str, Tensor]
    ) -> Generator[Any, None, Answer]:
        return process.asking(file, operation, {"seed": 0, **said}, arrays)

    def steps() -> Generator[Any, None, tuple[AsEquations, str]]:
        opened = yield from ask("open", {}, {})
        found = yield from traced(ask, opened.said["states"])
        yield from compared(ask, found)
        text, _ = yield from with_first_weights(ask, found)
        return found, text

    try:
        found, text = finish(steps())
    except NoEquationsError as error:
        raise error_of(file, error.sentence, error.line, "") from error
    return Traced(text=text, places=found.places, digest=file.digest, name=file.name)
