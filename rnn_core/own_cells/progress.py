"""Tasks that the user has solved: one file in the folder of own cells, which several processes may write."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import filelock
import msgspec

from rnn_core.cell_files.folder import CellFile
from rnn_core.cell_files.traced import keep_traced
from rnn_core.errors import CellError, reason
from rnn_core.files import FormatError, from_json, write_json
from rnn_core.own_cells.report import Report
from rnn_core.paths import own_cells_folder
from rnn_core.shapes import Count

_PATIENCE = 10.0  # seconds
_MOST_ENTRIES = 1_000
_Name = Annotated[str, msgspec.Meta(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Checks of one task, or of one file that is checked by no task."""

    digest: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """The digest of the file that passed last; empty where none has passed."""
    file: _Name = ""
    """Its name, such as my_gru.py."""
    when: _Name = ""
    """The time at which it passed, in ISO 8601; empty where none has."""
    checks: Count = 0
    """The number of its checks."""


def noted() -> Mapping[str, Noted]:
    """All checks by the number of the task, or the file's name where none checks it. Raises CellError."""
    path = _path()
    try:
        return from_json(path.read_bytes(), dict[_Name, Noted])
    except FileNotFoundError:
        return {}
    except (OSError, FormatError) as error:
        raise CellError(
            f"{path}, which says what tasks you have solved, can't be read: {reason(error)}. "
            "Delete it to begin again; your cells stay."
        ) from error


def passed() -> Mapping[str, str]:
    """The digest of the file that passed last, by the number of the task or the file's name."""
    return {key: one.digest for key, one in noted().items() if one.digest}


def note(report: Report) -> None:
    """Notes a check, also where another process does so at the same time. Raises CellError."""
    key = report.exercise or report.file
    path = _path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path.with_suffix(".lock"), timeout=_PATIENCE):
            known = dict(noted())
            now = replace(known.get(key, Noted()), checks=known.get(key, Noted()).checks + 1)
            if report.passed:
                when = datetime.now(UTC).isoformat(timespec="seconds")
                now = replace(now, digest=report.digest, file=report.file, when=when)
            if key in known or len(known) < _MOST_ENTRIES:
                write_json(path, {name: asdict(one) for name, one in {**known, key: now}.items()})
    except (OSError, filelock.Timeout) as error:
        raise CellError(f"{path} can't be written: {reason(error)}") from error


def keep(file: CellFile, report: Report) -> None:
    """Notes a check of a file of the user's, and keeps the equations of what is right. Raises CellError."""
    note(report)
    if report.traced is not None:
        keep_traced(file, report.traced)


def _path() -> Path:
    return own_cells_folder() / "progress.json"
