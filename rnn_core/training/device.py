"""Device and precision of a training, and torch's random generators there."""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from rnn_core.errors import ConfigError
from rnn_core.nn.cells import Cell
from rnn_core.nn.kernels import BFloat16Factor, Factor
from rnn_core.nn.sequence import BLOCK
from rnn_core.nn.threads import threads_here


def choose_device(name: str) -> torch.device:
    """auto is a GPU where there is one. Raises ConfigError where cuda is asked for in vain."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "Device must be auto or cpu on this machine, where torch finds no CUDA GPU, got cuda."
        )
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


_CPU = "cpu"


def generator_states(device: torch.device) -> dict[str, Tensor]:
    """The state of every generator that a training on `device` draws from: "cpu", "cuda.0", "cuda.1" ..."""
    states = {_CPU: torch.get_rng_state()}
    if device.type == "cuda":  # a GPU that is not used is not asked: asking sets it up
        states |= {f"cuda.{number}": state for number, state in enumerate(torch.cuda.get_rng_state_all())}
    return states


def set_generator_states(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Let the generators go on from there; one whose state is not among them, or whose GPU is gone, stays."""
    torch.set_rng_state(states[_CPU])
    if device.type != "cuda":
        return
    for number in range(torch.cuda.device_count()):
        state = states.get(f"cuda.{number}")
        if state is not None:
            torch.cuda.set_rng_state(state, number)


_B, _H = 64, 128
_ROUNDS = 8
_INSTRUCTIONS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""Names in torch and Linux of the instructions for products in bfloat16, on x86 and on ARM."""
_CPU_OF_LINUX = Path("/proc/cpuinfo")


def use_precision(network: nn.Module, precision: str, device: torch.device) -> None:
    """Let the cells of a network multiply in it while they train. Raises ConfigError on a GPU."""
    if precision == "float32":
        return
    if device.type != "cpu":
        raise ConfigError(
            f"Precision must be float32 on a GPU, got {precision}. Choose float32, or the CPU as device."
        )
    for cell in network.modules():
        if isinstance(cell, Cell):
            cell.trains_in_bfloat16 = True


def slower_here(precision: str) -> str:
    """A sentence where a training in this precision takes longer on this machine's CPU; else empty."""
    if precision == "float32" or gains_by_bfloat16():
        return ""
    return (
        f"Slower here: this processor multiplies {speed_of_bfloat16():.2g} times as fast in {precision} as "
        "in float32."
    )


def gains_by_bfloat16() -> bool:
    """True if this processor has instructions for it, or is faster all the same by a stopwatch."""
    return has_instructions() or speed_of_bfloat16() >= 1


def has_instructions() -> bool:
    """True if the processor says that it has instructions for bfloat16; False where it can't be asked."""
    return not _INSTRUCTIONS.isdisjoint(_capabilities())


@cache
def _capabilities() -> frozenset[str]:
    """Return the abilities of the processor, as torch says them, or Linux where this torch does not."""
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is not None:
        return frozenset(name for name, has in ask().items() if has is True)
    try:
        return frozenset(_CPU_OF_LINUX.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return frozenset()


@cache
def speed_of_bfloat16() -> float:
    """Return how many times faster this processor makes some recurrent products in bfloat16.

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
