"""Device, precision and number of threads of a training, and torch's random generators there.

Several threads wait for each other where other programs are busy. So one and the number that was set are
timed, in turn, on the beginnings of a batch: when the training begins, when its steps have become twice as
slow, and when an epoch begins. Timing changes nothing: where the number stays, so does every bit.
"""

import math
import statistics
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn

from rnn_core.errors import ConfigError
from rnn_core.nn.cells import Cell
from rnn_core.nn.kernels import BFloat16Factor, Factor
from rnn_core.nn.sequence import BLOCK
from rnn_core.nn.threads import threads_here
from rnn_core.training.records import ThreadEvent


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


def set_generators(states: Mapping[str, Tensor], device: torch.device) -> None:
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


_TIMINGS = 3
_LATELY, _REST = 5, 100
"""The pace is the median of so many steps; an epoch that begins within so many after a timing has none."""
_SLOW = 2.0
_WORTH, _HOPELESS = 1.2, 3.0
"""Several threads are given up where they take so many times as long as one; so many end the timing early."""


class Threads:
    """The number of threads in force, and when one and the number that was set are timed again."""

    def __init__(self, *, keep: bool) -> None:
        """`keep` is True where the number that torch computes with now stays, whatever it takes."""
        self.number = self._set = torch.get_num_threads()
        self._again: Mapping[int, int] = {}
        self._repeats_until = 0
        self.seconds = 0.0
        """Taken by the timing before the optimizer step at hand."""
        self._keeps = keep or self._set == 1
        self._lately, self._least = deque[float](maxlen=_LATELY), math.inf
        self._steps: int | None = None  # since it was timed

    def restore(self, number: int) -> None:
        """Go on with the number that was in force."""
        self.number = min(number, self._set)

    def repeat(self, changes: Mapping[int, int], until: int) -> None:
        """Change to these numbers again, at the same optimizer steps; until the last nothing is timed."""
        self._again, self._repeats_until = changes, until

    def begin(self) -> None:
        """Let torch compute with the number in force."""
        self._use(self.number)

    def note(self, seconds: float, tokens: int) -> None:
        """Note an optimizer step."""
        self._steps = (self._steps or 0) + 1
        self._lately.append(seconds / tokens)
        if len(self._lately) == _LATELY:
            self._least = min(self._least, statistics.median(self._lately))

    def choose(self, step: int, epoch: float, rehearse: Callable[[], None]) -> ThreadEvent | None:
        """Return the change with which an optimizer step begins, `epoch` epochs after the first one.

        `rehearse` computes the step without learning from it.
        """
        before, self.seconds = self.number, 0.0
        if step <= self._repeats_until:
            self.number = self._again.get(step, before)
        elif not self._keeps and self._is_due(epoch):
            self.number = self._faster(rehearse)
            self._lately.clear()
            self._least, self._steps = math.inf, 0
        self._use(self.number)
        return None if self.number == before else ThreadEvent(epoch, before, self.number)

    def end(self) -> None:
        """Let torch compute with the number that was set."""
        self._use(self._set)

    @staticmethod
    def _use(number: int) -> None:
        if torch.get_num_threads() != number:
            torch.set_num_threads(number)

    def _is_due(self, epoch: float) -> bool:
        if self._steps is None or (epoch.is_integer() and self._steps >= _REST):
            return True
        return len(self._lately) == _LATELY and statistics.median(self._lately) > _SLOW * self._least

    def _faster(self, rehearse: Callable[[], None]) -> int:
        """Times both numbers in turn; returns the faster, and the one in force where they hardly differ."""
        seconds: dict[int, list[float]] = {1: [], self._set: []}
        for _ in range(_TIMINGS):
            for number, took in seconds.items():
                self._use(number)
                began = time.perf_counter()
                rehearse()
                took.append(time.perf_counter() - began)
                self.seconds += took[-1]
            if len(seconds[1]) == 2 and min(seconds[self._set]) > _HOPELESS * min(seconds[1]):
                return 1
        one, several = map(statistics.median, seconds.values())
        return self._set if several < (one if self.number == 1 else _WORTH * one) else 1
