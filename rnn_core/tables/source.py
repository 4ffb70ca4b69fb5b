"""The source of the bytes of a table: a file, or a file inside a zip."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from typing_extensions import override

from rnn_core.errors import DataError, reason
from rnn_core.files import State, state_of

Row = TypeVar("Row")


class Source(ABC):
    """Bytes that can be read from the start as often as needed, and a name for sentences about them."""

    path: Path
    """The file to name as the table's; of a file inside a zip it is the zip."""
    name: str
    suffix: str
    """The suffix of the name, in lower case, with its dot."""
    total_bytes: int

    @abstractmethod
    def open(self) -> AbstractContextManager[BinaryIO]:
        """Returns the bytes from the start. Entering raises DataError."""

    @abstractmethod
    def open_seekable(self) -> AbstractContextManager[BinaryIO]:
        """Returns the bytes, to be read in any order. Entering raises DataError."""

    @abstractmethod
    def check_unchanged(self) -> None:
        """Raises DataError where the file is another one than it was when it was opened first."""

    def sample(self, most: int) -> bytes:
        """Returns so many bytes from the start, or all there are. Raises DataError."""
        with self.open() as stream:
            return stream.read(most)

    def to_the_end(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yields the rows. Raises DataError if the file changed: after the last one, or for another error."""
        try:
            yield from rows
        except (DataError, OSError) as error:
            self.check_unchanged()
            if isinstance(error, OSError):
                raise DataError(f"{self.name} can't be read any further: {reason(error)}.") from error
            raise
        self.check_unchanged()


class FileSource(Source):
    """A file."""

    def __init__(self, path: Path) -> None:
        """Raises DataError where the path leads to no file that can be read."""
        self.path, self.name, self.suffix = path, path.name, path.suffix.lower()
        self._state = _state_now(path)
        self.total_bytes = self._state.size
        if not self.total_bytes:
            raise DataError(f"{self.name} is empty: it has not a single byte.")

    @override
    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        with stream:
            yield stream

    open_seekable = open

    @override
    def check_unchanged(self) -> None:
        now = _state_now(self.path)
        if now == self._state:
            return
        before = self._state.size
        what = "grew" if now.size > before else "shrank" if now.size < before else "changed"
        sizes = "" if now.size == before else f": it had {before:,} bytes and has {now.size:,}"
        raise DataError(
            f"{self.name} {what} while it was read{sizes}. "
            "Wait until nothing writes to it any more, then open it again."
        )


def _state_now(path: Path) -> State:
    """Raises DataError."""
    try:
        return state_of(path)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError | ValueError) -> DataError:
    """The error for a path that the operating system refuses, to be raised."""
    if isinstance(error, FileNotFoundError):
        return DataError(
            f"There is no file or folder {path}. Check the path, and that its disk is connected."
        )
    if isinstance(error, PermissionError):
        return DataError(f"{path} can't be read: you have no permission. Change its rights, or copy it.")
    return DataError(f"{path} can't be read: {reason(error)}.")
