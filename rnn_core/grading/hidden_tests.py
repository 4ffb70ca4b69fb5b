"""A teacher's own tests: the check of a task with other inputs, of which students learn a title and no more.

A hidden test is a TOML file, and data only: a title that students read, the tasks that it is for, and the
values of a case (see `rnn_core.own_cells.case.Case`) that are not the usual ones.

    title = "large weights"
    tasks = [4, 5]
    lengths = [3, 9, 1]
    seed = 71
    scale = 4.0
"""

import dataclasses
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from rnn_core.errors import DataError, reason
from rnn_core.files import FormatError, from_value
from rnn_core.grading.class_folder import readable_name
from rnn_core.own_cells.case import Case
from rnn_core.refusals import shown

_MOST_BYTES, _MOST_TESTS = 10_000, 50
_CASE = {field.name for field in dataclasses.fields(Case)}


class _File(TypedDict):
    """Settings of a file beside its case."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    tasks: NotRequired[list[int]]


@dataclass(frozen=True, slots=True)
class HiddenTest:
    """The check of some tasks with other inputs."""

    title: str
    """The words that students read of it."""
    tasks: tuple[str, ...]
    case: Case


def read_hidden_tests(folder: Path, tasks: Collection[str]) -> tuple[HiddenTest, ...]:
    """Reads the hidden tests of a folder, its files that end in .toml. Raises DataError.

    `tasks` are the numbers of those there are; a test that names none is for all.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: name one that has a .toml file for each hidden test.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".toml" and path.is_file())
    if not 1 <= len(paths) <= _MOST_TESTS:
        raise DataError(
            f"{folder} must have 1 to {_MOST_TESTS} .toml files, one for each hidden test, got {len(paths)}."
        )
    tests = tuple(_read(path, tasks) for path in paths)
    if len({test.title for test in tests}) < len(tests):
        raise DataError(
            f"Two hidden tests in {folder} have the same title: students could not set them apart."
        )
    return tests


def _read(path: Path, tasks: Collection[str]) -> HiddenTest:
    try:
        content = path.read_bytes()
        if len(content) > _MOST_BYTES:
            raise FormatError(f"it must have at most {_MOST_BYTES:,} bytes, got {len(content):,}")
        return _made_of(tomllib.loads(content.decode()), tasks)
    except (OSError, ValueError, RecursionError) as error:  # ValueError: of TOML, of UTF-8, of the shape
        raise DataError(f"The hidden test {path} can't be used: {reason(error)}.") from error


def _made_of(values: dict[str, Any], tasks: Collection[str]) -> HiddenTest:
    if unknown := values.keys() - _CASE - _File.__annotations__.keys():
        known = ", ".join(sorted(_CASE | _File.__annotations__.keys()))
        raise FormatError(f"it can't have {shown(min(unknown))}; what it may have is {known}")
    file: _File = from_value(values, _File)
    asked = tuple(map(str, file.get("tasks", ()))) or tuple(tasks)
    if missing := [task for task in asked if task not in tasks]:
        raise FormatError(f"there is no task {missing[0]}; the tasks are {', '.join(tasks)}")
    return HiddenTest(readable_name(file["title"]), asked, from_value(values, Case))
