"""Pairs of neighbouring words that a network knows: found by bisection, with a vector or with label odds.

A network that reads one word after another has to find out by itself that "not good" is not good. A vector
for each frequent pair knows it at once (the bigrams of Wang and Manning, 2012, as input of a recurrent one).

Label odds are counted and not trained: one number for two classes, and K for K > 2, the log odds of each
class against the rest. Where the counts hold a review, its rare pairs give its label away, and a network that
learns from it trusts them too much. So there are also the counts with each of F folds of the reviews left
out, to learn from.
"""

import torch
from torch import Tensor, nn

NO_PAIR = 0
"""The row of every pair that is not known; those that are known have the rows from 1 on."""
PLACE_LEFT_FREE = torch.iinfo(torch.int64).max
"""The value in a place that no pair has: larger than any pair, so that the rest stays in order."""


class KnownPairs(nn.Module):
    """A table of at most K pairs of ids below V.

    Which pairs these are is learned from reviews and not by training, see `know`; they are kept with the
    weights.
    """

    known: Tensor

    def __init__(self, pairs: int, vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.register_buffer("known", torch.full((pairs,), PLACE_LEFT_FREE))

    def know(self, pairs: Tensor) -> None:
        """Take these pairs, (at most K, 2) ids; before training. Raises ValueError for more."""
        if len(pairs) > len(self.known):
            raise ValueError(f"there is room for {len(self.known):,} pairs, got {len(pairs):,}")
        self.known.fill_(PLACE_LEFT_FREE)
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
        both = torch.isin(other.known, self.known) & (other.known != PLACE_LEFT_FREE)
        return both.nonzero().squeeze(1) + 1

    def _number(self, before: Tensor, ids: Tensor) -> Tensor:
        return before * self.vocab_size + ids


class BigramEmbedding(KnownPairs):
    """A vector (E,) for each of at most K pairs of ids below V; zero for any other pair."""

    def __init__(self, pairs: int, vocab_size: int, size: int) -> None:
        super().__init__(pairs, vocab_size)
        self.vectors = nn.Embedding(pairs + 1, size, padding_idx=NO_PAIR)
        nn.init.zeros_(self.vectors.weight)  # what training never meets says nothing

    def forward(self, before: Tensor, ids: Tensor, dropout: float = 0.0) -> Tensor:
        """The vector of each pair of an id and the one before it, (..., E); `dropout`: share left out."""
        return self.vectors(self.rows(before, ids, dropout))


class CountedBigrams(KnownPairs):
    """The label odds of each of at most P pairs of ids below V; zero for any other pair."""

    odds: Tensor
    """(P,), or (P, K) with more than two classes, in the order of `known`, counted in all reviews."""
    odds_without: Tensor
    """(F, P) or (F, P, K), of all folds but one. Only there to train with: it isn't kept."""

    def __init__(self, pairs: int, vocab_size: int, classes: int = 2) -> None:
        super().__init__(pairs, vocab_size)
        self.classes = classes
        shape = (pairs,) if classes == 2 else (pairs, classes)
        self.register_buffer("odds", torch.zeros(shape))
        self.register_buffer("odds_without", torch.zeros(0, *shape), persistent=False)

    def set_odds(self, odds: Tensor, odds_without: Tensor) -> None:
        """Take the odds of the first pairs that are known, shaped as `odds` and `odds_without`."""
        self.odds.zero_()
        self.odds[: len(odds)] = odds.to(self.odds)
        self.odds_without = self.odds.new_zeros(len(odds_without), *self.odds.shape)
        self.odds_without[:, : len(odds)] = odds_without.to(self.odds)

    def forward(
        self, before: Tensor, ids: Tensor, folds: Tensor | None = None, dropout: float = 0.0
    ) -> Tensor:
        """The odds of each pair of an id and the one before it, (...) or (..., K); `dropout`: share left out.

        `folds` (...) says which fold's counts are left out, -1 for none; without it none are.
        """
        rows = self.rows(before, ids, dropout)
        odds = self.odds[rows - 1]  # for NO_PAIR the last, which is not used
        if folds is not None:
            odds = self.odds_without[folds, rows - 1].where(self._odds_shaped(folds >= 0), odds)
        return odds.where(self._odds_shaped(rows != NO_PAIR), 0.0)

    def _odds_shaped(self, which: Tensor) -> Tensor:
        """A tensor of pairs, (...), in the shape of the odds."""
        return which if self.classes == 2 else which.unsqueeze(-1)
