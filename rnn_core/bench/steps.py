"""One optimizer step's forward and backward pass: cells and layers against torch's, and how it grows."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnn_core.bench.compared import Case, Compared, alternate
from rnn_core.bench.forms import Forms, peak_megabytes, usual_cell
from rnn_core.bench.reference import torch_module
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID
from rnn_core.training.device import gains_by_bfloat16
from rnn_core.training.objective import back_propagate

_B, _T = 64, 256
_LENGTHS = (64, 256, 1_024)
_BATCH_SIZES = (16, 64, 256)
_V, _E, _H = 100, 64, 256  # of a prediction of each next token
_SHAPE = f"B={_B}, T={_T}, E=32, H=128, forward and backward"
_TWO_LAYERS = _SHAPE.replace("forward", "two layers, forward")


def _step(cell: str, *forms: str, B: int = _B, T: int = _T) -> Callable[[int], Mapping[str, float]]:
    """Return the function that times these forms of a cell's step."""

    def milliseconds(rounds: int) -> Mapping[str, float]:
        if not gains_by_bfloat16() and any("bfloat16" in form for form in forms):
            return {}  # this processor is slower at that
        measured = Forms(usual_cell(cell), B, T)
        *_, medians = alternate({form: getattr(measured, form) for form in forms}, rounds)
        return medians

    return milliseconds


def _memory(cell: str) -> Mapping[str, float | None]:
    forms = {"ours_mb": "sequence", "reference_mb": "torch"}
    return {name: peak_megabytes(cell, form, _B, _T) for name, form in forms.items()}


def _two_layers(rounds: int) -> Mapping[str, float]:
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
    return medians


def _next_token(rounds: int) -> Mapping[str, float]:
    """A prediction of each next token: from the ids to the loss, and back to every weight."""
    V, E, H = _V, _E, _H
    config = ModelConfig(cell="gru", reset="after", embedding_size=E, hidden_size=H)
    network = Classifier(config, V + END_ID, V, at_every_step=True)
    module, embedding, head = torch_module(*network.layers), nn.Embedding(V + END_ID, E), nn.Linear(H, V)
    ids = torch.randint(END_ID, V + END_ID, (_B, _T + 1))
    batch = Batch(ids, torch.full((_B,), _T + 1), torch.zeros(_B, dtype=torch.int64), np.arange(_B))
    task, settings = task_named(NEXT_TOKEN), TrainingConfig()

    def ours() -> None:
        network.zero_grad()
        back_propagate(task, network, batch, settings, torch.device("cpu"))

    def of_torch() -> None:
        for part in (module, embedding, head):
            part.zero_grad()
        hs, _ = module(embedding(ids[:, :-1].T))  # (T, B, H)
        cross_entropy(head(hs).flatten(0, 1), ids[:, 1:].T.flatten() - END_ID).backward()

    *_, medians = alternate({"sequence": ours, "torch": of_torch}, rounds)
    return medians


STEPS = (
    # The GRU that torch has, too: against nn.GRU and against our own loops.
    Compared(
        _step("gru-after", "sequence", "torch", "fused", "naive", "floor"),
        (
            Case("gru-step", f"nn.GRU: {_SHAPE}", "torch", 1.5, 2.0, memory=partial(_memory, "gru-after")),
            Case("fused-loop", f"our fused GRU cell in an autograd loop: {_SHAPE}", "fused", 1.8, 2.5),
            Case("naive-loop", f"our naive GRU cell in an autograd loop: {_SHAPE}", "naive", 2.1, 3.0),
        ),
    ),
    Compared(
        _step("gru-after", "sequence_in_bfloat16", "torch", "torch_in_bfloat16"),
        [
            Case(case, f"{against}, ours in bfloat16: {_SHAPE}", form, least, goal, "sequence_in_bfloat16")
            for case, form, against, least, goal in (
                ("gru-step-bfloat16", "torch", "nn.GRU in float32", 1.7, 2.2),
                ("gru-step-autocast", "torch_in_bfloat16", "nn.GRU in bfloat16 by torch.autocast", 1.2, 1.6),
            )
        ],
    ),
    *(
        Compared(
            _step(cell, "sequence", "torch", "floor"),
            [Case(case, f"{module}: {_SHAPE}", "torch", least, goal, memory=partial(_memory, cell))],
        )
        for case, cell, module, least, goal in (
            ("gru-step-before", "gru", "nn.GRU, which resets after the product", 1.4, 1.8),
            ("lstm-step", "lstm", "nn.LSTM", 1.2, 1.7),
            ("elman-step", "elman", "nn.RNN", 1.3, 1.7),
            ("mingru-step", "mingru", "nn.GRU, which computes more", 5.0, 8.0),
        )
    ),
    # The cells that torch has none of.
    *(
        Compared(
            _step(cell, "sequence", "fused", "floor"),
            [
                Case(
                    f"{cell}-step",
                    f"our fused {cell} cell in an autograd loop: {_SHAPE}",
                    "fused",
                    least,
                    goal,
                )
            ],
        )
        for cell, least, goal in (
            ("ugrnn", 1.5, 1.7),
            ("minlstm", 2.0, 4.0),
            ("indrnn", 2.0, 4.0),
            ("rglru", 1.5, 4.0),
            ("slstm", 1.5, 1.7),
            ("s6", 1.5, 2.5),
        )
    ),
    # The time of a GRU's step grows in proportion with T, and with B.
    *(
        Compared(
            _step("gru-after", "sequence", "torch", B=B, T=T),
            [Case(f"gru-step-{case}", f"nn.GRU: B={B}, T={T}")],
        )
        for case, B, T in (*((f"t{T}", _B, T) for T in _LENGTHS), *((f"b{B}", B, _T) for B in _BATCH_SIZES))
    ),
    Compared(
        _two_layers,
        (
            Case("gru-two-layers", f"nn.GRU(num_layers=2): {_TWO_LAYERS}", "torch", 1.3, 1.5, "float32"),
            Case(
                "gru-two-layers-bfloat16",
                f"nn.GRU(num_layers=2) in float32, ours in bfloat16: {_TWO_LAYERS}",
                "torch",
                1.3,
                1.7,
                "bfloat16",
            ),
        ),
    ),
    Compared(
        _next_token,
        [
            Case(
                "next-token-step",
                "nn.Embedding, nn.GRU, nn.Linear and cross_entropy: "
                f"B={_B}, T={_T}, E={_E}, H={_H}, V={_V}, forward, loss and backward",
                "torch",
                1.4,
                1.8,
            )
        ],
    ),
)
