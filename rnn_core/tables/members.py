"""A zip from outside, checked before anything in it is read: names, links, number, size, compression.

Python's zipfile hands out no more bytes of a member than its entry says, whatever the packed data hold, so
bounds on what the entries say are bounds on what can be read.
"""

import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.source import Source

MOST_MEMBERS = 300_000
MOST_UNPACKED = 16_000_000_000
"""Bytes, of all members."""
MOST_TIMES = 100
"""As long as this many times the zip may be what it unpacks to. Text has three to ten times its length."""
UNPACKED_ANYWAY = 64_000_000
_MOST_DIRECTORY_BYTES = 32_000_000
"""Of the list of members, which Python's zipfile reads whole."""
_ENCRYPTED = 0x1

DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, RuntimeError, ValueError,
)  # fmt: skip
"""What reading a damaged zip raises; it may be an OSError as well."""


class Bounded:
    """A stream of which nothing is read in one piece that is longer than a list of members may be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """As of any stream. Raises BadZipFile for a longer piece."""
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
    """What lies between the slashes of a name, without what stands for no folder; strings that are shared.

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
