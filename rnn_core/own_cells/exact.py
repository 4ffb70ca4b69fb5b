"""What a cell computes in float64: its derivatives, which weights play which part, and its gradient.

All of it is judged here from the numbers that the process of the student's code returned.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rnn_core.own_cells.assignment import Assignment, Inputs, Numbers, assign
from rnn_core.own_cells.equations import Reading
from rnn_core.own_cells.process import Answer
from rnn_core.own_cells.references import agrees, formulas
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.source_lines import line_of_call, line_of_loop, line_of_method, line_of_return
from rnn_core.refusals import in_a_row

FITTED = 4
"""Draws of weights and inputs at which a formula must agree."""
ALIKE = 8
"""The row that stays where others are drawn again: one with rows before it and behind it."""
CUTS = ("detach", "detach_", "data", "item", "tolist", "numpy", "no_grad", "inference_mode", "requires_grad_")
"""Names of what cuts the gradient off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCell:
    """A cell with the weights that were drawn for it."""

    source: str
    states: tuple[str, ...]
    hidden_size: int
    weights: Mapping[str, Numbers]
    trainable: Mapping[str, bool]
    """By the name of each parameter and buffer."""


class Exact:
    """What was computed of a cell in float64, and what follows from it."""

    def __init__(
        self,
        cell: DrawnCell,
        base: Mapping[str, Numbers],
        d: Mapping[str, Numbers],
        draws: list[dict[str, Numbers]],
        step: Answer | None,
        examined: Answer,
        names: list[str] | None = None,
    ) -> None:
        self.cell, self.base, self.d, self.draws, self.step = cell, base, d, draws, step
        self.answer = examined
        self.examined = {name: one.double().numpy() for name, one in examined.arrays.items()}
        self.errors = examined.said["errors"]
        self.names = names or [
            name for name in cell.weights if cell.trainable.get(name.removeprefix("weight."))
        ]
        """The weights that are looked at; what is not trained only where `names` says so."""
        self.tensors: dict[str, range] = {}
        start = 0
        for name in self.names:
            one = cell.weights[name]
            self.tensors[name.removeprefix("weight.")] = range(start, start + one.size)
            start += one.size
        self.inputs = self._inputs({}, "")
        columns = cell.hidden_size * len(cell.states)
        slopes = [
            self.examined.get(f"derivative.{name}", np.zeros((0, len(base["x"]), columns)))
            for name in self.names
        ]
        self.slopes = np.concatenate(slopes) if slopes else np.zeros((0, len(base["x"]), columns))
        with np.errstate(all="ignore"):
            self.assignment: Assignment = assign(self.inputs, np.nan_to_num(self.slopes))

    def _inputs(self, others: Mapping[str, Numbers], prefix: str) -> Inputs:
        values = {**self.cell.weights, **self.base, **others}
        places = range(len(self.cell.states))
        flat = [values[name].ravel() for name in self.names]
        return Inputs(
            weights=np.concatenate(flat) if flat else np.zeros(0),
            x=values["x"],
            states=tuple(values[f"s{place}"] for place in places),
            new=tuple(self.examined[f"{prefix}new{place}"] for place in places),
        )

    def with_constants(self) -> "Exact":
        """The same with the weights that are not trained, too."""
        names = [*self.cell.weights]
        return Exact(self.cell, self.base, self.d, self.draws, self.step, self.answer, names)

    def of_ignored(self) -> list[Remark]:
        """Whether nothing at all of the old state, or of the word, goes into the new state."""
        source = self.cell.source
        found = []
        states = [f"derivative.s{place}" for place in range(len(self.cell.states))]
        if all(np.abs(self.examined.get(name, np.ones(1))).max() < 1e-9 for name in states):
            sentence = "The new state does not depend on the old one at all: use the state that comes in."
            found.append(remark("old-state-ignored", sentence, line=line_of_return(source)))
        if np.abs(self.examined.get("derivative.x", np.ones(1))).max() < 1e-9:
            sentence = "The new state does not depend on the word at all: use x."
            found.append(remark("input-ignored", sentence, line=line_of_return(source)))
        return found

    def of_rows(self) -> list[Remark]:
        """Whether rows change each other, and whether one row alone keeps its shape."""
        source = self.cell.source
        others, alone = f"draw{FITTED}.", f"draw{FITTED + 1}."
        for place, letter in enumerate(self.cell.states):
            base = self.examined[f"new{place}"][ALIKE]
            if f"{others}new{place}" in self.examined:
                moved = self.examined[f"{others}new{place}"][ALIKE]
                if not np.allclose(base, moved, rtol=1e-9, atol=1e-12, equal_nan=True):
                    line = line_of_loop(source)
                    if line is not None:
                        return [
                            remark(
                                "whole-sequence",
                                "The cell goes over the rows of x as if they were time steps: each row is "
                                "another "
                                "review, and x is one word of each. The loop over the words is Task 2.",
                                line=line,
                            )
                        ]
                    at = np.flatnonzero(~np.isclose(base, moved, rtol=1e-9, atol=1e-12))[:3]
                    return [
                        remark(
                            "rows-mixed",
                            f"The new {letter} of row {ALIKE} changes when other rows of the batch change: a "
                            f"mean, sum, softmax or "
                            "normalisation goes over dim 0, from review to review. Each row is for itself.",
                            line=line_of_call(
                                source,
                                (
                                    "softmax",
                                    "mean",
                                    "BatchNorm1d",
                                    "batch_norm",
                                    "norm",
                                    "sum",
                                    "std",
                                    "max",
                                    "log_softmax",
                                    "normalize",
                                    "cumsum",
                                ),
                            ),
                            yours=tuple(float(moved[unit]) for unit in at),
                            ours=tuple(float(base[unit]) for unit in at),
                        )
                    ]
            wanted = (1, self.cell.hidden_size)
            shape = (
                self.examined[f"{alone}new{place}"].shape if f"{alone}new{place}" in self.examined else None
            )
            error = self.errors.get(str(FITTED + 1))
            if error is not None or shape != wanted:
                why = (
                    shortened(error["sentence"])
                    if error
                    else f"the new {letter} is {shape}, expected {wanted}"
                )
                return [
                    remark(
                        "wrong-shape",
                        f"With a batch of one review the shape goes wrong: {why}. squeeze() without a dim "
                        f"drops that axis.",
                        line=(error or {}).get("line") or line_of_call(source, ("squeeze",)),
                        shapes=f"yours {shape}, expected {wanted}",
                    )
                ]
        return []

    def of_cut(self, mixed: Remark, back: Answer) -> Remark:
        """The remark on rows that are mixed, by the gradient of the row `ALIKE`: where it reaches some rows
        only, nothing goes over the batch, but a view cuts it elsewhere than between its rows."""
        d = back.arrays.get("gradient.x", back.arrays.get("gradient.s0"))
        rows = d.flatten(1).any(dim=1).nonzero().flatten().tolist() if d is not None else []
        line = line_of_call(self.cell.source, ("view", "reshape"), in_init=False)
        if line is None or not rows or d is None or len(rows) == len(d):
            return mixed
        made_of = in_a_row([str(one) for one in rows])
        sentence = (
            f"The new state of row {ALIKE} is made of numbers of the rows {made_of}: `view` and `reshape` "
            "cut the numbers of a batch as they lie, row after row. Keep B first, as in view(B, 4, H) or "
            "chunk(4, dim=1); `.T` exchanges axes."
        )
        return replace(mixed, sentence=sentence, line=line)

    def of_large_numbers(self) -> list[Remark]:
        """Whether a large input makes nan where the equations do not."""
        place = FITTED + 2
        new = [self.examined.get(f"draw{place}.new{state}") for state in range(len(self.cell.states))]
        if any(one is not None and np.isnan(one).any() for one in new):
            return [
                remark(
                    "not-finite",
                    "With large numbers the new state is nan: exp of them is infinite. Use torch.sigmoid and "
                    "torch.tanh, which stay finite.",
                    line=line_of_call(self.cell.source, ("exp",)),
                )
            ]
        return []

    def reading(self) -> Reading | None:
        """The formula that computes the same at all draws, read; None where there is none."""
        if not self.assignment.parts or self.assignment.unexplained:
            return None
        draws = [
            self._inputs(self.draws[number], f"draw{number}.")
            for number in range(min(FITTED, len(self.draws)))
            if f"draw{number}.new0" in self.examined
            and all(
                np.isfinite(self.examined[f"draw{number}.new{state}"]).all()
                for state in range(len(self.cell.states))
            )
        ]
        with np.errstate(all="ignore"):
            for formula in formulas(self.assignment, self.inputs):
                if draws and all(agrees(formula, self.assignment, draw) for draw in draws):
                    return Reading(formula, self.assignment, self.inputs, self.tensors, self._variables())
        return None

    def _variables(self) -> list[tuple[int, str, Numbers]]:
        found = []
        for name, values in self.examined.items():
            if name.startswith("local."):
                _, line, variable = name.split(".", 2)
                found.append((int(line), variable, values))
        return sorted(found, key=lambda one: (one[1] == "return", one[0]))

    def of_gradient(self) -> list[Remark]:
        """Whether the gradient of torch is the derivative of what the cell computes."""
        if self.step is None or "derivative.x" not in self.examined:
            return []
        d = np.concatenate([self.d[f"d{place}"] for place in range(len(self.cell.states))], axis=1)
        source = self.cell.source
        lost: list[str] = []
        other: list[str] = []
        first: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())
        for name, expected in self._derivatives(d):
            found = self.step.arrays.get(f"gradient.{name}")
            yours = (
                found.double().numpy().reshape(expected.shape)
                if found is not None
                else np.zeros_like(expected)
            )
            scale = max(1.0, float(np.abs(expected).max(initial=0)))
            if np.abs(yours - expected).max(initial=0) > 1e-5 * scale:
                at = np.argsort(-np.abs(yours - expected).ravel())[:3]
                if not (lost or other):
                    first = tuple(yours.ravel()[at].tolist()), tuple(expected.ravel()[at].tolist())
                (lost if not np.abs(yours).max(initial=0) else other).append(name)
        if not lost and not other:
            return []
        names = [self._named(name) for name in [*lost, *other]]
        shown = ", ".join(names[:4]) + (", .." if len(names) > 4 else "")
        line = line_of_call(source, CUTS, in_init=False)
        if line is not None or not other:
            sentence = (
                f"The gradient of {shown} is cut off: detach(), .data, .item(), numpy() and no_grad() do "
                "that. "
            )
            more = (
                "Without it the cell can't learn over several time steps."
                if any(name[:1] == "s" for name in lost)
                else "Leave it out."
            )
            return [remark("detached", sentence + more, line=line, yours=first[0], ours=first[1])]
        return [
            remark(
                "wrong-gradient",
                f"The gradient of {shown} is not the derivative of what the cell computes: yours are the "
                f"numbers of "
                "backward, ours what really changes. Is there a backward of your own?",
                line=line_of_method(source, "backward"),
                yours=first[0],
                ours=first[1],
            )
        ]

    def _derivatives(self, d: Numbers) -> Iterator[tuple[str, Numbers]]:
        """What the gradients should be, by name, given those of the new states."""
        trainable = self.cell.trainable
        for place in range(len(self.cell.states)):
            slopes = self.examined[f"derivative.s{place}"]
            yield f"s{place}", np.einsum("uno,no->nu", slopes, d)
        yield "x", np.einsum("eno,no->ne", self.examined["derivative.x"], d)
        for name, own in self.tensors.items():
            if trainable.get(name):
                yield name, np.einsum("pno,no->p", self.slopes[own.start : own.stop], d)

    def _named(self, name: str) -> str:
        if name[:1] == "s" and name[1:].isdigit():
            return f"the old {self.cell.states[int(name[1:])]}"
        return name


def shortened(sentence: str) -> str:
    """What an error says, without where it stands."""
    return sentence.partition(": ")[2][:160] or sentence[:160]
