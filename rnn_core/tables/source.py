"""The source of the bytes of a table: a file, or a file inside a zip, which is checked before it is read.

Python's zipfile hands out no more bytes of a member than its entry says, so bounds on what the entries say
are bounds on what can be read. A zip is never unpacked into a folder.
"""

import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar, cast

from typing_extensions import override

from rnn_core.errors import DataError, reason
from rnn_core.files import FileState, state_of
from rnn_core.refusals import shown

Row = TypeVar("Row")


@dataclass
class Source(ABC):
    """Bytes that can be read from the start as often as needed."""

    path: Path
    """The file to name as the table's."""
    name: str
    """The name of the bytes in sentences about them."""
    suffix: str
    """The suffix of the file that they are, in lower case."""
    total_bytes: int

    def __post_init__(self) -> None:
        """Raise DataError where there is not a byte."""
        if not self.total_bytes:
            raise DataError(f"{self.name} is empty: it has not a single byte.")

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

    def read_through(self, rows: Iterator[Row]) -> Iterator[Row]:
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
    """The bytes of a file on this machine."""

    def __init__(self, path: Path) -> None:
        """Raises DataError where the path leads to no file that can be read."""
        self._state = _state_now(path)
        super().__init__(path, path.name, path.suffix.lower(), self._state.size)

    @override
    def open(self) -> AbstractContextManager[BinaryIO]:
        return opened_file(self.path)

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


def _state_now(path: Path) -> FileState:
    """Raises DataError."""
    try:
        return state_of(path)
    except OSError as error:
        raise unreadable(path, error) from error


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file. Entering raises DataError."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise unreadable(path, error) from error
    with stream:
        yield stream


def is_folder(path: Path) -> bool:
    """True for a folder, False for a file. Raises DataError for what is neither, or isn't there."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not (stat.S_ISDIR(kind) or stat.S_ISREG(kind)):
        raise DataError(f"{path} is neither a file nor a folder, so it can't be read.")
    return stat.S_ISDIR(kind)


def unreadable(path: Path, error: OSError | ValueError) -> DataError:
    """The error for a path that the operating system refuses, to be raised."""
    if isinstance(error, FileNotFoundError):
        return DataError(
            f"There is no file or folder {path}. Check the path, and that its disk is connected."
        )
    if isinstance(error, PermissionError):
        return DataError(f"{path} can't be read: you have no permission. Change its rights, or copy it.")
    return DataError(f"{path} can't be read: {reason(error)}.")


ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
"""The first bytes of a zip, and of one without files."""
MOST_MEMBERS = 300_000
MOST_UNPACKED = 16_000_000_000
"""The bytes of all members together."""
MOST_TIMES = 100
"""The most times its own length that a zip may unpack to; text has three to ten times its length."""
UNPACKED_ANYWAY = 64_000_000
_MOST_DIRECTORY_BYTES = 32_000_000
"""The bytes of the list of members, which Python's zipfile reads whole."""
_ENCRYPTED = 0x1

DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError)
"""Errors of reading a damaged zip; it may raise an OSError as well."""


class Bounded:
    """A stream of which nothing is read in one piece that is longer than a list of members may be.

    Python reads the list of members of a zip whole, however long it is.
    """

    def __init__(self, stream: BinaryIO, most: int | None = None, refusal: Exception | None = None) -> None:
        """`most` bytes are read in one piece, or `refusal` is raised; else those of a zip of texts."""
        self._stream, self._most = stream, (_MOST_DIRECTORY_BYTES if most is None else most) + 1
        self._refusal = refusal or zipfile.BadZipFile("its list of files is too long")
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Returns so many bytes. Raises the refusal for more."""
        content = self._stream.read(min(size, self._most) if size >= 0 else self._most)
        if len(content) == self._most:
            raise self._refusal
        return content


@contextmanager
def opened_zip(stream: BinaryIO, file: str) -> Iterator[zipfile.ZipFile]:
    """The zip. Raises DataError where it is damaged, also while it is open."""
    try:
        with zipfile.ZipFile(cast(Any, Bounded(stream))) as archive:
            yield archive
    except (*DAMAGED, OSError) as error:
        raise DataError(f"{file} is damaged, or no zip: {error}.") from error


def checked_members(archive: zipfile.ZipFile, source: Source) -> list[zipfile.ZipInfo]:
    """The files in a zip. Raises DataError where one of them may not be, or all are too many or too long."""
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise DataError(
            f"{source.name} holds {len(members):,} files; a zip of texts has {MOST_MEMBERS:,} at most."
        )
    names = set[tuple[str, ...]]()
    for member in members:
        if (parts := parts_of(member.filename)) in names:
            name = shown("/".join(parts))
            raise DataError(f"{source.name} holds two files of the same name, {name}. Pack it again.")
        names.add(parts)
    for member in members:
        if why := _refused(member):
            raise DataError(f"{source.name} can't be read: {shown(member.filename)} in it {why}.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED or unpacked > max(UNPACKED_ANYWAY, MOST_TIMES * source.total_bytes):
        raise DataError(
            f"{source.name} unpacks to {unpacked:,} bytes from {source.total_bytes:,}, which no zip of texts "
            f"does: {MOST_TIMES} times its length and {MOST_UNPACKED:,} bytes are the most."
        )
    return [member for member in members if not member.is_dir()]


def parts_of(name: str) -> tuple[str, ...]:
    """Split a name at its slashes, without what stands for no folder; the strings are shared.

    >>> parts_of("top//pos/./0.txt")
    ('top', 'pos', '0.txt')
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return (*map(sys.intern, parts[:-1]), *parts[-1:])


def _refused(member: zipfile.ZipInfo) -> str:
    """Why a member may not be, as the end of a sentence; empty for one that may."""
    name = member.filename
    if name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in name.split("/"):
        return "leads out of the folder into which the zip is unpacked"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a symbolic link; pack the file itself"
    if member.flag_bits & _ENCRYPTED:
        return "is protected by a password; pack it without one"
    return wrongly_packed(member)


def wrongly_packed(member: zipfile.ZipInfo) -> str:
    """Say that a member is packed as none of ours is, as the end of a sentence; empty for any other."""
    if member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ""
    return "must be deflated or stored, as zip files usually have it"


_AT_ONCE = 1 << 20
"""The bytes that are unpacked together."""


class Member(Source):
    """A table inside a zip. Its bytes are counted unpacked."""

    def __init__(self, archive: Source, member: str, size: int) -> None:
        """Raises DataError for an empty one."""
        self._archive, self._member = archive, member
        suffix = PurePosixPath(member).suffix.lower()
        super().__init__(archive.path, f"{member} in {archive.name}", suffix, size)

    @override
    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        with (
            self._archive.open_seekable() as stream,
            opened_zip(stream, self._archive.name) as archive,
            archive.open(self._member) as member,
        ):
            yield cast(BinaryIO, member)

    @override
    @contextmanager
    def open_seekable(self) -> Iterator[BinaryIO]:
        with ExitStack() as stack:
            with self._kept():
                copy = stack.enter_context(tempfile.TemporaryFile())
            with self.open() as member:
                while some := member.read(_AT_ONCE):
                    with self._kept():
                        copy.write(some)
            with self._kept():
                copy.seek(0)
            yield cast(BinaryIO, copy)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Raises DataError where the system keeps no copy, which is no fault of the zip."""
        try:
            yield
        except OSError as error:
            raise DataError(
                f"{self.name} could not be unpacked into the temporary folder {tempfile.gettempdir()}: "
                f"{reason(error)}. Free some space there, or unpack the zip yourself and give the table."
            ) from error

    @override
    def check_unchanged(self) -> None:
        self._archive.check_unchanged()
