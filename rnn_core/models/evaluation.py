"""A model scored on a part of a corpus."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnn_core.config.corpora import corpus_named
from rnn_core.config.identity import Identity
from rnn_core.data.corpus import SPLITS, Corpus
from rnn_core.data.encoding import Splits, split_reviews
from rnn_core.data.held_out import is_copy
from rnn_core.data.sentences import encode_ends
from rnn_core.errors import ConfigError, DataError
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.tasks.classification import Scores
from rnn_core.tasks.task import Evaluated, KeepGoing, Measure, task_of


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
