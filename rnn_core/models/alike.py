"""Networks of the same size that read the same text and differ in their cell."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from rnn_core.config.run import RunConfig

_ALIKE = (
    "vocab_size", "input", "embedding_size", "hidden_size", "bidirectional", "bigrams", "counted_bigrams",
    "label_odds", "readout", "layers",
)  # fmt: skip
"""Settings in which they agree; how each was trained may differ, since a cell learns best in its own way."""


def one_of_each_cell(configs: Mapping[str, RunConfig], variant: Callable[[RunConfig], str]) -> list[str]:
    """The names of networks that are alike but for their cell, one of each variant, in the order given.

    Of several such groups it is the one with the most variants; with none of two networks it is empty.
    """
    groups: dict[tuple[object, ...], dict[str, str]] = defaultdict(dict)
    for name, config in configs.items():
        values = config.values()
        key = (config.data, *(values[setting] for setting in _ALIKE))
        groups[key].setdefault(variant(config), name)
    most = max(groups.values(), key=len, default={})
    return list(most.values()) if len(most) > 1 else []
