"""A kind of file, or of folder, as which a model is exported; `model_formats` is the table of them."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from rnn_core.errors import ExportError
from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.refusals import shown


class Exported(NamedTuple):
    """The files that were made of a model."""

    files: Mapping[str, bytes]
    """Content by name inside the folder; a format of one file has the one name ""."""
    said: tuple[str, ...]
    """Sentences: what is inside, how the weights are stored, and on which texts that was measured."""

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(map(len, self.files.values()))


def bytes_of_weights(models: Sequence[Model]) -> int:
    """Return the bytes that the weights of these networks take in single precision."""
    return sum(4 * tensor.numel() for model in models for tensor in model.classifier.state_dict().values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFormat:
    """A kind of file, or of folder, with a trained network in it."""

    label: str
    """Name on a page."""
    suffix: str
    """Ending of the file's name, with the dot; empty for a folder."""
    mime: str
    help: str
    """A sentence on what it is for."""
    most_models: int = 1
    """The most models that go into one."""
    check: Callable[[Sequence[Model]], None]
    """Raises ExportError where these models can't be exported so; takes no time."""
    make: Callable[[Sequence[Model]], Generator[Progress, None, Exported]]
    """Makes the files of models that were checked; closing it cancels. Raises ExportError."""
    size: Callable[[Sequence[Model]], int] = bytes_of_weights
    """About how many bytes its files will have; takes no time."""

    @property
    def is_folder(self) -> bool:
        """True if it is a folder of several files."""
        return not self.suffix

    def refuse(self, models: Sequence[Model]) -> None:
        """Raises ExportError where these models, or so many of them, can't be exported so; takes no time."""
        if len(models) > self.most_models:
            most = "one network" if self.most_models == 1 else f"{self.most_models} networks"
            raise ExportError(
                f"{self.label}: it takes at most {most}, got {len(models)}. Export each by itself."
            )
        self.check(models)

    def export(self, models: Sequence[Model]) -> Generator[Progress, None, Exported]:
        """Makes the files of one model or more; closing it cancels. Raises ExportError."""
        self.refuse(models)
        for model in models:
            check_finite(model)
        return (yield from self.make(models))


def check_finite(model: Model) -> None:
    """Raises ExportError where a weight of the network is not a finite number."""
    for name, weights in model.classifier.state_dict().items():
        if not torch.isfinite(weights).all():
            raise ExportError(
                f"All weights of a network that is exported must be finite numbers, but some of {name} of "
                f"{shown(model.name)} are not. Its training diverged: train it again with a lower learning "
                "rate."
            )
