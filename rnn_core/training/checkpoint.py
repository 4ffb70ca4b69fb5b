"""A training that can be continued, as one file: its tensors, and all else as JSON in the file's header.

The one before is kept beside it, since a file that was cut short or spoilt is refused by its digest.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError
from torch import Tensor

from rnn_core.files import write_whole
from rnn_core.models.weights import digested_bytes, read_digested

CHECKPOINT, PREVIOUS = "checkpoint.safetensors", "checkpoint.previous.safetensors"
_NEXT = "checkpoint.next.safetensors"


class TrainingState(NamedTuple):
    """The state of a training."""

    tensors: dict[str, Tensor]
    values: dict[str, Any]
    """Values as JSON can hold them; floats come back to the bit."""


def save_checkpoint(folder: Path, state: TrainingState) -> None:
    """Write a checkpoint; the newest so far becomes the previous one. Raises OSError, which costs neither."""
    values = json.dumps(state.values)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    # Whole on disk before anything is moved: at every moment one of the two is where it is looked for.
    write_whole(folder / _NEXT, digested_bytes(values, tensors))
    if (folder / CHECKPOINT).exists():
        (folder / CHECKPOINT).replace(folder / PREVIOUS)
    (folder / _NEXT).replace(folder / CHECKPOINT)


def load_checkpoint(folder: Path) -> TrainingState | None:
    """The newest checkpoint that is whole; None where there is none."""
    for name in (CHECKPOINT, PREVIOUS):
        try:
            values, tensors = read_digested(folder / name)
            return TrainingState(tensors, json.loads(values))
        except (OSError, SafetensorError, ValueError):
            continue
    return None


def has_checkpoint(folder: Path) -> bool:
    """True if there is a file to go on from; only reading it shows whether it is whole."""
    return any((folder / name).exists() for name in (CHECKPOINT, PREVIOUS))


def drop_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a training that is over: its model is kept apart."""
    for name in (CHECKPOINT, PREVIOUS, _NEXT):
        (folder / name).unlink(missing_ok=True)
