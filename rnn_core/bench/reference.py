"""torch's own recurrent modules with the weights of our cells, and the whole network on them.

They are what ours is measured against, here and in the tests; nothing else in Gatescope uses them.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, pad
from torch.nn.utils.rnn import pack_padded_sequence
from typing_extensions import override

from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import Classifier, ids_before


def torch_module(*cells: Cell) -> nn.RNNBase:
    """nn.RNN, nn.GRU or nn.LSTM of the same size, time first, with the weights of these cells.

    Several are the layers of a stack, the lowest first. A cell that torch has none of, such as a GRU that
    resets before the product, gets the module that it is declared to be measured against, with weights of
    that module's own.
    """
    lowest = cells[0]
    module_class = {"nn.RNN": nn.RNN, "nn.GRU": nn.GRU, "nn.LSTM": nn.LSTM}[lowest.declared.torch_module]
    module: nn.RNNBase = module_class(lowest.input_size, lowest.hidden_size, len(cells)).to(lowest.zeros(1))
    if lowest.declared.is_in_torch:
        weights = (value for cell in cells for value in cell.weights_in_torch().values())
        with torch.no_grad():
            for parameter, value in zip(module.parameters(), weights, strict=True):
                parameter.copy_(value)
    return module


class TorchClassifier(Classifier):
    """The classifier on torch's module in place of our cell; it reads the last state.

    `padding` is the number of time steps that every batch is padded to; or "longest", its longest review;
    or "none": the batch is packed with `pack_padded_sequence`.
    """

    def __init__(self, *sizes: Any, padding: int | str) -> None:
        """`sizes` are those that a Classifier is made with."""
        super().__init__(*sizes)
        self.padding = padding
        self.module = torch_module(*self.layers)
        del self.cell, self.upper

    @override
    def head_inputs(self, ids: Tensor, lengths: Tensor, folds: Tensor | None = None) -> Tensor:
        if isinstance(self.padding, int):
            ids = pad(ids, (0, self.padding - ids.shape[1]))
        before = ids_before(ids).T.contiguous() if self.reads_pairs else None
        everywhere = None if folds is None else folds.expand(ids.shape[1], -1)
        xs = self.embed(ids.T.contiguous(), before, everywhere)  # (T, B, E)
        if self.padding == "none":
            _, state = self.module(pack_padded_sequence(xs, lengths))
            h = state[0] if isinstance(state, tuple) else state  # (layers, B, H)
            read = h[-1]
        else:
            hs, _ = self.module(xs)  # (T, B, H)
            read = hs[lengths - 1, torch.arange(len(lengths))]
        return dropout(read, self.config.head_dropout, self.training)
