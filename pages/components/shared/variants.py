"""The four cells: a GRU counts twice, by the place of its reset gate."""

from typing import NamedTuple

from rnn_core.config.run import ModelConfig
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import make_cell


class Variant(NamedTuple):
    """A cell, of a GRU with the place of its reset gate."""

    title: str
    cell: str
    reset: str
    torch_name: str
    """torch's own module of that kind."""

    def new_cell(self) -> Cell:
        """An untrained one of the sizes that a run has unless its settings say otherwise."""
        config = ModelConfig(cell=self.cell, reset=self.reset)
        return make_cell(config, config.embedding_size)


VARIANTS = {
    "elman": Variant("Elman", "elman", "before", "nn.RNN"),
    "gru-before": Variant("GRU, reset before", "gru", "before", "nn.GRU"),
    "gru-after": Variant("GRU, reset after", "gru", "after", "nn.GRU"),
    "lstm": Variant("LSTM", "lstm", "before", "nn.LSTM"),
}


def variant_of(cell: str, reset: str) -> str:
    """Name of the variant that a network is of."""
    return f"gru-{reset}" if cell == "gru" else cell
