"""Pairs of neighbouring words that a network knows: a sorted table, in which a pair is found by bisection."""

import torch
from torch import Tensor, nn

NO_PAIR = 0
"""The row of every pair that is not known; those that are known have the rows from 1 on."""
_PLACE_LEFT_FREE = torch.iinfo(torch.int64).max  # larger than any pair, so that the rest stays in order


class KnownPairs(nn.Module):
    """At most K pairs of ids below V.

    Which pairs these are is learned from reviews and not by training, see `know`; they are kept with the
    weights.
    """

    known: Tensor

    def __init__(self, pairs: int, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.register_buffer("known", torch.full((pairs,), _PLACE_LEFT_FREE))

    def know(self, pairs: Tensor) -> None:
        """Take these pairs, (at most K, 2) ids; before training. Raises ValueError for more."""
        if len(pairs) > len(self.known):
            raise ValueError(f"there is room for {len(self.known):,} pairs, got {len(pairs):,}")
        self.known.fill_(_PLACE_LEFT_FREE)
        self.known[: len(pairs)] = self._number(pairs[:, 0], pairs[:, 1]).sort().values

    def rows(self, before: Tensor, ids: Tensor, dropout: float = 0.0) -> Tensor:
        """The row of each pair of an id and the one before it, (...).

        It is NO_PAIR where the pair is not known, and for a share of `dropout` that is left out.
        """
        numbers = self._number(before, ids)
        places = torch.searchsorted(self.known, numbers).clamp(max=len(self.known) - 1)
        rows = (places + 1).where(self.known[places] == numbers, NO_PAIR)
        if dropout:
            rows = rows.where(torch.rand(ids.shape, device=ids.device) >= dropout, NO_PAIR)
        return rows

    def rows_in(self, other: "KnownPairs") -> Tensor:
        """The rows that `other` has for the pairs that both know, ascending."""
        both = torch.isin(other.known, self.known) & (other.known != _PLACE_LEFT_FREE)
        return both.nonzero().squeeze(1) + 1

    def _number(self, before: Tensor, ids: Tensor) -> Tensor:
        return before * self.vocab_size + ids
