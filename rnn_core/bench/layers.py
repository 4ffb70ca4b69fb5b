"""Two layers of a GRU, one optimizer step's forward and backward pass, against torch's."""

from collections.abc import Iterator

import torch
from torch import Tensor

from rnn_core.bench.reference import torch_module
from rnn_core.bench.row import Row
from rnn_core.bench.timing import alternate
from rnn_core.config.model_settings import ModelConfig
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.training.precision import gains_by_bfloat16

_B, _T = 64, 256
_SHAPE = f"B={_B}, T={_T}, E=32, H=128, two layers, forward and backward"


def two_layers(rounds: int) -> Iterator[Row]:
    """The last state of the upper layer, and from a random gradient of it back to the words."""
    network = Classifier(ModelConfig(cell="gru", reset="after", layers=2), vocab_size=1)
    module = torch_module(*network.layers)
    packed = packing(torch.full((_B,), _T))
    xs = torch.randn(_T * _B, network.config.embedding_size).requires_grad_()
    d_last = torch.randn(_B, network.config.hidden_size)

    def back(last: Tensor) -> None:
        for weights in (xs, *network.parameters(), *module.parameters()):
            weights.grad = None
        last.backward(d_last)

    def ours(*, bfloat16: bool) -> None:
        for cell in network.layers:
            cell.trains_in_bfloat16 = bfloat16
        back(network.read(xs, packed))

    def of_torch() -> None:
        hs, _ = module(xs.view(_T, _B, -1))
        back(hs[-1])

    forms = {"float32": lambda: ours(bfloat16=False), "torch": of_torch}
    if gains_by_bfloat16():
        forms["bfloat16"] = lambda: ours(bfloat16=True)
    *_, medians = alternate(forms, rounds)
    for case, form, words, at_least, goal in (
        ("gru-two-layers", "float32", "", 1.3, 1.5),
        ("gru-two-layers-bfloat16", "bfloat16", " in float32, ours in bfloat16", 1.3, 1.7),
    ):
        if form in medians:
            yield Row(
                case=case, against=f"nn.GRU(num_layers=2){words}: {_SHAPE}", ours_ms=medians[form],
                reference_ms=medians["torch"], at_least=at_least, goal=goal,
            )  # fmt: skip
