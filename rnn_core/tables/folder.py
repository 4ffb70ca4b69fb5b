"""A folder with a sub-folder for each class, and a .txt file in it for each text: a table as well.

Its columns are the text, the label (the sub-folder's name) and the file. Where all folders at the top are
called train, test and the like, the classes are looked for in them, and their names are the column split.
Links are not followed; files of other kinds, hidden ones, and those outside any sub-folder are passed over.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.guess import SPLIT_OF_WORD, guess_encoding
from rnn_core.tables.lines import checked_encoding
from rnn_core.tables.source import unreadable
from rnn_core.tables.table import MOST_CELL, Cell, Columns, Options, Reading, Table

MOST_FILES = 1_000_000
MOST_FILE_BYTES = 4 * MOST_CELL
_SAMPLED_FILES = 100
_DEEPEST = 6


class TextFile(NamedTuple):
    """A .txt file below the folder: its parts, such as ("train", "good", "1.txt"), and its bytes."""

    parts: tuple[str, ...]
    size: int


Read = Callable[[TextFile], bytes]
"""The content of a file, at most MOST_FILE_BYTES and one more. Raises DataError."""


class FolderTable(Table):
    """The texts of a folder, or of a zip that holds one."""

    def __init__(
        self,
        path: Path,
        form: str,
        files: Sequence[TextFile],
        opened: Callable[[], AbstractContextManager[Read]],
        options: Options,
    ) -> None:
        """`opened` is called for each reading. Raises DataError where no sub-folder holds a text."""
        self._opened = opened
        wrapping = _wrapping(files)
        self._files = sorted(file for file in files if len(file.parts) > wrapping + 1)
        has_splits = (
            bool(self._files)
            and {file.parts[wrapping].lower() for file in self._files} <= SPLIT_OF_WORD.keys()
        )
        self._label_at = wrapping + has_splits
        self._files = [file for file in self._files if len(file.parts) > self._label_at + 1]
        if not self._files:
            raise DataError(
                f"{path.name} has no .txt files in sub-folders. There must be a sub-folder for each class, "
                "and in it a .txt file for each text."
            )
        if options.encoding:
            encoding = checked_encoding(options.encoding, path.name)
        else:
            some = self._files[:: max(1, len(self._files) // _SAMPLED_FILES)][:_SAMPLED_FILES]
            with opened() as read:
                encoding = guess_encoding(b"".join(map(read, some)))
        super().__init__(
            path,
            form,
            replace(options, encoding=encoding, delimiter="", sheet=""),
            ("text", "label", "file", *(["split"] if has_splits else [])),
            sum(file.size for file in self._files),
            meaning=Columns("text", "label", "split" if has_splits else ""),
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the texts, or the zip that holds them."""
        if self.format == "zip":
            return (self.path,)
        return tuple(self.path.joinpath(*file.parts) for file in self._files)

    @contextmanager
    def _read(self, columns: Sequence[str]) -> Iterator[Reading]:
        bytes_done = 0
        place = ""
        with self._opened() as read:

            def rows() -> Iterator[Sequence[Cell]]:
                nonlocal bytes_done, place
                for row, file in enumerate(self._files, start=1):
                    bytes_done += file.size
                    place = "/".join(file.parts)
                    values = {
                        "text": self._text(read(file), row, file) if "text" in columns else None,
                        "label": file.parts[self._label_at],
                        "file": place,
                        "split": file.parts[self._label_at - 1],
                    }
                    yield [values[column] for column in columns]

            yield Reading(rows(), lambda: bytes_done, lambda: place)

    def _text(self, content: bytes, row: int, file: TextFile) -> Cell:
        """The text of a file. Raises DataError where it is none, or another one than was listed."""
        where = f"Row {row:,} of {self.path.name} ({'/'.join(file.parts)})"
        if len(content) > MOST_FILE_BYTES:
            raise DataError(
                f"{where} has over {MOST_FILE_BYTES:,} bytes; a text has {MOST_CELL:,} characters at most."
            )
        if len(content) != file.size:
            raise DataError(
                f"{where} changed while it was read: it had {file.size:,} bytes and has {len(content):,}. "
                "Wait until nothing writes to it any more, then open the folder again."
            )
        try:
            text = content.decode(self.options.encoding).removeprefix("\ufeff")
        except UnicodeError as error:
            raise DataError(
                f"{where} has bytes that aren't {self.options.encoding}. Choose the encoding in which the "
                "files were written, or save this one again."
            ) from error
        if "\0" in text:
            raise DataError(f"{where} has a NUL byte, so it is no text, is damaged, or has another encoding.")
        return text or None


def _wrapping(files: Sequence[TextFile]) -> int:
    """1 where a single folder wraps those of the classes, as in a zip of a folder; otherwise 0."""
    inside = [file.parts for file in files if len(file.parts) > 1]
    tops = {parts[0] for parts in inside}
    deep = any(len(parts) > 2 for parts in inside)
    return int(len(tops) == 1 and deep and not tops <= SPLIT_OF_WORD.keys())


def open_folder(path: Path, options: Options) -> FolderTable:
    """The texts of a folder. Raises DataError."""

    def read(file: TextFile) -> bytes:
        place = path.joinpath(*file.parts)
        try:
            with place.open("rb") as stream:
                return stream.read(MOST_FILE_BYTES + 1)
        except OSError as error:
            raise unreadable(place, error) from error

    @contextmanager
    def opened() -> Iterator[Read]:
        yield read

    files = []
    for file in _walk(path, ()):
        files.append(file)
        if len(files) > MOST_FILES:
            raise DataError(
                f"{path.name} has more than {MOST_FILES:,} texts. Write them into one table, such as CSV."
            )
    return FolderTable(path, "folder", files, opened, options)


def _walk(top: Path, parts: tuple[str, ...]) -> Iterator[TextFile]:
    """The .txt files below a folder that are no links. Raises DataError where one can't be looked at."""
    folder = top.joinpath(*parts)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                inner = (*parts, entry.name)
                if is_hidden(inner) or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False) and len(inner) < _DEEPEST:
                    yield from _walk(top, inner)
                elif is_text(entry.name) and entry.is_file(follow_symlinks=False):
                    for name in inner:
                        if name != name.encode("utf-8", "replace").decode():
                            raise DataError(
                                f"A file or folder in {top} has a name that is no text, {shown(name)}. "
                                "Rename it."
                            )
                    yield TextFile(inner, entry.stat(follow_symlinks=False).st_size)
    except OSError as error:
        raise unreadable(folder, error) from error


def is_text(name: str) -> bool:
    """True if a file's name says that it holds a text."""
    return name.lower().endswith(".txt")


def is_hidden(parts: Sequence[str]) -> bool:
    """True if a path is one that systems put beside the user's files."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)
