"""A student's cell as equations: traced at several sizes, compared with its code, with its first weights.

Nothing here knows any cell. What the equations are of a task is judged in `cell_check`.
"""

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import Placement, Sizes, Traced
from rnn_core.cell_files.typed import TypedCell
from rnn_core.equations.equations import Equations, read_cell
from rnn_core.equations.expressions import Apply, Expression, Number, walk
from rnn_core.equations.functions import FUNCTIONS, OPERATORS
from rnn_core.equations.printing import line_text, number, printed
from rnn_core.equations.reading import Equation, EquationsError
from rnn_core.nn.cells import Cell
from rnn_core.own_cells import first_weights
from rnn_core.own_cells.first_weights import DrawnWeight, law
from rnn_core.own_cells.lifting import Lifted, NoEquationsError, Use, lift
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import CodeAnswer, error_of, warm
from rnn_core.progress import finish

SIZES = ((5, 7), (6, 13), (16, 11))
"""E and H at which a time step is traced: what is equal at all of them is so for every size."""
_ROWS = 2
_MOST_BLOCKS = 33
"""The most blocks (E, H) that may lie before a weight in its parameter."""
COMPARED = {SIZES[0]: 100, (40, 130): 8}
"""E and H -> how many inputs equations and code are compared with, a part of them large."""
_LARGE = 60.0
_WORDS = re.compile(r"[^\W_](?:[^\W_]|[ '’-]){0,39}")
_ERROR = 1e-9
_ERROR_SHORT = 1e-5

Ask = Callable[[str, Mapping[str, Any], Mapping[str, Tensor]], Generator[Any, None, CodeAnswer]]
"""Asks the process of the code for an operation."""


@dataclass(frozen=True)
class AsEquations:
    """A cell that was traced."""

    lifted: Lifted
    """The equations at the first of `SIZES`."""
    states: tuple[str, ...]
    text: str
    """The equations in the language of `rnn_core.equations`, without first weights."""
    places: Mapping[str, Placement]

    @cached_property
    def equations(self) -> Equations:
        """The equations, read."""
        return read_cell(self.text)


@dataclass(frozen=True)
class Followed:
    """The equations that a cell's code computes, as far as it has some.

    Of the three fields these are there:

    - it can be trained by its equations: `lifted` and `found`;
    - its gradient is another one: all three;
    - its equations hold for one size, or can't be written in the language: `why` and `lifted`;
    - it can't be followed, or its equations compute something else: `why` alone.
    """

    why: NoEquationsError | None
    """A reason why they can't be trained."""
    lifted: Lifted | None
    """The equations at one size."""
    found: AsEquations | None
    """The equations for every size; of a wrong gradient (`why` says so) those of the values."""


def followed(ask: Ask, states: Sequence[str]) -> Generator[Any, None, Followed]:
    """Trace a cell, and compare its equations with its code. Raises OwnCellError as asking does."""
    found = None
    try:
        found = yield from traced(ask, states)
        yield from compared(ask, found)
    except NoEquationsError as error:
        found = found if error.is_of_gradient else None
        return Followed(error, found.lifted if found else error.lifted, found)
    return Followed(None, found.lifted, found)


def traced(ask: Ask, states: Sequence[str]) -> Generator[Any, None, AsEquations]:
    """The equations of a cell. Raises NoEquationsError, and OwnCellError as asking does."""
    several, differs = [], ""
    for place, (E, H) in enumerate(SIZES):
        answer = yield from ask("trace", {"E": E, "H": H, "B": _ROWS, "again": place == 0, "seed": place}, {})
        if why := answer.said.get("why"):
            raise NoEquationsError(why["sentence"], why["line"])
        if found := answer.said.get("differs"):
            differs = f"It computes something else {found}"
        several.append(lift(answer.said, states, E, H))
        if why_first := several[-1].why_first:
            differs = differs or f"Its initial_state has no equation: {why_first}"
    try:
        if differs:
            raise NoEquationsError(differs)
        return join_sizes(several, states)
    except NoEquationsError as error:
        error.lifted = several[0]
        raise


def join_sizes(several: Sequence[Lifted], states: Sequence[str]) -> AsEquations:
    """The equations for every size. Raises NoEquationsError where they differ from size to size."""
    first = several[0]
    for name, right in first.lines.items():
        _check_words(right, first.at[name])
        if any(printed(one.lines.get(name, Number(0))) != printed(right) for one in several):
            sentence = "It computes something else at other sizes, or with a number that depends on E or H"
            raise NoEquationsError(sentence, first.at[name])
    if any(one.weights.keys() != first.weights.keys() for one in several):
        raise NoEquationsError("It uses other weights at other sizes E and H")
    for one in several:
        _check_apart(one)
    places = {name: _place([one.weights[name] for one in several]) for name in first.weights}
    text = "\n".join(_text(first, [one.weights for one in several]))
    _check_text(text)
    return AsEquations(first, tuple(states), text, places)


def _check_words(expression: Expression, line: int | None) -> None:
    """Raises NoEquationsError where a function stands in it that equations have not."""
    for one in walk(expression):
        if isinstance(one, Apply) and one.function not in (*FUNCTIONS, *OPERATORS):
            raise NoEquationsError(f"`{one.function}` has no equation here", line)
        if isinstance(one, Apply) and one.function == "^" and not isinstance(one.arguments[1], Number):
            raise NoEquationsError("The exponent of a power is computed, and may only be a number", line)


def _check_apart(lifted: Lifted) -> None:
    """Raises NoEquationsError where a number of a parameter is in two weights, or twice in one."""
    numbers = Counter((use.parameter, place) for use in lifted.weights.values() for place in use.places.flat)
    for (parameter, _), count in numbers.items():
        if count > 1:
            sentence = (
                f"It uses the same numbers of {parameter} in two ways, where equations have two weights"
            )
            raise NoEquationsError(sentence)


def _check_text(text: str) -> None:
    try:
        read_cell(text)
    except EquationsError as error:
        raise NoEquationsError(f"As equations: {error.mistakes[0].sentence}") from error


def _text(lifted: Lifted, weights: Sequence[Mapping[str, Use]]) -> Iterator[str]:
    for name, right in lifted.lines.items():
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


def _place(uses: Sequence[Use]) -> Placement:
    """The place of a weight in its parameter, at every size."""
    offsets = tuple(int(use.places.flat[0]) for use in uses)
    strides = [
        tuple(
            int(np.diff(use.places, axis=axis).flat[0]) if use.places.shape[axis] > 1 else 0 for use in uses
        )
        for axis in range(uses[0].places.ndim)
    ]
    for use, offset, *steps in zip(uses, offsets, *strides, strict=True):
        grid = np.tensordot(steps, np.indices(use.places.shape), 1)
        if use.parameter != uses[0].parameter or (use.places != offset + grid).any():
            raise NoEquationsError(f"It takes numbers of {use.parameter} out of their order")
    return Placement(uses[0].parameter, sum_of_sizes(offsets), tuple(map(sum_of_sizes, strides)))


@lru_cache(1_000)
def sum_of_sizes(numbers: tuple[int, ...]) -> Sizes:
    """Whole numbers as a sum of 1, E, H, E * E, E * H and H * H, each some times, and as few as can be.

    At `SIZES` two such sums differ by 120 times and more, so that the shorter one is meant.
    """
    linear = np.array([[1, E, H] for E, H in SIZES])
    squares = np.array([[E * E, E * H, H * H] for E, H in SIZES])
    of_squares = np.indices((3, _MOST_BLOCKS, _MOST_BLOCKS)).reshape(3, -1)
    rest = np.array(numbers)[:, None] - squares @ of_squares
    of_linear = np.rint(np.linalg.solve(linear, rest)).astype(int)
    found = np.concatenate([of_linear, of_squares])[:, (linear @ of_linear == rest).all(axis=0)]
    if not found.size:
        raise NoEquationsError("A weight lies where no rule of E and H finds it")
    one, E, H, EE, EH, HH = found[:, np.abs(found).sum(axis=0).argmin()].tolist()
    return one, E, H, EE, EH, HH


# Compared with the code


def compared(ask: Ask, found: AsEquations) -> Generator[Any, None, None]:
    """Raises NoEquationsError where the code computes something else, or has another gradient."""
    for (E, H), rows in COMPARED.items():
        random = torch.Generator().manual_seed(0)
        made = yield from ask("make", {"E": E, "H": H}, {})
        trained = {WEIGHT + name for name, is_trained in made.said["trainable"].items() if is_trained}
        weights = {
            name: _draw(random, *one.shape, scale=0.5) if name in trained else one
            for name, one in made.arrays.items() if one.is_floating_point()
        }  # fmt: skip
        large = (torch.rand(rows, 1, generator=random, dtype=torch.float64) < 0.4) * (_LARGE - 1) + 1
        given = {"x": _draw(random, rows, E) * large}
        given |= {f"s{place}": _draw(random, rows, H) * large for place in range(len(found.states))}
        back = {f"d{place}": _draw(random, rows, H) for place in range(len(found.states))}
        said = {"E": E, "H": H, "dtype": "float64", "observe": False}
        answer = yield from ask("step", said, {**weights, **given, **back})
        try:
            ours = _computed(found, {name: weights[name].double() for name in trained}, given, back)
        except (KeyError, RuntimeError) as error:
            raise NoEquationsError(f"Its weights have other shapes at E = {E}, H = {H}") from error
        theirs = answer.arrays
        is_short = any(one.dtype == torch.float32 for name, one in theirs.items() if name.startswith("new"))
        for name, one in ours.items():
            other = theirs.get(name, torch.zeros_like(one) if name.startswith("gradient") else None)
            if other is None or not _is_near(other.double(), one, _ERROR_SHORT if is_short else _ERROR):
                letter = found.states[int(name[3:])] if name.startswith("new") else ""
                what = f"the new {letter}" if letter else f"the gradient of {name.partition('.')[2]}"
                line = found.lifted.at.get(f"{letter}'")
                where = "" if SIZES[0] == (E, H) else f", with E = {E} and H = {H}"
                sentence = f"Its equations and its code differ in {what}{where}"
                raise NoEquationsError(sentence, line, is_of_gradient=not letter)


def _draw(random: torch.Generator, *shape: int, scale: float = 1.0) -> Tensor:
    return scale * torch.randn(shape, generator=random, dtype=torch.float64)


def _is_near(theirs: Tensor, ours: Tensor, error: float) -> bool:
    """True if all numbers are alike, infinite ones too; nan is nan in both."""
    if theirs.shape != ours.shape:
        return False
    is_one = (theirs == ours) | (theirs.isnan() & ours.isnan())
    is_near = (theirs - ours).abs() <= error * ours.abs().clamp(min=1.0)
    return bool((is_one | (is_near & ours.isfinite() & theirs.isfinite())).all())


def _computed(
    found: AsEquations, weights: Mapping[str, Tensor], given: Mapping[str, Tensor], back: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The new states and all gradients, in the words of `operations.basic.step`.

    The weights of the equations are views of the student's, so gradients come back to these.
    """
    E, H = given["x"].shape[1], given["s0"].shape[1]
    leaves = {name: one.clone().requires_grad_() for name, one in {**given, **weights}.items()}
    parameters = {name.removeprefix(WEIGHT): one for name, one in leaves.items()}
    cell = Cell(found.equations, E, H, kind="traced")
    for key, beside in found.equations.parameters.items():
        some = [
            found.places[name].weight(parameters, found.equations.shape(name, E, H), E, H) for name in beside
        ]
        delattr(cell, cell.keys[key])
        setattr(cell, cell.keys[key], torch.cat(some, -1))
    states = {letter: leaves[f"s{place}"] for place, letter in enumerate(found.states)}
    step = cell.naive(leaves["x"], tuple(states[letter] for letter in found.equations.states))
    new = [getattr(step, letter) for letter in found.states]
    ends = sum((one * back[f"d{place}"]).sum() for place, one in enumerate(new))
    d = torch.autograd.grad(ends, [*leaves.values()], materialize_grads=True)
    gradients = {f"gradient.{name.removeprefix(WEIGHT)}": one for name, one in zip(leaves, d, strict=True)}
    return {f"new{place}": one.detach() for place, one in enumerate(new)} | gradients


# First weights


def kept(
    ask: Ask, file: CellFile, found: AsEquations, names: Mapping[str, str]
) -> Generator[Any, None, tuple[Traced, tuple[str, ...]]]:
    """The equations with what each weight begins as, and the weights that begin as no rule says.

    `names` are words for quantities, by their letters.
    """
    drawn: dict[str, list[DrawnWeight]] = {name: [] for name in found.places}
    for E, H in first_weights.SIZES:
        arrays = []
        for seed in first_weights.SEEDS:
            answer = yield from ask("first_weights", {"E": E, "H": H, "seed": seed}, {})
            arrays.append({name.removeprefix(WEIGHT): one.double() for name, one in answer.arrays.items()})
        for name, place in found.places.items():
            shape = found.equations.shape(name, E, H)
            values = [place.weight(one, shape, E, H).numpy() for one in arrays]
            drawn[name].append(DrawnWeight(E, H, np.stack(values)))
    laws = {name: law(several) for name, several in drawn.items()}
    plain = found.text.split("\n")
    lines = [f"{name} ~ {one}" for name, one in laws.items() if one]
    named = [_named(line, names) for line in plain]
    text = next(filter(_is_kept, ("\n".join([*some, *lines]) for some in (named, plain))), "")
    if not text:  # too long: then no first value is said
        text, laws = found.text, dict.fromkeys(laws, "")
    traced = Traced(text=text, places=found.places, digest=file.digest, name=file.name)
    return traced, tuple(name for name, one in laws.items() if not one)


def _is_kept(text: str) -> bool:
    """True if a run can carry a text, with a name."""
    try:
        TypedCell.of(text)
    except EquationsError:
        return False
    return True


def _named(line: str, names: Mapping[str, str]) -> str:
    """A line with a word behind it where its quantity has one in plain letters."""
    name = names.get(line.partition("=")[0].strip(" '"), "")
    return f"{line}  # {name}" if _WORDS.fullmatch(name) else line


def equations_of(file: CellFile) -> Traced:
    """The equations of a file, asked of a process that stays warm. Raises CellError where there are none."""
    ask = partial(warm(file).asking, file)

    def steps() -> Generator[Any, None, Traced]:
        opened = yield from ask("open", {}, {})
        found = yield from traced(ask, opened.said["states"])
        yield from compared(ask, found)
        traced_, _ = yield from kept(ask, file, found, opened.said["names"])
        return traced_

    try:
        return finish(steps())
    except NoEquationsError as error:
        raise error_of(file, error.sentence, error.line, "") from error
