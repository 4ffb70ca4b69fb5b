"""Time steps of a student's loop, read from the record of its cell: which words it read, from which states.

Rows and time steps are found by their values, which are random numbers and so all different.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnn_core.own_cells.operations.given_cell import Call
from rnn_core.own_cells.report import Remark, remark

TOLERANCE = 1e-7
"""The most that two values in float64 may differ and be called equal."""

Place = tuple[int, int]
"""A review and a time step, from 0."""


class Taken(NamedTuple):
    """One time step of one review."""

    call: int
    row: int
    """The row of the call."""
    place: Place | None
    """The word that it read; None where it is no word of the batch."""
    origin: "Place | str"
    """The time step whose state it began with, or ZERO, or OTHER."""


ZERO, OTHER = "zeros", "something else"


class LoopRecord:
    """All time steps that a loop took over one batch."""

    def __init__(self, calls: list[Call], xs: Tensor, lengths: Tensor) -> None:
        """xs is (B, T, E), of which no two words are equal but padding."""
        self.calls, self.xs, self.lengths = calls, xs, lengths.tolist()
        self.taken: list[Taken] = []
        self.words = [self._words_of(number, call.x) for number, call in enumerate(calls)]
        """The words that each call was given, one for each row; None for what is no word of the batch."""
        self._states = xs.new_zeros(0, 0)
        """The hidden state after each time step taken, (steps, H)."""
        self._behind = xs.new_zeros(0, 0)
        """The second state after each, where the cell has one."""
        for number, call in enumerate(calls):
            self._take(number, call)

    def _take(self, number: int, call: Call) -> None:
        words = self.words[number]
        if not words or not call.after:
            return
        after = _rows(call.after[0])
        before = _rows(call.before[0]) if call.before else None
        if before is not None and len(before) == 1:
            before = before.expand(len(words), -1)
        if len(after) != len(words) or (before is not None and len(before) != len(words)):
            return
        if len(self._states) and self._states.shape[1] != after.shape[1]:
            return
        equal = None if before is None else _equal(before, self._states)
        for row, place in enumerate(words):
            origin: Place | str = OTHER
            if before is not None and equal is not None:
                like = None if place is None else (place[0], place[1] - 1)
                is_zero = bool(before[row].abs().max() < TOLERANCE)
                origin = ZERO if is_zero else self._place(equal[row], like) or OTHER
            self.taken.append(Taken(number, row, place, origin))
        self._states = torch.cat([self._states.reshape(-1, after.shape[1]), after])
        if len(call.after) > 1 and call.after[1].shape == call.after[0].shape:
            second = _rows(call.after[1])
            self._behind = torch.cat([self._behind.reshape(-1, second.shape[1]), second])

    def _words_of(self, number: int, x: Tensor | None) -> list[Place | None]:
        if x is None or x.shape[-1:] != self.xs.shape[-1:]:
            return []
        T = self.xs.shape[1]
        found: list[Place | None] = []
        for row, equal in enumerate(_equal(_rows(x), self.xs.flatten(0, 1))):
            places = [(place // T, place % T) for place in equal.nonzero().flatten().tolist()]
            # Of padding, which may be the same everywhere, the place that it would have in a plain loop.
            alike = sorted(places, key=lambda one: (one[0] != row, one[1] != number))
            found.append(alike[0] if alike else None)
        return found

    def _place(self, equal: Tensor, like: Place | None) -> Place | None:
        """Choose a time step of those whose state is equal, (steps,): `like`, else the last one at a word."""
        places = [self.taken[step].place for step in equal.nonzero().flatten().tolist()]
        known = [place for place in places if place is not None]
        return like if like in known else known[-1] if known else None

    def found(self, state: Tensor, like: Place | None) -> Place | None:
        """The time step after which the hidden state was this one, (H,): of several `like`, else the last."""
        return self._place(_equal(state.unsqueeze(0), self._states)[0], like)

    def is_after_no_word(self, state: Tensor) -> bool:
        """True if a hidden state (H,) came after something that is no word of the batch."""
        steps = _equal(state.unsqueeze(0), self._states)[0].nonzero().flatten().tolist()
        return any(self.taken[step].place is None for step in steps)

    def is_second(self, state: Tensor) -> bool:
        """True if a state (H,) is one of the second ones, such as c."""
        return bool(_equal(state.unsqueeze(0), self._behind).any())

    def remark(self, code: str, name: str = "", /, *, review: int, **values: Any) -> Remark:
        """A remark on a review, counted from 0; its sentence may say `review`, from 1, and `length`."""
        return remark(code, name, review=review + 1, length=self.lengths[review], **values)

    def steps(self, review: int) -> list[tuple[int, Taken]]:
        """The time steps of one review by their numbers, in the order in which they were taken."""
        at_words = ((one.place, one) for one in self.taken if one.place is not None)
        return [(place[1], one) for place, one in at_words if place[0] == review]

    def origins(self, review: int) -> dict[int, Place | str]:
        """The origin of each time step of a review, by its number; the first time it was taken."""
        return {t: one.origin for t, one in reversed(self.steps(review))}

    @property
    def rows(self) -> int:
        """The number of rows that were computed in all calls."""
        return sum(len(_rows(call.x)) for call in self.calls if call.x is not None)


def _equal(rows: Tensor, known: Tensor) -> Tensor:
    """True where a row of (N, H) is equal to one that is known, of (M, H): (N, M); nowhere for another H."""
    if rows.shape[1] != known.shape[1] or not len(known):
        return torch.zeros(len(rows), len(known), dtype=torch.bool)
    return (rows.unsqueeze(1) - known).abs().amax(dim=2) < TOLERANCE


def _rows(tensor: Tensor) -> Tensor:
    """(H,) or (..., H) -> (rows, H)"""
    return tensor.reshape(-1, tensor.shape[-1]) if tensor.dim() else tensor.reshape(1, 1)


def differing(yours: Tensor, ours: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Three numbers of both, from the row that differs most on."""
    row = int((yours - ours).abs().amax(dim=-1).argmax())
    return tuple(yours[row, :3].tolist()), tuple(ours[row, :3].tolist())
