"""The whole benchmark."""

from collections.abc import Callable, Collection, Iterator

import torch

from rnn_core.bench.report import Row
from rnn_core.bench.reviews import epochs, learning, reading
from rnn_core.bench.steps import (
    cells_beside_autograd,
    growth,
    gru_steps,
    next_token_step,
    other_steps,
    steps_in_bfloat16,
    two_layers,
)

ROUNDS = 15

# What is measured together, in turns, and the cases it answers.
_GROUPS: dict[Callable[[int], Iterator[Row]], tuple[str, ...]] = {
    gru_steps: ("gru-step", "fused-loop", "naive-loop"),
    steps_in_bfloat16: ("gru-step-bfloat16", "gru-step-autocast"),
    other_steps: ("gru-step-before", "lstm-step", "elman-step", "mingru-step"),
    cells_beside_autograd: tuple(
        f"{cell}-step" for cell in ("ugrnn", "minlstm", "indrnn", "rglru", "slstm", "s6")
    ),
    growth: tuple(f"gru-step-{shape}" for shape in ("t64", "t256", "t1024", "b16", "b64", "b256")),
    two_layers: ("gru-two-layers", "gru-two-layers-bfloat16"),
    next_token_step: ("next-token-step",),
    reading: ("read-400",),
    epochs: ("imdb-epoch-400", "imdb-epoch-bucketed", "imdb-epoch-packed"),
    learning: ("imdb-to-87",),
}

CASES = tuple(case for cases in _GROUPS.values() for case in cases)


def run_benchmark(cases: Collection[str] = CASES, rounds: int = ROUNDS) -> Iterator[Row]:
    """The rows of these cases, one by one as they are measured.

    From here on numbers too small to be normal are 0 for both sides, as in a training: gradients that fade
    pass through them, and some processors multiply them many times slower.
    """
    torch.set_flush_denormal(True)
    for measure, names in _GROUPS.items():
        if not set(names).isdisjoint(cases):
            for row in measure(rounds):
                if row.case in cases:
                    yield row
