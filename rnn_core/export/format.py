"""The kinds of files and folders in which something is exported, each found by the ending of its name.

`formats.TRACE_FORMATS`, `written.MODEL_FORMATS` and `runs.transfer.RUN_FORMATS` are the tables of them.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, ParamSpec, TypeVar

import torch

from rnn_core.errors import ConfigError, ExportError
from rnn_core.files import write_whole
from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.refusals import either, shown

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file, or of folder."""

    label: str
    """Name on a page."""
    suffix: str
    """Ending of its name, with the dot; empty for a folder."""
    mime: str
    help: str = ""
    """A sentence on what it is for."""

    @property
    def is_folder(self) -> bool:
        """True if it is a folder of several files."""
        return not self.suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(FileKind, Generic[P]):
    """A kind of file that is made at once."""

    content: Callable[P, bytes]
    """Returns the content of a file, which a page offers."""

    def write(self, path: Path, sources: Iterable[Path], *what: P.args, **named: P.kwargs) -> None:
        """Write it to this path, whole or not at all; a folder has a way of its own.

        Raises what `written_whole` does, for the files in `sources` that it is made of.
        """
        write_whole(path, self.content(*what, **named), sources=sources)


K = TypeVar("K", bound=FileKind)


def names_by_suffix(kinds: Mapping[str, FileKind]) -> dict[str, str]:
    """Return the names of kinds of files by the endings of their names."""
    return {kind.suffix: name for name, kind in kinds.items() if kind.suffix}


def format_of(out: Path, formats: Mapping[str, K]) -> K:
    """Returns the format that the ending of a file's name says. Raises ConfigError for another ending."""
    by_suffix = names_by_suffix(formats)
    if name := by_suffix.get(out.suffix.lower()):
        return formats[name]
    raise ConfigError(f"The file must end in {either(by_suffix)}, got {shown(out.name)}.")


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
class ModelFormat(FileKind):
    """A kind of file, or of folder, with a trained network in it."""

    most_models: int = 1
    """The most models that go into one."""
    check: Callable[[Sequence[Model]], None]
    """Raises ExportError where these models can't be exported so; takes no time."""
    make: Callable[[Sequence[Model]], Generator[Progress, None, Exported]]
    """Makes the files of models that were checked; closing it cancels. Raises ExportError."""
    size: Callable[[Sequence[Model]], int] = bytes_of_weights
    """About how many bytes its files will have; takes no time."""

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
