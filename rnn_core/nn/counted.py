"""What is counted and not trained of each pair of neighbouring words: its label odds.

They are one number for two classes, and K for K > 2: the log odds of each class against the rest.

Where the counts hold a review, its rare pairs give its label away, and a network that learns from it trusts
them too much. So there are also the counts with each of F folds of the reviews left out, to learn from.
"""

import torch
from torch import Tensor

from rnn_core.nn.pairs import NO_PAIR, KnownPairs


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
            odds = self.odds_without[folds, rows - 1].where(self._for_each(folds >= 0), odds)
        return odds.where(self._for_each(rows != NO_PAIR), 0.0)

    def _for_each(self, which: Tensor) -> Tensor:
        """A tensor of pairs, (...), in the shape of the odds."""
        return which if self.classes == 2 else which.unsqueeze(-1)
