"""One number for each pair of neighbouring words, which is counted and not trained: its label odds.

Where the counts hold a review, its rare pairs give its label away, and a network that learns from it trusts
them too much. So there are also the counts with each of F folds of the reviews left out, to learn from.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

from rnn_core.nn.pairs import NO_PAIR, KnownPairs


class CountedBigrams(KnownPairs):
    """The label odds of each of at most K pairs of ids below V; zero for any other pair."""

    odds: Tensor
    """(K,) in the order of `known`, counted in all reviews."""
    odds_without: Tensor
    """(F, K) counted in the reviews of all folds but one. Only there to train with: it isn't kept."""

    def __init__(self, pairs: int, vocab_size: int) -> None:
        super().__init__(pairs, vocab_size)
        self.register_buffer("odds", torch.zeros(pairs))
        self.register_buffer("odds_without", torch.zeros(0, pairs), persistent=False)

    def set_odds(self, odds: Tensor, odds_without: Tensor) -> None:
        """Take the odds of the pairs that are known, (P,) and (F, P), in the order of their rows."""
        free = len(self.known) - len(odds)
        self.odds.copy_(pad(odds, (0, free)))
        self.odds_without = pad(odds_without, (0, free)).to(self.odds)

    def forward(
        self, before: Tensor, ids: Tensor, folds: Tensor | None = None, dropout: float = 0.0
    ) -> Tensor:
        """The odds of each pair of an id and the one before it, (...); `dropout`: share left out.

        `folds` (...) says which fold's counts are left out, -1 for none; without it none are.
        """
        rows = self.rows(before, ids, dropout)
        odds = self.odds[rows - 1]  # for NO_PAIR the last, which is not used
        if folds is not None:
            odds = self.odds_without[folds, rows - 1].where(folds >= 0, odds)
        return odds.where(rows != NO_PAIR, 0.0)
