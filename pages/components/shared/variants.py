"""The cells as Cells shows them: one with a reset gate counts twice, by the place of that gate."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from rnn_core.config.run import ModelConfig
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import make_cell
from rnn_core.symbols import CELL_NAMES, CellDeclaration, declaration


class Variant(NamedTuple):
    """A cell, with the place of its reset gate where it has one."""

    title: str
    cell: str
    reset: str
    torch_name: str
    """torch's own module of that kind."""

    @property
    def declared(self) -> CellDeclaration:
        """What it computes, and how it is shown."""
        return declaration(self.cell, self.reset)

    def new_cell(self, **sizes: Any) -> Cell:
        """An untrained one of the sizes that a run has unless its settings, or these, say otherwise."""
        config = ModelConfig(cell=self.cell, reset=self.reset, **sizes)
        return make_cell(config, config.embedding_size)


def variant_of(cell: str, reset: str) -> str:
    """Name of the variant that a network is of."""
    return f"{cell}-{reset}" if declaration(cell).reset is not None else cell


def _variants() -> Iterator[Variant]:
    for cell, name in CELL_NAMES.items():
        declared = declaration(cell)
        if declared.reset is None:
            yield Variant(declared.full_name, cell, "before", declared.torch_module)
        else:
            for reset in ("before", "after"):
                yield Variant(f"{name}, reset {reset}", cell, reset, declared.torch_module)


VARIANTS = {variant_of(variant.cell, variant.reset): variant for variant in _variants()}
