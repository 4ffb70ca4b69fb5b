"""A cell that is its text alone: no word beside its equations, no class, no declaration."""

from rnn_core.equations.equations import read_cell
from rnn_core.symbols import CELLS, declaration_of
from tests.pages.everywhere import MadeUp, registered

JANET = """
f  = sigmoid(x @ W_f + h @ U_f + b_f)
g  = tanh(x @ W_g + h @ U_g + b_g)
h' = f * h + (1 - f) * g
"""


def typed():
    """It is registered."""
    return registered(CELLS, "janet", declaration_of(read_cell(JANET), "janet"))


MEMBERS = {
    "a typed cell": MadeUp(
        setting="cell",
        name="janet",
        registered=typed,
        said={"cells": "odot", "read": "gate f", "inside": "■ W"},
    )
}
