"""The source of a check's inputs: sizes, lengths, a seed, and how large the weights are."""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from rnn_core.shapes import Seed

_Size = Annotated[int, msgspec.Meta(ge=2, le=12)]  # with one unit no check can say which weight is which
_Length = Annotated[int, msgspec.Meta(ge=1, le=200)]
_Scale = Annotated[float, msgspec.Meta(ge=0.1, le=4)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Inputs of a check. Of it only the tensors that are made from it reach the student's code."""

    input_size: _Size = 5
    hidden_size: _Size = 8
    lengths: Annotated[tuple[_Length, ...], msgspec.Meta(min_length=1, max_length=16)] = (3, 9, 1, 6)
    """The time steps of each row of a batch; as many rows as there are lengths.

    By default B, E, H, T - 2 and the lengths all differ, so that a wrong number of steps has one cause.
    """
    vocabulary_size: Annotated[int, msgspec.Meta(ge=2, le=1_000)] = 13
    seed: Seed = 0
    scale: _Scale = 1.0
    """The factor by which the weights that the student's code draws are multiplied."""

    @property
    def batch_size(self) -> int:
        """The rows of a batch."""
        return len(self.lengths)


USUAL = Case()
"""The inputs of a check that is asked for no others."""
