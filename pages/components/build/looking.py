"""Knowledge of a file of the user's on the page: whether it was saved, its check, and the answer."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.components.shared.belongings import belongings
from pages.components.shared.jobs import Job, jobs
from pages.components.shared.went_wrong import refusal_of
from rnn_core.cell_files.folder import CellFile, all_files, cell_files
from rnn_core.errors import CellError
from rnn_core.own_cells import progress
from rnn_core.own_cells.check import check
from rnn_core.own_cells.exercises import EXERCISES, Exercise
from rnn_core.own_cells.process import warm
from rnn_core.own_cells.report import Report
from rnn_core.paths import own_cells_folder
from rnn_core.progress import Progress

_LOOKS = "build_looks"
_EVERY = 1.0  # seconds
_IS_BEING_WRITTEN = 0.1  # seconds between two looks that agree


class Saved(NamedTuple):
    """Marks of a save of a file. Editors may write another file and rename it, disks may round times."""

    time: int
    """The time of the save in nanoseconds."""
    content: bytes


@dataclass
class Look:
    """All that is known of one file."""

    path: Path
    file: CellFile | None = None
    """The file as it is on disk; None where there is none, or none that can be read."""
    saved: Saved | None = None
    unreadable: str = ""
    """Why it can be no cell of a file, as a sentence."""
    problem: str = ""
    """Why the last check had no result, as a sentence."""
    seen: str = ""
    """The digest of what the page has taken notice of: another one is checked."""
    checking: CellFile | None = None
    checked: CellFile | None = None
    """The file as it was when `report` was made."""
    report: Report | None = None
    before: Report | None = None
    """The answer of the check before."""

    @property
    def passed(self) -> bool:
        """True if the file as it is now passed its last check."""
        return self.report is not None and self.report.passed and self.is_of_now

    @property
    def is_of_now(self) -> bool:
        """True if the answer is one on the file as it is now."""
        return self.file is not None and self.report is not None and self.report.digest == self.file.digest

    def job(self) -> Job | None:
        """The last check of this file, at work or ended."""
        return jobs().get(self.job_name)

    @property
    def job_name(self) -> str:
        """The name of the checks of this file, of which one at a time is at work in a session."""
        return f"check of {belongings().name}: {self.path}"

    def check_again(self) -> None:
        """Let the next look begin a check, whether the file was changed or not."""
        self.seen = ""


def path_of(exercise: Exercise) -> Path:
    """The path of the user's file of a task."""
    return own_cells_folder() / exercise.file_name


def earlier_files(passed: Mapping[str, str]) -> dict[str, CellFile]:
    """The files of the tasks that passed and are as they were then, by the number of the task."""
    found = {file.path: file for file in cell_files()}
    files = {number: found.get(path_of(exercise)) for number, exercise in EXERCISES.items()}
    return {number: file for number, file in files.items() if file and file.digest == passed.get(number)}


def take_in_checks() -> None:
    """Take in the results of checks that have ended, before anything is drawn that depends on them."""
    for look in st.session_state.get(_LOOKS, {}).values():
        _take_in(look)


def look_at(path: Path, exercise: Exercise | None, earlier: Mapping[str, CellFile]) -> Look:
    """Look at a file, and begin a check where it was saved since.

    A file that was there before the page looked is checked only if asked for: opening a page runs nothing of
    it. The process that will run it gets ready.
    """
    looks: dict[Path, Look] = st.session_state.setdefault(_LOOKS, {})
    is_first = path not in looks
    look = looks.setdefault(path, Look(path))
    _read(look)
    if is_first and look.file is not None:
        look.seen = look.file.digest
        warm(look.file)
    if look.file is not None and look.checking is None and look.seen != look.file.digest:
        _begin(look, look.file, exercise, earlier)
    return look


def known_report(file: CellFile) -> Report | None:
    """The answer of this session on a file as it is, if there is one."""
    look = st.session_state.get(_LOOKS, {}).get(file.path)
    return look.report if look is not None and look.report and look.report.digest == file.digest else None


def forget(path: Path) -> None:
    """Know nothing of a file that is made now, so that what it begins with is not checked unasked."""
    st.session_state.get(_LOOKS, {}).pop(path, None)


def watch(look: Look) -> None:
    """Let the page run again when the file was saved. Nothing is drawn, and buttons stand elsewhere.

    A button in a fragment that runs by a timer can miss a click.
    """
    st.fragment(_watch, run_every=_EVERY)(look.path, look.saved)


def _watch(path: Path, saved: Saved | None) -> None:
    if _saved(path) == saved:
        return
    now = _saved(path)
    while True:  # an editor may empty a file before it writes it
        time.sleep(_IS_BEING_WRITTEN)
        before, now = now, _saved(path)
        if now == before:
            break
    if now != saved:
        st.rerun()


def _saved(path: Path) -> Saved | None:
    try:
        return Saved(path.stat().st_mtime_ns, path.read_bytes())
    except OSError:
        return None


def _read(look: Look) -> None:
    look.saved, found = _saved(look.path), all_files().get(look.path)
    look.file = found if isinstance(found, CellFile) else None
    look.unreadable = str(found) if isinstance(found, CellError) else ""


def _begin(look: Look, file: CellFile, exercise: Exercise | None, earlier: Mapping[str, CellFile]) -> None:
    look.seen, look.checking, look.problem = file.digest, file, ""

    def steps() -> Iterator[Progress]:
        return check(file, exercise, earlier)

    job = jobs().start(look.job_name, steps, "A process for your cell begins")
    belongings().own(look.job_name, job, outlives=False)


def _take_in(look: Look) -> None:
    job = look.job()
    if look.checking is None or (job is not None and job.running):
        return
    if job is not None and job.result is not None:
        if look.report is not None and look.report.digest != job.result.digest:
            look.before = look.report
        look.checked, look.report = look.checking, job.result
        look.problem = refusal_of(progress.keep, look.checking, job.result)
    elif job is None or job.cancelled:
        look.problem = "The check was cancelled. Check begins it again."
    else:
        look.problem = job.error
    jobs().forget(look.job_name)
    look.checking = None
