"""A kind of file in which something is exported, and how one is found by the ending of a name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from rnn_core.errors import ConfigError
from rnn_core.files import write_whole
from rnn_core.refusals import either, shown

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(Generic[P]):
    """A kind of file, or of folder."""

    label: str
    """Name on a page."""
    suffix: str
    """Ending of its name, with the dot."""
    mime: str
    content: Callable[P, bytes]
    """Returns the content of a file, which a page offers."""
    help: str = ""
    """Further words on a page."""

    def write(self, path: Path, sources: Iterable[Path], *what: P.args, **named: P.kwargs) -> None:
        """Write it to this path, whole or not at all; a folder has a way of its own.

        Raises what `written_whole` does, for the files in `sources` that it is made of.
        """
        write_whole(path, self.content(*what, **named), sources=sources)


F = TypeVar("F", bound=Format[Any])


def format_of(out: Path, formats: Mapping[str, F]) -> F:
    """Returns the format that the ending of a file's name says. Raises ConfigError for another ending."""
    by_suffix = {each.suffix: each for each in formats.values()}
    if found := by_suffix.get(out.suffix.lower()):
        return found
    raise ConfigError(f"The file must end in {either(by_suffix)}, got {shown(out.name)}.")
