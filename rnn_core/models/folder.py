"""A model on disk: a folder with its configuration, vocabulary, weights, scores and history.

Everything in it is read inertly: JSON, plain text and safetensors.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save as safetensors_bytes

from rnn_core.cell_files.folder import MOST_BYTES as MOST_CELL_BYTES
from rnn_core.cell_files.traced import run_files
from rnn_core.cell_files.versions import IN_A_RUN
from rnn_core.config.run import MOST_BYTES as MOST_CONFIG_BYTES
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, ModelFolderError, reason
from rnn_core.files import FormatError, from_json, write_whole
from rnn_core.models.weights import WeightsError, check_weights, read_classifier
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary, VocabularyError

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "weights.safetensors"
HISTORY, SCORES, CARD = "history.json", "scores.json", "README.md"
MOST_BYTES = {
    CONFIG: MOST_CONFIG_BYTES, VOCABULARY: 20_000_000, SCORES: 1_000_000, IN_A_RUN: MOST_CELL_BYTES,
}  # fmt: skip
"""The most of each file that is read whole; weights are as long as the network makes them."""

_T = TypeVar("_T")


def save_model(
    folder: Path, config: RunConfig, vocabulary: Vocabulary, weights: dict[str, torch.Tensor]
) -> None:
    """Write what `Model.load` needs; `weights` is the state dictionary of a Classifier."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / CONFIG, config.to_json().encode())
    write_whole(folder / VOCABULARY, vocabulary.to_text().encode())
    for name, content in run_files(config.model.cell).items():
        write_whole(folder / name, content)
    write_whole(
        folder / WEIGHTS, safetensors_bytes({name: tensor.contiguous() for name, tensor in weights.items()})
    )


def holds(folder: Path, config: RunConfig, vocabulary: Vocabulary, classifier: Classifier) -> bool:
    """True if a folder has this very model: its settings, its words and its weights."""
    try:
        there, words = read_words(folder)
        if (there, words.words) != (config, vocabulary.words):
            return False
        found = read_network(folder, config, vocabulary).state_dict()
    except ModelFolderError:
        return False
    return all(torch.equal(found[name], weights) for name, weights in classifier.state_dict().items())


def read_network(folder: Path, config: RunConfig, vocabulary: Vocabulary) -> Classifier:
    """The network of a model, in evaluation mode on the CPU. Raises ModelFolderError."""
    task, V = task_of(config), len(vocabulary)
    return _read_weights(
        folder,
        lambda path: read_classifier(path, config.model, V, task.classes(config, V), task.at_every_step),
    )


def kept_scores(folder: Path, config: RunConfig) -> Mapping[str, Any]:
    """The test scores of a model, empty where it was never scored. Raises ModelFolderError."""
    if not (folder / SCORES).exists():
        return {}
    return _read(folder / SCORES, lambda text: task_of(config).read_scores(text, config), FormatError)


def check_model(folder: Path, *, cells: bool = True) -> RunConfig:
    """The configuration of a model whose files fit each other; no weight is read. Raises ModelFolderError.

    Without `cells` the weights of its cells are passed over, as of a cell whose equations are not known.
    """
    config, vocabulary = read_words(folder)
    V, K = len(vocabulary), task_of(config).classes(config, len(vocabulary))
    _read_weights(folder, lambda path: check_weights(path, config.model, V, K, cells=cells))
    return config


def _read_weights(folder: Path, read: Callable[[Path], _T]) -> _T:
    path = folder / WEIGHTS
    try:
        return read(path)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except (OSError, WeightsError) as error:
        raise damaged(path, error) from error


def shared_vocabulary(config: RunConfig) -> str:
    """The file beside model folders with the words of all networks of these reviews and this seed."""
    return f"vocabulary-{config.corpus}-{config.training.seed}.txt"


def model_files(folder: Path) -> tuple[Path, ...]:
    """The files of a model folder, and those beside it with words that it may share."""
    return (*folder.glob("*"), *folder.parent.glob("vocabulary-*.txt"))


def read_config(folder: Path) -> RunConfig:
    """The configuration of a model alone. Raises ModelFolderError."""
    return _read(folder / CONFIG, RunConfig.from_json, ConfigError)


def read_words(folder: Path) -> tuple[RunConfig, Vocabulary]:
    """The configuration and the vocabulary of a model, which fit each other. Raises ModelFolderError."""
    config = read_config(folder)
    own, shared = folder / VOCABULARY, folder.parent / shared_vocabulary(config)
    if shared.exists() and not own.exists():
        words = _read(shared, Vocabulary.from_text, VocabularyError).words
        return config, Vocabulary(words[: config.text.vocab_size])
    vocabulary = _read(own, Vocabulary.from_text, VocabularyError)
    if len(vocabulary) > config.text.vocab_size:
        raise damaged(
            own,
            f"it must have at most the {config.text.vocab_size:,} words that {CONFIG} says, "
            f"got {len(vocabulary):,}",
        )
    return config, vocabulary


def read_json(path: Path, otherwise: Any, shape: Any = Any) -> Any:
    """The value of a shape in a file of JSON, `otherwise` where there is no file. Raises ModelFolderError."""
    if not path.exists():
        return otherwise
    return _read(path, lambda text: from_json(text, shape), FormatError)


def read_file(path: Path, most_bytes: int) -> bytes:
    """Return the content of a file, if it isn't longer than it may be. Raises ModelFolderError."""
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise damaged(path, error) from error
    if len(content) > most_bytes:
        raise damaged(path, f"it must have at most {most_bytes:,} bytes")
    return content


def damaged(path: Path, why: BaseException | str) -> ModelFolderError:
    """The error about a file of a model that can't be what it is."""
    why = reason(why) if isinstance(why, BaseException) else why
    return ModelFolderError(f"The model {path.parent.name} can't be read: {path.name}: {why}.")


def _read(path: Path, read: Callable[[str], _T], refusal: type[Exception]) -> _T:
    content = read_file(path, MOST_BYTES.get(path.name, 20_000_000))
    try:
        return read(content.decode("utf-8"))
    except (refusal, UnicodeDecodeError) as error:
        raise damaged(path, error) from error


def _missing(path: Path) -> ModelFolderError:
    return ModelFolderError(f"The model {path.parent.name} has no {path.name}.")
