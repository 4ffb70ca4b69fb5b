"""The whole network: word ids -> embedding -> recurrence -> readout -> head."""

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, dropout

from rnn_core.config import ModelConfig
from rnn_core.nn.cells import PADDING_ID, Cell, ElmanCell, GRUCell, LSTMCell
from rnn_core.nn.initialisation import initialise
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.sequence import run

_UNKNOWN_ID = 2  # the special tokens are 0, 1 and 2, as rnn_core.text.vocabulary numbers them


def make_cell(config: ModelConfig, vocab_size: int) -> Cell:
    """The cell these settings name, initialised."""
    one_hot = config.input == "one-hot"
    size = vocab_size if one_hot else config.embedding_size
    cell: Cell
    if config.cell == "gru":
        cell = GRUCell(size, config.hidden_size, reset=config.reset, one_hot=one_hot)
    else:
        cell_class = {"elman": ElmanCell, "lstm": LSTMCell}[config.cell]
        cell = cell_class(size, config.hidden_size, one_hot=one_hot)
    initialise(cell, config.initialisation, config.forget_bias)
    return cell


class Classifier(nn.Module):
    """Reads word ids and answers with logits: positive review or not.

    A batch is ids (B, T) int64 with the rows left-aligned and the longest first, and lengths (B,)
    int64: how many time steps of each row are computed.
    """

    def __init__(self, config: ModelConfig, vocab_size: int) -> None:
        super().__init__()
        self.config = config
        self.vocab_size = vocab_size
        if config.input == "embedding":
            self.embedding = nn.Embedding(vocab_size, config.embedding_size, padding_idx=PADDING_ID)
        self.cell = make_cell(config, vocab_size)
        self.head = nn.Linear(config.hidden_size, 2 if config.head == "two-logit" else 1)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """What the head says of each row: (B, 1) or (B, 2) logits."""
        packed = packing(lengths)
        read = self.readout(self.embed(packed.pack(ids)), packed)
        return self.head(dropout(read, self.config.head_dropout, self.training))

    def embed(self, ids: Tensor) -> Tensor:
        """What the cell gets for ids of any shape: vectors (..., E), or with one-hot input the ids."""
        if self.training and self.config.word_dropout:
            replaced = torch.rand(ids.shape, device=ids.device) < self.config.word_dropout
            ids = ids.masked_fill(replaced & (ids > _UNKNOWN_ID), _UNKNOWN_ID)  # special tokens stay
        if self.config.input == "one-hot":
            return ids
        return dropout(self.embedding(ids), self.config.embedding_dropout, self.training)

    def readout(self, xs: Tensor, packed: Packing) -> Tensor:
        """What the head gets to see of the hidden states, (B, H), given packed xs: the output of `embed`."""
        if self.config.readout == "last":
            return run(self.cell, xs, packed)
        return self.pool(run(self.cell, xs, packed, every=True), packed)

    def pool(self, hs: Tensor, packed: Packing) -> Tensor:
        """The same, given every hidden state, (N, H)."""
        if self.config.readout == "last":
            return hs[packed.last]
        return packed.mean(hs) if self.config.readout == "mean" else packed.max(hs)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of each row in nats, (B,). `labels` is (B,), 1 for positive."""
        if self.config.head == "two-logit":
            return cross_entropy(logits, labels.long(), reduction="none")
        return binary_cross_entropy_with_logits(logits.squeeze(-1), labels.to(logits.dtype), reduction="none")

    def positive_logit(self, logits: Tensor) -> Tensor:
        """One number a row whose sigmoid is the probability of a positive review, (B,).

        Of two logits it is positive minus negative, since softmax only sees their difference.
        """
        if self.config.head == "two-logit":
            return logits[..., 1] - logits[..., 0]
        return logits.squeeze(-1)


def count_parameters(config: ModelConfig, vocab_size: int) -> int:
    """How many numbers training adjusts, without building the network."""
    with torch.device("meta"):  # shapes only
        return sum(weights.numel() for weights in Classifier(config, vocab_size).parameters())
