"""The cells as Cells shows them: a kind with several variants has a place for each."""

from typing import Any, NamedTuple

from rnn_core.config.run import RunConfig
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELLS, CellDeclaration, variant_of

FORMERLY = {"gru-before": "gru"}
"""What addresses of earlier versions say -> the name of today."""


class Variant(NamedTuple):
    """A cell with the settings that change its equations."""

    name: str
    kind: str
    declared: CellDeclaration

    def new_cell(self, **sizes: Any) -> Cell:
        """An untrained one of the sizes that a run has unless its settings, or these, say otherwise."""
        config = RunConfig().with_settings(cell=self.kind, **self.declared.settings, **sizes).model
        return make_cell(config, config.embedding_size)


def all_variants() -> dict[str, Variant]:
    """Each of them by its name, in the order of the declarations."""
    return {
        name: Variant(name, kind, declared)
        for kind, of_kind in CELLS.items()
        for declared in of_kind
        for name in [variant_of(kind, declared.settings)]
    }
