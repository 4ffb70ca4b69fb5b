"""Vectors for pairs of neighbouring words: an embedding that looks a pair of ids up.

A network that reads one word after another has to find out by itself that "not good" is not good. A vector
for each frequent pair knows it at once (the bigrams of Wang and Manning, 2012, as input of a recurrent one).
"""

import torch
from torch import Tensor, nn

NO_PAIR = 0
"""The row that stays zero: pairs that are not known add nothing."""
_PLACE_LEFT_FREE = torch.iinfo(torch.int64).max  # larger than any pair, so that the rest stays in order


class BigramEmbedding(nn.Module):
    """A vector (E,) for each of at most K pairs of ids below V; zero for any other pair.

    Which pairs these are is learned from reviews and not by training, see `know`; they are kept with the
    weights.
    """

    known: Tensor

    def __init__(self, pairs: int, vocab_size: int, size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.vectors = nn.Embedding(pairs + 1, size, padding_idx=NO_PAIR)
        nn.init.zeros_(self.vectors.weight)  # what training never meets says nothing
        self.register_buffer("known", torch.full((pairs,), _PLACE_LEFT_FREE))

    def know(self, pairs: Tensor) -> None:
        """Take these pairs, (at most K, 2) ids; before training. Raises ValueError for more."""
        if len(pairs) > len(self.known):
            raise ValueError(f"there is room for {len(self.known):,} pairs, got {len(pairs):,}")
        self.known.fill_(_PLACE_LEFT_FREE)
        self.known[: len(pairs)] = self._number(pairs[:, 0], pairs[:, 1]).sort().values

    def forward(self, before: Tensor, ids: Tensor, dropout: float = 0.0) -> Tensor:
        """The vector of each pair of an id and the one before it, (..., E); `dropout`: share left out."""
        rows = self.rows(before, ids)
        if dropout:
            rows = rows.where(torch.rand(ids.shape, device=ids.device) >= dropout, NO_PAIR)
        return self.vectors(rows)

    def rows(self, before: Tensor, ids: Tensor) -> Tensor:
        """Which row of `vectors` is that of each pair, (...); NO_PAIR where the pair is not known."""
        numbers = self._number(before, ids)
        places = torch.searchsorted(self.known, numbers).clamp(max=len(self.known) - 1)
        return (places + 1).where(self.known[places] == numbers, NO_PAIR)

    def _number(self, before: Tensor, ids: Tensor) -> Tensor:
        return before * self.vocab_size + ids
