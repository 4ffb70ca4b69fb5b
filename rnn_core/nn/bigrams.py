"""Vectors for pairs of neighbouring words: an embedding that looks a pair of ids up.

A network that reads one word after another has to find out by itself that "not good" is not good. A vector
for each frequent pair knows it at once (the bigrams of Wang and Manning, 2012, as input of a recurrent one).
"""

from torch import Tensor, nn

from rnn_core.nn.pairs import NO_PAIR, KnownPairs


class BigramEmbedding(KnownPairs):
    """A vector (E,) for each of at most K pairs of ids below V; zero for any other pair."""

    def __init__(self, pairs: int, vocab_size: int, size: int) -> None:
        super().__init__(pairs, vocab_size)
        self.vectors = nn.Embedding(pairs + 1, size, padding_idx=NO_PAIR)
        nn.init.zeros_(self.vectors.weight)  # what training never meets says nothing

    def forward(self, before: Tensor, ids: Tensor, dropout: float = 0.0) -> Tensor:
        """The vector of each pair of an id and the one before it, (..., E); `dropout`: share left out."""
        return self.vectors(self.rows(before, ids, dropout))
