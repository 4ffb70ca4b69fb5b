"""Tensors and a text in one safetensors file, with a digest over both: it is read whole or not at all."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save as safetensors_bytes
from torch import Tensor


def digested_bytes(text: str, tensors: Mapping[str, Tensor]) -> bytes:
    """The content of such a file; the tensors lie on the CPU and without gaps."""
    return safetensors_bytes(dict(tensors), metadata={"values": text, "digest": _digest(text, tensors)})


def read_digested(path: Path) -> tuple[str, dict[str, Tensor]]:
    """The text and the tensors of a file, which may change on disk afterwards.

    Raises OSError, SafetensorError or ValueError where it is not there, cut short or spoilt.
    """
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        # Copied: torch's own lie in the mapped file; reading them ends the process where it was cut short.
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    text = header.get("values", "")
    if header.get("digest") != _digest(text, tensors):
        raise ValueError(f"{path.name} is not what was written")
    return text, tensors


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
