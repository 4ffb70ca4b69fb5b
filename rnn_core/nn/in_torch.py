"""The weights of a cell as the module of torch has them that computes the same."""

from collections import defaultdict
from typing import cast

import torch
from torch import Tensor

from rnn_core.equations.expressions import names
from rnn_core.nn.cells import Cell
from rnn_core.nn.equation_cell import EquationCell

_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def weights_in_torch(cell: Cell) -> dict[str, Tensor]:
    """Returns the weights of a layer by their names in torch, (columns, rows) or (columns,), in its order.

    The second bias is what stands beside a product with the state; zeros where there is none.
    """
    own, found = cast(EquationCell, cell), defaultdict[str, list[Tensor]](list)
    for block in cell.declared.torch_blocks:
        letter, parts = block.removeprefix("-"), dict[str, Tensor]()
        for name in names(own.equations[letter].right):
            if (weight := own.equations.weights.get(name)) is not None:
                of_word = weight.of_word or name in own.fused_form.inputs.values()
                kind = f"{'weight' if weight.is_matrix else 'bias'}_{'ih' if of_word else 'hh'}"
                parts[kind] = own.weight(name).t() if letter == block else -own.weight(name).t()
        for kind in _KINDS:
            found[kind].append(parts.get(kind, cell.zeros(cell.hidden_size)))
    return {kind: torch.cat(found[kind]) for kind in _KINDS}
