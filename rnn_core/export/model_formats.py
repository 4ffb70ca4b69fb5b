"""The kinds of files and folders as which a model is exported, for pages, commands and notebooks alike."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.registry import Registry


class Exported(NamedTuple):
    """What was made of a model."""

    files: Mapping[str, bytes]
    """Content by name inside the folder; a format of one file has the one name ""."""
    said: tuple[str, ...]
    """Sentences: what is inside, how the weights are stored, and on which texts that was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFormat:
    """A kind of file, or of folder, with a trained network in it."""

    label: str
    """What a page calls it."""
    suffix: str
    """How the name of the file ends, with the dot; empty for a folder."""
    mime: str
    help: str
    """A sentence on what it is for."""
    most_models: int = 1
    """How many models go into one."""
    check: Callable[[Sequence[Model]], None]
    """Raises ExportError where these models can't be exported so; takes no time."""
    make: Callable[[Sequence[Model]], Generator[Progress, None, Exported]]
    """Makes the files of models that were checked; closing it cancels. Raises ExportError."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of several files."""
        return not self.suffix


MODEL_FORMATS: Registry[ModelFormat] = Registry("format of a model")
"""In the order in which they are offered."""
