"""Remarks on one time step of a cell beside its values: the shapes that come back, and what it changes.

`Exact` is the cell in float64 at inputs of other kinds: other rows, one row, large numbers, numbers moved a
little. All of it is judged here from the numbers that the process of the student's code returned.
"""

import re
from collections.abc import Generator, Iterator, Mapping

import numpy as np
import torch

from rnn_core.equations.expressions import Name, products
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.checked_cell import CheckedCell, Numbers, Remarks, shortened
from rnn_core.own_cells.family_mistakes import FAMILIES
from rnn_core.own_cells.lifting import NoEquationsError, lift
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import CodeAnswer
from rnn_core.own_cells.report import Remark, remark
from rnn_core.progress import Progress
from rnn_core.refusals import listing

CUTS = ("detach", "detach_", "data", "item", "tolist", "numpy", "no_grad", "inference_mode", "requires_grad_")
"""Names of what cuts the gradient off."""
_DRAWS = (
    "dropout", "Dropout", "rand", "randn", "rand_like", "randn_like", "bernoulli", "normal", "rrelu",
)  # fmt: skip
"""Names of what is random."""


def check_states(cell: CheckedCell, line: int | None) -> Remark | None:
    """The remark on other states than the task asks for. `line` is that of the class."""
    counts = (
        {FAMILIES[name].states for name in cell.subject.exercise.expects} if cell.subject.exercise else ()
    )
    if counts == {2} and len(cell.states) == 1:
        return remark("states-missing", line=line)
    if counts == {1} and len(cell.states) > 1:
        return remark("states-too-many", line=cell.lines.assignment("states"), count=len(cell.states))
    return None


def check_shapes(cell: CheckedCell, answer: CodeAnswer) -> Remark | None:
    """The remark on what came back, by its kind and shape."""
    line, returned, count = cell.lines.last_return(), answer.said["returned"], len(cell.states)
    wanted = (cell.B, cell.H)
    is_tuple = returned.startswith(("a tuple", "a list"))
    new = {name: one for name, one in answer.arrays.items() if name.startswith("new")}
    if (count == 1 and is_tuple) or {*new} != {f"new{place}" for place in range(count)}:
        returned = "nothing: a return is missing" if returned == "None" else returned
        return remark("wrong-return", line=line, count=count, wanted=wanted, returned=returned)
    for place, letter in enumerate(cell.states):
        shape = tuple(new[f"new{place}"].shape)
        if shape == wanted[::-1]:
            return remark("axes-exchanged", line=line, letter=letter, shape=shape, wanted=wanted)
        if shape != wanted:
            has_more = len(shape) != 2 and sorted(one for one in shape if one != 1) == sorted(wanted)
            return remark(
                "wrong-shape",
                "of a batch",
                line=line,
                letter=letter,
                shape=shape,
                wanted=wanted,
                is_like_x=shape == (cell.B, cell.E),
                has_more=has_more,
                has_less=len(shape) < 2 and not has_more,
            )
    return None


def check_behaviour(cell: CheckedCell, answer: CodeAnswer) -> Iterator[Remark]:
    """The remarks on one time step, called twice, beside its values."""
    said, lines = answer.said, cell.lines
    new = {name: answer.arrays[name] for name in (f"new{place}" for place in range(len(cell.states)))}
    again = {name: answer.arrays.get(f"again1.{name}", torch.zeros(())) for name in new}
    differs = any(not torch.equal(one.nan_to_num(), again[name].nan_to_num()) for name, one in new.items())
    makes_weights = lines.naming_in_forward(("Linear", "Parameter"))
    if differs and said["random"] and makes_weights:
        yield remark("unregistered", "in forward", line=makes_weights)
    elif differs and said["random"]:
        yield remark("random-inside", "a cell", line=lines.naming(_DRAWS), names=said["random"])
    elif differs:
        yield remark("kept-state", "in a cell", line=lines.keeping())
    if not all(one.isfinite().all() for one in new.values()):
        yield remark("not-finite", "at once", line=lines.last_return())
    for dtype in sorted({said["dtypes"][name] for name in new} - {"float32"})[:1]:
        line = lines.naming(("double", "float64", "half", "to", "type"))
        yield remark("dtype-lost", "in training", line=line, dtype=dtype)
    for name in said["changed"]:
        yield remark("changes-input", "of a cell", line=lines.change(), what=named(cell, name))
    if (wrong := said["backward_error"]) and not said["changed"]:
        line = wrong["line"] or lines.change()
        yield remark("breaks-autograd", "in a cell", line=line, error=shortened(wrong["sentence"]))
    if not any(said["requires_grad"][name] for name in new):
        yield remark("no-gradient", line=lines.naming(CUTS, in_init=False))


def named(cell: CheckedCell, name: str) -> str:
    """The word, a state or a weight, called as in questions, in a sentence."""
    is_state = name[:1] == "s" and name[1:].isdigit()
    return f"the old {cell.states[int(name[1:])]}" if is_state else name.removeprefix("weight.")


def remarks_on_error(cell: CheckedCell, error: OwnCellError) -> Remarks:
    """The remarks on a step that stopped with an error. Raises it again where it has no name here."""
    said, line = error.sentence, error.line
    if re.search(r"expected 3, got 2|too many indices for tensor|index 2 is out of", said):
        return [remark("whole-sequence", line=line)]
    if "values to unpack (expected 2" in said and len(cell.states) == 1:
        return [remark("states-missing", "but taken apart", line=line)]
    if known := _torch_error(said, line):
        return [known]
    is_of_name = said.startswith(("NameError", "UnboundLocalError", "AttributeError", "KeyError"))
    if is_of_name or not re.search(r"shape|size|dimension|must match|broadcast", said):
        raise error
    answer = yield from cell.ask("Equal sizes", "trace", {"E": cell.H, "H": cell.H, "B": 2}, {})
    try:
        if "why" in answer.said:
            raise NoEquationsError(answer.said["why"]["sentence"])
        lifted = lift(answer.said, cell.states, cell.H, cell.H)
    except NoEquationsError:
        x, h = (cell.B, cell.E), (cell.B, cell.H)
        return [remark("wrong-shape", "inside", line=line, error=shortened(said), x=x, h=h)]
    every = [*products(*lifted.lines.values())]
    of_x = {one.matrix for one in every if one.left == Name("x")}
    if of_x & {one.matrix for one in every if one.left != Name("x")}:
        return [remark("shared-weights", "where E = H", line=line)]
    return [remark("wrong-sizes", line=line, E=cell.E, H=cell.H, error=shortened(said))]


def _torch_error(said: str, line: int | None) -> Remark | None:
    """The remark on an error of torch's that is known by its words."""
    error = shortened(said)
    if "leaf Variable" in said:
        return remark("breaks-autograd", "by a parameter", line=line, error=error)
    if re.search(r"on Tensor that requires grad|tensor that requires grad to a scalar", said):
        return remark("no-gradient", "outside of torch", line=line, error=error)
    if re.search(r"not compiled with CUDA|No CUDA|NVIDIA driver", said):
        return remark("device-lost", "asked for", line=line, error=error)
    if re.search(r"same dtype|scalar type", said):
        return remark("dtype-lost", "mixed", line=line, error=error)
    return None


Inputs = Mapping[str, Numbers]
"""x, s0, s1, .. and weights as they are sent, by name."""
_ROWS = 17
_ALIKE = 8
"""The row that stays where others are drawn again: one with rows before it and behind it."""
_STEP = 1e-5
"""The step of numbers to each side: in float64 a difference is then right to ten digits or so."""
_OF_BATCH = (
    "softmax", "mean", "BatchNorm1d", "batch_norm", "norm", "sum", "std", "max", "log_softmax", "normalize",
    "cumsum",
)  # fmt: skip
"""Names of what may go over the rows of a batch."""
_MAKES = (
    "arange", "as_tensor", "cpu", "cuda", "empty", "eye", "from_numpy", "full", "linspace", "ones", "rand",
    "randn", "tensor", "Tensor", "FloatTensor", "to", "zeros",
)  # fmt: skip
"""Names of what makes tensors or moves them, so that they may lie on another device."""


class Exact:
    """All that was computed of a cell in float64, and what follows from it."""

    def __init__(self, cell: CheckedCell) -> None:
        self._cell = cell
        self._base, self._d = cell.batch(_ROWS), cell.state_numbers("d", _ROWS)
        learned = {
            name: one for name, one in cell.weights.items() if name.removeprefix(WEIGHT) in cell.trained
        }
        self._moved = {**self._base, **learned}
        self._ways = {name: cell.random.choice((-1.0, 1.0), one.shape) for name, one in self._moved.items()}
        """The direction in which numbers are moved."""
        self._inputs = self._questions()
        self._step = self._examined = self._elsewhere = CodeAnswer({}, {})

    def _questions(self) -> dict[str, Inputs]:
        """Name of a question -> the inputs that are others than in the base."""
        base, other = self._base, {name: self._cell.spread(*one.shape) for name, one in self._base.items()}
        is_alike = np.arange(_ROWS)[:, None] == _ALIKE
        found: dict[str, Inputs] = {
            "rows": {name: np.where(is_alike, one, other[name]) for name, one in base.items()},
            "alone": {name: one[:1] for name, one in base.items()},
            "large": {name: (1e4 if name == "x" else 1.0) * one for name, one in base.items()},
            "word": {"x": other["x"]},
            "state": {name: one for name, one in other.items() if name != "x"},
        }
        for name, one in self._moved.items():
            found[f"up {name}"] = {name: one + _STEP * self._ways[name]}
            found[f"down {name}"] = {name: one - _STEP * self._ways[name]}
        return found

    def compute(self, *, is_kept: bool) -> Generator[Progress, None, Remark | None]:
        """Asks for all time steps; the remark on numbers that do not stay float64, which ends a check.

        With `is_kept`, for a cell that keeps a state, each step runs on a network of its own.
        """
        cell, arrays, several = self._cell, {**self._cell.weights, **self._base}, dict[str, Numbers]()
        for question, others in self._inputs.items():
            several |= {f"{question}.{name}": one for name, one in others.items()}
        try:
            said: dict[str, object] = {"dtype": "float64", "observe": False}
            self._step = yield from cell.ask("Gradients", "step", said, arrays | self._d)
            said = {"draws": [*self._inputs], "fresh": is_kept}
            self._examined = yield from cell.ask("Many time steps", "examine", said, arrays | several)
            if cell.made.said["unregistered"] or cell.lines.naming(_MAKES, in_init=False):
                self._elsewhere = yield from cell.ask("Another device", "elsewhere", {}, arrays)
        except OwnCellError as error:
            if not re.search(r"dtype|scalar type|Double|Float", error.sentence):
                raise
            return cell.unregistered() or remark(
                "dtype-lost", "with an error", line=error.line, error=shortened(error.sentence)
            )
        new = [one for one in self._new() if one is not None and np.isfinite(one).all() and np.ptp(one) > 0]
        dtypes = {self._step.said["dtypes"].get(f"new{place}") for place in range(len(cell.states))}
        if dtypes != {"float64"} or (new and all((one.astype(np.float32) == one).all() for one in new)):
            line = cell.lines.naming(("float", "float32", "half", "to", "type"))
            return remark("dtype-lost", "at the end", line=line)
        return None

    @property
    def types(self) -> list[str]:
        """The shorter types of numbers that came up on the way."""
        found: list[str] = self._examined.said["types"]
        return found

    def _new(self, question: str = "") -> list[Numbers | None]:
        """The new states at a question, at the base without one."""
        places = range(len(self._cell.states))
        found = [self._examined.arrays.get(f"{question}.new{place}") for place in places]
        return [None if one is None else one.double().numpy() for one in found]

    def _is_as_before(self, question: str) -> bool:
        pairs = zip(self._new(), self._new(question), strict=True)
        return all(
            one is not None and other is not None and np.array_equal(one, other) for one, other in pairs
        )

    def check_device(self) -> list[Remark]:
        """The remark on what stays on the CPU where the cell lies on another device."""
        said, line = self._elsewhere.said, self._cell.lines.naming(("cpu",), in_init=False)
        if "device" in said and not self._cell.unregistered():
            return [remark("device-lost", "inside", line=said["device"]["line"])]
        return [remark("device-lost", "by cpu()", line=line)] if "copied" in said and line else []

    def check_ignored(self) -> list[Remark]:
        """The remarks where nothing at all of the old state, or of the word, goes into the new state."""
        line, found = self._cell.lines.last_return(), []
        if self._is_as_before("state"):
            found.append(remark("old-state-ignored", "whole", line=line))
        if self._is_as_before("word"):
            found.append(remark("input-ignored", "whole", line=line))
        return found

    def check_rows(self) -> Generator[Progress, None, list[Remark]]:
        """The remark on rows that change each other, or on one row alone that loses its shape."""
        cell, wanted = self._cell, (1, self._cell.H)
        new = zip(cell.states, self._new(), self._new("rows"), self._new("alone"), strict=True)
        for letter, one, other, alone in new:
            if one is not None and other is not None and not _is_near(one[_ALIKE], other[_ALIKE]):
                return [(yield from self._mixed(letter, one[_ALIKE], other[_ALIKE]))]
            if alone is None or alone.shape != wanted:
                error = self._examined.said["errors"].get("alone", {"sentence": "", "line": None})
                shape = None if alone is None else alone.shape
                return [
                    remark(
                        "wrong-shape",
                        "of one review",
                        line=error["line"] or cell.lines.naming(("squeeze",)),
                        is_error=bool(error["sentence"]),
                        error=shortened(error["sentence"]),
                        letter=letter,
                        shape=shape,
                        wanted=wanted,
                    )
                ]
        return []

    def _mixed(self, letter: str, base: Numbers, moved: Numbers) -> Generator[Progress, None, Remark]:
        """The remark on rows that are mixed. Where the gradient of the row `_ALIKE` reaches some rows only,
        nothing goes over the batch, but a view cuts it elsewhere than between its rows.
        """
        cell = self._cell
        if (line := cell.lines.loop()) is not None:
            return remark("whole-sequence", "over rows", line=line)
        at = np.flatnonzero(~np.isclose(base, moved, rtol=1e-9, atol=1e-12))[:3]
        yours, ours = (tuple(float(of[unit]) for unit in at) for of in (moved, base))
        of_one = {name: one * (np.arange(_ROWS) == _ALIKE)[:, None] for name, one in self._d.items()}
        arrays = {**cell.weights, **self._base, **of_one}
        back = yield from cell.ask("Rows that are mixed", "step", {"dtype": "float64"}, arrays)
        d = back.arrays.get("gradient.x", back.arrays.get("gradient.s0"))
        rows = [] if d is None else [str(row) for row in d.flatten(1).any(dim=1).nonzero().flatten().tolist()]
        line = cell.lines.naming(("view", "reshape"), in_init=False)
        if line is not None and 0 < len(rows) < _ROWS:
            cut = listing(rows)
            return remark("rows-mixed", "by a view", line=line, yours=yours, ours=ours, row=_ALIKE, rows=cut)
        line = cell.lines.naming(_OF_BATCH)
        return remark("rows-mixed", "in a cell", line=line, yours=yours, ours=ours, letter=letter, row=_ALIKE)

    def check_large_numbers(self) -> list[Remark]:
        """The remark on a large input that makes nan."""
        if any(one is not None and np.isnan(one).any() for one in self._new("large")):
            return [remark("not-finite", "of large numbers", line=self._cell.lines.naming(("exp",)))]
        return []

    def check_gradient(self) -> list[Remark]:
        """The remarks on a gradient of torch that is not what changes where numbers are moved a little."""
        lost: list[str] = []
        other: list[str] = []
        for name, way in self._ways.items():
            expected = self._change(name)
            gradient = self._step.arrays.get(f"gradient.{name.removeprefix(WEIGHT)}")
            yours = float((gradient.double().numpy() * way).sum()) if gradient is not None else 0.0
            if expected is not None and abs(yours - expected) > 1e-5 * max(1.0, abs(expected)):
                (other if gradient is not None and gradient.any() else lost).append(name)
        if not lost and not other:
            return []
        names, lines = [named(self._cell, name) for name in [*lost, *other]], self._cell.lines
        line = lines.naming(CUTS, in_init=False)
        if line is not None or not other:
            is_of_state = any(name[:1] == "s" for name in lost)
            return [remark("detached", "in a cell", line=line, names=names, is_of_state=is_of_state)]
        return [remark("wrong-gradient", "of a cell", line=lines.method("backward"), names=names)]

    def _change(self, name: str) -> float | None:
        """The change of the new states, by the gradients given to them, along the way of some numbers."""
        found = 0.0
        pairs = zip(self._new(f"up {name}"), self._new(f"down {name}"), strict=True)
        for d, (up, down) in zip(self._d.values(), pairs, strict=True):
            if up is None or down is None:
                return None
            with np.errstate(invalid="ignore"):
                found += float((d * (up - down)).sum()) / (2 * _STEP)
        return found if np.isfinite(found) else None


def _is_near(one: Numbers, other: Numbers) -> bool:
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))
