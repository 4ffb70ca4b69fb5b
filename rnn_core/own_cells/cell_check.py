"""The check of a cell: Tasks 1, 4, 5 and 6, and a cell that no task asks for.

First what the cell gives back, then its equations, then its gradient, then its first weights. The weights
and inputs are drawn here, the process of the student's code returns numbers, and all judging is done here.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnn_core.cell_files.traced import Traced
from rnn_core.equations.expressions import Name, Product, walk
from rnn_core.errors import OwnCellError
from rnn_core.own_cells.as_equations import (
    AsEquations,
    NoEquationsError,
    compared,
    traced,
    with_first_weights,
)
from rnn_core.own_cells.equations import Reading, family_of, in_words, notes_on, wrong_in
from rnn_core.own_cells.exact import ALIKE, CUTS, Exact, Numbers, Questions, shortened
from rnn_core.own_cells.formula import NoFormulaError
from rnn_core.own_cells.lifting import Lifted, LiftError, lift
from rnn_core.own_cells.process import Answer
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.source_check import ready_made
from rnn_core.own_cells.source_lines import (
    line_in_forward,
    line_of_attribute,
    line_of_call,
    line_of_change,
    line_of_method,
    line_of_name,
    line_of_return,
    line_of_self,
)
from rnn_core.own_cells.subject import Checking, Findings, Subject
from rnn_core.progress import Progress
from rnn_core.refusals import in_a_row

_EXPECTED = {"1": "a plain RNN", "4": "a GRU", "5": "an LSTM"}
"""By the number of the task. Task 6 asks for a GRU or an LSTM, by the number of states."""
_ROWS = 17
"""The rows of the batch at which a cell is looked at in float64."""
_MOST_PRODUCTS = 2
_FIRST_SIZE = 32
"""E and H of the cell whose first weights are looked at."""
_LARGEST_SUM = 5.0
"""The deviation of a sum before its function beyond which first weights saturate."""
_LARGEST_BIAS = 8.0
_MAKES = (
    "arange", "as_tensor", "cpu", "cuda", "empty", "eye", "from_numpy", "full", "linspace", "ones", "rand",
    "randn", "tensor", "Tensor", "FloatTensor", "to", "zeros",
)  # fmt: skip
"""Names of what makes tensors or moves them, so that they may lie on another device."""

_ERRORS = (
    (
        r"leaf Variable",
        "breaks-autograd",
        "A parameter is changed in place inside of forward, which autograd refuses: make a new tensor",
    ),
    (
        r"on Tensor that requires grad|tensor that requires grad to a scalar",
        "no-gradient",
        "The numbers leave torch inside of forward, so no gradient can come back. Stay with operations of "
        "torch",
    ),
    (
        r"not compiled with CUDA|No CUDA|NVIDIA driver",
        "device-lost",
        "The cell asks for a GPU by itself. A cell runs where its input is: leave cuda() and device out",
    ),
    (
        r"same dtype|scalar type",
        "dtype-lost",
        "Types of numbers are mixed: a tensor inside of the cell is not of the type of x",
    ),
)
"""What an error of torch's means: a pattern, the code of the mistake and a sentence."""

Checked = Generator[Progress, None, list[Remark]]


def check_cell(subject: Subject) -> Checking:
    """Checks a cell. Raises OwnCellError where its code goes wrong in a way that has no name here."""
    check = _Check(subject)
    remarks = yield from check.remarks()
    found = tuple(dict.fromkeys(remarks))
    is_right = not any(one.is_wrong for one in found)
    traced = check.traced if is_right else None
    return Findings(remarks=found, fits=check.fits, equations=check.equations, traced=traced)


class _Check:
    def __init__(self, subject: Subject) -> None:
        self.subject, self.fits = subject, ""
        self.E, self.H, self.B = _apart(
            subject.case.input_size, subject.case.hidden_size, subject.case.batch_size
        )
        self.random = np.random.default_rng(subject.case.seed)
        self.states: tuple[str, ...] = ("h",)
        self.made = Answer({}, {})
        self.weights: dict[str, Numbers] = {}
        """By name, those that the equations are found with."""
        self.products = 0
        """The products of matrices in one time step."""
        self.has_first_state = False
        self.equations = ""
        self.traced: Traced | None = None
        self.done = 0

    def ask(self, doing: str, operation: str, said: Mapping[str, Any], arrays: Mapping[str, Numbers]) -> Any:
        """The answer of the process, with arrays of numpy."""
        self.done += 1
        tensors: dict[str, Tensor] = {
            name: torch.from_numpy(np.array(one, order="C")) for name, one in arrays.items()
        }
        said = {"E": self.E, "H": self.H, "seed": 0, **said}
        return self.subject.ask(Progress(doing, min(self.done, 8), 9), operation, said, tensors)

    def remarks(self) -> Checked:
        """All remarks, the first mistake first."""
        opened = yield from self.ask("Opening the file", "open", {}, {})
        declared = opened.said["classes"].get(opened.said["network"], {"states": ["h"]})
        self.states = tuple(declared["states"])
        self.has_first_state = bool(declared.get("has_initial_state"))
        wrong_states = self._states(declared)
        if wrong_states:
            return [wrong_states]
        try:
            self.made = yield from self.ask("Making the cell", "make", {}, {})
            self._draw_weights()
            first = yield from self._first_step()
            self.products = _of_rows(first.said["products"], self.B)
        except OwnCellError as error:
            return (yield from self._of_error(error))
        found = [one] if (one := ready_made(self.made.said["modules"])) else []
        shape = self._shapes(first)
        if shape:
            return [*found, shape]
        found += self._behaviour(first)
        if any(one.code in ("random-inside", "no-gradient") for one in found) and self._is_unregistered():
            return [self._unregistered(), *found]
        if any(one.code == "random-inside" for one in found):
            return found  # the same question has no second answer to be compared
        exact = yield from self._exact(found)
        if exact is None or any(one.code == "rows-mixed" for one in found):
            return found
        found += yield from self._equations(exact, found)
        return found

    # What comes back

    def _states(self, declared: Mapping[str, Any]) -> Remark | None:
        expected = {"1": 1, "4": 1, "5": 2}.get(self.subject.exercise)
        if expected == 2 and len(self.states) == 1:
            return remark(
                "states-missing",
                'An LSTM has two states: write `states = ("h", "c")` in the class. forward then gets a '
                "tuple of h and "
                "c, and returns a tuple, h first.",
                line=declared.get("line"),
            )
        if expected == 1 and len(self.states) > 1:
            return remark(
                "states-too-many",
                f"The task asks for a cell with one state, h; yours declares {len(self.states)}. Leave "
                f"`states` out.",
                line=line_of_name(self.subject.file.source, "states"),
            )
        return None

    def _draw_weights(self) -> None:
        """Draws weights; what is not trained stays as it is, such as a constant in a buffer."""
        self.weights = {}
        trainable = self.made.said["trainable"]
        for name, one in self.made.arrays.items():
            if one.is_floating_point() and not trainable.get(name.removeprefix("weight.")):
                self.weights[name] = one.double().numpy()
            elif one.is_floating_point():
                size = self.random.uniform(0.2, 0.7, tuple(one.shape))
                self.weights[name] = size * self.random.choice((-1.0, 1.0), size.shape)

    def _spread(self, *shape: int) -> Numbers:
        """Numbers that are not near 0, so that they can be divided by."""
        drawn: Numbers = self.random.uniform(0.4, 1.2, shape) * self.random.choice((-1.0, 1.0), shape)
        return drawn

    def _batch(self, rows: int, scale: float = 1.0) -> dict[str, Numbers]:
        states = {f"s{place}": self._spread(rows, self.H) for place in range(len(self.states))}
        return {"x": scale * self._spread(rows, self.E)} | states

    def _first_step(self) -> Any:
        """A time step in float32, as in training, called twice."""
        batch = self._batch(self.B)
        d = {f"d{place}": self._spread(self.B, self.H) for place in range(len(self.states))}
        return (yield from self.ask("One time step", "step", {"again": 1}, {**self.weights, **batch, **d}))

    def _shapes(self, answer: Answer) -> Remark | None:
        """What is wrong with what came back, by its kind and shape."""
        line = line_of_return(self.subject.file.source)
        returned = answer.said["returned"]
        count = len(self.states)
        new = [answer.arrays.get(f"new{place}") for place in range(count)]
        is_tuple = returned.startswith(("a tuple", "a list"))
        if (
            (count == 1 and is_tuple)
            or any(one is None for one in new)
            or (count > 1 and f"new{count}" in answer.arrays)
        ):
            expected = f"the new h, a tensor (B, H) = ({self.B}, {self.H})"
            if count > 1:
                expected = f"a tuple of {count} tensors (B, H) = ({self.B}, {self.H}), h first"
            what = "nothing: a return is missing" if returned == "None" else returned
            return remark("wrong-return", f"forward must return {expected}; yours returns {what}.", line=line)
        for letter, one in zip(self.states, new, strict=True):
            shape = tuple(one.shape)  # type: ignore[union-attr]
            if shape == (self.B, self.H):
                continue
            shapes = f"yours {shape}, expected {(self.B, self.H)}"
            if shape == (self.H, self.B):
                return remark(
                    "axes-exchanged",
                    f"{letter} is {shape}, expected {(self.B, self.H)}: the batch comes first.",
                    line=line,
                    shapes=shapes,
                )
            why = ""
            if shape == (self.B, self.E):
                why = ": it has as many columns as x; a state has H"
            elif len(shape) != 2 and sorted(one for one in shape if one != 1) == sorted((self.B, self.H)):
                why = ": there is one axis too many"
            elif len(shape) < 2:
                why = ": an axis was summed up or dropped"
            return remark(
                "wrong-shape",
                f"The new {letter} is {shape}, expected (B, H) = {(self.B, self.H)}{why}.",
                line=line,
                shapes=shapes,
            )
        return None

    def _behaviour(self, answer: Answer) -> list[Remark]:
        """What one time step, called twice, shows beside its values."""
        source, said, found = self.subject.file.source, answer.said, []
        places = range(len(self.states))
        differs = any(
            not torch.equal(
                torch.nan_to_num(answer.arrays[f"new{place}"]),
                torch.nan_to_num(answer.arrays.get(f"again1.new{place}", torch.zeros(()))),
            )
            for place in places
        )
        makes_weights = line_in_forward(source, ("Linear", "Parameter"))
        if differs and said.get("random") and makes_weights:
            found.append(
                remark(
                    "unregistered",
                    "Weights are made inside of forward: they are others at each call, and no optimizer "
                    "gets them. "
                    "Make them in __init__.",
                    line=makes_weights,
                )
            )
        elif differs and said.get("random"):
            found.append(
                remark(
                    "random-inside",
                    f"The same word and state give another result each time: {', '.join(said['random'])} "
                    f"draws random "
                    "numbers inside of the cell. Leave it out.",
                    line=line_of_call(
                        source,
                        (
                            "dropout",
                            "Dropout",
                            "rand",
                            "randn",
                            "rand_like",
                            "randn_like",
                            "bernoulli",
                            "normal",
                            "rrelu",
                        ),
                    ),
                    is_reported=True,
                )
            )
        elif differs:
            found.append(
                remark(
                    "kept-state",
                    "Called again with the same word and state, the cell gives another result: it keeps "
                    "something of "
                    "the call before in self. Use the state that comes in, and return the new one.",
                    line=line_of_self(source),
                )
            )
        if any(not torch.isfinite(answer.arrays[f"new{place}"]).all() for place in places):
            found.append(
                remark(
                    "not-finite",
                    "The new state is nan or infinite, for an ordinary word and state.",
                    line=line_of_return(source),
                )
            )
        kinds = sorted({said["dtypes"][f"new{place}"] for place in places} - {"float32"})
        if kinds:
            found.append(
                remark(
                    "dtype-lost",
                    f"x, h and the weights are float32, and the new state is {kinds[0]}. Keep the type of x.",
                    line=line_of_call(source, ("double", "float64", "half", "to", "type")),
                )
            )
        for name in said["changed"]:
            what = "x" if name == "x" else f"the old {self.states[int(name[1:])]}"
            found.append(
                remark(
                    "changes-input",
                    f"The cell changes {what} in place, which belongs to the caller. Make a new tensor "
                    f"instead.",
                    line=line_of_change(source),
                    is_reported=True,
                )
            )
        wrong = said.get("backward_error")
        if wrong and not said["changed"]:
            found.append(
                remark(
                    "breaks-autograd",
                    "Autograd can't go back: a tensor that it needs was changed in place. Write a new "
                    "tensor instead "
                    f"of an operation with _ or of assigning to a slice ({shortened(wrong['sentence'])}).",
                    line=wrong["line"] or line_of_change(source),
                    is_reported=True,
                )
            )
        if not any(said["requires_grad"].get(f"new{place}") for place in places):
            found.append(
                remark(
                    "no-gradient",
                    "No gradient flows from the new state to the weights: they can't learn. detach(), "
                    ".data, numpy() "
                    "and no_grad() cut it off.",
                    line=line_of_call(source, CUTS, in_init=False),
                    is_reported=True,
                )
            )
        return found

    def _exact(self, found: list[Remark]) -> Generator[Progress, None, "Exact | None"]:
        """Time steps in float64, many of them; what goes wrong on the way is added to what was found."""
        base, d = self._batch(_ROWS), {}
        for place in range(len(self.states)):
            d[f"d{place}"] = self._spread(_ROWS, self.H)
        trained = {f"weight.{name}" for name, is_trained in self.made.said["trainable"].items() if is_trained}
        learned = {name: one for name, one in self.weights.items() if name in trained}
        questions = Questions(base=base, d=d, learned=learned, random=self.random)
        several = dict(questions.all())
        arrays = {**self.weights, **base}
        for number, others in enumerate(several.values()):
            arrays |= {f"draw{number}.{name}": one for name, one in others.items()}
        is_kept = any(one.code == "kept-state" for one in found)
        try:
            step = yield from self.ask(
                "Gradients", "step", {"dtype": "float64", "observe": False}, {**self.weights, **base, **d}
            )
            said = {"draws": len(several), "fresh": is_kept}
            examined = yield from self.ask("Many time steps", "examine", said, arrays)
            elsewhere = Answer({}, {})
            if self.made.said["unregistered"] or line_of_call(
                self.subject.file.source, _MAKES, in_init=False
            ):
                elsewhere = yield from self.ask("Another device", "elsewhere", {}, {**self.weights, **base})
        except OwnCellError as error:
            if not _is_of_dtype(error.sentence):
                raise
            if self._is_unregistered():
                found.append(self._unregistered())
                return None
            found.append(
                remark(
                    "dtype-lost",
                    "With numbers of float64 the cell fails, since a tensor inside of it is float32. Make "
                    "it with "
                    f"x.new_zeros(...) or torch.zeros_like(x) ({shortened(error.sentence)}).",
                    line=error.line,
                )
            )
            return None
        kinds = {step.said["dtypes"].get(f"new{place}") for place in range(len(self.states))}
        new = [examined.arrays[f"new{place}"].double().numpy() for place in range(len(self.states))]
        varying = [one for one in new if np.isfinite(one).all() and np.ptp(one) > 0]
        if kinds != {"float64"} or (
            varying and all((one.astype(np.float32) == one).all() for one in varying)
        ):
            found.append(
                remark(
                    "dtype-lost",
                    "x and h are float64, and the new state is float32: somewhere numbers are made into "
                    "float32, by "
                    ".float() or by a tensor of that type. Keep the type of x.",
                    line=line_of_call(self.subject.file.source, ("float", "float32", "half", "to", "type")),
                )
            )
            return None
        if "device" in elsewhere.said and not self._is_unregistered():
            wrong = elsewhere.said["device"]
            found.append(
                remark(
                    "device-lost",
                    "A tensor inside of the cell stays on the CPU, so the cell fails on another device. "
                    "Make it with "
                    "x.new_zeros(...) or torch.zeros_like(x), or register it with register_buffer.",
                    line=wrong["line"],
                    is_reported=True,
                )
            )
        elif "copied" in elsewhere.said and (
            line := line_of_call(self.subject.file.source, ("cpu",), in_init=False)
        ):
            found.append(
                remark(
                    "device-lost",
                    "cpu() takes the numbers off the device on which the cell runs. Leave it out.",
                    line=line,
                    is_reported=True,
                )
            )
        source, states = self.subject.file.source, self.states
        exact = Exact(source, states, self.H, questions, [*several], step, examined)
        self.types: list[str] = examined.said["types"]
        found += (mixed := exact.of_rows())
        if any(one.code == "rows-mixed" for one in mixed):
            of_one = {name: one * (np.arange(_ROWS) == ALIKE)[:, None] for name, one in d.items()}
            back = yield from self.ask(
                "Rows that are mixed", "step", {"dtype": "float64"}, {**self.weights, **base, **of_one}
            )
            found[-1] = exact.of_cut(found[-1], back)
        return exact

    # The equations

    def _equations(self, exact: Exact, before: list[Remark]) -> Checked:
        exercise = self.subject.exercise
        expected = _EXPECTED.get(exercise, "")
        if exercise == "6":
            expected = "an LSTM" if len(self.states) == 2 else "a GRU"
        has_gradient = not any(
            one.code in ("no-gradient", "breaks-autograd", "changes-input") for one in before
        )
        gradient = exact.of_gradient() if has_gradient else []
        beside = [*gradient, *exact.of_large_numbers()]
        ignored = exact.of_ignored() if expected else []
        found, why = None, None
        try:
            found = yield from traced(self._ask_of_equations, self.states)
            yield from compared(self._ask_of_equations, found)
        except NoEquationsError as error:
            why = error
        lifted = found.lifted if found and (why is None or why.is_of_gradient) else why and why.lifted
        reading = self._reading(lifted) if lifted else None
        self.equations = found.text if found and lifted is found.lifted else ""
        if reading is None and self.types:
            return [self._of_types(self.types)]
        if reading is None:
            wrong = (ignored or self._unfitted(why if not lifted else None, expected)) if expected else []
            if self._has_untrained() and (wrong or any(one.code == "no-gradient" for one in before)):
                wrong = [self._unregistered()]
            beside = [*wrong, *beside]
        else:
            beside = [*(yield from self._read(reading, expected, ignored)), *beside]
        if not any(one.is_wrong for one in (*before, *beside)):
            beside += yield from self._kept(found, why)
        return beside

    def _ask_of_equations(self, operation: str, said: Mapping[str, Any], arrays: Mapping[str, Tensor]) -> Any:
        return self.subject.ask(Progress("Its equations", 7, 9), operation, {"seed": 0, **said}, arrays)

    def _reading(self, lifted: Lifted) -> Reading | None:
        """The equations as those of a task are written; None where they are of another kind."""
        sizes = {name.removeprefix("weight."): one.size for name, one in self.weights.items()}
        trained = {name: size for name, size in sizes.items() if self.made.said["trainable"].get(name)}
        try:
            return Reading(lifted, self.states, trained, self.H)
        except NoFormulaError:
            return None

    def _kept(self, found: AsEquations | None, why: NoEquationsError | None) -> Checked:
        """Keeps the equations of what is right, to be trained; a remark where that can't be."""
        if found is None or why is not None:
            said = f"It can be checked, and not trained or exported: {_lower(why.sentence)}." if why else ""
            return [remark("no-equations", said, line=why.line if why else None)]
        text, ours = yield from with_first_weights(self._ask_of_equations, found)
        file = self.subject.file
        self.traced = Traced(text=text, places=found.places, digest=file.digest, name=file.name)
        if not ours:
            return []
        sentence = (
            f"How {in_a_row([*ours])} begin{'s' if len(ours) == 1 else ''} follows no rule that equations "
            "have: in training ours is taken, as the setting *initialisation* says."
        )
        return [remark("first-weights-ours", sentence, line=line_of_method(file.source, "__init__"))]

    def _read(self, reading: Reading, expected: str, ignored: list[Remark]) -> Checked:
        """What is wrong in the equations, and what is right in another way."""
        family = family_of(reading)
        wrong = wrong_in(reading, expected) if expected else []
        if wrong and wrong[0].code != "another-cell":
            wrong = [*ignored, *wrong]
        if wrong and self._has_untrained():
            wrong = [self._unregistered()]
        begun = yield from self.ask(
            "First weights", "first_weights", {"E": _FIRST_SIZE, "H": _FIRST_SIZE}, {}
        )
        found = [*wrong, *self._first_weights(reading, begun)]
        if family and not wrong:
            self.fits = in_words(reading, family)
            if self.subject.exercise == "6":
                found += self._products(reading)
        if not wrong:
            found += notes_on(reading, family)
            found += self._notes(reading, begun)
        return found

    def _of_types(self, types: list[str]) -> Remark:
        return remark(
            "dtype-lost",
            f"x and h are float64, and on the way to the new state numbers become {' and '.join(types)}, "
            f"which cuts "
            "digits off. Keep the type of x.",
            line=line_of_call(
                self.subject.file.source, ("float", "half", "bfloat16", *types, "to", "type", "zeros", "ones")
            ),
            is_reported=True,
        )

    def _is_unregistered(self) -> bool:
        shapes = self.made.said["unregistered"].values()
        return any(int(np.prod(shape)) >= min(self.E, self.H) for shape in shapes if shape)

    def _frozen(self) -> list[str]:
        """The buffers and parameters that no optimizer changes, and that are no constant."""
        trainable = self.made.said["trainable"]
        return [
            name
            for name, one in ((name.removeprefix("weight."), one) for name, one in self.weights.items())
            if not trainable.get(name) and one.size >= min(self.E, self.H) and np.ptp(one) > 0
        ]

    def _has_untrained(self) -> bool:
        return self._is_unregistered() or bool(self._frozen())

    def _unregistered(self) -> Remark:
        names = [name for name, shape in self.made.said["unregistered"].items() if shape]
        if not names:
            return self._of_frozen(self._frozen())
        shown = ", ".join(f"self.{name}" for name in names[:4]) + (", .." if len(names) > 4 else "")
        return remark(
            "unregistered",
            f"{shown} {'is' if len(names) == 1 else 'are'} not registered: the optimizer does not get "
            f"{'it' if len(names) == 1 else 'them'}, so nothing is learned. Make tensors nn.Parameter, and "
            f"keep lists "
            "in nn.ParameterList or nn.ModuleList.",
            line=line_of_attribute(self.subject.file.source, names[0].partition(".")[0]),
            is_reported=True,
        )

    def _of_frozen(self, frozen: list[str]) -> Remark:
        return remark(
            "unregistered",
            f"{', '.join(frozen)} {'is' if len(frozen) == 1 else 'are'} no parameter that is trained (a "
            "buffer, or requires_grad=False): make it an nn.Parameter.",
            line=line_of_attribute(self.subject.file.source, frozen[0].partition(".")[0]),
            is_reported=True,
        )

    def _unfitted(self, why: NoEquationsError | None, expected: str) -> list[Remark]:
        """What is said where the equations are of no known cell, or can't be read."""
        line = line_of_return(self.subject.file.source)
        norms = [path for path in self.made.said["modules"].values() if "Norm" in path]
        if norms:
            because = f": {norms[0].rpartition('.')[2]} makes it another cell, so leave it out"
        elif why is not None:
            because, line = f", as far as can be seen: {_lower(why.sentence)}", why.line or line
        else:
            because = ""
        sentence = f"This is not {expected}{because}. Compare forward with the equations, line by line."
        return [remark("values-differ", sentence, line=line)]

    def _products(self, reading: Reading) -> list[Remark]:
        """Whether a fused cell has as few products as it can."""
        mix = reading.formula.mix
        is_before = len(self.states) == 1 and mix.candidate is not None and mix.candidate.gated is None
        most = _MOST_PRODUCTS + is_before
        if self.products <= most:
            return []
        return [
            remark(
                "naive-products",
                f"There are {self.products} matrix products in each time step, and {most} are enough: put "
                f"the weights "
                "of all gates side by side in one W and one U, multiply once with each, and cut the sum "
                "with chunk.",
                line=line_of_return(self.subject.file.source),
                is_reported=True,
            )
        ]

    def _first_weights(self, reading: Reading, begun: Answer) -> list[Remark]:
        """Whether the cell begins so that it can learn."""
        first = {name.removeprefix("weight."): one.double().numpy() for name, one in begun.arrays.items()}
        line = line_of_method(self.subject.file.source, "__init__")
        used = {name for place in range(len(reading.parts)) for name in reading.parameters_of(place)}
        empty = [name for name in used if name in first and not np.isfinite(first[name]).all()]
        if empty:
            return [
                remark(
                    "uninitialised",
                    f"{', '.join(sorted(empty))} {'gets' if len(empty) == 1 else 'get'} no first value: "
                    f"torch.empty "
                    "leaves whatever lies in memory. Fill it with small random numbers.",
                    line=line,
                    is_reported=True,
                )
            ]
        of_tensor = {name: _sources_of(reading, name) for name in used if name in first}
        matrices = [first[name] for name, of in of_tensor.items() if of & {"x", "h", "c"}]
        if matrices and all(np.ptp(one) == 0 for one in matrices):
            return [
                remark(
                    "units-alike",
                    f"All weights begin as {matrices[0].flat[0]:g}, so all units compute the same, get the "
                    f"same "
                    "gradient, and stay alike. Draw them at random.",
                    line=line,
                )
            ]
        for place in range(len(reading.parts)):
            names = [name for name in reading.parameters_of(place) if name in first]
            square = sum(
                float((first[name] ** 2).mean())
                * _FIRST_SIZE
                * sum(1.0 if of == "x" else 0.5 for of in of_tensor[name] - {"1"})
                for name in names
            )
            biases = [float(np.abs(first[name]).mean()) for name in names if of_tensor[name] == {"1"}]
            if square > _LARGEST_SUM**2 or max(biases, default=0.0) > _LARGEST_BIAS:
                size = max(square**0.5, *biases, 0.0)
                return [
                    remark(
                        "saturates",
                        f"The first weights are too large: with E = H = {_FIRST_SIZE} the sum before the "
                        f"function is "
                        f"about ±{size:.0f}, where its slope is nearly 0, so nothing is learned. Draw them "
                        f"from "
                        "about ±1 / sqrt(H).",
                        line=line,
                    )
                ]
        return []

    def _notes(self, reading: Reading, begun: Answer) -> Iterator[Remark]:
        """What is right in another way, seen in the shapes and first values of the weights."""
        unused = [] if self.has_first_state else reading.unused
        if unused:
            yield remark("unused-weights", f"Nothing depends on {', '.join(unused)}: leave it out.")
        used = dict.fromkeys(
            name for place in range(len(reading.parts)) for name in reading.parameters_of(place)
        )
        shapes = {name: tuple(self.made.arrays[f"weight.{name}"].shape) for name in used}
        sources = {name: _sources_of(reading, name) for name in used}
        if any(of >= {"x", "h"} for of in sources.values()):
            yield remark("joined-input", "x and h stand side by side and share one product; that is right.")
        if any(of == {"x"} and shapes[name][-1] == self.E for name, of in sources.items()):
            yield remark(
                "transposed-weights", "W has a row for each unit, as nn.Linear keeps it; that is right."
            )
        for name in used:
            first = begun.arrays[f"weight.{name}"].double()
            is_square = first.ndim == 2 and first.shape[0] == first.shape[1] and sources[name] == {"h"}
            if is_square and torch.allclose(first @ first.T, torch.eye(len(first)).double(), atol=1e-4):
                yield remark("orthogonal", f"{name} begins orthogonal; that is a good start.")
                return

    def _of_error(self, error: OwnCellError) -> Checked:
        """What a step that stopped with an error means. Raises it again where that has no name here."""
        said = error.sentence
        if re.search(r"expected 3, got 2|too many indices for tensor|index 2 is out of", said):
            return [
                remark(
                    "whole-sequence",
                    "x is one word of each review, (B, E), and has no axis for time: the loop over the "
                    "words is Task 2.",
                    line=error.line,
                )
            ]
        if "values to unpack (expected 2" in said and len(self.states) == 1:
            return [
                remark(
                    "states-missing",
                    'forward takes two states apart, and the cell declares one. Write `states = ("h", '
                    '"c")` in the '
                    "class, and the state is a tuple.",
                    line=error.line,
                )
            ]
        for pattern, code, sentence in _ERRORS:
            if re.search(pattern, said):
                return [remark(code, f"{sentence} ({shortened(said)}).", line=error.line)]
        is_of_name = said.startswith(("NameError", "UnboundLocalError", "AttributeError", "KeyError"))
        if is_of_name or not re.search(r"shape|size|dimension|must match|broadcast", said):
            raise error
        sizes = {"E": self.H, "H": self.H, "B": 2}
        answer = yield from self.ask("Equal sizes", "trace", sizes, {})
        try:
            if "why" in answer.said:
                raise LiftError(answer.said["why"]["sentence"])
            lifted = lift(answer.said, self.states, self.H, self.H)
        except LiftError:
            sentence = f"The shapes do not fit: {shortened(said)}. x is (B, E) = ({self.B}, {self.E}), h is "
            return [remark("wrong-shape", f"{sentence}(B, H) = ({self.B}, {self.H}).", line=error.line)]
        products = [one for right in lifted.lines.values() for one in walk(right) if isinstance(one, Product)]
        of_x = {one.matrix for one in products if one.left == Name("x")}
        if of_x & {one.matrix for one in products if one.left != Name("x")}:
            return [
                remark(
                    "shared-weights",
                    "x and h are multiplied with the same weights, which works only where E = H: each needs "
                    "a matrix of its own, W (E, H) and U (H, H).",
                    line=error.line,
                )
            ]
        return [
            remark(
                "wrong-sizes",
                f"The cell works only where E = H. With E = {self.E} and H = {self.H}: {shortened(said)}. W "
                f"must be (E, H), "
                "and U (H, H).",
                line=error.line,
            )
        ]


def _apart(E: int, H: int, B: int) -> tuple[int, int, int]:
    """Sizes that differ, so that a shape shows what is what."""
    E = E + 1 if E == H else E
    B = max(B, 3)
    return E, H, max(E, H) + 1 if B in (E, H) else B


def _of_rows(products: list[list[list[int]]], B: int) -> int:
    """How many products have the rows of the batch in them."""
    return sum(any(B in shape for shape in shapes) for shapes in products)


def _sources_of(reading: Reading, name: str) -> set[str]:
    """What the numbers of a parameter multiply: "x", "h", "c", "1" and the like."""
    weights = reading.written.weights
    terms = (term for part in reading.parts for term in part.terms)
    return {term.of for term in terms if weights[term.weight].parameter == name}


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _is_of_dtype(sentence: str) -> bool:
    return bool(re.search(r"dtype|scalar type|Double|Float", sentence))
