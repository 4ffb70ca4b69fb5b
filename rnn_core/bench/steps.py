"""One optimizer step's forward and backward pass: cells and layers against torch's, and how it grows."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnn_core.bench.forms import Forms, peak_megabytes, usual_cell
from rnn_core.bench.reference import torch_module
from rnn_core.bench.report import Row
from rnn_core.bench.timing import alternate
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.tasks import NEXT_TOKEN
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.tasks.task import task_named
from rnn_core.text.vocabulary import END_ID
from rnn_core.training.device import gains_by_bfloat16
from rnn_core.training.objective import back_propagate

_B, _T = 64, 256
_LENGTHS = (64, 256, 1_024)
_BATCH_SIZES = (16, 64, 256)
_SHAPE = f"B={_B}, T={_T}, E=32, H=128, forward and backward"


def gru_steps(rounds: int) -> Iterator[Row]:
    """The GRU that torch has, too: against nn.GRU and against our own loops."""
    medians = _medians(usual_cell("gru-after"), rounds, "sequence", "torch", "fused", "naive", "floor")
    yield _row("gru-step", f"nn.GRU: {_SHAPE}", medians, at_least=1.5, goal=2.0, **_memory("gru-after"))
    for form, at_least, goal in (("fused", 1.8, 2.5), ("naive", 2.1, 3.0)):
        against = f"our {form} GRU cell in an autograd loop: {_SHAPE}"
        yield _row(f"{form}-loop", against, medians, form, at_least=at_least, goal=goal)


def steps_in_bfloat16(rounds: int) -> Iterator[Row]:
    """Measures the GRU with products in bfloat16; nothing where the processor is slower at that."""
    if not gains_by_bfloat16():
        return
    medians = _medians(usual_cell("gru-after"), rounds, "sequence_in_bfloat16", "torch", "torch_in_bfloat16")
    medians["sequence"] = medians["sequence_in_bfloat16"]
    for case, form, against, at_least, goal in (
        ("gru-step-bfloat16", "torch", "nn.GRU in float32", 1.7, 2.2),
        ("gru-step-autocast", "torch_in_bfloat16", "nn.GRU in bfloat16 by torch.autocast", 1.2, 1.6),
    ):
        words = f"{against}, ours in bfloat16: {_SHAPE}"
        yield _row(case, words, medians, form, at_least=at_least, goal=goal)


def other_steps(rounds: int) -> Iterator[Row]:
    """The other cells against torch's."""
    for case, cell, module, at_least, goal in (
        ("gru-step-before", "gru", "nn.GRU, which resets after the product", 1.4, 1.8),
        ("lstm-step", "lstm", "nn.LSTM", 1.2, 1.7),
        ("elman-step", "elman", "nn.RNN", 1.3, 1.7),
        ("mingru-step", "mingru", "nn.GRU, which computes more", 5.0, 8.0),
    ):
        medians = _medians(usual_cell(cell), rounds, "sequence", "torch", "floor")
        yield _row(case, f"{module}: {_SHAPE}", medians, at_least=at_least, goal=goal, **_memory(cell))


def cells_beside_autograd(rounds: int) -> Iterator[Row]:
    """The cells that torch has none of, against the same fused loop in autograd."""
    for cell, at_least, goal in (
        ("ugrnn", 1.5, 1.7),
        ("minlstm", 2.0, 4.0),
        ("indrnn", 2.0, 4.0),
        ("rglru", 1.5, 4.0),
        ("slstm", 1.5, 1.7),
        ("s6", 1.5, 2.5),
    ):
        medians = _medians(usual_cell(cell), rounds, "sequence", "fused", "floor")
        against = f"our fused {cell} cell in an autograd loop: {_SHAPE}"
        yield _row(f"{cell}-step", against, medians, "fused", at_least=at_least, goal=goal)


def growth(rounds: int) -> Iterator[Row]:
    """Measure the growth of the time of a GRU's step with T, which must be in proportion, and with B."""
    shapes = [(f"gru-step-t{T}", _B, T) for T in _LENGTHS] + [(f"gru-step-b{B}", B, _T) for B in _BATCH_SIZES]
    for case, B, T in shapes:
        medians = _medians(usual_cell("gru-after"), rounds, "sequence", "torch", B=B, T=T)
        yield _row(case, f"nn.GRU: B={B}, T={T}", medians)


def _row(
    case: str, against: str, medians: dict[str, float], reference: str = "torch", /, **others: float | None
) -> Row:
    """The sequence form beside a reference, by the medians of both and of the floor, if that was timed."""
    return Row(
        case=case,
        against=against,
        ours_ms=medians["sequence"],
        reference_ms=medians[reference],
        floor_ms=medians.get("floor"),
        **others,
    )


def _medians(cell: Cell, rounds: int, *forms: str, B: int = _B, T: int = _T) -> dict[str, float]:
    measured = Forms(cell, B, T)
    *_, medians = alternate({form: getattr(measured, form) for form in forms}, rounds)
    return medians


def _memory(cell: str) -> dict[str, float | None]:
    of = {"ours_mb": "sequence", "reference_mb": "torch"}
    return {name: peak_megabytes(cell, form, _B, _T) for name, form in of.items()}


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
            against = f"nn.GRU(num_layers=2){words}: {_SHAPE.replace('forward', 'two layers, forward')}"
            of_form = {**medians, "sequence": medians[form]}
            yield _row(case, against, of_form, at_least=at_least, goal=goal)


def next_token_step(rounds: int) -> Iterator[Row]:
    """A prediction of each next token: from the ids to the loss, and back to every weight."""
    V, E, H = 100, 64, 256
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
    sizes = f"B={_B}, T={_T}, E={E}, H={H}, V={V}, forward, loss and backward"
    against = f"nn.Embedding, nn.GRU, nn.Linear and cross_entropy: {sizes}"
    yield _row("next-token-step", against, medians, at_least=1.4, goal=1.8)
