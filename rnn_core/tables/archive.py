"""A zip from outside that holds one table, or a folder of texts with a sub-folder for each class.

It is checked before anything in it is read. Python's zipfile hands out no more bytes of a member than its
entry says, so bounds on what the entries say are bounds on what can be read. It is never unpacked into a
folder.
"""

import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple, cast

from typing_extensions import override

from rnn_core.errors import DataError, reason
from rnn_core.refusals import shown
from rnn_core.tables.folder import MOST_FILE_BYTES, FolderTable, Read, TextFile, is_hidden, is_text
from rnn_core.tables.source import Source
from rnn_core.tables.table import Options

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
    """A stream of which nothing is read in one piece that is longer than a list of members may be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Returns so many bytes. Raises BadZipFile for more than any part of a zip of texts has."""
        most = _MOST_DIRECTORY_BYTES + 1
        content = self._stream.read(min(size, most) if size >= 0 else most)
        if len(content) == most:
            raise zipfile.BadZipFile("its list of files is too long")
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
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "must be deflated or stored, as zip files usually have it"
    return ""


TABLES = {".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx"}
"""The ends of the names of tables."""
_AT_ONCE = 1 << 20
"""The bytes that are unpacked together."""


class Entry(NamedTuple):
    """A file in a zip: all that is kept of what zipfile knows of it, which is ten times as long."""

    name: str
    size: int


class Member(Source):
    """A table inside a zip. Its bytes are counted unpacked."""

    def __init__(self, archive: Source, member: Entry) -> None:
        """Raises DataError for an empty one."""
        self._archive, self._member = archive, member.name
        self.path = archive.path
        self.name = f"{member.name} in {archive.name}"
        self.suffix = PurePosixPath(member.name).suffix.lower()
        self.total_bytes = member.size
        if not self.total_bytes:
            raise DataError(f"{self.name} is empty: it has not a single byte.")

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


def content_of(source: Source, options: Options) -> Member | FolderTable:
    """The table in a zip, which is yet to be opened, or its texts. Raises DataError for anything else."""
    with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
        members = [
            Entry(member.filename, member.file_size)
            for member in checked_members(archive, source)
            if not is_hidden(parts_of(member.filename))
        ]
    del archive  # with what zipfile keeps of the files
    tables = [member for member in members if PurePosixPath(member.name).suffix.lower() in TABLES]
    if len(tables) > 1:
        names = ", ".join(shown(member.name) for member in tables[:20])
        raise DataError(
            f"{source.name} holds {len(tables):,} tables: {names}. Unpack it and give one of them."
        )
    texts = [member for member in members if is_text(member.name)]
    if tables:
        return Member(source, tables[0])
    if len(members) == len(texts) == 1:  # a table may be called .txt too
        return Member(source, texts[0])
    if not texts:
        kinds = ", ".join(shown(member.name) for member in members[:5]) or "nothing"
        raise DataError(f"{source.name} holds no table and no folders of .txt files, but {kinds}.")
    return _folder(source, texts, options)


def _folder(source: Source, members: list[Entry], options: Options) -> FolderTable:
    @contextmanager
    def opened() -> Iterator[Read]:
        with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:

            def read(file: TextFile) -> bytes:
                with archive.open(written_otherwise.get(file.parts) or "/".join(file.parts)) as member:
                    return member.read(MOST_FILE_BYTES + 1)

            yield read

    files = [TextFile(parts_of(member.name), member.size) for member in members]
    written_otherwise = {
        file.parts: member.name
        for file, member in zip(files, members, strict=True)
        if "/".join(file.parts) != member.name
    }
    return FolderTable(source.path, "zip", files, opened, options)
