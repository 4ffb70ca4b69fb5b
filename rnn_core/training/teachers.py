"""Teachers: trained networks whose answers a network learns beside the labels (Hinton et al., 2015).

The target of a text with label y is (1 - s) y + s p, where p is the mean probability that the teachers give
and s their share. A label says the same of every part of a review; a teacher says of an excerpt how much
opinion is left in it.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import torch
from torch import Tensor

from rnn_core.config.run import RunConfig
from rnn_core.config.setting import flag
from rnn_core.config.tasks import TASKS
from rnn_core.config.text_settings import TextConfig
from rnn_core.data.encoding import EncodedReviews
from rnn_core.errors import ConfigError, ModelFolderError
from rnn_core.models.catalogue import find_model
from rnn_core.models.folder import check_model
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import compared
from rnn_core.text.vocabulary import Vocabulary
from rnn_core.training.label_odds import count_odds

_ALIKE = ("seed", "start_token", "skip_padding")
"""Settings that, with those of its kind of corpora, decide which reviews a network did not learn from, since
those that this run validates on must be among them, and which tokens beside its words it can read."""
_ALIKE_WITH_PADDING = ("padding", "max_length")  # where it reads padding

_T = TypeVar("_T")
Encode = Callable[[Vocabulary, TextConfig], EncodedReviews]


class _Teacher(NamedTuple):
    classifier: Classifier
    id_of: Tensor
    """(V,) its own id of each word of the network that learns."""
    leaves_out: bool
    """True if it counts bigrams in the reviews of the run, and can leave a fold of them out."""


class Teachers:
    """Some networks that answer the batches of another one, each with its own ids of the words."""

    def __init__(self, teachers: Sequence[_Teacher]) -> None:
        self._teachers = teachers

    @property
    def leave_out(self) -> bool:
        """True if any of them can leave a fold out of what it counted."""
        return any(teacher.leaves_out for teacher in self._teachers)

    def digest(self) -> str:
        """The digest of all weights: a training that goes on must have the teachers it began with."""
        weights = hashlib.sha256()
        for teacher in self._teachers:
            for tensor in teacher.classifier.state_dict().values():
                weights.update(tensor.cpu().numpy().tobytes())
        return weights.hexdigest()

    @classmethod
    def of(
        cls, config: RunConfig, vocabulary: Vocabulary, device: torch.device, encode: Encode
    ) -> Self | None:
        """The teachers of a run, if any; `encode` gives its training reviews. Raises as `check_teachers`."""
        check_teachers(config)
        teachers = []
        for model in (_reading(Model.load, name) for name in config.teachers):
            theirs = model.config
            leaves_out = bool(theirs.model.counted_bigrams)
            leaves_out &= theirs.training.reviews == config.training.reviews
            if leaves_out:  # else it would be surer of the reviews that it counted than of any others
                count_odds(model.classifier.counted, encode(model.vocabulary, theirs.text))
            ids = torch.tensor(model.vocabulary.encode(vocabulary.words), device=device)
            teachers.append(_Teacher(model.classifier.to(device), ids, leaves_out))
        return cls(teachers) if teachers else None

    @torch.no_grad()
    def answer(self, ids: Tensor, lengths: Tensor, folds: Tensor | None = None) -> Tensor:
        """The mean probability of the second of two classes, (B,), or of each of more, (B, K).

        `ids` (B, T) are those of the network that learns. `folds` (B,) says whose counts are left out by
        teachers that count bigrams in the same reviews.
        """
        answers = []
        for teacher, id_of, leaves_out in self._teachers:
            logits = compared(teacher(id_of[ids], lengths, folds if leaves_out else None))
            answers.append(logits.squeeze(-1).sigmoid() if teacher.classes == 2 else logits.softmax(dim=-1))
        return torch.stack(answers).mean(dim=0)


def check_teachers(config: RunConfig) -> None:
    """Raise ConfigError where a network that a run names is not there, can't be read or can't teach it."""
    for name in config.teachers:
        theirs = _reading(check_model, name)
        if theirs.task != config.task:
            tasks = f"{TASKS[theirs.task].label}, not for {TASKS[config.task].label}"
            raise ConfigError(f"The teacher {name} was trained for {tasks}.")
        if theirs.data == config.data and (how := config.identity.differs(theirs.identity)):
            raise ConfigError(
                f"The teacher {name} learned from another corpus called {config.data}: {how}. Train it again "
                "first."
            )
        values = {"data": theirs.data, **theirs.values()}
        for setting, ours in agreed_settings(config).items():
            if values[setting] != ours:
                raise ConfigError(
                    f"The teacher {name} was trained with {flag(setting, values[setting])}. It must have "
                    f"been trained with {flag(setting, ours)}, as this run is."
                )


def agreed_settings(config: RunConfig) -> Mapping[str, object]:
    """The settings, by name, in which a network and its teachers must agree."""
    values = config.values()
    names = _ALIKE if config.text.skip_padding else _ALIKE + _ALIKE_WITH_PADDING
    return {"data": config.data, **{name: values[name] for name in (*config.corpus.own_settings, *names)}}


def _reading(read: Callable[[Path], _T], name: str) -> _T:
    try:
        return read(find_model(name))
    except ModelFolderError as error:
        raise ConfigError(f"A teacher must be a network that is trained already. {error}") from error
