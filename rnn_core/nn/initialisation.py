"""How the weights start."""

import math

import torch
from torch import nn

from rnn_core.nn.cells import PADDING_ID, Cell


def initialise(cell: Cell, manner: str, forget_bias: float) -> None:
    """Give every weight of a cell its first value, in place.

    Each gate's weights are drawn on their own, so that a gate starts the same alone or side by side.

    orthogonal: U of each gate is orthogonal (Saxe et al., 2014), W uniform after Glorot.
    xavier: W and U uniform in +-sqrt(6 / (rows + columns)) (Glorot and Bengio, 2010).
    uniform: everything, biases too, uniform in +-1 / sqrt(H), as torch's own cells do.

    `forget_bias` makes a gated cell remember by default (Jozefowicz et al., 2015): the bias of a gate
    that keeps, f, starts there, and that of the gate that writes, i or z, at minus it, so that what is
    kept and what is written add up to about one (Tallec and Ollivier, 2018).
    """
    G, H = len(cell.blocks), cell.hidden_size
    with torch.no_grad():
        if manner == "uniform":
            for weights in cell.parameters():
                nn.init.uniform_(weights, -1 / math.sqrt(H), 1 / math.sqrt(H))
        else:
            Us = cell.U.chunk(G, dim=1) if cell.mixes_units else [None] * G
            for W, U in zip(cell.W.chunk(G, dim=1), Us, strict=True):
                nn.init.xavier_uniform_(W)
                if U is not None:
                    nn.init.orthogonal_(U) if manner == "orthogonal" else nn.init.xavier_uniform_(U)
            cell.initialise_extra()
        update = cell.declared.update
        if update is not None:
            for gate, bias in ((update.keeps, forget_bias), (update.writes, -forget_bias)):
                if gate is not None:
                    cell.b.chunk(G)[cell.blocks.index(gate)].fill_(bias)
        if cell.one_hot:
            cell.W[PADDING_ID] = 0
