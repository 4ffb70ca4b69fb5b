"""A trained network as a value: all that is needed to read a text as it was trained to, and its scores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from rnn_core.cell_files.versions import IN_A_RUN
from rnn_core.config.corpora import corpus_named
from rnn_core.config.identity import Identity
from rnn_core.config.run import RunConfig
from rnn_core.config.tasks import CLASSIFICATION, TASKS
from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import Splits, encode_texts, split_reviews
from rnn_core.data.held_out import is_copy
from rnn_core.data.sentences import encode_ends
from rnn_core.errors import ConfigError, DataError, EmptyReviewError, ModelFolderError
from rnn_core.files import write_json, write_whole
from rnn_core.models.catalogue import PUBLISHED, find_model
from rnn_core.models.folder import (
    CARD,
    CONFIG,
    HISTORY,
    SCORES,
    VOCABULARY,
    WEIGHTS,
    holds,
    kept_scores,
    read_network,
    read_words,
    save_model,
)
from rnn_core.models.overflow import check_texts, score_trained
from rnn_core.nn.classifier import Classifier
from rnn_core.refusals import shown
from rnn_core.tasks.classes import probabilities_of_classes
from rnn_core.tasks.classification import Scores
from rnn_core.tasks.task import Evaluated, KeepGoing, Measure, task_of
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import Vocabulary

_FILES = (CONFIG, VOCABULARY, WEIGHTS, SCORES, HISTORY, IN_A_RUN)


class Answer(NamedTuple):
    """The most probable class of a text.

    >>> Answer("positive", 0.9236, {"negative": 0.0764, "positive": 0.9236})
    positive (92.4%)
    """

    label: str
    probability: float
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
    """The name in sentences, tables and charts."""
    config: RunConfig
    vocabulary: Vocabulary
    classifier: Classifier
    """The network, in evaluation mode, on the CPU."""
    scores: Mapping[str, Any] = field(default_factory=dict)
    """Its test scores; empty where it was never scored."""

    @staticmethod
    def load(place: str | Path, task: str | None = CLASSIFICATION) -> "KeptModel":
        """Read the model of this name, or the one in a folder, given as a path or by its address.

        Raises ModelFolderError where there is none, or a file is missing, cut short or foreign, and where the
        network was trained for another task than that for which it is to be used; None takes any.
        """
        if not isinstance(place, str | Path):
            raise ConfigError(f"A model is read by its name or the path of its folder, got {shown(place)}.")
        folder = Path(place)
        if isinstance(place, str):
            try:
                folder = find_model(place)
            except ModelFolderError:
                if not (folder / CONFIG).exists():
                    raise
        config, vocabulary = read_words(folder)
        if task is not None:
            check_task(folder.name, config, task)
        return KeptModel(
            name=folder.name,
            folder=folder,
            config=config,
            vocabulary=vocabulary,
            classifier=read_network(folder, config, vocabulary),
            scores=kept_scores(folder, config),
        )

    def save(self, folder: str | Path, *, replace: bool = False) -> None:
        """Write the model into a folder, from which `Model.load` reads it.

        A folder that has this very model loses nothing. One that has files of another model is refused with a
        ModelFolderError, unless `replace` is true: then all of them go, its history and its card included.
        """
        folder = place_to_write(folder)
        if not self._lies_in(folder):
            there = [name for name in _FILES if (folder / name).exists()]
            if there and not replace:
                raise ModelFolderError(
                    f"{folder} has files of another model: {', '.join(there)}. Save into another folder, or "
                    "with replace=True, which puts this model in the place of all that is there of the other."
                )
            for name in (*_FILES, CARD, PUBLISHED) if there else ():
                (folder / name).unlink(missing_ok=True)
            save_model(folder, self.config, self.vocabulary, self.classifier.state_dict())
        if self.scores:
            write_json(folder / SCORES, self.scores)

    def _lies_in(self, folder: Path) -> bool:
        return holds(folder, self.config, self.vocabulary, self.classifier)

    def __repr__(self) -> str:
        model = self.config.model
        what = f"{model.declared.noun} with {model.hidden_size} units"
        return f"<{self.name}: {what} that learned from {self.config.data}>"

    def __call__(self, text: str) -> Answer:
        """The class that the network says a text is of. Raises what `probabilities` does."""
        classes = self.config.classes
        probabilities = self.probabilities([text])[0].tolist()
        most = int(np.argmax(probabilities))
        return Answer(classes[most], probabilities[most], dict(zip(classes, probabilities, strict=True)))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, K) the probability of each class, for N texts. Raises NoVerdictError.

        That is EmptyReviewError for a text without a word, OverflowedError where the numbers grow too large.
        Raises ModelFolderError where the network gives no verdict on a text, as one that says at each time
        step what comes next: of that `trace` has all answers.
        """
        check_gives_verdict(self.name, self.config)
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise ConfigError("Give a list of texts, such as [text]: each gets a row of probabilities.")
        texts = [*map(check_is_text, texts)]
        if not texts:
            return np.zeros((0, len(self.config.classes)), np.float32)
        for number, text in enumerate(texts, 1):
            if not tokenize(text, self.config.tokens):
                raise EmptyReviewError(
                    f"Text {number:,} of {len(texts):,} has nothing that the network reads."
                )
        encoded = encode_texts(texts, self.vocabulary, self.config.text, self.config.tokens)
        return probabilities_of_classes(score_trained(self.classifier, encoded).logits)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KeptModel(Model):
    """A model that was read from a folder."""

    folder: Path

    @override
    def save(self, folder: str | Path, *, replace: bool = False) -> None:
        beside = [self.folder / name for name in (HISTORY, IN_A_RUN)] if self._lies_in(self.folder) else []
        kept = {path.name: path.read_bytes() for path in beside if path.exists()}
        super(KeptModel, self).save(folder, replace=replace)
        for name, content in kept.items():
            write_whole(Path(folder) / name, content)


def place_to_write(path: object) -> Path:
    """Returns where a model is to be written. Raises ConfigError for what is no path, or an empty one."""
    if not (isinstance(path, str | Path) and str(path)):
        raise ConfigError(f'A model is written to a path, such as "my-model", got {shown(path)}.')
    return Path(path)


def check_is_text(text: object) -> str:
    """Returns the text. Raises ConfigError for a value that is none."""
    if not isinstance(text, str):
        raise ConfigError(f'A text must be a str, such as "Not bad at all.", got {shown(text)}.')
    return text


def check_can_be_read(name: str, config: RunConfig) -> None:
    """Raise ModelFolderError where `rnn_core.inspection.trace` can't read with this model."""
    if not task_of(config).can_be_read:
        raise ModelFolderError(
            f"The model {name} was trained for {TASKS[config.task].label}, and what it says along a text "
            "can't be looked at."
        )


def check_gives_verdict(name: str, config: RunConfig) -> None:
    """Raise ModelFolderError where the model of this name and configuration gives no verdict on a text."""
    task = task_of(config)
    if not task.gives_verdict:
        instead = " Its answer at each time step is in `model.trace(text)`." if task.can_be_read else ""
        raise ModelFolderError(
            f"The model {name} was trained for {TASKS[config.task].label}, so it gives no verdict on a text."
            f"{instead}"
        )


def check_says_what_comes(name: str, config: RunConfig) -> None:
    """Raise ModelFolderError where the model of this name and configuration does not say what comes next."""
    if not task_of(config).at_every_step:
        raise ModelFolderError(
            f"The model {name} says what a text is, not what comes next: its verdict is on the page Read and "
            "in `python -m rnn_core predict`."
        )


def check_task(name: str, config: RunConfig, task: str) -> None:
    """Raise ModelFolderError where the model of this name and configuration was trained for another task."""
    if config.task != task:
        raise ModelFolderError(
            f"The model {name} was trained for {TASKS[config.task].label}. This needs one that was trained "
            f"for {TASKS[task].label}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The scores of a model, and what it was scored on."""

    scores: Evaluated
    score: Measure
    texts: int
    data: str
    part: str
    """One of SPLITS."""
    copies_left_out: int
    sentences: bool
    """True if it read the first and the last sentence of each text in place of the text."""

    @property
    def fields(self) -> Mapping[str, float]:
        """The numbers of the task by name, such as "accuracy" and "loss"."""
        return self.scores.fields

    @property
    def what(self) -> str:
        """Return in words what was read."""
        texts = corpus_named(self.data).nouns.texts
        sentences = "first and last sentences of " if self.sentences else ""
        without = f" without {self.copies_left_out:,} copies of training {texts}"
        what = f"{self.texts:,} {sentences}{self.part} {texts} of {self.data}"
        return f"{what}{without}" if self.copies_left_out else what

    @property
    def score_in_words(self) -> str:
        """The score with its name."""
        return f"{self.score.name} {self.fields[self.score.field]:{self.score.in_full}}"

    def __repr__(self) -> str:
        return f"{self.score_in_words} on {self.what}"


def check_same_kind(model: Model, data: str, identity: Identity) -> None:
    """Raise DataError where the labels of a corpus, or its tokens, are not those that the network knows."""
    own = model.config.identity
    if how := own.differs(identity._replace(mark=own.mark, texts_end=own.texts_end)):
        raise DataError(f"{model.name} can't be scored on {data}, which is another corpus: {how}.")


def evaluate(
    model: Model,
    corpus: Corpus,
    part: str = "test",
    *,
    without_copies: bool = False,
    sentences: bool = False,
    keep_going: KeepGoing = lambda share: True,
) -> Evaluation:
    """Score a model on the texts it learned from, those it was chosen on, or those held out for the end.

    Raises DataError where the labels of the corpus, or its tokens, are not those that the network knows,
    ConfigError for an unknown part, or where all texts of it would be copies, OverflowedError.
    """
    if without_copies and part == "training":
        raise ConfigError("Copies are left out of validation or test texts: all it learned from are copies.")
    if without_copies and corpus.ref.splits_overlap:
        raise ConfigError(
            f"No copies can be left out of {corpus.name}: its {corpus.ref.nouns.texts} are all drawn alike, "
            "so those of a test often stand among those it learned from."
        )
    splits = splits_to_score(model, corpus, part)
    indices, left_out = getattr(splits, part), 0
    if without_copies:
        copies = is_copy(corpus, indices, splits.training)
        indices, left_out = indices[~copies], int(copies.sum())
    task = task_of(model.config)
    encode = encode_ends if sentences else task.encode
    encoded = encode(corpus, indices, model.vocabulary, model.config.text)
    scores = task.evaluate(model.classifier, encoded, keep_going)
    check_texts("The network", np.array(list(scores.fields.values())))
    if isinstance(scores, Scores):
        check_texts("The network", scores.logits)
    return Evaluation(
        scores=scores,
        score=task.score,
        texts=len(encoded),
        data=corpus.name,
        part=part,
        copies_left_out=left_out,
        sentences=sentences,
    )


def splits_to_score(model: Model, corpus: Corpus, part: str) -> Splits:
    """The texts of a corpus, split as for the training of a model that is to be scored on one part.

    Raises DataError where its labels or tokens are not those that the network knows, ConfigError for an
    unknown part.
    """
    if part not in SPLITS:
        raise ConfigError(f"The part of a corpus must be one of {', '.join(SPLITS)}, got {part!r}.")
    check_same_kind(model, corpus.name, corpus.identity)
    return split_reviews(corpus, model.config.training.reviews, model.config.training.seed)
