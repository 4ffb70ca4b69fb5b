"""Tensors in safetensors files: the weights of a network, or any with a digest.

Weights are those of the network's settings, which is seen before any of them is read.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from safetensors.torch import save as safetensors_bytes
from torch import Tensor

from rnn_core.cell_files.traced import READERS, traced_of
from rnn_core.config.model_settings import ModelConfig
from rnn_core.nn.classifier import Classifier, cell_weight, unbuilt
from rnn_core.own_cells.reader import read_once
from rnn_core.symbols import settings_of_cells

MOST_HEADER_BYTES = 1_000_000
"""Ours have under 2,000."""
_LENGTH_BYTES = 8
_NAMES = {torch.float32: "F32", torch.int64: "I64"}
"""Names in safetensors of the types of numbers that a network keeps."""
_OF_CODE = "own."
"""Stands before the parameters of a cell that was code."""
_COMPUTED_AS = {"F16": "F32"}
"""A published network may be kept in half precision; every network computes in single."""

READERS.register("code", read_once)  # for the cells of runs of before


class WeightsError(ValueError):
    """Weights that aren't those of a network; the message says what must hold and what came."""


class Described(NamedTuple):
    """A tensor as a header describes it."""

    dtype: str
    """The name in safetensors: F32 or I64, or another one in a file from outside."""
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} {' x '.join(f'{size:,}' for size in self.shape)}"


def expected_tensors(
    config: ModelConfig, vocab_size: int, classes: int = 2, *, cells: bool = True
) -> dict[str, Described]:
    """The tensors in the state of such a Classifier, or those beside its cells; nothing is allocated."""
    if not cells:  # those of the usual one stand for cells that may not be known
        config = replace(config, **{name: getattr(ModelConfig(), name) for name in settings_of_cells()})
    return {
        name: Described(_NAMES[tensor.dtype], tuple(tensor.shape))
        for name, tensor in unbuilt(config, vocab_size, classes).state_dict().items()
        if cells or cell_weight(name) is None
    }


def weights_bytes(config: ModelConfig, vocab_size: int, classes: int = 2) -> int:
    """Return the most bytes of a file with the weights of such a network."""
    tensors = unbuilt(config, vocab_size, classes).state_dict().values()
    return MOST_HEADER_BYTES + sum(tensor.nbytes for tensor in tensors)


def read_classifier(
    path: Path, config: ModelConfig, vocab_size: int, classes: int = 2, at_every_step: bool = False
) -> Classifier:
    """The network of these settings with a file's weights, for evaluation. Raises WeightsError or OSError."""
    check_weights(path, config, vocab_size, classes)
    weights = upgraded(load_file(path), config, vocab_size)
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"all its weights must be finite numbers, but some of {name} are not")
        if name.endswith(".known") and (tensor.diff() < 0).any():
            raise WeightsError(f"the pairs of {name} must be in ascending order, in which they are looked up")
    classifier = Classifier(config, vocab_size, classes, at_every_step)
    classifier.load_state_dict(weights)
    return classifier.eval()


def check_weights(
    path: Path, config: ModelConfig, vocab_size: int, classes: int = 2, *, cells: bool = True
) -> None:
    """Raise WeightsError where a file's header is not that of such a network, OSError where there is none.

    Without `cells`, and of a network of before, whose cells were code, theirs are passed over.
    """
    try:
        found = _header(path)
    except SafetensorError as error:
        raise WeightsError(f"it is cut short or no safetensors file ({error})") from error
    cells = cells and not is_of_code(found)
    expected = expected_tensors(config, vocab_size, classes, cells=cells)
    if not cells:
        found = {name: tensor for name, tensor in found.items() if cell_weight(name) is None}
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            raise WeightsError(
                "its weights are not those of the network that config.json describes: "
                f"{name[:60]} must be {expected.get(name, 'absent')}, got {found.get(name, 'none')}"
            )


def is_of_code(names: Iterable[str]) -> bool:
    """True if these tensors are of a network of before, whose cell was the code of a file."""
    return any(
        (weight := cell_weight(name)) is not None and weight.name.startswith(_OF_CODE) for name in names
    )


def upgraded(tensors: Mapping[str, Tensor], config: ModelConfig, vocab_size: int) -> Mapping[str, Tensor]:
    """The state of a network of before, its parameters of code as weights of the cell's equations.

    That of any other network is as it was. Raises WeightsError where a weight is not where it should be.
    """
    if not is_of_code(tensors):
        return tensors
    layers = unbuilt(config, vocab_size).layers
    of_code, found = dict[tuple[str, int], dict[str, Tensor]](), dict[str, Tensor]()
    for name, tensor in tensors.items():
        if (weight := cell_weight(name)) is None:
            found[name] = tensor
        else:
            parameters = of_code.setdefault((name.removesuffix(weight.name), weight.layer), {})
            parameters[weight.name.removeprefix(_OF_CODE)] = tensor.float()
    for (prefix, layer), parameters in of_code.items():
        cell, traced = layers[layer - 1], traced_of(config.cell)
        if traced is None:
            raise WeightsError("its weights are those of code, which its cell is not")
        sizes = cell.input_size, cell.hidden_size
        try:
            weights = {
                name: traced.places[name].weight(parameters, cell.equations.shape(name, *sizes), *sizes)
                for name in cell.equations.weights
            }
        except (KeyError, RuntimeError, ValueError) as error:
            raise WeightsError(f"its weights are not those of its code: {error}") from error
        found |= {f"{prefix}{name}": one for name, one in cell.as_state(weights).items()}
    return found


def _header(path: Path) -> Mapping[str, Described]:
    """Read what a safetensors file says that it holds. Raises WeightsError, SafetensorError or OSError."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
    if length > MOST_HEADER_BYTES:
        raise WeightsError(f"its header must have at most {MOST_HEADER_BYTES:,} bytes, got {length:,}")
    with safe_open(path, framework="pt") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
        return {
            name: Described(_COMPUTED_AS.get(dtype := part.get_dtype(), dtype), tuple(part.get_shape()))
            for name, part in slices.items()
        }


def digested_bytes(text: str, tensors: Mapping[str, Tensor]) -> bytes:
    """The content of such a file; the tensors lie on the CPU and without gaps."""
    return safetensors_bytes(dict(tensors), metadata={"values": text, "digest": _digest(text, tensors)})


def read_digested(path: Path) -> tuple[str, dict[str, Tensor]]:
    """The text and tensors of a file. Raises OSError, SafetensorError or ValueError if it isn't whole."""
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
