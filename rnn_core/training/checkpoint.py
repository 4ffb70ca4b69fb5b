"""A training that can be gone on with, as one file: its tensors, and all else as JSON in the file's header.

The one before is kept beside it. A file that was cut short or spoilt, as by a power failure or a full disk,
is told by its digest, and then costs no more than the time between the two.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor

from rnn_core.files import write_whole

CHECKPOINT, PREVIOUS, _NEXT = (
    "checkpoint.safetensors",
    "checkpoint.previous.safetensors",
    "checkpoint.next.safetensors",
)


class TrainingState(NamedTuple):
    """Where a training stands."""

    tensors: dict[str, Tensor]
    values: dict[str, Any]
    """What JSON can hold; floats come back to the bit."""


def save_checkpoint(folder: Path, state: TrainingState) -> None:
    """Write a checkpoint; the newest so far becomes the previous one. Raises OSError, which costs neither."""
    values = json.dumps(state.values)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    header = {"values": values, "digest": _digest(values, tensors)}
    # Whole on disk before anything is moved: at every moment one of the two is where it is looked for.
    write_whole(folder / _NEXT, safetensors_bytes(tensors, metadata=header))
    if (folder / CHECKPOINT).exists():
        (folder / CHECKPOINT).replace(folder / PREVIOUS)
    (folder / _NEXT).replace(folder / CHECKPOINT)


def load_checkpoint(folder: Path) -> TrainingState | None:
    """The newest checkpoint that is whole; None where there is none."""
    for name in (CHECKPOINT, PREVIOUS):
        try:
            return _read(folder / name)
        except (OSError, SafetensorError, ValueError):
            continue
    return None


def has_checkpoint(folder: Path) -> bool:
    """Whether there is a file to go on from; whether it is whole shows when it is read."""
    return any((folder / name).exists() for name in (CHECKPOINT, PREVIOUS))


def drop_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a training that is over: its model is kept apart."""
    for name in (CHECKPOINT, PREVIOUS, _NEXT):
        (folder / name).unlink(missing_ok=True)


def _read(path: Path) -> TrainingState:
    """Raises OSError, SafetensorError or ValueError for a file that is not there or not whole."""
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    values = header.get("values", "")
    if header.get("digest") != _digest(values, tensors):
        raise ValueError(f"{path.name} is not what was written")
    return TrainingState(tensors, json.loads(values))


def _digest(values: str, tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(values.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
