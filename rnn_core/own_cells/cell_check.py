"""The check of a cell: Tasks 1, 4, 5 and 6, and a cell that no task asks for.

First what the cell gives back, then its equations, then its gradient, then its first weights. The weights
and inputs are drawn here, the process of the student's code returns numbers, and all judging is done here.
"""

from collections.abc import Generator, Iterator, Sequence
from functools import partial

import numpy as np
import torch

from rnn_core.errors import OwnCellError
from rnn_core.own_cells.as_equations import Followed, followed, kept
from rnn_core.own_cells.checked_cell import CheckedCell
from rnn_core.own_cells.family_mistakes import FAMILIES, Reading, described, family_of, wrong_in
from rnn_core.own_cells.formula import NoFormulaError
from rnn_core.own_cells.lifting import Lifted
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import CodeAnswer
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.source_check import ready_made
from rnn_core.own_cells.step_check import Exact, check_behaviour, check_shapes, check_states, remarks_on_error
from rnn_core.own_cells.subject import Checking, Subject
from rnn_core.progress import Progress
from rnn_core.refusals import listing

_FIRST_SIZE = 32
"""E and H of the cell whose first weights are looked at."""
_LARGEST_SUM = 5.0
"""The deviation of a sum before its function beyond which first weights saturate."""
_LARGEST_BIAS = 8.0


def check_cell(subject: Subject) -> Checking:
    """Checks a cell. Raises OwnCellError where its code goes wrong in a way that has no name here."""
    cell = CheckedCell(subject)
    opened = yield from cell.ask("Opening the file", "open", {}, {})
    cell.states, cell.names = tuple(opened.said["states"]), opened.said["names"]
    if wrong := check_states(cell, opened.said["line"]):
        return subject.report([wrong])
    try:
        yield from cell.make()
        given = {**cell.weights, **cell.batch(cell.B), **cell.state_numbers("d", cell.B)}
        first = yield from cell.ask("One time step", "step", {"again": 1}, given)
    except OwnCellError as error:
        return subject.report((yield from remarks_on_error(cell, error)))
    found = [one] if (one := ready_made(cell.made.said["modules"])) else []
    if wrong := check_shapes(cell, first):
        return subject.report([*found, wrong])
    found += check_behaviour(cell, first)
    codes = {one.code for one in found}
    if codes & {"random-inside", "no-gradient"} and (wrong := cell.unregistered()):
        return subject.report([wrong, *found])
    if "random-inside" in codes:  # the same question has no second answer to be compared
        return subject.report(found)
    exact = Exact(cell)
    if wrong := (yield from exact.compute(is_kept="kept-state" in codes)):
        return subject.report([*found, wrong])
    found += exact.check_device()
    found += yield from exact.check_rows()
    if any(one.code == "rows-mixed" for one in found):
        return subject.report(found)
    products = sum(any(cell.B in shape for shape in shapes) for shapes in first.said["products"])
    return (yield from _judge_equations(cell, exact, found, products))


def _judge_equations(cell: CheckedCell, exact: Exact, before: Sequence[Remark], products: int) -> Checking:
    """The report on the equations of a cell, of which some remarks were made before."""
    expects = cell.subject.exercise.expects if cell.subject.exercise else ()
    alike = (name for name in expects if FAMILIES[name].states == len(cell.states))
    expected = next(alike, next(iter(expects), ""))
    codes = {one.code for one in before}
    ignored = exact.check_ignored() if expected else []

    ask = partial(cell.subject.ask, "Its equations")
    code = yield from followed(ask, cell.states)
    # Where equations were found, their gradient was compared with its own, more closely than by moves.
    by_moves = code.why is not None and not codes & {"no-gradient", "breaks-autograd", "changes-input"}
    beside = [*(exact.check_gradient() if by_moves else ()), *exact.check_large_numbers()]
    equations, fits = code.found.text if code.found else "", ""
    reading = _formula_reading(cell, code.lifted) if code.lifted else None
    if reading is None and exact.types:
        return cell.subject.report([*before, _types_lost(cell, exact.types)], equations=equations)
    if reading is None:
        wrong = (ignored or [_unfitted(cell, code, expected)]) if expected else []
        if (wrong or "no-gradient" in codes) and (one := _untrained(cell)):
            wrong = [one]
        remarks = [*before, *wrong, *beside]
    else:
        fits, of_formula = yield from _judge_formula(cell, reading, expected, ignored, products)
        remarks = [*before, *of_formula, *beside]
    if any(one.is_wrong for one in remarks):
        return cell.subject.report(remarks, fits=fits, equations=equations)
    to_train = None
    if code.why is not None:
        remarks.append(remark("no-equations", line=code.why.line, why=code.why.sentence))
    elif code.found is not None:
        to_train, ours = yield from kept(ask, cell.subject.file, code.found, cell.names)
        if ours:
            line, names = cell.lines.method("__init__"), listing([*ours])
            remarks.append(remark("first-weights-ours", line=line, names=names, count=len(ours)))
    return cell.subject.report(remarks, fits=fits, equations=equations, traced=to_train)


def _formula_reading(cell: CheckedCell, lifted: Lifted) -> Reading | None:
    """The equations as those of a task are written; None where they are of another kind."""
    of_all = {name.removeprefix(WEIGHT): one.size for name, one in cell.weights.items()}
    sizes = {name: size for name, size in of_all.items() if name in cell.trained}
    try:
        return Reading(lifted, cell.states, sizes, cell.H)
    except NoFormulaError:
        return None


def _judge_formula(
    cell: CheckedCell, reading: Reading, expected: str, ignored: list[Remark], products: int
) -> Generator[Progress, None, tuple[str, list[Remark]]]:
    """The right cell in words, where it is one; what is wrong in the equations, or right in another way."""
    family = family_of(reading)
    wrong = wrong_in(reading, expected) if expected else []
    if wrong and wrong[0].code != "another-cell":
        wrong = [*ignored, *wrong]
    if wrong and (one := _untrained(cell)):
        wrong = [one]
    begun = yield from cell.ask("First weights", "first_weights", {"E": _FIRST_SIZE, "H": _FIRST_SIZE}, {})
    found = [*wrong, *([one] if (one := _check_first_weights(cell, reading, begun)) else [])]
    if wrong:
        return "", found
    if family:
        found += _check_products(cell, reading, products)
    words, notes = described(reading, family)
    return words, [*found, *notes, *_notes_on_weights(cell, reading, begun)]


def _check_products(cell: CheckedCell, reading: Reading, products: int) -> list[Remark]:
    """The remark on more products of matrices in one time step of a fused cell than it needs."""
    candidate = reading.formula.mix.candidate
    is_before = len(cell.states) == 1 and candidate is not None and candidate.gated is None
    most = cell.subject.exercise.most_products if cell.subject.exercise else 0
    if not most or products <= most + is_before:
        return []
    most += is_before
    return [remark("naive-products", line=cell.lines.last_return(), products=products, most=most)]


def _types_lost(cell: CheckedCell, types: list[str]) -> Remark:
    names = ("float", "half", "bfloat16", *types, "to", "type", "zeros", "ones")
    return remark("dtype-lost", "on the way", line=cell.lines.naming(names), types=" and ".join(types))


def _unfitted(cell: CheckedCell, code: Followed, expected: str) -> Remark:
    """The remark on equations that are of no known cell, or can't be read."""
    norms = [path for path in cell.made.said["modules"].values() if "Norm" in path]
    line = cell.lines.last_return()
    if code.why is not None and code.lifted is None and not norms:
        return remark("not-read", line=code.why.line or line, expected=expected, why=code.why.sentence)
    norm = norms[0].rpartition(".")[2] if norms else ""
    return remark("values-differ", "of a cell", line=line, expected=expected, norm=norm)


def _untrained(cell: CheckedCell) -> Remark | None:
    """The remark on weights that no optimizer changes, and that are no constant."""
    if found := cell.unregistered():
        return found
    names = [
        name.removeprefix(WEIGHT)
        for name, one in cell.weights.items()
        if one.size >= min(cell.E, cell.H)
        and np.ptp(one) > 0
        and name.removeprefix(WEIGHT) not in cell.trained
    ]
    if not names:
        return None
    line = cell.lines.assignment(names[0].partition(".")[0])
    return remark("unregistered", "not trained", line=line, names=names)


def _check_first_weights(cell: CheckedCell, reading: Reading, begun: CodeAnswer) -> Remark | None:
    """The remark on a cell that begins so that it can't learn."""
    first = {name.removeprefix(WEIGHT): one.double().numpy() for name, one in begun.arrays.items()}
    line = cell.lines.method("__init__")
    sources = {name: of for name, of in reading.sources.items() if name in first}
    empty = [name for name in sources if not np.isfinite(first[name]).all()]
    if empty:
        return remark("uninitialised", line=line, names=sorted(empty))
    matrices = [first[name] for name, of in sources.items() if of & {"x", "h", "c"}]
    if matrices and all(np.ptp(one) == 0 for one in matrices):
        return remark("units-alike", line=line, value=float(matrices[0].flat[0]))
    for place in range(len(reading.parts)):
        names = [name for name in reading.parameters_of(place) if name in first]
        square = _FIRST_SIZE * sum(
            float((first[name] ** 2).mean()) * sum(1.0 if of == "x" else 0.5 for of in sources[name] - {"1"})
            for name in names
        )
        biases = [float(np.abs(first[name]).mean()) for name in names if sources[name] == {"1"}]
        if square > _LARGEST_SUM**2 or max(biases, default=0.0) > _LARGEST_BIAS:
            return remark("saturates", line=line, size=_FIRST_SIZE, sum=max(square**0.5, *biases, 0.0))
    return None


def _notes_on_weights(cell: CheckedCell, reading: Reading, begun: CodeAnswer) -> Iterator[Remark]:
    """Remarks on what is right in another way, seen in the shapes and first values of the weights."""
    if reading.unused and not cell.made.said["has_initial_state"]:
        yield remark("unused-weights", names=reading.unused)
    sources = reading.sources
    if any(of >= {"x", "h"} for of in sources.values()):
        yield remark("joined-input")
    if any(
        of == {"x"} and cell.made.arrays[WEIGHT + name].shape[-1] == cell.E for name, of in sources.items()
    ):
        yield remark("transposed-weights")
    for name, of in sources.items():
        first = begun.arrays[WEIGHT + name].double()
        is_square = first.ndim == 2 and first.shape[0] == first.shape[1] and of == {"h"}
        if is_square and torch.allclose(first @ first.T, torch.eye(len(first)).double(), atol=1e-4):
            yield remark("orthogonal", name=name)
            return
