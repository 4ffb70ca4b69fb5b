"""Where the file of a sweep lies: a published question's is committed, one's own is under artifacts/sweeps.

Before that was so, one's own lay among the committed ones. Such a file is moved when it is looked for; one
that can't be moved now is read and written where it lies.
"""

import contextlib
import itertools
from pathlib import Path

from rnn_core.paths import results_folder, sweeps_folder
from rnn_core.runs.at_work import is_at_work
from rnn_core.sweeps.questions import PUBLISHED
from rnn_core.sweeps.sweep import LONGEST_NAME, is_name

_ENDING = ".jsonl"


def results_path(name: str) -> Path:
    """The file of a sweep of this name, whether it is there or not."""
    committed, own = _file(results_folder(), name), _file(sweeps_folder(), name)
    if name in PUBLISHED:
        return committed
    if committed.exists():
        _move_out(name)
    return own if own.exists() or not committed.exists() else committed


def names_begun() -> list[str]:
    """The sweeps that have a file, by name, whatever is in it."""
    for name in _names_in(sweeps_folder()) & PUBLISHED:
        _give_way(name)
    committed, own = _names_in(results_folder()), _names_in(sweeps_folder())
    for name in committed - PUBLISHED:
        _move_out(name)
    return sorted(committed | own | _names_in(sweeps_folder()))


def _move_out(name: str) -> None:
    """Move one's own file out of the committed folder; it stays where it is in use or can't be moved."""
    if not is_at_work(name):
        _move(_file(results_folder(), name), name)


def _give_way(question: str) -> None:
    """Give one's own sweep another name, where a question that was published since has its name."""
    _move(_file(sweeps_folder(), question), question)


def _move(path: Path, name: str) -> None:
    """Move a file to that of a sweep of this name, or of the next name that is free: nothing is replaced."""
    with contextlib.suppress(OSError):  # another process has moved it, or holds it: then it stays
        sweeps_folder().mkdir(parents=True, exist_ok=True)
        path.rename(_file(sweeps_folder(), _free(name)))


def _free(name: str) -> str:
    """This name or, where it is taken, the first of name-2, name-3 ... that is not."""
    numbered = (f"{name[: LONGEST_NAME - 4]}-{number}" for number in itertools.count(2))
    return next(
        one
        for one in itertools.chain([name], numbered)
        if one not in PUBLISHED and not _file(sweeps_folder(), one).exists()
    )


def _names_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob(f"*{_ENDING}") if is_name(path.stem)}


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}{_ENDING}"
