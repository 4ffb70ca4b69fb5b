"""Sweeps at work: the process that does one holds the lock of its folder, or was just started to.

Here, below the sweeps themselves, since nothing that their runs read may be deleted meanwhile.
"""

import time
from pathlib import Path

from rnn_core.paths import sweeps_folder
from rnn_core.runs import process

STARTING = "starting"
_LONGEST_START = 60.0  # seconds until it holds its lock: Python imports what it needs first


def sweep_folder(name: str) -> Path:
    """Return the folder with the lock of a sweep and the output of its process."""
    return sweeps_folder() / name


def is_at_work(name: str) -> bool:
    """True if some process does the runs of this sweep now, or was just started to."""
    return process.is_held(sweep_folder(name)) or is_starting(name)


def is_starting(name: str) -> bool:
    """True if a process was started to do its runs and does not hold its lock yet."""
    try:
        return time.time() - (sweep_folder(name) / STARTING).stat().st_mtime < _LONGEST_START
    except FileNotFoundError:
        return False


def sweeps_at_work() -> list[str]:
    """The names of all that are, in order."""
    folders = sorted(path for path in sweeps_folder().glob("*") if path.is_dir())
    return [folder.name for folder in folders if is_at_work(folder.name)]
