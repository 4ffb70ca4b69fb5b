"""One optimizer step's forward and backward pass: cells and layers against torch's, and how it grows."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnn_core.bench.compared import Case, Compared
from rnn_core.bench.forms import Forms, peak_megabytes, usual_cell
from rnn_core.bench.reference import torch_module
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.machine import alternate
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID
from rnn_core.training.device import gains_by_bfloat16
from rnn_core.training.objective import Objective

_B, _T = 64, 256
_LENGTHS = (64, 256, 1_024)
_BATCH_SIZES = (16, 64, 256)
_V, _E, _H = 100, 64, 256  # of a prediction of each next token
_SHAPE = f"B={_B}, T={_T}, E=32, H=128, forward and backward"
_BFLOAT16 = "sequence_in_bfloat16"
_OF_TORCH = "nn.Embedding, nn.GRU, nn.Linear and cross_entropy"
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

    def torch_step() -> None:
        hs, _ = module(xs.view(_T, _B, -1))
        back(hs[-1])

    forms = {"float32": lambda: ours(bfloat16=False), "torch": torch_step}
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
    objective = Objective(task_named(NEXT_TOKEN), network, TrainingConfig())

    def ours() -> None:
        network.zero_grad()
        objective.back_propagate(batch)

    def torch_step() -> None:
        for part in (module, embedding, head):
            part.zero_grad()
        hs, _ = module(embedding(ids[:, :-1].T))  # (T, B, H)
        cross_entropy(head(hs).flatten(0, 1), ids[:, 1:].T.flatten() - END_ID).backward()

    *_, medians = alternate({"sequence": ours, "torch": torch_step}, rounds)
    return medians


def _compared_with_torch(name: str, cell: str, module: str, at_least: float, goal: float) -> Compared:
    case = Case(name, f"{module}: {_SHAPE}", "torch", at_least, goal, memory=partial(_memory, cell))
    return Compared(_step(cell, "sequence", "torch", "floor"), [case])


def _compared_with_autograd(cell: str, at_least: float, goal: float) -> Compared:
    """A cell that torch has none of, against the same fused loop in autograd."""
    against = f"our fused {cell} cell in an autograd loop: {_SHAPE}"
    case = Case(f"{cell}-step", against, "fused", at_least, goal)
    return Compared(_step(cell, "sequence", "fused", "floor"), [case])


def _growth(shape: str, B: int, T: int) -> Compared:
    """The time of a GRU's step must grow in proportion with T."""
    case = Case(f"gru-step-{shape}", f"nn.GRU: B={B}, T={T}")
    return Compared(_step("gru-after", "sequence", "torch", B=B, T=T), [case])


_IN_BFLOAT16 = f"ours in bfloat16: {_SHAPE}"
_NEXT_TOKEN = f"B={_B}, T={_T}, E={_E}, H={_H}, V={_V}, forward, loss and backward"
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
        _step("gru-after", _BFLOAT16, "torch", "torch_in_bfloat16"),
        [
            Case(f"gru-step-{case}", f"{against}, {_IN_BFLOAT16}", form, at_least, goal, _BFLOAT16)
            for case, form, against, at_least, goal in (
                ("bfloat16", "torch", "nn.GRU in float32", 1.7, 2.2),
                ("autocast", "torch_in_bfloat16", "nn.GRU in bfloat16 by torch.autocast", 1.2, 1.6),
            )
        ],
    ),
    _compared_with_torch("gru-step-before", "gru", "nn.GRU, which resets after the product", 1.4, 1.8),
    _compared_with_torch("lstm-step", "lstm", "nn.LSTM", 1.2, 1.7),
    _compared_with_torch("elman-step", "elman", "nn.RNN", 1.3, 1.7),
    _compared_with_torch("mingru-step", "mingru", "nn.GRU, which computes more", 5.0, 8.0),
    _compared_with_autograd("ugrnn", 1.5, 1.7),
    _compared_with_autograd("minlstm", 2.0, 4.0),
    _compared_with_autograd("indrnn", 2.0, 4.0),
    _compared_with_autograd("rglru", 1.5, 4.0),
    _compared_with_autograd("slstm", 1.5, 1.7),
    _compared_with_autograd("s6", 1.5, 2.5),
    *(_growth(f"t{T}", _B, T) for T in _LENGTHS),
    *(_growth(f"b{B}", B, _T) for B in _BATCH_SIZES),
    Compared(
        _two_layers,
        [
            Case(
                f"gru-two-layers{more}", f"nn.GRU(num_layers=2){of}: {_TWO_LAYERS}", "torch", 1.3, goal, ours
            )
            for more, of, goal, ours in (
                ("", "", 1.5, "float32"),
                ("-bfloat16", " in float32, ours in bfloat16", 1.7, "bfloat16"),
            )
        ],
    ),
    Compared(_next_token, [Case("next-token-step", f"{_OF_TORCH}: {_NEXT_TOKEN}", "torch", 1.4, 1.8)]),
)
