"""A cell in its check: sizes, weights and inputs that are drawn for it, and the questions to its process."""

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.errors import OwnCellError
from rnn_core.own_cells.operations.basic import WEIGHT
from rnn_core.own_cells.process import CodeAnswer
from rnn_core.own_cells.report import Remark, remark
from rnn_core.own_cells.source_lines import SourceLines
from rnn_core.own_cells.subject import Subject
from rnn_core.progress import Progress

Numbers = NDArray[np.float64]
Question = Generator[Progress, None, CodeAnswer]
Remarks = Generator[Progress, None, list[Remark]]


class CheckedCell:
    """A cell whose file is open, and what its network has."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.lines = subject, SourceLines(subject.file.source)
        self.random = np.random.default_rng(subject.case.seed)
        self.E, self.H, self.B = _apart(
            subject.case.input_size, subject.case.hidden_size, subject.case.batch_size
        )
        self.states: tuple[str, ...] = ("h",)
        self.names: dict[str, str] = {}
        """Words for quantities by their letters, as the file says them."""
        self.made = CodeAnswer({}, {})
        """The answer to `make`."""
        self.weights: dict[str, Numbers] = {}
        """Name in questions -> the numbers drawn for a weight; constants stay as they are."""

    def ask(
        self, doing: str, operation: str, said: Mapping[str, Any], arrays: Mapping[str, Numbers]
    ) -> Question:
        """The answer of the process, with arrays of numpy."""
        tensors = {name: torch.from_numpy(np.array(one, order="C")) for name, one in arrays.items()}
        return self.subject.ask(doing, operation, {"E": self.E, "H": self.H, **said}, tensors)

    def make(self) -> Generator[Progress, None, None]:
        """Makes the network, and draws weights for what is trained of it."""
        self.made = yield from self.ask("Making the cell", "make", {}, {})
        for name, one in self.made.arrays.items():
            if one.is_floating_point():
                is_trained = name.removeprefix(WEIGHT) in self.trained
                self.weights[name] = (
                    self._signed(0.2, 0.7, *one.shape) if is_trained else one.double().numpy()
                )

    @property
    def trained(self) -> set[str]:
        """The names of the parameters that an optimizer changes."""
        return {name for name, is_trained in self.made.said["trainable"].items() if is_trained}

    def unregistered(self) -> Remark | None:
        """The remark on tensors in attributes that torch does not look at, if one has a number a unit."""
        shapes = {name: shape for name, shape in self.made.said["unregistered"].items() if shape}
        if all(np.prod(shape) < min(self.E, self.H) for shape in shapes.values()):
            return None
        names = [f"self.{name}" for name in shapes]
        line = self.lines.assignment(next(iter(shapes)).partition(".")[0])
        return remark("unregistered", "in a cell", line=line, names=names)

    def batch(self, rows: int) -> dict[str, Numbers]:
        """Words and states of so many rows, by their names in questions."""
        return {"x": self.spread(rows, self.E)} | self.state_numbers("s", rows)

    def state_numbers(self, letter: str, rows: int) -> dict[str, Numbers]:
        """Numbers of the shape of each state: of a letter, such as s0, s1, .."""
        return {f"{letter}{place}": self.spread(rows, self.H) for place in range(len(self.states))}

    def spread(self, *shape: int) -> Numbers:
        """Numbers that are not near 0, so that they can be divided by."""
        return self._signed(0.4, 1.2, *shape)

    def _signed(self, least: float, most: float, *shape: int) -> Numbers:
        drawn: Numbers = self.random.uniform(least, most, shape) * self.random.choice((-1.0, 1.0), shape)
        return drawn


def shortened(error: OwnCellError | str) -> str:
    """The sentence of an error, without where it stands."""
    sentence = error if isinstance(error, str) else error.sentence
    return sentence.partition(": ")[2][:160] or sentence[:160]


def _apart(E: int, H: int, B: int) -> tuple[int, int, int]:
    """Sizes that differ, so that a shape shows what is what."""
    E = E + 1 if E == H else E
    B = max(B, 3)
    return E, H, max(E, H) + 1 if B in (E, H) else B
