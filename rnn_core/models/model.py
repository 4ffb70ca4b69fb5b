"""A trained network as a value: with all that is needed to read a text the way it was trained to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.data.encoding import encode_texts
from rnn_core.errors import EmptyReviewError, ModelFolderError
from rnn_core.files import write_json
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import CONFIG, HISTORY, SCORES, kept_scores, read_network, read_words, save_model
from rnn_core.models.overflow import score_trained
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import probabilities_of_classes
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from rnn_core.inspection.trace import Trace


class Answer(NamedTuple):
    """The most probable class of a text.

    >>> Answer("positive", 0.9236, {"negative": 0.0764, "positive": 0.9236})
    positive (92.4%)
    """

    label: str
    probability: float
    """The probability of that class."""
    probabilities: Mapping[str, float]
    """The probability of every class, by its name."""

    def __repr__(self) -> str:
        share = "> 99.9%" if self.probability >= 0.9995 else f"{self.probability:.1%}"
        return f"{self.label} ({share})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Model:
    """A network, its vocabulary and its configuration, with its scores if it was scored.

    >>> model = Model.load("reader")
    >>> model
    <reader: a GRU with 128 units that learned from imdb>
    >>> model.probabilities(["What a film!", "What a waste of time."]).shape
    (2, 2)
    """

    name: str = "unnamed"
    """What sentences, tables and charts call it."""
    config: RunConfig
    vocabulary: Vocabulary
    classifier: Classifier
    """In evaluation mode, on the CPU."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """Its test scores; empty where it was never scored."""

    @staticmethod
    def load(place: str | Path, task: str = CLASSIFICATION) -> "KeptModel":
        """Read the model of this name, or the one in a folder, given as a path or by its address.

        Raises ModelFolderError where there is none, or a file is missing, cut short or foreign, and where the
        network was trained for another task than that for which it is to be used.
        """
        folder = _folder_of(place) if isinstance(place, str) else place
        config, vocabulary = read_words(folder)
        if config.task != task:
            raise ModelFolderError(
                f"The model {folder.name} was trained for {TASKS[config.task].label}. This needs one that "
                f"was trained for {TASKS[task].label}."
            )
        return KeptModel(
            name=folder.name,
            folder=folder,
            config=config,
            vocabulary=vocabulary,
            classifier=read_network(folder, config, vocabulary),
            scores=kept_scores(folder, config),
        )

    def save(self, folder: str | Path) -> None:
        """Write the model into a folder, from which `Model.load` reads it."""
        folder = Path(folder)
        save_model(folder, self.config, self.vocabulary, self.classifier.state_dict())
        write_json(folder / SCORES, self.scores)
        (folder / HISTORY).unlink(missing_ok=True)  # of another model, which was there before

    def __repr__(self) -> str:
        model = self.config.model
        what = f"{model.declared.noun} with {model.hidden_size} units"
        return f"<{self.name}: {what} that learned from {self.config.data}>"

    def __call__(self, text: str) -> Answer:
        """The class that the network says a text is of. Raises NoVerdictError."""
        classes = self.config.classes
        probabilities = self.probabilities([text])[0].tolist()
        most = int(np.argmax(probabilities))
        return Answer(classes[most], probabilities[most], dict(zip(classes, probabilities, strict=True)))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, K) the probability of each class, for N texts. Raises NoVerdictError.

        That is EmptyReviewError for a text without a word, OverflowedError where the numbers grow too large.
        """
        for number, text in enumerate(texts, 1):
            if not tokenize(text, self.config.tokens):
                raise EmptyReviewError(
                    f"Text {number:,} of {len(texts):,} has nothing that the network reads."
                )
        encoded = encode_texts(
            texts, np.zeros(len(texts), np.int8), self.vocabulary, self.config.text, self.config.tokens
        )
        return probabilities_of_classes(score_trained(self.classifier, encoded, torch.device("cpu")).logits)

    def trace(self, text: str, followed: int | None = None, layer: int | None = None) -> "Trace":
        """Everything the network computed while it read a text, as `rnn_core.inspection.trace` has it."""
        from rnn_core.inspection.trace import trace

        return trace(self, text, followed, layer)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeptModel(Model):
    """A model that was read from a folder."""

    folder: Path


def _folder_of(place: str) -> Path:
    """The folder of the model of this name, else the one at this address. Raises ModelFolderError."""
    try:
        return find_model(place)
    except ModelFolderError:
        if (Path(place) / CONFIG).exists():
            return Path(place)
        raise
