"""A student's network as a cell, in a process that may run its code."""

from collections.abc import Callable
from functools import lru_cache

import torch
from torch import Tensor, nn
from typing_extensions import override

from rnn_core.nn.cells import Cell, Hold, State, Step, as_computed, step_type
from rnn_core.own_cells.submission import Submission, SubmissionError, described
from rnn_core.seeing import watching


class FileCell(Cell):
    """A cell around the network of a file, `own`, which has no blocks: only what is seen of it is known.

    A class is made of it for each file, see `file_cell`.
    """

    submission: Submission
    letters: tuple[str, ...] | None = None
    """The letters of a step: the states, then what else is seen; None for all that is seen."""
    blocks = ()

    @override
    def make_weights(self) -> None:
        self.one_hot, sizes = False, (self.input_size, self.hidden_size)
        try:
            with torch.device("cpu"):  # what code that is not ours computes may need values
                own = self.submission.make(("input_size", "hidden_size"), *sizes)
                self._names = _names(self.submission, own)
        except Exception as error:
            raise self.failed(error) from error
        self.own = own.to(torch.get_default_device())

    @property
    @override
    def states(self) -> tuple[str, ...]:
        return self.submission.states

    @override
    def initialise(self, manner: str, forget_bias: float) -> None:
        """Nothing: its own code has given its weights their first values."""

    @override
    def zeros(self, *shape: int) -> Tensor:
        return next(self.own.parameters(), torch.zeros(())).new_zeros(*shape)

    @override
    def initial_state(self, batch_size: int) -> State:
        begin = getattr(self.own, "initial_state", None)
        if begin is None:
            return super().initial_state(batch_size)
        try:
            states = self._states_of(begin(batch_size), batch_size, "initial_state", begin)
        except Exception as error:
            raise self.failed(error) from error
        return tuple(state.to(self.zeros(0)) for state in states)

    @override
    def project(self, x: Tensor) -> Tensor:
        return x

    @override
    def update(self, projected: Tensor, state: State) -> Step:
        return self.naive(projected, state)

    @override
    def naive(self, x: Tensor, state: State, hold: Hold = as_computed) -> Step:
        shape, seen = (len(x), self.hidden_size), dict[str, Tensor]()

        def watch(letter: str, value: Tensor) -> Tensor:
            seen[letter] = held = hold(letter, value)
            return held

        try:
            with watching(watch):
                returned = self.own(x, state if len(state) > 1 else state[0])
            after = self._states_of(returned, len(x), "forward", self.own.forward)
            if self._names:
                _check_names(self._names, self.own)
                self._names = []  # once is enough
        except Exception as error:
            raise self.failed(error) from error
        step = {
            letter: value if seen.get(letter) is value else hold(letter, value)
            for letter, value in zip(self.states, after, strict=True)
        }
        for letter in seen if self.letters is None else self.letters:
            if letter in step:
                continue
            if letter not in seen:
                raise self.failed(
                    SubmissionError(f"{letter} must be seen at every time step, and was not at one of them")
                )
            step[letter] = self._of_units(letter, seen[letter], shape)
        return step_type(tuple(step))(*step.values())

    def failed(self, error: Exception) -> Exception:
        """What is raised in the place of an error of the student's code."""
        return self.submission.error(error)

    def _of_units(self, letter: str, value: object, shape: tuple[int, int]) -> Tensor:
        """What was seen, (B, H); a number for each row is one for each of its units."""
        if isinstance(value, Tensor) and value.shape in (shape, (shape[0], 1), (1, shape[1])):
            return value.expand(shape)
        raise self.failed(
            SubmissionError(
                f"{letter}, which is seen, must be a tensor {shape}, (B, H), got {described(value)}"
            )
        )

    def _states_of(
        self, returned: object, rows: int, where: str, method: Callable[..., object]
    ) -> tuple[Tensor, ...]:
        """What a method returned, as states. Raises SubmissionError."""
        several = tuple(returned) if isinstance(returned, tuple | list) else (returned,)
        shape = (rows, self.hidden_size)
        count = len(self.states)
        is_right = len(several) == count and isinstance(returned, Tensor) == (count == 1)
        if is_right and all(isinstance(one, Tensor) and one.shape == shape for one in several):
            return several
        one, letters = f"a tensor {shape}", ", ".join(self.states)
        must = f"{one}, (B, H)" if count == 1 else f"a tuple ({letters}), each {one}, (B, H)"
        line = self.submission.line_of(getattr(method, "__func__", method))
        raise SubmissionError(f"{where} must return {must}, got {described(returned)}", line)


def _names(submission: Submission, own: nn.Module) -> list[str]:
    """The names of all weights. Raises SubmissionError where two are one tensor, which no file can keep."""
    state, found = own.state_dict(), dict[int, str]()
    for name, tensor in state.items():
        other = found.setdefault(tensor.untyped_storage().data_ptr(), name)
        if other != name and tensor.numel():
            raise SubmissionError(
                f"{other} and {name} are one tensor under two names: keep one of them",
                submission.line_of(type(own)),
            )
    return [*state]


def _check_names(before: list[str], own: nn.Module) -> None:
    """Raise SubmissionError where a time step has made a weight, of which nothing that trains knows."""
    if new := [name for name in own.state_dict() if name not in before]:
        raise SubmissionError(f"{new[0]} is made by a time step: make all parameters in __init__")


@lru_cache(16)
def file_cell(submission: Submission, letters: tuple[str, ...] | None = None) -> type[FileCell]:
    """The class of the cell of a file. Raises SubmissionError where the file has none."""
    states = submission.states
    if letters is not None:
        letters = (*states, *(letter for letter in letters if letter not in states))
    own = {"submission": submission, "letters": letters, "__module__": __name__}
    made: type[FileCell] = type(submission.network.__name__, (FileCell,), own)
    return made
