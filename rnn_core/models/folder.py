"""A model on disk: a folder with its configuration, vocabulary, weights, and how it came to be.

Everything in it is read inertly: JSON, plain text and safetensors.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as safetensors_bytes

from rnn_core.config import ConfigError, RunConfig
from rnn_core.nn.classifier import Classifier
from rnn_core.text.vocabulary import Vocabulary, VocabularyError

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "weights.safetensors"
HISTORY, SCORES, CARD = "history.json", "scores.json", "README.md"
_OF_EVERY_RECORD = ("optimizer_step", "epoch", "loss", "accuracy", "seconds")


class ModelFolderError(Exception):
    """A model folder that can't be read; the message names the file and says what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A trained network with all that is needed to read a text the way it was trained to."""

    name: str
    folder: Path
    config: RunConfig
    vocabulary: Vocabulary
    classifier: Classifier
    """In evaluation mode, on the CPU."""
    history: list[dict[str, Any]]
    """The records of its training; empty where none were kept."""
    scores: dict[str, Any]
    """Its test scores; empty where it was never scored."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that nobody reads half of it.

    It is on the disk before it has its name: a machine that loses power finds the old file or the new one.
    """
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # the name that the caller knows
        raise


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all."""
    write_whole(path, (json.dumps(value, separators=(",", ":")) + "\n").encode())


def save_model(
    folder: Path, config: RunConfig, vocabulary: Vocabulary, weights: dict[str, torch.Tensor]
) -> None:
    """Write what `load_model` needs; `weights` is the state dictionary of a Classifier."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / CONFIG, config.to_json().encode())
    write_whole(folder / VOCABULARY, vocabulary.to_text().encode())
    write_whole(
        folder / WEIGHTS,
        safetensors_bytes({name: tensor.contiguous() for name, tensor in weights.items()}),
    )


def load_model(folder: Path) -> LoadedModel:
    """Read a model folder. Raises ModelFolderError where a file is missing, cut short or foreign."""
    config = read_config(folder)
    vocabulary = _read_vocabulary(folder, config)
    classifier = Classifier(config.model, len(vocabulary))
    try:
        classifier.load_state_dict(load_file(folder / WEIGHTS))
    except FileNotFoundError as error:
        raise _missing(folder / WEIGHTS) from error
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = "its weights are not those of the network that config.json describes"
        if not isinstance(error, RuntimeError):
            reason = f"it is cut short or no safetensors file ({error})"
        raise _damaged(folder / WEIGHTS, reason) from error
    return LoadedModel(
        name=folder.name,
        folder=folder,
        config=config,
        vocabulary=vocabulary,
        classifier=classifier.eval(),
        history=_read_history(folder / HISTORY),
        scores=_read_scores(folder / SCORES),
    )


def shared_vocabulary(config: RunConfig) -> str:
    """The file beside model folders with the words of all networks of these reviews and this seed.

    The vocabulary of each is as much of its beginning as the settings say.
    """
    return f"vocabulary-{config.corpus}-{config.training.seed}.txt"


def _read_vocabulary(folder: Path, config: RunConfig) -> Vocabulary:
    own, shared = folder / VOCABULARY, folder.parent / shared_vocabulary(config)
    path = shared if shared.exists() and not own.exists() else own
    try:
        known = Vocabulary.from_text(_read_text(path))
    except VocabularyError as error:
        raise _damaged(path, error) from error
    return Vocabulary(known.words[: config.text.vocab_size]) if path == shared else known


def read_config(folder: Path) -> RunConfig:
    """The configuration of a model alone. Raises ModelFolderError."""
    try:
        return RunConfig.from_json(_read_text(folder / CONFIG))
    except ConfigError as error:
        raise _damaged(folder / CONFIG, error) from error


def _read_history(path: Path) -> list[dict[str, Any]]:
    """The records of a training, each with what a curve needs; empty where none were kept."""
    records = read_json(path, [])
    for record in records if isinstance(records, list) else [None]:
        if not (
            isinstance(record, dict)
            and isinstance(record.get("kind"), str)
            and all(isinstance(record.get(name), int | float) for name in _OF_EVERY_RECORD)
        ):
            raise _damaged(path, "it must hold the records of a training")
    return records


def _read_scores(path: Path) -> dict[str, Any]:
    """The test scores of a model; empty where it was never scored."""
    scores = read_json(path, {})
    if not isinstance(scores, dict) or not all(
        isinstance(scores.get(name), int | float) for name in ("accuracy", "loss", "reviews") if scores
    ):
        raise _damaged(path, "it must hold the test scores of a model")
    return scores


def read_json(path: Path, otherwise: Any) -> Any:
    """The value in a file of JSON, `otherwise` where there is no file. Raises ModelFolderError."""
    if not path.exists():
        return otherwise
    try:
        return json.loads(_read_text(path))
    except ValueError as error:
        raise _damaged(path, error) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(path, error) from error


def _missing(path: Path) -> ModelFolderError:
    return ModelFolderError(f"The model {path.parent.name} has no {path.name}.")


def _damaged(path: Path, reason: object) -> ModelFolderError:
    return ModelFolderError(f"The model {path.parent.name} can't be read: {path.name}: {reason}.")
