"""What a student's loop did, read from the record of its cell: which words it read, from which states.

Rows and time steps are found by their values, which are random numbers and so all different.
"""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

TOLERANCE = 1e-7
"""By how much two values in float64 may differ and be called equal."""

Place = tuple[int, int]
"""A review and a time step, from 0."""


class Call(NamedTuple):
    """One call of the cell, as it was recorded."""

    x: Tensor | None
    before: tuple[Tensor, ...]
    after: tuple[Tensor, ...]


class Taken(NamedTuple):
    """One time step of one review."""

    call: int
    row: int
    """Of the call."""
    place: Place | None
    """The word that it read; None where it is no word of the batch."""
    origin: "Place | str"
    """The time step whose state it began with, or ZERO, or OTHER."""


ZERO, OTHER = "zeros", "something else"


def calls_in(arrays: Mapping[str, Tensor], name: str) -> list[Call]:
    """The record of this name in an answer, as `GivenCell` writes it."""
    by_call: dict[int, dict[str, Tensor]] = {}
    for key, tensor in arrays.items():
        if key.startswith(f"{name}."):
            _, number, part = key.split(".")
            by_call.setdefault(int(number), {})[part] = tensor.detach()

    def states(parts: Mapping[str, Tensor], when: str) -> tuple[Tensor, ...]:
        return tuple(parts[key] for key in sorted(parts) if key.startswith(when))

    return [
        Call(parts.get("x"), states(parts, "before"), states(parts, "after"))
        for _, parts in sorted(by_call.items())
    ]


class Reading:
    """All time steps that a loop took over one batch."""

    def __init__(self, calls: list[Call], xs: Tensor, lengths: Tensor) -> None:
        """xs is (B, T, E), of which no two words are equal but padding."""
        self.calls, self.xs, self.lengths = calls, xs, lengths.tolist()
        self.taken: list[Taken] = []
        self._states: list[Tensor] = []
        """The hidden state after each time step taken, (H,)."""
        self.behind: list[Tensor] = []
        """The second state after each, where the cell has one."""
        self._places: list[Place | None] = []
        for number, call in enumerate(calls):
            self._take(number, call)

    def _take(self, number: int, call: Call) -> None:
        if call.x is None or call.x.shape[-1:] != self.xs.shape[-1:] or not call.after:
            return
        x, after = _as_rows(call.x), _as_rows(call.after[0])
        before = _as_rows(call.before[0]).expand(len(x), -1) if call.before else None
        if len(after) != len(x) or (before is not None and len(before) != len(x)):
            return
        begun = len(self._states)
        for row in range(len(x)):
            place = self.word(x[row], (row, number))
            origin = OTHER if before is None else self._origin(before[row], begun)
            self.taken.append(Taken(number, row, place, origin))
        self._states += list(after)
        self._places += [one.place for one in self.taken[begun:]]
        if len(call.after) > 1 and len(second := _as_rows(call.after[1])) == len(x):
            self.behind += list(second)

    def words(self, number: int) -> list[Place | None]:
        """The words that a call was given, one for each row."""
        x = self.calls[number].x
        if x is None or x.shape[-1:] != self.xs.shape[-1:]:
            return []
        return [self.word(one, (row, number)) for row, one in enumerate(_as_rows(x))]

    def word(self, x: Tensor, like: Place) -> Place | None:
        """The review and the time step of a word vector (E,), of several the most like one; None for none."""
        found = ((self.xs - x).abs().amax(dim=-1) < TOLERANCE).nonzero().tolist()
        places = [(review, t) for review, t in found]
        return min(places, key=lambda one: (one[0] != like[0], one[1] != like[1]), default=None)

    def _origin(self, state: Tensor, until: int) -> Place | str:
        if state.abs().max() < TOLERANCE:
            return ZERO
        return self.found(state, until) or OTHER

    def found(self, state: Tensor, until: int | None = None) -> Place | None:
        """The time step after which the hidden state was this one, (H,), the last such one."""
        for known, place in zip(self._states[:until][::-1], self._places[:until][::-1], strict=True):
            if place is not None and known.shape == state.shape and (known - state).abs().max() < TOLERANCE:
                return place
        return None

    def is_after_no_word(self, state: Tensor) -> bool:
        """Whether a hidden state (H,) came after something that is no word of the batch."""
        return any(
            place is None and known.shape == state.shape and (known - state).abs().max() < TOLERANCE
            for known, place in zip(self._states, self._places, strict=True)
        )

    def is_second(self, state: Tensor) -> bool:
        """Whether a state (H,) is one of the second ones, such as c."""
        return any(
            known.shape == state.shape and (known - state).abs().max() < TOLERANCE for known in self.behind
        )

    def of(self, review: int) -> list[Taken]:
        """The time steps of one review, in the order in which they were taken."""
        return [one for one in self.taken if one.place is not None and one.place[0] == review]

    def origins(self, review: int) -> dict[int, Place | str]:
        """What each time step of a review began with, by its number; the first time it was taken."""
        found: dict[int, Place | str] = {}
        for one in self.of(review):
            if one.place is not None:
                found.setdefault(one.place[1], one.origin)
        return found

    @property
    def rows(self) -> int:
        """How many rows were computed in all calls."""
        return sum(len(_as_rows(call.x)) for call in self.calls if call.x is not None)


def _as_rows(tensor: Tensor) -> Tensor:
    """(H,) or (..., H) -> (rows, H)"""
    return tensor.reshape(-1, tensor.shape[-1]) if tensor.dim() else tensor.reshape(1, 1)


def differing(yours: Tensor, ours: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Three numbers of both, from the row that differs most on."""
    row = int((yours - ours).abs().amax(dim=-1).argmax())
    return tuple(yours[row, :3].tolist()), tuple(ours[row, :3].tolist())
