"""The files of own cells as bytes and text: where they lie, what they may be called, how they are read.

Nothing here runs what it reads; the source is parsed and compiled at most.
"""

import ast
import codecs
import hashlib
import io
import keyword
import re
import stat
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from rnn_core.errors import CellError, reason
from rnn_core.paths import own_cells_folder
from rnn_core.refusals import shown
from rnn_core.symbols import CELLS

MOST_BYTES = 1_000_000
LONGEST_NAME = 40
SUFFIX, TYPED = ".py", ".txt"
"""The endings of what a cell is saved as: code, or equations that somebody typed."""
_DEVICES = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)\d)", re.IGNORECASE)
"""Names under which Windows has no files."""
_SLOW = ("idna", "punycode")
"""Encodings in which a file of this size takes minutes to read."""
_REMEMBERED = 64
_AS_NAMED = "<file of a cell>"
# Python's warnings come when the code runs. (To catch them here would change what other threads warn of.)
warnings.filterwarnings("ignore", module=re.escape(_AS_NAMED))


class SourceError(CellError):
    """A file that is no Python, or not as the file of a cell must be; the text says where."""

    def __init__(self, sentence: str, line: int = 0, column: int = 0) -> None:
        """`line` and `column` are counted from 1, 0 where there is none."""
        super().__init__(sentence)
        self.sentence, self.line, self.column = str(self), line, column


@dataclass(frozen=True, slots=True)
class CellFile:
    """The file of a cell as it was read: nothing in it has run."""

    path: Path
    name: str
    source: str
    """The text, its encoding followed, with \\n at the ends of lines."""
    digest: str
    """The SHA-256 of the bytes, 64 hexadecimal digits."""
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, path: Path, content: bytes, name: str = "") -> Self:
        """A file with this content. Raises CellError where it can be no source.

        >>> CellFile.of(Path("leaky.py"), b"import torch").version
        'leaky@cf1070d3a16f'
        """
        name = name or path.stem
        if len(content) > MOST_BYTES:
            raise CellError(f"{name}{SUFFIX} must have at most {MOST_BYTES:,} bytes.")
        return cls(path, name, _decoded(name, content), hashlib.sha256(content).hexdigest(), content)

    @property
    def version(self) -> str:
        """The name and the first 12 digits of the digest: what a run says of its cell."""
        return f"{self.name}@{self.digest[:12]}"

    @property
    def file_name(self) -> str:
        """The name of the file in a sentence, such as leaky.py, wherever a copy of it lies."""
        return f"{self.name}{SUFFIX}"

    def mistake(self, line: int, what: str) -> SourceError:
        """Returns the error that there is something wrong in a line."""
        return SourceError(f"{self.file_name}, line {line}: {what}", line)

    def line(self, number: int) -> str:
        """A line of the source, counted from 1, without the spaces around it; empty where there is none."""
        lines = self.source.split("\n")
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _decoded(name: str, content: bytes) -> str:
    """The text of a source, by its byte order mark or the encoding that its first lines declare (PEP 263)."""
    file = f"{name}{SUFFIX}"
    if b"\0" in content:
        raise SourceError(f"{file} is no text in UTF-8: save it as UTF-8 in your editor.")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    except SyntaxError as error:
        raise SourceError(f"{file} is no text in UTF-8: {reason(error)}. Save it as UTF-8.") from error
    try:
        if codecs.lookup(encoding).name in _SLOW:
            raise SourceError(f"{file} says that it is in {encoding}: save it as UTF-8.", 1)
        text = content.decode(encoding)
        text.encode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        usual = "which the file must be in since it declares no other encoding"
        why = usual if encoding == "utf-8" else "as the file says"
        raise SourceError(
            f"{file}, line {line}: this is no text in {encoding}, {why}. Save it as UTF-8.", line
        ) from error
    except (UnicodeError, LookupError) as error:  # LookupError: what is no encoding of text
        raise SourceError(f"{file} can't be read in {encoding}, as it says: save it as UTF-8.") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def check_is_python(file: CellFile) -> None:
    """Raises SourceError, with line and column, where a file is no Python."""
    try:
        tree = ast.parse(file.source, _AS_NAMED)
        compile(tree, _AS_NAMED, "exec", dont_inherit=True)  # finds a return outside of a function
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        text = file.source.split("\n")[line - 1] if 0 < line <= file.source.count("\n") + 1 else ""
        raise SourceError(
            f"{file.file_name}, line {line}: {error.msg}.{_line_with_caret(text, column)}", line, column
        ) from error
    except (RecursionError, MemoryError, ValueError) as error:  # what is nested too deeply
        raise SourceError(f"{file.file_name} can't be read as Python: it is nested too deeply.") from error


def _line_with_caret(text: str, column: int) -> str:
    """A line with a caret below the column, indented as code is, and what to do; empty for an empty line."""
    plain = text.expandtabs(4)
    if not plain.strip():
        return ""
    place = len(text[: max(column - 1, 0)].expandtabs(4))
    return f"\n\n    {plain.rstrip()}\n    {' ' * place}^\n\nCorrect this line and save the file."


def read_cell_file(path: Path) -> CellFile:
    """The file at any path. Raises CellError, SourceError among them, where it can't be read."""
    return _read(path, path.stem)


def _read(path: Path, name: str) -> CellFile:
    return _as_file(path, read_bytes(path), name)


_as_file = lru_cache(_REMEMBERED)(CellFile.of)


def read_bytes(path: Path) -> bytes:
    """The content of a file, of one that is too long the beginning. Raises CellError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise CellError(f"{path} is a folder: the file of a cell must stand in its place.")
        if not stat.S_ISREG(mode):  # a pipe, which would be waited for
            raise CellError(f"{path} is no file.")
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise CellError(f"There is no file {path}.") from error
    except (OSError, ValueError) as error:  # ValueError: what can be no path
        raise CellError(f"{path} can't be read: {reason(error)}") from error


def check_name(name: str) -> None:
    """Refuses what a cell can't be called. Raises CellError."""
    if not (name.isidentifier() and name.isascii()) or keyword.iskeyword(name):
        raise CellError(f"The name of a cell must be an identifier, such as leaky, got {shown(name)}.")
    if len(name) > LONGEST_NAME:
        raise CellError(f"The name of a cell must have at most {LONGEST_NAME} letters, got {len(name):,}.")
    if _DEVICES.fullmatch(name):
        raise CellError(f"Windows has no file called {name}{SUFFIX}: give your cell another name.")
    if name.casefold() in {known.casefold() for known in CELLS.registered()}:
        raise CellError(f"There is already a cell called {name.lower()}: give yours another name.")


def check_free(name: str, *, replaces: Path | None = None) -> None:
    """Refuses the name of a new cell that can't be, or is taken by a file other than `replaces`.

    Raises CellError.
    """
    check_name(name)
    for path in (*paths(SUFFIX), *paths(TYPED)):
        if path.stem.casefold() == name.casefold() and path != replaces:
            raise CellError(f"There is already a file {path}: give your cell another name.")


def new_cell_file(name: str, source: str | bytes) -> CellFile:
    """Writes the file of a new cell into the folder of own cells. Raises CellError where that can't be."""
    check_free(name)
    path = own_cells_folder() / f"{name}{SUFFIX}"
    with writing(path), path.open("xb") as file:
        file.write(source.encode() if isinstance(source, str) else source)
    return read_cell_file(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Makes the folder of a file that is written here. Raises CellError where that can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise CellError(f"{path} can't be written: {reason(error)}") from error


def cell_files() -> list[CellFile]:
    """The files in the folder of own cells that can be read, as they are now, by name."""
    return [found for found in all_files().values() if isinstance(found, CellFile)]


def cell_file(name: str) -> CellFile | CellError | None:
    """The file of this name in the folder as it is now, or why it is refused; None where there is none."""
    path = own_cells_folder() / f"{name}{SUFFIX}"
    return _own(path) if path in paths(SUFFIX) else None  # a disk that ignores case finds other names, too


def seen_before() -> list[CellFile]:
    """The files as they lay in the folder whenever this process looked: the user's own, now or before."""
    folder = own_cells_folder()
    return [file for file in list(_seen.values()) if file.path.parent == folder]


_seen: dict[tuple[Path, str], CellFile] = {}


def all_files() -> dict[Path, CellFile | CellError]:
    """Each path in the folder of own cells with the name of a source -> its file, or why it is refused."""
    found, names = dict[Path, CellFile | CellError](), set[str]()
    for path in paths(SUFFIX):
        if (there := _own(path)) is None:
            continue
        if path.stem.casefold() in names:
            there = CellError(
                f"{path} differs from another file in capital letters alone: give it another name."
            )
        names.add(path.stem.casefold())
        found[path] = there
    return found


def _own(path: Path) -> CellFile | CellError | None:
    """The file at a path in the folder, remembered, or why it is refused; None where there is nothing."""
    if (there := look_at(path, path.stem)) is None:
        return None
    try:
        check_name(path.stem)
    except CellError as error:
        return error
    if isinstance(there, CellFile):
        _remember(there)
    return there


def look_at(path: Path, name: str) -> CellFile | CellError | None:
    """The file that is at a path now, or why it is none; None where there is nothing."""
    try:
        path.stat()
        return _read(path, name)
    except OSError:  # it was there a moment ago
        return None
    except CellError as error:
        return error


def _remember(file: CellFile) -> None:
    _seen.setdefault((file.path, file.digest), file)
    for oldest in list(_seen)[:-_REMEMBERED]:
        _seen.pop(oldest, None)


def paths(suffix: str) -> list[Path]:
    """The paths in the folder of own cells whose names have this ending, by name."""
    try:
        there = [path for path in own_cells_folder().iterdir() if path.suffix == suffix]
    except OSError:  # there is no such folder yet
        return []
    return sorted(path for path in there if path.name[0] != ".")
