"""Where a training computes."""

import torch

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
