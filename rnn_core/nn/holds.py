"""Values held in the place of those that a cell computes: data that can be sent to where that happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

Hold = Callable[[str, Tensor], Tensor]
"""Gets a quantity by its letter, as the cell computed it, and returns what the cell goes on with, (B, H)."""


def hold_nothing(_letter: str, values: Tensor) -> Tensor:
    """Holds nothing: the values themselves."""
    return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """Values held in a sequence: of some units of some quantities, at some time steps."""

    values: Mapping[str, Tensor] = field(default_factory=dict)
    """Letter -> the values, (T, H)."""
    is_held: Mapping[str, Tensor] = field(default_factory=dict)
    """Letter -> True where a value takes the place of the computed one, (T, H)."""
    added: Mapping[str, Tensor] = field(default_factory=dict)
    """Letter of a state -> numbers added to it, packed, (N, H). The gradient of zeros that are added
    is that of the state."""

    def starting_at(self, time: int) -> "Holds":
        """The values held from a time step on, which is then the first."""
        values, is_held = (
            {letter: of[time:] for letter, of in one.items()} for one in (self.values, self.is_held)
        )
        return Holds(values=values, is_held=is_held, added=self.added)

    def step_holds(self, running: Sequence[int]) -> Callable[[int], Hold]:
        """The hold of each time step t of a batch of which `running[t]` rows are still running then."""
        times = {letter: is_held.any(dim=1).tolist() for letter, is_held in self.is_held.items()}
        added = {letter: zeros.split([*running]) for letter, zeros in self.added.items()}
        if not times and not added:
            return lambda _t: hold_nothing

        def hold_at(t: int) -> Hold:
            def hold(letter: str, computed: Tensor) -> Tensor:
                if letter in times and times[letter][t]:
                    computed = torch.where(self.is_held[letter][t], self.values[letter][t], computed)
                return computed + added[letter][t] if letter in added else computed

            return hold

        return hold_at


NOTHING_HELD = Holds()
