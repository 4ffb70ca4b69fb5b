"""A folder with a sub-folder for each class, and a .txt file in it for each text: a table as well.

Its columns are the text, the label (the sub-folder's name) and the file. Where all folders at the top are
called train, test and the like, the classes are looked for in them, and their names are the column split.
Links are not followed; files of other kinds, hidden ones, and those outside any sub-folder are passed over.
"""

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from zipfile import ZipFile

from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.guess import SPLIT_OF_WORD, guess_encoding
from rnn_core.tables.lines import checked_encoding
from rnn_core.tables.source import Source, checked_members, opened_file, opened_zip, parts_of, unreadable
from rnn_core.tables.table import MOST_CELL, Cell, Columns, Options, RowPlace, Table

MOST_FILES = 1_000_000
MOST_FILE_BYTES = 4 * MOST_CELL
_SAMPLED_FILES = 100
_DEEPEST = 6


class TextFile(NamedTuple):
    """A .txt file below the folder."""

    parts: tuple[str, ...]
    """The parts of its path, such as ("train", "good", "1.txt")."""
    size: int
    name: str = ""
    """The name in a zip, which may be written otherwise."""


OpenFile = Callable[[TextFile], AbstractContextManager[BinaryIO]]
"""Opens a file, whose bytes are read once. Raises DataError."""
Opened = Callable[[], AbstractContextManager[OpenFile]]
"""Returns what opens files; called for each reading."""


def texts_in(path: Path, form: str, files: Sequence[TextFile], opened: Opened, options: Options) -> Table:
    """Open the texts of a folder, or of a zip that holds one.

    Raises DataError where no sub-folder holds a text.
    """
    wrapping = _wrapping(files)
    files = sorted(file for file in files if len(file.parts) > wrapping + 1)
    has_splits = bool(files) and {file.parts[wrapping].lower() for file in files} <= SPLIT_OF_WORD.keys()
    label_at = wrapping + has_splits
    files = [file for file in files if len(file.parts) > label_at + 1]
    if not files:
        raise DataError(
            f"{path.name} has no .txt files in sub-folders. There must be a sub-folder for each class, "
            "and in it a .txt file for each text."
        )
    if options.encoding:
        encoding = checked_encoding(options.encoding, path.name)
    else:
        some = files[:: max(1, len(files) // _SAMPLED_FILES)][:_SAMPLED_FILES]
        with opened() as open_file:
            encoding = guess_encoding(b"".join(_content(open_file, file) for file in some))
    columns = ("text", "label", "file", "split")[: 3 + has_splits]

    def read(asked: Sequence[int], place: RowPlace) -> Generator[Sequence[Cell], None, None]:
        done, name = 0, ""
        place.bytes_done, place.words = lambda: done, lambda: name
        names = [columns[number] for number in asked]
        with opened() as open_file:
            for row, file in enumerate(files, start=1):
                done += file.size
                name = "/".join(file.parts)
                where = f"Row {row:,} of {path.name} ({name})"
                values = {
                    "text": _text(_content(open_file, file), file.size, encoding, where)
                    if "text" in names
                    else None,
                    "label": file.parts[label_at],
                    "file": name,
                    "split": file.parts[label_at - 1],
                }
                yield [values[column] for column in names]

    return Table(
        path=path,
        format=form,
        options=Options(encoding=encoding),
        columns=columns,
        total_bytes=sum(file.size for file in files),
        read=read,
        meaning=Columns("text", "label", "split" if has_splits else ""),
        inside=[] if path.is_file() else [file.parts for file in files],
    )


def _content(open_file: OpenFile, file: TextFile) -> bytes:
    """The bytes of a file, at most MOST_FILE_BYTES and one more. Raises DataError."""
    with open_file(file) as stream:
        return stream.read(MOST_FILE_BYTES + 1)


def _text(content: bytes, size: int, encoding: str, where: str) -> Cell:
    """The text of a file. Raises DataError where it is none, or another one than was listed."""
    if len(content) > MOST_FILE_BYTES:
        raise DataError(
            f"{where} has over {MOST_FILE_BYTES:,} bytes; a text has {MOST_CELL:,} characters at most."
        )
    if len(content) != size:
        raise DataError(
            f"{where} changed while it was read: it had {size:,} bytes and has {len(content):,}. "
            "Wait until nothing writes to it any more, then open the folder again."
        )
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        raise DataError(
            f"{where} has bytes that aren't {encoding}. Choose the encoding in which the "
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


def open_folder(path: Path, options: Options) -> Table:
    """The texts of a folder. Raises DataError."""
    files = []
    for file in walk(path, (), is_text):
        files.append(file)
        if len(files) > MOST_FILES:
            raise DataError(
                f"{path.name} has more than {MOST_FILES:,} texts. Write them into one table, such as CSV."
            )
    return texts_in(path, "folder", files, partial(folder_files, path), options)


@contextmanager
def folder_files(path: Path) -> Iterator[OpenFile]:
    """Returns what opens the files below a folder."""
    yield lambda file: opened_file(path.joinpath(*file.parts))


@contextmanager
def zip_files(source: Source) -> Iterator[OpenFile]:
    """Returns what opens the files in a zip. Raises DataError where it is damaged, or changes meanwhile."""
    with source.open_seekable() as stream, opened_zip(stream, source.name) as archive:
        yield lambda file: cast(AbstractContextManager[BinaryIO], archive.open(file.name))
    source.check_unchanged()


def walk(
    top: Path, parts: tuple[str, ...], takes: Callable[[str], bool], deepest: int = _DEEPEST
) -> Iterator[TextFile]:
    """The files below a folder whose name `takes` and that are no links.

    Raises DataError where a folder can't be looked at.
    """
    folder = top.joinpath(*parts)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                inner = (*parts, entry.name)
                if is_hidden(inner) or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False) and len(inner) < deepest:
                    yield from walk(top, inner, takes, deepest)
                elif takes(entry.name) and entry.is_file(follow_symlinks=False):
                    for name in inner:
                        if name != name.encode("utf-8", "replace").decode():
                            raise DataError(
                                f"A file or folder in {top} has a name that is no text, {shown(name)}. "
                                "Rename it."
                            )
                    yield TextFile(inner, entry.stat(follow_symlinks=False).st_size)
    except OSError as error:
        raise unreadable(folder, error) from error


def files_in(archive: ZipFile, source: Source) -> list[TextFile]:
    """The files in a zip that aren't hidden. Raises DataError where one of them may not be."""
    return [
        TextFile(parts, member.file_size, member.filename)
        for member in checked_members(archive, source)
        if not is_hidden(parts := parts_of(member.filename))
    ]


def is_text(name: str) -> bool:
    """True if a file's name says that it holds a text."""
    return name.lower().endswith(".txt")


def is_hidden(parts: Sequence[str]) -> bool:
    """True if a path is one that systems put beside the user's files."""
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)
