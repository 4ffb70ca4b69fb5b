"""A zip that holds one table, or a folder of texts with a sub-folder for each class. It is never unpacked
into a folder: what must be read in any order is copied into a temporary file without a name.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import BinaryIO, NamedTuple, cast

from rnn_core.errors import DataError, reason
from rnn_core.refusals import shown
from rnn_core.tables.folder import MOST_FILE_BYTES, FolderTable, Read, TextFile, is_hidden, is_text
from rnn_core.tables.members import checked_members, opened_zip, parts_of
from rnn_core.tables.source import Source
from rnn_core.tables.table import Options

TABLES = {".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx"}
"""How the name of a table ends."""
_AT_ONCE = 1 << 20
"""Bytes that are unpacked together."""


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

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The bytes from the start. Raises DataError, also while it is open."""
        with (
            self._archive.open_seekable() as stream,
            opened_zip(stream, self._archive.name) as archive,
            archive.open(self._member) as member,
        ):
            yield cast(BinaryIO, member)

    @contextmanager
    def open_seekable(self) -> Iterator[BinaryIO]:
        """A copy in a temporary file. Entering raises DataError."""
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

    def check_unchanged(self) -> None:
        """Raises DataError where the zip changed."""
        self._archive.check_unchanged()


def content_of(source: Source, options: Options) -> Member | FolderTable:
    """The table in a zip, which is yet to be opened, or its texts. Raises DataError for anything else."""
    members = _entries(source)
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
        raise DataError(f"{source.name} holds no table and no folders of .txt files, but {_kinds(members)}.")
    return _folder(source, texts, options)


def _entries(source: Source) -> list[Entry]:
    """The files in a zip, without those that systems put there; what zipfile keeps of them is let go."""
    with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
        return [
            Entry(member.filename, member.file_size)
            for member in checked_members(archive, source)
            if not is_hidden(parts_of(member.filename))
        ]


def _kinds(members: list[Entry]) -> str:
    return ", ".join(shown(member.name) for member in members[:5]) or "nothing"


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
