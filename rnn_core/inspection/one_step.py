"""One time step in numbers: what its update did over all units, and what each gate computed in one unit.

The gates and states are those of the trace; the two contributions inside each sigmoid or tanh, that of the
word and that of the memory, are computed from the weights. Symbols as in `rnn_core.nn.cells`: h and c are the
states that came in, h' and c' those that went on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.equations.expressions import value
from rnn_core.inspection.trace import Trace, layer_inputs, norms
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_text
from rnn_core.nn.cells import Cell
from rnn_core.symbols import CellDeclaration, Update

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
States = Mapping[str, NDArray[np.float32]]
"""(H,) by letter."""


class UnitPart(NamedTuple):
    """A gate or a candidate of one unit; its new state where the cell has neither."""

    letter: str
    word: float
    """Contribution of the word, x W + b."""
    memory: float
    """`Symbol.of_memory`: h U for most, (r h) U behind a reset gate, zero for the word alone."""
    inside: float
    """The argument of the sigmoid or tanh: word + memory, or word + r memory with the reset after."""
    value: float
    """The result, as traced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneStep:
    """All numbers of one unit at one time step."""

    declared: CellDeclaration
    """The declaration of the cell."""
    time: int
    unit: int
    before: dict[str, float]
    """The states that came in; 0 at the first time step."""
    parts: dict[str, UnitPart]
    """Parts by letter, in the order of the drawing: z r n of a GRU, f i g o of an LSTM, h of a plain RNN.
    Empty where it is not known what the word and the memory contribute."""
    after: dict[str, float]
    """The states that go on."""
    values: dict[str, float]
    """All that was computed, by letter."""

    @property
    def kept(self) -> float:
        """Return what stays of the old memory: (1 - z) h of a GRU, f c of an LSTM."""
        return float(_kept_and_written(self._update, self.values, self.before)[0])

    @property
    def written(self) -> float:
        """The candidate's part that comes in: z n of a GRU, i g of an LSTM; without one what is not kept."""
        return float(_kept_and_written(self._update, self.values, self.before)[1])

    @property
    def squashed(self) -> float:
        """The new memory as it is shown: for an LSTM its tanh."""
        update, memory = self._update, self.after[self._update.memory]
        return memory if update.shown is None else float(value(update.shown, {f"{update.memory}'": memory}))

    @property
    def slope(self) -> float:
        """Return the share of a small change that passes through the tanh or relu of a cell without gates."""
        return float(self.declared.complete(self.after)["slope"])

    @property
    def _update(self) -> Update:
        if self.declared.update is None:
            raise ValueError(f"the cell must have gates, got {self.declared.noun}")
        return self.declared.update


def _kept_and_written(update: Update, after: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[Any, Any]:
    """Returns how much of the old memory stays, and how much comes in: without a candidate all else."""
    kept = update.kept_share(after) * before[update.memory]
    if not update.candidate:
        return kept, after[update.memory] - kept
    return kept, update.written_share(after) * after[update.candidate]


def one_step(model: Model, trace: Trace, time: int, unit: int) -> OneStep:
    """The numbers of one unit at one time step of a review that this model has read.

    Raises OverflowedError where what goes into a gate is no number.
    """
    cell = model.classifier.layers[trace.layer - 1]
    now = {letter: values[time].astype(np.float64) for letter, values in trace.arrays.items()}
    before = {letter: state.astype(np.float64) for letter, state in trace.states_before(time).items()}
    past = trace.declared.remembered(before)
    with torch.no_grad():
        xs, _ = layer_inputs(model.classifier, trace.review.ids, trace.layer)
    x = xs[time : time + 1]
    step = step_of_cell(cell, trace.declared, x=x, past=past, now=now, time=time, unit=unit)
    by_time = np.zeros((len(trace.logits), len(step.parts)))
    by_time[time] = [part.inside for part in step.parts.values()]
    check_text("What goes into a gate", trace.review.window, by_time)
    return step


def step_of_cell(
    cell: Cell, declared: CellDeclaration, *, x: Tensor, past: Values, now: Values, time: int, unit: int
) -> OneStep:
    """The numbers of one unit of a cell.

    `x` (1, E), or with one-hot input the id, (1,), is what it got; `past` are the states that came in and
    `now` is all that was computed, (H,) each by letter.
    """
    before, after = ({key: torch.from_numpy(values) for key, values in one.items()} for one in (past, now))
    reset, parts = declared.reset, {}
    # A matrix that stands in two equations is of one of them: what it contributes to the other is not known.
    are_known = {*declared.parts} <= {*cell.blocks}
    for letter in declared.parts if are_known else ():
        with torch.no_grad():
            words = cell.project(x)[0].double()  # (G*H,) x W + b
        of_block = cell.split(words)[cell.blocks.index(letter)]
        word = float(of_block[unit if len(of_block) > 1 else 0])
        memory = float(cell.memory_part(letter, before, after)[unit])
        acts_on_product = reset is not None and reset.after and letter == reset.candidate
        share = float(now[reset.gate][unit]) if reset is not None and acts_on_product else 1.0
        parts[letter] = UnitPart(letter, word, memory, word + share * memory, float(now[letter][unit]))
    return OneStep(
        declared=declared,
        time=time,
        unit=unit,
        before={letter: float(state[unit]) for letter, state in past.items()},
        parts=parts,
        after={letter: float(now[letter][unit]) for letter in past},
        values={letter: float(of_units[unit]) for letter, of_units in now.items()},
    )


def most_moved_unit(trace: Trace, time: int) -> int:
    """The unit whose hidden state changes most at this time step."""
    return int(np.abs(trace.arrays["h"][time] - trace.states_before(time)["h"]).argmax())


def most_telling_token(trace: Trace) -> int:
    """The time step that moved the verdict most; not the first one, before which there was none."""
    moves = np.abs(np.diff(trace.logits))
    return int(moves.argmax()) + 1 if len(moves) else 0


MOST_MOVED = 5


class Size(NamedTuple):
    """The norm of one vector of the update, or the mean of a share over the units."""

    name: str
    """The symbols of the vector and what it is, as in "z n, written"."""
    value: float
    letter: str = ""
    """The quantity whose colour it has; empty where it has none."""
    called: str = ""
    """The words for one of the two sizes that are compared; empty for the others."""
    is_beside: bool = False
    """True for what is no part of the new memory: it is written less strongly."""


class Move(NamedTuple):
    """One unit of a state."""

    unit: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The update at one time step."""

    time: int
    sizes: tuple[Size, ...]
    """The sizes over all units of what the update is made of; at last that of the new memory."""
    moved: dict[str, tuple[Move, ...]]
    """Units that moved most by the letter of each memory, the one that moved most first."""


def cursor_at(model: Model, trace: Trace, time: int) -> Cursor:
    """The update at one time step of a review that this model has read."""
    after = {letter: values[time] for letter, values in trace.arrays.items()}
    before, moved = trace.declared.remembered(trace.states_before(time)), {}
    for letter in trace.declared.memories:
        old, new = before[letter], after[letter]
        most = np.argsort(-np.abs(new - old), kind="stable")[:MOST_MOVED]
        moved[letter] = tuple(Move(int(unit), float(old[unit]), float(new[unit])) for unit in most)
    return Cursor(time=time, sizes=tuple(_sizes(model, trace, time, before, after)), moved=moved)


def _sizes(model: Model, trace: Trace, time: int, before: States, after: States) -> Iterator[Size]:
    """Yields the sizes; of gates kept + written is the new memory, h' of a GRU, c' of an LSTM."""
    declared, memory = trace.declared, "h"
    if (update := declared.update) is not None:
        memory = update.memory
        kept, written = map(_norm, _kept_and_written(update, after, before))
        dropped = _norm(update.dropped_share(after) * before[memory])
        writes = update.writes or update.candidate or memory
        yield Size(f"{update.kept}, kept", kept, update.keeps or memory)
        yield Size(f"{update.written}, written", written, writes, "what is written")
        yield Size(f"{update.dropped}, dropped", dropped, "", "what is dropped", is_beside=True)
    elif not declared.parts:  # known is what comes in and out, and what the cell shows on the way
        yield Size("‖h‖ before", _norm(before["h"]), "", "the memory")
        yield Size("‖Δh‖, the change", _norm(after["h"] - before["h"]), "h", "the change")
        for known in declared.shares:
            yield Size(f"mean of {known.letter}", float(after[known.letter].mean()), known.letter)
    else:
        part, cell = declared[declared.parts[0]], model.classifier.layers[trace.layer - 1]
        tensors = ({key: torch.from_numpy(values) for key, values in one.items()} for one in (before, after))
        with torch.inference_mode():
            xs, _ = layer_inputs(model.classifier, trace.review.ids, trace.layer)
            word = cell.project(xs[time : time + 1])  # (1, G*H)
            held = cell.memory_part(part.letter, *tensors)  # (H,)
        read = f"the {model.config.tokens.noun}" if trace.layer == 1 else f"layer {trace.layer - 1}"
        yield Size(f"{part.of_word}, {read}", _norm(word.numpy()), "", "what is read")
        yield Size(f"{part.of_memory}, the memory", _norm(held.numpy()), "h", "the memory")
        if "slope" in after:
            slope = float(after["slope"].mean())
            yield Size(f"mean slope {declared['slope'].mark}", slope, is_beside=True)
    yield Size(f"‖{memory}‖ afterwards", _norm(after[memory]), memory)


def _norm(values: NDArray[np.float32]) -> float:
    return float(norms(values.reshape(1, -1))[0])
