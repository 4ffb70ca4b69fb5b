"""Plain text from outside: a file, or the text files of a folder or of a zip in the order of their names.

It is decoded, put into Unicode's form NFC, and its lines end with a newline, however they ended. It is read
in pieces, so that memory stays small, however long it is and even where no line ends.
"""

import codecs
import hashlib
import itertools
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import regex

from rnn_core.errors import DataError
from rnn_core.refusals import either, shown
from rnn_core.tables.folder import Opened, TextFile, files_in, folder_files, walk, zip_files
from rnn_core.tables.guess import guess_encoding
from rnn_core.tables.lines import checked_encoding
from rnn_core.tables.source import ZIP_BEGINNINGS, FileSource, is_folder, opened_zip

PROSE = (".txt", ".text", ".md", ".markdown", ".rst", ".org", ".adoc", ".tex")
_CODE = """
    .bash .bat .c .cc .clj .cljs .cpp .cs .css .cxx .dart .el .elm .erl .ex .exs .f .f90 .fs .go .gradle
    .groovy .h .hpp .hs .htm .html .hxx .java .jinja .jl .js .jsx .kt .kts .lisp .lua .m .make .ml .mli .mm
    .nim .pas .pl .pm .php .ps1 .py .pyi .r .rb .rs .sass .scala .scm .scss .sh .sql .sty .swift .tcl .toml
    .ts .tsx .vb .vim .vue .yaml .yml .zig .zsh
"""
SUFFIXES = (*PROSE, *_CODE.split())
"""The ends of the names of files in a folder or a zip that are taken for plain text."""
MOST_BYTES = 200_000_000
"""The bytes of all files together; as words they are some 35 million, as many as a large shelf holds."""
MOST_FILES = 100_000
_DEEPEST = 50  # folders in folders
_GUESSED_BY = 16_000_000
"""The bytes of a file by which its encoding is guessed."""
_AT_ONCE = 1 << 20
"""The bytes that are decoded together."""
_LONGEST_PIECE = 1_000_000
"""The characters of a piece without the end of a line."""
_CLUSTER = regex.compile(r"\X")
_CONTROL = regex.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_FEW_CONTROLS = 3
"""Control characters that any piece of a text may have; of a long one a hundredth may be such."""


@dataclass
class Seen:
    """The counts of one reading."""

    digest: Any = field(default_factory=hashlib.sha256)
    """SHA-256 of the bytes of a single file; of several, of the name, length and bytes of each."""
    bytes: int = 0
    recomposed: int = 0
    """The characters that were written in another way than NFC writes them."""
    returns: int = 0
    """The ends of lines that were written with a carriage return: CRLF or CR."""
    encodings: Counter[str] = field(default_factory=Counter)
    """Encoding -> files."""


@dataclass(frozen=True, kw_only=True)
class PlainText:
    """Files of plain text that were listed and can be read as often as needed."""

    path: Path
    files: tuple[TextFile, ...]
    passed_over: tuple[str, ...]
    """The names of other files beside them, none of which is read."""
    encoding: str
    """Empty: guessed for each file."""
    opened: Opened

    @property
    def total_bytes(self) -> int:
        """The bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def sources(self) -> tuple[Path, ...]:
        """The files on this machine that are read."""
        if not self.path.is_dir():
            return (self.path,)
        return tuple(self.path.joinpath(*file.parts) for file in self.files)

    def pieces(self, seen: Seen) -> Iterator[tuple[int, str]]:
        """Yield the text of all files from first to last, as (number of the file, piece of its text).

        A piece is at most some million characters long, and a line or a character as a reader sees it ends
        with it. Counts in `seen`. Raises DataError, which names the file, for what is no text.
        """
        with self.opened() as open_file:
            for number, file in enumerate(self.files):
                if len(self.files) > 1:
                    name = "/".join(file.parts).encode("utf-8", "surrogateescape")
                    seen.digest.update(b"%d %s %d " % (len(name), name, file.size))
                with open_file(file) as stream:
                    for piece in self._pieces(stream, file, seen):
                        yield number, piece

    def _pieces(self, stream: BinaryIO, file: TextFile, seen: Seen) -> Iterator[str]:
        where = self.path.name
        if file.parts != (where,):
            where = f"{shown('/'.join(file.parts))} in {where}"
        held = ""
        for some in self._lines(stream, file, where, seen):
            held += some
            end = held.rfind("\n") + 1
            if not end and len(held) > _LONGEST_PIECE:
                end = cut_at(held, 0)
            if end:
                yield _composed(held[:end], seen)
                held = held[end:]
        if held:
            yield _composed(held, seen)

    def _lines(self, stream: BinaryIO, file: TextFile, where: str, seen: Seen) -> Iterator[str]:
        """Yield the text as it was written, but for the ends of its lines."""
        start = stream.read(_GUESSED_BY)
        encoding = self.encoding or guess_encoding(start)
        seen.encodings[encoding] += 1
        decoder = codecs.getincrementaldecoder(encoding)()
        portions = (start[place : place + _AT_ONCE] for place in range(0, len(start), _AT_ONCE))
        read, is_first, returned = 0, True, ""
        for portion in itertools.chain(portions, iter(lambda: stream.read(_AT_ONCE), b""), (b"",)):
            read += len(portion)
            seen.bytes += len(portion)
            if read > file.size or (not portion and read < file.size):
                raise DataError(
                    f"{where} changed while it was read: it had {file.size:,} bytes and has {read:,} or "
                    "more. Wait until nothing writes to it any more, then try again; nothing was kept."
                )
            seen.digest.update(portion)
            try:
                text = decoder.decode(portion, final=not portion)
                text.encode()  # raises for half a letter, which some encodings can write
            except UnicodeError as error:
                raise DataError(
                    f"{where} has bytes that aren't {encoding}. Choose the encoding in which it was written, "
                    "such as windows-1252 or shift_jis, or save it again as UTF-8."
                ) from error
            if text and is_first:
                text, is_first = text.removeprefix("\ufeff"), False
            _check_is_text(text, where, encoding)
            text = returned + text
            returned = "\r" if portion and text.endswith("\r") else ""  # a newline may come next
            text = text.removesuffix(returned)
            seen.returns += text.count("\r")
            yield text.replace("\r\n", "\n").replace("\r", "\n")


def _check_is_text(text: str, where: str, encoding: str) -> None:
    """Raise DataError for what was decoded of bytes that are no text, or text in another encoding."""
    controls = len(_CONTROL.findall(text))
    if "\0" in text or controls > max(_FEW_CONTROLS, len(text) // 100):
        raise DataError(
            f"{where} is no plain text, read as {encoding}: it has {controls:,} control characters in "
            f"{len(text):,}. If it is a document, save it as plain text; if it is text in another encoding, "
            "name that one, such as utf-16 or shift_jis."
        )


def _composed(text: str, seen: Seen) -> str:
    """The text in NFC."""
    if unicodedata.is_normalized("NFC", text):
        return text
    signs = _CLUSTER.findall(text)
    seen.recomposed += sum(len(sign) for sign in signs if not unicodedata.is_normalized("NFC", sign))
    return unicodedata.normalize("NFC", text)


def cut_at(text: str, least: int) -> int:
    r"""Return the place after `least` where a text is best cut: behind an empty line, a line or a blank.

    Where there is none of these it is behind a character as a reader sees it, and the end for a single one.

    >>> cut_at("a line\nanother one", 0), cut_at("no line ends", 4), cut_at("e\u0301e\u0301e\u0301", 0)
    (7, 8, 4)
    """
    for sign in ("\n\n", "\n"):
        if (place := text.rfind(sign, least)) >= 0:
            return place + len(sign)
    # What the last one ends with is only known with the text behind it.
    ends = [end for sign in _CLUSTER.finditer(text) if least < (end := sign.end()) < len(text)]
    blank = next((end for end in reversed(ends) if text[end - 1].isspace()), None)
    return blank or (ends[-1] if ends else len(text))


def is_plain(name: str) -> bool:
    """True if a file's name says that it holds plain text: prose or source code."""
    return name.lower().endswith(SUFFIXES)


def holds_files(path: Path) -> bool:
    """True for a folder or a zip."""
    with suppress(DataError):
        return path.suffix.lower() == ".zip" or is_folder(path)
    return False


def open_plain(path: Path, encoding: str = "") -> PlainText:
    """List the plain text at a path. Raises DataError where there is none, or too much of it."""
    encoding = checked_encoding(encoding, path.name) if encoding else ""
    takes: Callable[[str], bool] = is_plain
    if is_folder(path):
        opened = partial(folder_files, path)
        files = [*itertools.islice(walk(path, (), lambda _: True, _DEEPEST), MOST_FILES + 1)]
    elif (source := FileSource(path)).sample(4) in ZIP_BEGINNINGS:
        opened = partial(zip_files, source)
        with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
            files = files_in(archive, source)
    else:
        files, takes = [TextFile((path.name,), source.total_bytes)], lambda _: True
        opened = partial(folder_files, path.parent)
    if len(files) > MOST_FILES:
        raise DataError(f"{path.name} has more than {MOST_FILES:,} files. Take a part of it.")
    taken = [file for file in files if takes(file.parts[-1])]
    found = PlainText(
        path=path,
        files=tuple(sorted(file for file in taken if file.size)),
        passed_over=tuple(sorted("/".join(file.parts) for file in set(files) - set(taken))),
        encoding=encoding,
        opened=opened,
    )
    if not found.files:
        raise DataError(
            f"{path.name} holds no plain text, such as {either(PROSE[:3])} or source code, that isn't empty."
        )
    if found.total_bytes > MOST_BYTES:
        raise DataError(
            f"{path.name} has {found.total_bytes:,} bytes of plain text, where {MOST_BYTES:,} are the most: "
            "a network would read for days. Take a part of it."
        )
    return found
