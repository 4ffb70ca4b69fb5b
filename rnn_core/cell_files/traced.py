"""Cells of files as equations: the text that the check read out of each version, kept beside its source.

What is trained is what was checked: a file that changes later changes nothing here until it is checked again.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from rnn_core.cell_files.folder import CellFile, cell_file, check_name, writing
from rnn_core.cell_files.typed import TypedCell, is_typed, typed_cell
from rnn_core.cell_files.versions import IN_A_RUN, keep, kept, name_in, versions_folder
from rnn_core.equations.reading import EquationsError
from rnn_core.errors import CellError
from rnn_core.files import FormatError, from_json, write_json, write_whole
from rnn_core.registry import Registry

Sizes = tuple[int, int, int, int, int, int]
"""A number that depends on a network's sizes: the coefficients of 1, E, H, E*E, E*H and H*H."""


class Placement(NamedTuple):
    """The place of a weight of the equations in a parameter of the student's network."""

    parameter: str
    offset: Sizes
    strides: tuple[Sizes, ...]
    """One of a vector, two of a matrix."""

    def weight(self, parameters: Mapping[str, Any], shape: tuple[int, ...], E: int, H: int) -> Any:
        """The weight as a view of a tensor of `parameters`, the state of the student's network.

        Raises KeyError where the parameter is missing, RuntimeError where it is too small.
        """
        offset, *strides = (_number(sizes, E, H) for sizes in (self.offset, *self.strides))
        return parameters[self.parameter].contiguous().as_strided(shape, strides, offset)


def _number(sizes: Sizes, E: int, H: int) -> int:
    return sum(count * size for count, size in zip(sizes, (1, E, H, E * E, E * H, H * H), strict=True))


@dataclass(frozen=True)
class Traced:
    """The equations of a version of a file."""

    text: str
    """The equations, with comments for words."""
    places: Mapping[str, Placement]
    """Name of a weight -> its place."""
    digest: str
    """The SHA-256 of the source, 64 hexadecimal digits."""
    name: str

    @property
    def version(self) -> str:
        """The name and the first digits of the digest, as `CellFile.version`."""
        return f"{self.name}@{self.digest[:12]}"

    @cached_property
    def cell(self) -> TypedCell:
        """The cell that is trained. Raises EquationsError for a text that is none."""
        return TypedCell.of(self.text, self.name)


def keep_traced(file: CellFile, traced: Traced, *, is_checked: bool = True) -> None:
    """Keeps the equations of a file and its source. Raises CellError.

    With `is_checked` its name means these equations from now on; an older version that was only opened again
    changes nothing of that.
    """
    check_name(file.name)
    keep(file)
    path = _path(traced.version)
    with writing(path):
        write_json(path, dataclasses.asdict(traced))
        if is_checked:
            write_whole(_latest(traced.name), traced.version.encode())


def traced_of(version: str) -> Traced | None:
    """The equations of a version, or of the file with this digest; None where none are kept."""
    if name_in(version):
        return _read(_path(version))
    found = map(_read, sorted(versions_folder().glob(f"*@{version[:12]}.json")))
    return next((one for one in found if one is not None and one.digest == version), None)


def latest_traced(name: str) -> Traced | None:
    """The equations of the file of this name when it was checked last; None where it never was."""
    version = _latest_version(name)
    return traced_of(version) if version else None


READERS: Registry[Callable[[CellFile], Traced | CellError]] = Registry("reader of equations")
"""Name -> what reads the equations out of code, or says why it has none; `own_cells`, above, has one."""


def every_traced(name: str) -> Iterator[Traced]:
    """The equations of all versions of the file of this name, those that were checked last first."""
    every = map(_read, sorted(versions_folder().glob(f"{name}@*.json")))
    return (one for one in (latest_traced(name), *every) if one is not None)


def spoilt(name: str) -> Path | None:
    """The file that should say the equations of a cell that was checked, and can't be read; else None."""
    latest = _latest(name)
    if not latest.exists() or latest_traced(name) is not None:
        return None
    version = _latest_version(name)
    return _path(version) if version else latest


def _latest_version(name: str) -> str:
    """The version that was checked last; empty where there is none, or what is noted is no version."""
    try:
        version = _latest(name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return version if name_in(version) == name else ""


def cell_label(cell: str) -> str:
    """A cell in a line of a list: the name and the digest of its equations, where it is one's own.

    A version of a file whose equations are not known is said by the digest of its source.

    >>> cell_label("# name: mine\\nh' = tanh(x @ W)"), cell_label("gru")
    ('mine@58b4d53ffe36', 'gru')
    """
    if is_typed(cell):
        return typed_cell(cell).version
    traced = traced_of(cell) if name_in(cell) else None
    return cell if traced is None else traced.cell.version


def has_changed(traced: Traced) -> bool:
    """True if the file of this name is another one by now, or gone."""
    file = cell_file(traced.name)
    return not isinstance(file, CellFile) or file.digest != traced.digest


def changed_since_check(cell: str) -> str:
    """A sentence for a cell whose file was saved again after its check; empty for any other cell."""
    if not is_typed(cell) or (traced := latest_traced(typed_cell(cell).name)) is None:
        return ""
    is_there = isinstance(cell_file(traced.name), CellFile)
    if not is_there or traced.cell.text != cell or not has_changed(traced):
        return ""
    return f"{traced.name}.py has changed since it was checked: what is trained is what was checked."


def source_of(cell: str) -> CellFile | None:
    """The source of a version, or the one of which a typed cell was read; None where there is none."""
    versions = iter([cell] if name_in(cell) else _versions_of(cell) if is_typed(cell) else [])
    try:
        return next((kept(version) for version in versions), None)
    except CellError:
        return None


def run_files(cell: str) -> Mapping[str, bytes]:
    """Name -> content of the source that a run of this cell carries, to be shown and never run."""
    file = source_of(cell)
    return {} if file is None else {IN_A_RUN: file.content}


def _versions_of(cell: str) -> Iterator[str]:
    """The versions of which a text was read, the one that was checked last first."""
    return (one.version for one in every_traced(typed_cell(cell).name) if one.cell.text == cell)


def _read(path: Path) -> Traced | None:
    try:
        return _read_traced(path, path.stat().st_mtime_ns)
    except (OSError, FormatError, EquationsError):  # there is none, or somebody has written into it
        return None


@lru_cache(256)
def _read_traced(path: Path, _written: int) -> Traced:
    found: Traced = from_json(path.read_bytes(), Traced)
    if found.version != path.stem:
        raise FormatError(f"it must be {path.stem}, got {found.version}")
    _ = found.cell  # which may be refused
    return found


def _path(version: str) -> Path:
    return versions_folder() / f"{version}.json"


def _latest(name: str) -> Path:
    return versions_folder() / f"{name}.latest"
