"""Remarks on one time step of a cell beside its values: the shapes that come back, and what it changes."""

import re
from collections.abc import Iterator

import torch

from rnn_core.equations.expressions import Name, products
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.checked_cell import CheckedCell, Remarks, shortened
from rnn_core.own_cells.family_mistakes import FAMILIES
from rnn_core.own_cells.lifting import NoEquationsError, lift
from rnn_core.own_cells.process import CodeAnswer
from rnn_core.own_cells.report import Remark, remark

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
