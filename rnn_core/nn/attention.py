"""Attention as a readout: a mean of the hidden states with weights that the states themselves decide.

Additive attention (Bahdanau, Cho and Bengio, 2015) with a single query v, which is learned:

    score_t  = v . tanh(h_t W + b)
    weight_t = exp(score_t) / sum over s of exp(score_s)        over the time steps that were read
    readout  = sum over t of weight_t h_t

The derivative by the query is that of a softmax, with a_t = tanh(h_t W + b):

    d weight_t / d v = weight_t (a_t - sum over s of weight_s a_s)
"""

import math

import torch
from torch import Tensor, nn

from rnn_core.nn.packing import Packing


class AdditiveAttention(nn.Module):
    """Scores states of D numbers each by a hidden layer of A units."""

    def __init__(self, state_size: int, size: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.empty(state_size, size))
        self.b = nn.Parameter(torch.zeros(size))
        self.v = nn.Parameter(torch.empty(size))
        nn.init.xavier_uniform_(self.W)
        nn.init.uniform_(self.v, -1 / math.sqrt(size), 1 / math.sqrt(size))

    def scores(self, hs: Tensor) -> Tensor:
        """(..., D) -> (...)"""
        return torch.tanh(hs @ self.W + self.b) @ self.v

    def weights(self, hs: Tensor, packed: Packing) -> Tensor:
        """(N,) the weight of each packed state, (N, D); those of a row sum to one."""
        return packed.softmax(self.scores(hs))

    def forward(self, hs: Tensor, packed: Packing) -> Tensor:
        """The readout of each row, (B, D), given packed states, (N, D)."""
        return packed.sum(hs * self.weights(hs, packed).unsqueeze(1))  # (N, D) * (N, 1)
