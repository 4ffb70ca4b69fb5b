"""Runs of a sweep that found no room in the store: they wait in the cache, which may be on another disk.

The next start of the sweep takes them in, so that what was trained is not trained again.
"""

import hashlib
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rnn_core.errors import RunError, reason
from rnn_core.files import write_json
from rnn_core.models.folder import read_json
from rnn_core.paths import artifacts_folder, cache_folder

_ABOUT = "about.json"
_RUN = "run"


class UnkeptError(RunError):
    """A run that was trained and could not be kept in the store; the message says what becomes of it."""


class Waiting(NamedTuple):
    """A run that waits to be taken in."""

    place: Path
    about: Mapping[str, Any]
    """What `Store.take_in` wants to know of it."""

    @property
    def folder(self) -> Path:
        """Its files."""
        return self.place / _RUN


def set_aside(sweep: str, folder: Path, about: Mapping[str, Any], error: Exception) -> UnkeptError:
    """Let the files of a run wait, since the store raised `error`; what is to be said of it."""
    failed = f"A run of the sweep {sweep} has ended, but could not be kept: {reason(error)}."
    place = _folder(sweep) / secrets.token_hex(8)
    try:
        shutil.copytree(folder, place / _RUN)
        write_json(place / _ABOUT, about)  # last: what has it is whole
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        return UnkeptError(
            f"{failed} There was no room for it in {place.parent} either, so it has to be trained again. "
            "Make room on the disk, then give the same command again: the runs before it are kept."
        )
    return UnkeptError(f"{failed} {still_waiting(place)}")


def still_waiting(place: Path) -> str:
    """What to do about a run that waits there."""
    return (
        f"It waits in {place}: make room on the disk, then give the same command again. It is then kept, and "
        "nothing is trained twice."
    )


def waiting(sweep: str) -> list[Waiting]:
    """The runs of a sweep that wait for this store; what is not whole is deleted."""
    found = []
    for place in sorted(_folder(sweep).glob("*")):
        about = read_json(place / _ABOUT, {})
        if about:
            found.append(Waiting(place, about))
        else:
            shutil.rmtree(place)
    return found


def _folder(sweep: str) -> Path:
    """The folder of what waits of this sweep in this store: stores may share a cache."""
    store = hashlib.sha256(str(artifacts_folder().resolve()).encode()).hexdigest()[:16]
    return cache_folder() / "unkept" / store / sweep
