"""In which precision a training multiplies."""

import time
from functools import cache

import torch
from torch import nn

from rnn_core.errors import ConfigError
from rnn_core.nn.cells import Cell
from rnn_core.nn.products import BFloat16Factor, Factor
from rnn_core.nn.sequence import BLOCK
from rnn_core.nn.threads import threads_here

_B, _H = 64, 128
_ROUNDS = 8


def use_precision(network: nn.Module, precision: str, device: torch.device) -> None:
    """Let the cells of a network multiply in it while they train. Raises ConfigError where that is slower."""
    if precision == "float32":
        return
    if device.type != "cpu":
        raise ConfigError(
            f"Precision must be float32 on a GPU, got {precision}. Choose float32, or the CPU as device."
        )
    if (speed := speed_of_bfloat16()) < 1:
        raise ConfigError(
            f"Precision must be float32 on this machine, got {precision}, in which its processor multiplies "
            f"only {speed:.2g} times as fast. Choose float32."
        )
    for cell in network.modules():
        if isinstance(cell, Cell):
            cell.trains_in_bfloat16 = True


@cache
def speed_of_bfloat16() -> float:
    """How many times faster this processor makes the recurrent products of some time steps in bfloat16.

    Measured once in a process: those of a GRU on a usual batch, forwards, backwards, and for its weights. By
    one thread, and the quickest of some rounds counts, since another program can only make them slower.
    """
    h, da = torch.ones(BLOCK * _B, _H), torch.ones(BLOCK * _B, 3 * _H)
    U, U_T, dU = torch.ones(_H, 3 * _H), torch.ones(3 * _H, _H), torch.zeros(_H, 3 * _H)

    def seconds(factor: type[Factor]) -> float:
        forwards, backwards = factor(U), factor(U_T)
        began = time.perf_counter()
        for t in range(BLOCK):
            rows = slice(t * _B, (t + 1) * _B)
            backwards.product(da[rows], out=h[rows])
            forwards.product(h[rows], plus=da[rows], out=da[rows])
        factor(da).product(h.t(), plus=dU, out=dU)
        return time.perf_counter() - began

    with threads_here(1):
        in_turns = [(seconds(Factor), seconds(BFloat16Factor)) for _ in range(_ROUNDS)]
    in_float32, in_bfloat16 = map(min, zip(*in_turns, strict=True))
    return in_float32 / in_bfloat16
