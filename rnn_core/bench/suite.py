"""The whole benchmark."""

from collections.abc import Collection, Iterator, Sequence

import torch

from rnn_core.bench.compared import BenchRow, Compared
from rnn_core.bench.reviews import REVIEW_CASES
from rnn_core.bench.steps import STEPS

ROUNDS = 15
ALL: tuple[Compared, ...] = (*STEPS, *REVIEW_CASES)
CASES = tuple(case.name for compared in ALL for case in compared.cases)


def run_benchmark(
    cases: Collection[str] = CASES, rounds: int = ROUNDS, all_compared: Sequence[Compared] = ALL
) -> Iterator[BenchRow]:
    """The rows of these cases, one by one as they are measured.

    From here on numbers too small to be normal are 0 for both sides, as in a training: gradients that fade
    pass through them, and some processors multiply them many times slower.
    """
    torch.set_flush_denormal(True)
    for compared in all_compared:
        if any(case.name in cases for case in compared.cases):
            yield from (row for row in compared.rows(rounds) if row.case in cases)
