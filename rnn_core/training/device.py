"""Where a training computes, and torch's random generators there."""

from collections.abc import Mapping

import torch
from torch import Tensor

from rnn_core.errors import ConfigError


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
