"""Files that a class handed in: a folder for each student or, for one task, a file for each.

All is read into memory before any of it runs, so that no student's code can change another one's files.
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rnn_core.cell_files.folder import CellFile, read_cell_file
from rnn_core.errors import DataError, GatescopeError, reason

MOST_STUDENTS = 2_000
_MOST_NAMED = 5
_NEVER = {"Cc", "Cs", "Zl", "Zp"}  # categories of Unicode: control characters, half letters, breaks of lines


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The files of a student, by the number of the task."""

    student: str
    files: Mapping[str, CellFile]
    unread: Mapping[str, str]
    """Tasks whose file can't be read, and why, in a sentence."""


@dataclass(frozen=True, slots=True)
class ClassFolder:
    """All that a class handed in, students in the order of their names."""

    students: tuple[HandedIn, ...]
    passed_over: tuple[str, ...]
    """Files in the folder that belong to no student."""


def read_class(folder: Path, file_names: Mapping[str, str]) -> ClassFolder:
    """Reads the files of these names, by task, of all students. Raises DataError.

    With a single task a file in the folder is a student's, too, whatever its name.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        unpack = " Unpack the zip first." if folder.suffix.lower() == ".zip" else ""
        raise DataError(f"{folder} {what}: name a folder that has a folder for each student.{unpack}")
    entries = sorted(_entries(folder), key=lambda path: (path.name.casefold(), path.name))
    folders = [path for path in entries if path.is_dir()]
    files = [path for path in entries if not path.is_dir()]
    unpacked = {path.name for path in folders}
    if zips := [path.name for path in files if path.suffix.lower() == ".zip" and path.stem not in unpacked]:
        raise DataError(
            f"{_some(zips)} in {folder} can't be read as it is: unpack each zip first, into a folder of its "
            "name, then try again."
        )
    scripts = [path for path in files if path.suffix.lower() == ".py"]
    if scripts and len(file_names) > 1:
        raise DataError(
            f"{_some([path.name for path in scripts])} in {folder} belongs to no student: for several tasks "
            "each student has a folder with the usual file names. For a file of each student name the one "
            "task that is graded, such as --tasks 4."
        )
    students = [_read_folder(path, file_names) for path in folders]
    students += [_handed_in(path.stem, {task: _read(path)}) for task in file_names for path in scripts]
    if not students:
        raise DataError(
            f"{folder} has no student: it needs a folder for each, with {_some(file_names.values())}."
        )
    if len(students) > MOST_STUDENTS:
        raise DataError(
            f"{folder} has {len(students):,} students; at most {MOST_STUDENTS:,} are graded at once."
        )
    students.sort(key=lambda one: (one.student.casefold(), one.student))
    return ClassFolder(
        tuple(students), tuple(readable_name(path.name) for path in files if path not in scripts)
    )


def readable_name(name: str) -> str:
    r"""A name from the file system on one line, whatever bytes it has.

    >>> readable_name("Jo\nhn"), readable_name("\udcff"), readable_name("Зоя, ж.")
    ('Jo?hn', '?', 'Зоя, ж.')
    """
    return "".join("?" if unicodedata.category(sign) in _NEVER else sign for sign in name)


def _some(names: Collection[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(map(readable_name, list(names)[:_MOST_NAMED])) + (
        f" and {more} more" if more > 0 else ""
    )


def _entries(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder, without what systems and Python leave there."""
    try:
        for path in folder.iterdir():
            if not path.name.startswith((".", "__")):
                yield path
    except OSError as error:
        raise DataError(f"{folder} can't be read: {reason(error)}.") from error


def _read_folder(folder: Path, file_names: Mapping[str, str]) -> HandedIn:
    """The files lie in the folder itself or one folder deeper, as some zips are packed."""
    found: dict[str, CellFile | str] = {}
    try:
        inside = list(_entries(folder))
        deeper = [path for one in inside if one.is_dir() and not one.is_symlink() for path in _entries(one)]
    except DataError as error:
        return _handed_in(folder.name, dict.fromkeys(file_names, str(error)))
    for task, name in file_names.items():
        by_depth = ([path for path in some if path.name.lower() == name] for some in (inside, deeper))
        paths = next(filter(None, by_depth), [])
        if len(paths) > 1:
            places = [path.relative_to(folder).as_posix() for path in paths]
            found[task] = f"There are {len(paths)} files called {name}: {_some(places)}."
        elif paths:
            found[task] = _read(paths[0])
    return _handed_in(folder.name, found)


def _handed_in(name: str, found: Mapping[str, CellFile | str]) -> HandedIn:
    """The files of a student, by task, and reasons in the place of those that can't be read."""
    files = {task: one for task, one in found.items() if isinstance(one, CellFile)}
    unread = {task: one for task, one in found.items() if isinstance(one, str)}
    return HandedIn(readable_name(name), files, unread)


def _read(path: Path) -> CellFile | str:
    """A file, or why it can't be read."""
    if path.is_symlink() or not path.is_file():
        return f"{readable_name(path.name)} is no file but a link, a folder or a device."
    try:
        return read_cell_file(path)
    except GatescopeError as error:
        return str(error)
    except OSError as error:
        return f"{readable_name(path.name)} can't be read: {reason(error)}."
