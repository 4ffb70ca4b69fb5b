"""A network that reads on, a time step or a piece of a text at a time, from states that are handed in.

T time steps, B rows, K symbols that can come next. A state of the network is one of each layer, the lowest
first.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.nn.cells import PADDING_ID, State, Step
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.holds import Hold, Holds
from rnn_core.nn.packing import packing
from rnn_core.nn.recurrence import packed_steps, unroll
from rnn_core.nn.sequence import steps
from rnn_core.tasks.classes import compared

States = tuple[State, ...]
Answers = NDArray[np.float32]
HoldsAt = Callable[[int, int], Holds | None]
"""Returns all that is held from a time step on, for so many; None where that is nothing."""

_INPUTS_KEPT = 2_048
"""Products of the lowest cell's input, which a symbol that comes again needs again."""
_AHEAD = 64
"""The time steps of which holds are made together."""


class Stepper:
    """A network that reads forwards, its weights as they are when this is made.

    `held` says what is held in the layer with this number, from 1.
    """

    def __init__(self, network: Classifier, layer: int, held: HoldsAt) -> None:
        self.network, self.layer, self.held = network, layer, held
        with torch.inference_mode():
            self._cells = [cell.fixed() for cell in network.layers]
        self._ahead = lru_cache(maxsize=4)(self._holds_ahead)
        self._input = lru_cache(maxsize=_INPUTS_KEPT)(self._embedded)

    def _embedded(self, number: int, before: int) -> tuple[Tensor, Tensor]:
        """The lowest cell's input for a symbol, (1, E) or (1,), and its products, (1, G*H)."""
        x = self.network.embed(torch.tensor([number]), torch.tensor([before]))
        return x, self._cells[0][0](x)

    def _holds_ahead(self, block: int, rows: int) -> Callable[[int], Hold] | None:
        holds = self.held(block * _AHEAD, _AHEAD)
        return None if holds is None else holds.step_holds([rows] * _AHEAD)

    def states_of(self, every: Sequence[Step]) -> States:
        """The states after a time step, given that of each layer."""
        return tuple(step[: cell.state_size] for step, cell in zip(every, self.network.layers, strict=True))

    @torch.inference_mode()
    def step(
        self, time: int, ids: Sequence[int], before: Sequence[int], states: States
    ) -> tuple[tuple[Step, ...], Answers]:
        """All that each layer computes at one time step of B rows, and the answers, (B, 1 or K)."""
        before = before if self.network.reads_pairs else (PADDING_ID,) * len(ids)
        found = [*map(self._input, ids, before)]
        x, projected = found[0] if len(found) == 1 else tuple(map(torch.cat, zip(*found, strict=True)))
        every, hold_at = list[Step](), self._ahead(time // _AHEAD, len(ids))
        for number, (project, update) in enumerate(self._cells):
            state = states[number]
            if hold_at is not None and number + 1 == self.layer:
                step = self.network.layers[number].naive(x, state, hold_at(time % _AHEAD))
            else:
                step = update(project(x) if number else projected, state)
            every.append(step)
            x = step[0]
        return tuple(every), compared(self.network.head(x)).numpy()

    @torch.inference_mode()
    def read(
        self, first: int, ids: Sequence[int], before: int, states: States
    ) -> tuple[tuple[Step, ...], Answers]:
        """All that each layer computes at T time steps from the first on, (T, H), and the answers."""
        packed = packing(torch.tensor([len(ids)]))
        xs = self.network.inputs(torch.tensor([ids]), packed, last=torch.tensor([before]))
        every, holds = list[Step](), self.held(first, len(ids))
        for number, (cell, state) in enumerate(zip(self.network.layers, states, strict=True), 1):
            if holds is not None and number == self.layer:
                step = packed_steps(unroll(cell, xs, packed, naive=True, state=state, holds=holds))
            else:
                step = steps(cell, xs, packed, state)
            every.append(step)
            xs = step[0]
        return tuple(every), compared(self.network.head(xs)).numpy()
