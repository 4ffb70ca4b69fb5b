"""A cell in float64 at inputs of other kinds: other rows, one row, large numbers, numbers moved a little.

All of it is judged here from the numbers that the process of the student's code returned.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from rnn_core.own_cells.process import Answer
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.source_lines import line_of_call, line_of_loop, line_of_method, line_of_return
from rnn_core.refusals import in_a_row

Numbers = NDArray[np.float64]
Inputs = Mapping[str, Numbers]
"""x, s0, s1, .. and weights as they are sent, by name."""
ALIKE = 8
"""The row that stays where others are drawn again: one with rows before it and behind it."""
CUTS = ("detach", "detach_", "data", "item", "tolist", "numpy", "no_grad", "inference_mode", "requires_grad_")
"""Names of what cuts the gradient off."""
_STEP = 1e-5
"""How far numbers are moved to each side: in float64 a difference is then right to ten digits or so."""
_OF_BATCH = (
    "softmax", "mean", "BatchNorm1d", "batch_norm", "norm", "sum", "std", "max", "log_softmax", "normalize",
    "cumsum",
)  # fmt: skip
"""Names of what may go over the rows of a batch."""


@dataclass(kw_only=True)
class Questions:
    """Inputs that a cell is asked for beside those of the base, by a name."""

    base: Inputs
    d: Inputs
    """The gradients of the new states, d0, d1, .."""
    learned: Inputs
    """The weights that are trained."""
    random: np.random.Generator
    moves: dict[str, Numbers] = field(init=False)
    """By name, the direction in which numbers are moved."""

    def __post_init__(self) -> None:
        names = {**self.base, **self.learned}
        self.moves = {name: self.random.choice((-1.0, 1.0), one.shape) for name, one in names.items()}

    def all(self) -> Iterator[tuple[str, Inputs]]:
        """The name of each question, and what of the base is another one there."""
        x, states = {"x"}, self.base.keys() - {"x"}
        is_alike = np.arange(len(self.base["x"]))[:, None] == ALIKE
        yield "rows", {name: np.where(is_alike, one, self._other(one)) for name, one in self.base.items()}
        yield "alone", {name: one[:1] for name, one in self.base.items()}
        yield "large", {name: (1e4 if name == "x" else 1.0) * one for name, one in self.base.items()}
        yield "word", {name: self._other(self.base[name]) for name in x}
        yield "state", {name: self._other(self.base[name]) for name in sorted(states)}
        for name, way in self.moves.items():
            one = {**self.base, **self.learned}[name]
            yield f"up {name}", {name: one + _STEP * way}
            yield f"down {name}", {name: one - _STEP * way}

    def _other(self, one: Numbers) -> Numbers:
        sign = self.random.choice((-1.0, 1.0), one.shape)
        drawn: Numbers = self.random.uniform(0.4, 1.2, one.shape) * sign
        return drawn


class Exact:
    """What was computed of a cell in float64, and what follows from it."""

    def __init__(
        self,
        source: str,
        states: Sequence[str],
        hidden_size: int,
        questions: Questions,
        names: Sequence[str],
        step: Answer,
        examined: Answer,
    ) -> None:
        """`names` are those of the questions, in their order."""
        self.source, self.states, self.hidden_size = source, states, hidden_size
        self.questions, self.step, self.errors = questions, step, examined.said["errors"]
        self._numbers = {name: str(place) for place, name in enumerate(names)}
        self._arrays = {name: one.double().numpy() for name, one in examined.arrays.items()}

    def _new(self, question: str = "") -> list[Numbers | None]:
        """The new states at a question, at the base without one."""
        prefix = f"draw{self._numbers[question]}." if question else ""
        return [self._arrays.get(f"{prefix}new{place}") for place in range(len(self.states))]

    def _is_as_before(self, question: str) -> bool:
        pairs = zip(self._new(), self._new(question), strict=True)
        return all(
            one is not None and other is not None and np.array_equal(one, other) for one, other in pairs
        )

    def of_ignored(self) -> list[Remark]:
        """Whether nothing at all of the old state, or of the word, goes into the new state."""
        found = []
        if self._is_as_before("state"):
            sentence = "The new state does not depend on the old one at all: use the state that comes in."
            found.append(remark("old-state-ignored", sentence, line=line_of_return(self.source)))
        if self._is_as_before("word"):
            sentence = "The new state does not depend on the word at all: use x."
            found.append(remark("input-ignored", sentence, line=line_of_return(self.source)))
        return found

    def of_rows(self) -> list[Remark]:
        """Whether rows change each other, and whether one row alone keeps its shape."""
        for letter, one, other, alone in zip(
            self.states, self._new(), self._new("rows"), self._new("alone"), strict=True
        ):
            if one is not None and other is not None and not _is_near(one[ALIKE], other[ALIKE]):
                return [self._mixed(letter, one[ALIKE], other[ALIKE])]
            wanted = (1, self.hidden_size)
            if alone is None or alone.shape != wanted:
                error = self.errors.get(self._numbers["alone"])
                shape = None if alone is None else alone.shape
                said = (
                    shortened(error["sentence"])
                    if error
                    else f"the new {letter} is {shape}, expected {wanted}"
                )
                return [
                    remark(
                        "wrong-shape",
                        f"With a batch of one review the shape goes wrong: {said}. squeeze() without a dim "
                        "drops that axis.",
                        line=(error or {}).get("line") or line_of_call(self.source, ("squeeze",)),
                        shapes=f"yours {shape}, expected {wanted}",
                    )
                ]
        return []

    def _mixed(self, letter: str, base: Numbers, moved: Numbers) -> Remark:
        if (line := line_of_loop(self.source)) is not None:
            sentence = (
                "The cell goes over the rows of x as if they were time steps: each row is another review, "
                "and x is one word of each. The loop over the words is Task 2."
            )
            return remark("whole-sequence", sentence, line=line)
        at = np.flatnonzero(~np.isclose(base, moved, rtol=1e-9, atol=1e-12))[:3]
        return remark(
            "rows-mixed",
            f"The new {letter} of row {ALIKE} changes when other rows of the batch change: a mean, sum, "
            "softmax or normalisation goes over dim 0, from review to review. Each row is for itself.",
            line=line_of_call(self.source, _OF_BATCH),
            yours=tuple(float(moved[unit]) for unit in at),
            ours=tuple(float(base[unit]) for unit in at),
        )

    def of_cut(self, mixed: Remark, back: Answer) -> Remark:
        """The remark on rows that are mixed, by the gradient of the row `ALIKE`: where it reaches some rows
        only, nothing goes over the batch, but a view cuts it elsewhere than between its rows."""
        d = back.arrays.get("gradient.x", back.arrays.get("gradient.s0"))
        rows = d.flatten(1).any(dim=1).nonzero().flatten().tolist() if d is not None else []
        line = line_of_call(self.source, ("view", "reshape"), in_init=False)
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
        """Whether a large input makes nan."""
        if any(one is not None and np.isnan(one).any() for one in self._new("large")):
            return [
                remark(
                    "not-finite",
                    "With large numbers the new state is nan: exp of them is infinite. Use torch.sigmoid and "
                    "torch.tanh, which stay finite.",
                    line=line_of_call(self.source, ("exp",)),
                )
            ]
        return []

    def of_gradient(self) -> list[Remark]:
        """Whether the gradient of torch is what really changes where numbers are moved a little."""
        lost: list[str] = []
        other: list[str] = []
        for name, way in self.questions.moves.items():
            expected = self._change(name)
            gradient = self.step.arrays.get(f"gradient.{name.removeprefix('weight.')}")
            yours = float((gradient.double().numpy() * way).sum()) if gradient is not None else 0.0
            if expected is not None and abs(yours - expected) > 1e-5 * max(1.0, abs(expected)):
                (other if gradient is not None and gradient.any() else lost).append(name)
        if not lost and not other:
            return []
        names = [self._named(name) for name in [*lost, *other]]
        shown = ", ".join(names[:4]) + (", .." if len(names) > 4 else "")
        line = line_of_call(self.source, CUTS, in_init=False)
        if line is not None or not other:
            is_of_state = any(name[:1] == "s" for name in lost)
            more = (
                "Without it the cell can't learn over several time steps." if is_of_state else "Leave it out."
            )
            sentence = (
                f"The gradient of {shown} is cut off: detach(), .data, .item(), numpy(), no_grad() do so. "
            )
            return [remark("detached", sentence + more, line=line)]
        sentence = (
            f"The gradient of {shown} is not the derivative of what the cell computes, as it really changes "
            "where these numbers are moved a little. Is there a backward of your own?"
        )
        return [remark("wrong-gradient", sentence, line=line_of_method(self.source, "backward"))]

    def _change(self, name: str) -> float | None:
        """How the new states change, by the gradients that they are given, along the way of some numbers."""
        found = 0.0
        for place, (up, down) in enumerate(
            zip(self._new(f"up {name}"), self._new(f"down {name}"), strict=True)
        ):
            if up is None or down is None:
                return None
            with np.errstate(invalid="ignore"):
                found += float((self.questions.d[f"d{place}"] * (up - down)).sum()) / (2 * _STEP)
        return found if np.isfinite(found) else None

    def _named(self, name: str) -> str:
        if name[:1] == "s" and name[1:].isdigit():
            return f"the old {self.states[int(name[1:])]}"
        return name.removeprefix("weight.")


def shortened(sentence: str) -> str:
    """What an error says, without where it stands."""
    return sentence.partition(": ")[2][:160] or sentence[:160]


def _is_near(one: Numbers, other: Numbers) -> bool:
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True))
